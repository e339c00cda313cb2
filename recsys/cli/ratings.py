"""Where the ratings are: one option, shared by every command that reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.data.interactions import DataError
from recsys.data.readers import read_ratings as read_any

if TYPE_CHECKING:
    import argparse

    from recsys.data.interactions import Interactions

VARIABLE = "OSUSUME_RATINGS"
_BESIDE = Path(__file__).parents[2].parent / "shared" / "data" / "ratings.parquet"


def add_ratings_option(parser: argparse.ArgumentParser) -> None:
    """Adds --ratings."""
    parser.add_argument(
        "--ratings",
        type=Path,
        metavar="PATH",
        help="ratings in any format that this project reads, a file or a folder (default: "
        f"${VARIABLE}, or ../shared/data/ratings.parquet where there is one)",
    )


def read_ratings(path: Path | None) -> Interactions:
    """Reads what --ratings named, and prints what was cleaned.

    Raises:
        DataError: nothing was named and nothing lies where it might; or the file is unusable.
    """
    path = ratings_path(path)
    lists, cleaning = read_any(path)
    print(f"{path.name}: {cleaning}")
    return lists


def ratings_path(path: Path | None) -> Path:
    """Where the ratings are: what --ratings named, or the variable, or the usual place.

    Raises:
        DataError: nothing was named and nothing lies where it might.
    """
    if path is not None:
        return path
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    if not _BESIDE.is_file():
        raise DataError(
            f"Which ratings? Pass --ratings PATH or set {VARIABLE}: a parquet file with the "
            "columns user_id, anime_id, score and, where known, status and source, or one of "
            "the public sets that recsys.data reads."
        )
    return _BESIDE
