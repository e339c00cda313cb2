"""Names that an admin adds to those of the catalog."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.db.aliases import Alias
from bot.services.checks import checked_anime
from bot.services.errors import UserError, storage
from bot.services.missed import key_of, tidy

if TYPE_CHECKING:
    from bot.db import Database
    from recsys.catalog import Catalog

LONGEST = 100


class AliasService:
    """Keeps the names. `TitleUpkeep` has a running bot find anime by them."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    async def all(self) -> tuple[Alias, ...]:
        """Every name that was added.

        Raises:
            UserError: the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                return await tx.aliases.all()

    async def called(self, text: str, anime_id: int | None = None) -> tuple[Alias, ...]:
        """The names that were added and read like this one, in whatever case.

        Args:
            text: the name.
            anime_id: of this anime alone; None asks for every anime.

        Raises:
            UserError: the database cannot be read.
        """
        return _same(await self.all(), text, anime_id)

    async def add(self, text: str, anime_id: int) -> Alias | None:
        """Store a further name of an anime. It is no longer counted as missed.

        Returns:
            The name as it is stored; None if the anime was given it before, in whatever case.

        Raises:
            UserError: no such anime, no such name, or the database did not take it.
        """
        alias = self.checked(text, anime_id)
        with storage():
            async with self._database.write() as tx:
                if _same(await tx.aliases.all(), alias.text, anime_id):
                    return None
                await tx.aliases.add(alias, datetime.now(UTC))
                await tx.missed.remove(key_of(text))
        return alias

    async def remove(self, text: str, anime_id: int | None = None) -> tuple[Alias, ...]:
        """Take a name away again, in whatever case it is given.

        Args:
            text: the name.
            anime_id: from this anime alone; None takes it from every anime that was given it.

        Returns:
            What was removed.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                found = _same(await tx.aliases.all(), text, anime_id)
                for alias in found:
                    await tx.aliases.remove(alias)
        return found

    def checked(self, text: str, anime_id: int) -> Alias:
        """A name as it would be stored.

        Raises:
            UserError: no such anime, or nothing visible in the name, or too much of it.
        """
        anime = checked_anime(self._catalog, anime_id)
        name = tidy(text)
        if not name or len(name) > LONGEST:
            raise UserError("bad_alias", most=LONGEST)
        return Alias(name, anime.id)


def _same(aliases: tuple[Alias, ...], text: str, anime_id: int | None) -> tuple[Alias, ...]:
    """Those that are called the same but for case and width."""
    key = key_of(text)
    return tuple(
        alias
        for alias in aliases
        if key_of(alias.text) == key and anime_id in (None, alias.anime_id)
    )
