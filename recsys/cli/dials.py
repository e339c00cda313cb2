"""`python -m recsys dials`: what each dial costs and buys, on people the bundle has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.cli.people import add_people_options, people_apart
from recsys.evaluation.lists import lines
from recsys.evaluation.splits import fold_in
from recsys.picks import Dials
from recsys.recommender import Recommender

if TYPE_CHECKING:
    import argparse

SETTINGS = [
    ("as it is", Dials()),
    ("safe", Dials(niche=-1)),
    ("safe, half", Dials(niche=-0.5)),
    ("niche, half", Dials(niche=0.5)),
    ("niche", Dials(niche=1)),
    ("familiar", Dials(varied=-1)),
    ("familiar, half", Dials(varied=-0.5)),
    ("varied, half", Dials(varied=0.5)),
    ("varied", Dials(varied=1)),
    ("watched, half", Dials(loved=-0.5)),
    ("loved, half", Dials(loved=0.5)),
    ("loved", Dials(loved=1)),
]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "dials",
        help="measure what each dial of the ranking costs and buys",
        description="Shows test people, whom the bundle has not seen, their 20 picks with each "
        "dial turned, and counts: hidden entries found, liked and disliked ones, how well known "
        "and how alike the picks are, and how far their genres are from what the person liked.",
    )
    add_people_options(parser, default=300)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    apart = people_apart(options)
    fold = fold_in(apart.lists, seed=apart.seed)
    print(f"Bundle {apart.version}, {fold.known.n_users} people, 80 % of each list told.")
    for line in lines(Recommender.load(options.bundle), fold, SETTINGS):
        print(line, flush=True)
    return 0
