"""Anime and lists as a person types them: what the commands that answer one person share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.numbers import whole
from recsys.data.interactions import DataError
from recsys.profile import Entry, Profile, Status

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.titles import TitleIndex


def add_asking_options(parser: argparse.ArgumentParser) -> None:
    """Which bundle answers, as ``bundle``, and how much of it is listed, as ``k``."""
    parser.add_argument(
        "--bundle", type=Path, metavar="DIR", help="left out, the bundle that ships"
    )
    parser.add_argument("--k", type=whole(), default=10, metavar="N", help="(default: %(default)s)")


def anime_called(text: str, titles: TitleIndex, catalog: Catalog) -> int:
    """The MyAnimeList id that a title means, or the id itself as ``id:5114``.

    Raises:
        DataError: it means none, or several.
    """
    number = text.strip().lower().removeprefix("id:")
    if number != text.strip().lower():
        if number.isascii() and number.isdigit() and int(number) in catalog:
            return int(number)
        raise DataError(f"The catalog has no anime with the MyAnimeList id {number!r}.")
    found = titles.resolve(text)
    if found.answer is not None:
        return found.answer.anime_id
    if not found.guesses:
        raise DataError(
            f"No anime is called anything like “{text}”. Write its title, or id: and its "
            "MyAnimeList id."
        )
    names = "; ".join(f"{catalog[one.anime_id].title} (id:{one.anime_id})" for one in found.guesses)
    raise DataError(f"“{text}” may mean several anime: {names}. Write one of these.")


def list_told(lines: Sequence[str], titles: TitleIndex, catalog: Catalog) -> Profile:
    """The list that lines such as ``cowboy bebop = 9`` tell; without a score, it was seen.

    Raises:
        DataError: a title is not sure, or a score is not from 1 to 10.
    """
    entries: dict[int, Entry] = {}
    for line in lines:
        # Titles have "=" in them too; the score follows the last.
        title, equals, text = line.rpartition("=")
        if not equals:
            title, text = line, ""
        score = int(text) if text.strip().isascii() and text.strip().isdigit() else None
        if equals and (score is None or not 1 <= score <= 10):
            raise DataError(f"“{line}”: a score is a whole number from 1 to 10, as in naruto=8.")
        anime_id = anime_called(title, titles, catalog)
        entries.pop(anime_id, None)  # told again, it is the newest
        entries[anime_id] = Entry(anime_id, score)
    return Profile(tuple(entries.values()))


def list_of(lists: Interactions, user_id: int) -> Profile:
    """Somebody's list in the ratings.

    Raises:
        DataError: nobody has that id.
    """
    person = lists.user_ids == user_id
    if not person.any():
        raise DataError(
            f"Nobody in the ratings has the id {user_id}; ids run from "
            f"{lists.user_ids.min()} to {lists.user_ids.max()}."
        )
    own = lists.of_users(person)
    columns = zip(
        own.anime_ids[own.items].tolist(), own.scores.tolist(), own.statuses.tolist(), strict=True
    )
    return Profile(tuple(Entry(a, score or None, Status(status)) for a, score, status in columns))
