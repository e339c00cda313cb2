"""Which anime a line of somebody's list is about: by id where it has one, else by its exact name.

A title picks the wrong season easily, so one counts only where it is the very name of one anime
alone. Everything that is merely like a name is a question for the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.db.imports import StagedLine
from recsys.titles import fold

if TYPE_CHECKING:
    from bot.importing import Line
    from bot.services.titles import TitleService
    from recsys.catalog import Catalog
    from recsys.titles import Match

_GUESSES = 5


class Matcher:
    """Finds the anime of lines. Looking a title up takes a millisecond: call it in a thread."""

    def __init__(self, catalog: Catalog, titles: TitleService) -> None:
        self._catalog = catalog
        self._titles = titles
        self._by_anilist = {a.anilist_id: a.id for a in catalog if a.anilist_id is not None}

    def stage(self, line: Line, position: int) -> StagedLine:
        """A line as it is kept: sure by its ids, unknown by them, or open until its title is read.

        A MyAnimeList id is enough, even of an anime newer than the catalog: it is on the person's
        list, and counts once the catalog has it.
        """
        anime_id = line.mal_id
        if line.anilist_id is not None and (anime_id is None or anime_id not in self._catalog):
            anime_id = self._by_anilist.get(line.anilist_id, anime_id)
        # By an id that the catalog lacks, it is no anime that the catalog has under another name.
        state = "open" if line.anilist_id is None else "unknown"
        if anime_id is not None:
            state = "sure"
        return StagedLine(
            position,
            state,
            anime_id,
            line.title or (f"AniList {line.anilist_id}" if state == "unknown" else ""),
            line.year,
            line.score,
            None if line.status is None else int(line.status),
            (),
        )

    def knows(self, anime_id: int | None) -> bool:
        """Whether the catalog has an anime."""
        return anime_id is not None and anime_id in self._catalog

    def look_up(self, line: StagedLine) -> StagedLine:
        """An open line with its anime, with guesses, or without anything like it."""
        found = self._titles.named(line.title)
        exact = [match for match in found if _same(match.alias, line.title)]
        if line.year is not None:
            dated = [m for m in exact if self._catalog[m.anime_id].year == line.year]
            exact = dated or exact
        if len(exact) == 1 and not self._is_another_year(exact[0], line.year):
            return line._replace(state="sure", anime_id=exact[0].anime_id)
        guesses = [match.anime_id for match in (*exact, *found)]
        guesses = list(dict.fromkeys(guesses))[:_GUESSES]
        return line._replace(state="asked" if guesses else "unknown", guesses=guesses)

    def _is_another_year(self, match: Match, year: int | None) -> bool:
        """Whether the list means an anime of clearly another year. Premieres slip by one."""
        known = self._catalog[match.anime_id].year
        return year is not None and known is not None and abs(known - year) > 1


def _same(name: str, title: str) -> bool:
    return fold.compact(fold.words(name)) == fold.compact(fold.words(title))
