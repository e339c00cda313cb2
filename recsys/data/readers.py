"""Opens a ratings file or folder of any format that this project reads.

The format is known by the first line of a file, never by its name, so a renamed download works.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from recsys.data import fixed_split, kaggle2016, kaggle2020, kaggle2023, recbole, reviews2020, wide
from recsys.data.delimited import Header, read_header
from recsys.data.interactions import Cleaning, DataError, Interactions
from recsys.data.parquet import read_parquet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMATS = (
    "this project's parquet (user_id, anime_id, score)",
    "rating.csv or rating_complete.csv (user_id, anime_id, rating)",
    "animelist.csv (user_id, anime_id, rating, watching_status)",
    "users-score-2023.csv (user_id, Username, anime_id, Anime Title, rating)",
    "reviews.csv (profile, anime_uid, score) and profiles.csv (profile, favorites_anime)",
    "a wide matrix (a column an anime id)",
    "RecBole's .inter",
    "a folder with train_list.npy",
)
_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".inter", ".npy")
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_FACTS = (("anime_id", "name"), ("MAL_ID", "Name"), ("anime_id", "Name"), ("uid", "title"))

_LISTS, _SCORES, _REVIEWS, _PROFILES = "lists", "scores", "reviews", "profiles"
_COMPLETED, _WIDE, _INTER, _PARQUET, _PAIRS = "completed", "wide", "inter", "parquet", "pairs"
# What is left out when a folder holds more than one: the ratings of completed anime are a part of
# the whole lists (2020), and an older copy beside the scores (2023).
_SUPERSEDED = {_LISTS: _COMPLETED, _SCORES: _COMPLETED}

# A table without its first line would be taken for a wide matrix; nobody has one of so few anime.
_ROW = 5
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

_READERS: dict[str, Callable[[Header], tuple[Interactions, Cleaning]]] = {
    _LISTS: kaggle2020.read_lists,
    _SCORES: kaggle2023.read_scores,
    _REVIEWS: reviews2020.read_reviews,
    _PROFILES: lambda header: reviews2020.read_reviews(None, header),
    _COMPLETED: kaggle2016.read_completed,
    _WIDE: wide.read_wide,
    _INTER: recbole.read_inter,
}


def read_ratings(path: Path) -> tuple[Interactions, Cleaning]:
    """Reads ratings, whichever format they are in.

    Args:
        path: a file, or the folder of a download. Of a folder with a fixed split it reads only the
            training part.

    Returns:
        The table, and what was cleaned.

    Raises:
        DataError: nothing there, of no known format, wrong in some line, cut short, or without a
            single usable row. The message says what was expected.
    """
    if path.is_dir():
        table, cleaning = _read_folder(path)
    elif path.is_file():
        table, cleaning = _read_file(path, _kind(path))
    else:
        raise DataError(f"There are no ratings at {path}. Pass a file or a folder with --ratings.")
    if not len(table):
        raise DataError(
            f"{path.name} holds no usable row: {cleaning} A row needs a person and an anime id."
        )
    return table, cleaning


def _read_file(path: Path, kind: str) -> tuple[Interactions, Cleaning]:
    if kind == _PARQUET:
        return read_parquet(path)
    if kind == _PAIRS:
        return fixed_split.read_pairs(path)
    return _READERS[kind](read_header(path))


def _read_folder(folder: Path) -> tuple[Interactions, Cleaning]:
    found = _found_in(folder)
    if _PAIRS in found and (folder / "train_list.npy") in found[_PAIRS]:
        return fixed_split.read_pairs(folder / "train_list.npy")
    if {kind: len(paths) for kind, paths in found.items()} == {_REVIEWS: 1, _PROFILES: 1}:
        return reviews2020.read_reviews(
            read_header(found[_REVIEWS][0]), read_header(found[_PROFILES][0])
        )
    files = [(path, kind) for kind, paths in found.items() for path in paths]
    if not files:
        names = sorted(path.name for path in folder.iterdir())
        there = f"It has {', '.join(names[:8])}." if names else "It is empty."
        raise DataError(f"There are no ratings in {folder}. {there} {_known()}")
    if len(files) > 1:
        raise DataError(
            f"{folder} holds several ratings files ({', '.join(path.name for path, _ in files)}). "
            "Pass one of them."
        )
    return _read_file(*files[0])


def _found_in(folder: Path) -> dict[str, list[Path]]:
    """The ratings files of a folder by their format, less those that another one contains."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            # Facts about anime, a licence, a table of statuses are not what was asked for.
            with contextlib.suppress(DataError):
                found.setdefault(_kind(path), []).append(path)
    for whole, part in _SUPERSEDED.items():
        if whole in found:
            found.pop(part, None)
    return found


def _kind(path: Path) -> str:
    """The format of a file, by its first bytes.

    Raises:
        DataError: none that is known.
    """
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PAR1"):
        return _PARQUET
    if magic.startswith(b"\x93NUMPY"):
        return _PAIRS
    if magic.startswith(_ARCHIVES):
        raise DataError(f"{path.name} is an archive. Unpack it, and pass the folder.")
    if path.suffix.lower() == ".parquet":
        # Cut short at its head, or something else: its own reader says what is wrong.
        return _PARQUET
    return _kind_of_table(read_header(path))


def _kind_of_table(header: Header) -> str:
    by_columns = (
        (kaggle2020.COLUMNS, _LISTS),
        (kaggle2023.COLUMNS, _SCORES),
        (kaggle2016.COLUMNS, _COMPLETED),
        (reviews2020.REVIEWS, _REVIEWS),
        (reviews2020.PROFILES, _PROFILES),
    )
    for columns, kind in by_columns:
        if header.has(*columns):
            return kind
    if recbole.is_inter(header):
        return _INTER
    if len(header.names) <= _ROW and all(map(_NUMBER.fullmatch, header.names)):
        raise DataError(
            f"line 1 of {header.path.name}: found the numbers {_shown(header.names)} where the "
            "names of the columns belong. Put them above, as in user_id,anime_id,rating."
        )
    if wide.is_wide(header):
        return _WIDE
    if any(header.has(*columns) for columns in _FACTS):
        raise DataError(
            f"{header.path.name} is a list of anime, and not of ratings. Pass the ratings file "
            "beside it, or the folder."
        )
    raise DataError(
        f"line 1 of {header.path.name}: found the columns {_shown(header.names)}, which are of no "
        f"known ratings file. {_known()}"
    )


def _known() -> str:
    return f"What can be read: {'; '.join(FORMATS)}."


def _shown(names: tuple[str, ...]) -> str:
    text = ", ".join(name[:40] or "''" for name in names[:8])
    return text + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")
