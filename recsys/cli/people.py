"""Some of the people that a bundle has not seen: options and a choice that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import PRETRAINED, Bundle
from recsys.cli.numbers import whole
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.evaluation.report import people_for
from recsys.models.linear import LinearModel

if TYPE_CHECKING:
    import argparse

    from recsys.data.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Apart:
    """Test people, and what they are apart from.

    Attributes:
        version: of the bundle that has not seen them.
        lists: their entries.
        seed: of the split.
    """

    version: str
    lists: Interactions
    seed: int


def add_people_options(parser: argparse.ArgumentParser, *, default: int) -> None:
    """Adds --ratings, --bundle and --people."""
    add_ratings_option(parser)
    parser.add_argument("--bundle", type=Path, default=PRETRAINED, metavar="DIR")
    parser.add_argument(
        "--people",
        type=whole(),
        default=default,
        metavar="N",
        help="how many (default: %(default)s)",
    )


def people_apart(options: argparse.Namespace) -> Apart:
    """About --people test people, evenly spread over all of them.

    Raises:
        BundleError: the bundle cannot be used, or may have seen them.
        DataError: the ratings cannot be used.
    """
    bundle = Bundle.load(options.bundle)
    lists = read_ratings(options.ratings)
    people = people_for(bundle.manifest, lists, LinearModel.load(bundle))
    chosen = np.zeros(people.test.n_users, dtype=np.bool_)
    chosen[:: max(len(chosen) // options.people, 1)] = True
    return Apart(bundle.version, people.test.of_users(chosen), people.seed)
