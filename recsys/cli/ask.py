"""`python -m recsys ask`: the first minute of a newcomer, simulated on people not yet seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.cli.people import add_people_options, people_apart
from recsys.evaluation.asking import lines
from recsys.recommender import Recommender

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "ask",
        help="measure what five cards of titles tell of a newcomer",
        description="Lets test people, whom the bundle has not seen, tick on cards of titles what "
        "is on their lists, and ranks the rest of these: after cards by `Recommender.ask`, of "
        "several sizes, after cards of random well-known and of the most popular anime, and after "
        "anime that they told unasked, beside five of which the others are set.",
    )
    add_people_options(parser, default=150)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    apart = people_apart(options)
    print(f"Bundle {apart.version}, {apart.lists.n_users} people.")
    for line in lines(Recommender.load(options.bundle), apart.lists):
        print(line, flush=True)
    return 0
