"""What people say about picks beside their list: more like this, less like this, no reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from bot.db.hints import HintRow
from bot.services.checks import checked_anime
from bot.services.errors import UserError, storage
from recsys.profile import Hints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.db import Database
    from recsys.catalog import Anime, Catalog


class HintKind(IntEnum):
    """What may be said. The numbers stand in buttons already sent, and in the database."""

    LESS = -1
    MUTED = 0  # it stays on the list, and is no evidence of taste
    MORE = 1


@dataclass(frozen=True, slots=True)
class Said:
    """A hint as it is now.

    Attributes:
        anime: what it is about.
        kind: what holds now; None for nothing.
        changed: whether it was something else before.
    """

    anime: Anime
    kind: HintKind | None
    changed: bool


class HintService:
    """Stores hints and takes them back. A method that returned has its change on the disk."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    async def say(self, user_id: int, anime_id: int, kind: HintKind) -> Said:
        """Store a hint. Said twice, it holds once.

        Raises:
            UserError: no such anime, or the database did not take it.
        """
        anime = checked_anime(self._catalog, anime_id)
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                # First of all, so that two taps by one person come one after the other.
                revision = await tx.users.advance(user_id, now)
                found = await tx.hints.get(user_id, anime_id)
                if found is not None and found.kind == kind:
                    return Said(anime, kind, changed=False)
                before = None if found is None else found.kind
                row = HintRow(anime_id, int(kind), before)
                await tx.hints.put(user_id, row, revision=revision, now=now)
        return Said(anime, kind, changed=True)

    async def wish(self, user_id: int, anime_id: int) -> HintKind:
        """Whether a person wants more or less like an anime.

        Raises:
            UserError: they said neither, or the database cannot be read.
        """
        with storage():
            async with self._database.read() as tx:
                found = await tx.hints.get(user_id, anime_id)
        if found is None or found.kind == HintKind.MUTED:
            raise UserError("changed_since")
        return HintKind(found.kind)

    async def take_back(self, user_id: int, anime_id: int, kind: HintKind) -> Said:
        """Undo a hint: what stood there before it holds again.

        Args:
            user_id: whose.
            anime_id: MyAnimeList id.
            kind: what must hold now, so that an old button undoes nothing that was said since.

        Raises:
            UserError: something else holds now, or the database did not take it.
        """
        anime = checked_anime(self._catalog, anime_id)
        with storage():
            async with self._database.write() as tx:
                now = datetime.now(UTC)
                revision = await tx.users.advance(user_id, now)
                found = await tx.hints.get(user_id, anime_id)
                if found is None or found.kind != kind:
                    raise UserError("changed_since")
                if found.before is None:
                    await tx.hints.remove(user_id, anime_id)
                    return Said(anime, None, changed=True)
                row = HintRow(anime_id, found.before, None)
                await tx.hints.put(user_id, row, revision=revision, now=now)
        return Said(anime, HintKind(found.before), changed=True)


def hints_from(rows: Iterable[HintRow], asked: tuple[int, ...] = ()) -> Hints:
    """What was said beside the list, the newest last, as the recommender takes it.

    Args:
        rows: hints as stored.
        asked: MyAnimeList ids that `/start` asked about and that were answered.
    """
    rows = tuple(rows)
    return Hints(
        more=tuple(row.anime_id for row in rows if row.kind == HintKind.MORE),
        less=tuple(row.anime_id for row in rows if row.kind == HintKind.LESS),
        muted=frozenset(row.anime_id for row in rows if row.kind == HintKind.MUTED),
        asked=asked,
    )


def kind_of(hints: Hints, anime_id: int) -> HintKind | None:
    """What a person said about one anime."""
    if anime_id in hints.more:
        return HintKind.MORE
    if anime_id in hints.less:
        return HintKind.LESS
    return HintKind.MUTED if anime_id in hints.muted else None
