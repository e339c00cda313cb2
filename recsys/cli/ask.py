"""`python -m recsys ask`: the first minute of a newcomer, simulated on people not yet seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import PRETRAINED, Bundle
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.evaluation.asking import lines
from recsys.evaluation.report import people_for
from recsys.models.linear import LinearModel
from recsys.recommender import Recommender

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "ask",
        help="measure what five answers of a newcomer are worth",
        description="Lets test people, whom the bundle has not seen, answer questions from their "
        "own lists, and ranks the rest of these: after five answers to `Recommender.ask`, about "
        "the most popular anime, and after five random anime that they told unasked.",
    )
    add_ratings_option(parser)
    parser.add_argument("--bundle", type=Path, default=PRETRAINED, metavar="DIR")
    parser.add_argument(
        "--people", type=int, default=150, metavar="N", help="how many (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    bundle = Bundle.load(options.bundle)
    lists = read_ratings(options.ratings)
    people = people_for(bundle.manifest, lists, LinearModel.load(bundle))
    chosen = np.zeros(people.test.n_users, dtype=np.bool_)
    chosen[:: max(len(chosen) // max(options.people, 1), 1)] = True
    apart = people.test.of_users(chosen)
    print(f"Bundle {bundle.version}, {apart.n_users} people.")
    for line in lines(Recommender.load(options.bundle), apart):
        print(line, flush=True)
    return 0
