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
        help="measure what five answers of a newcomer are worth",
        description="Lets test people, whom the bundle has not seen, answer questions from their "
        "own lists, and ranks the rest of these: after five answers to `Recommender.ask`, about "
        "the most popular anime or random well-known ones, and after five anime that they told "
        "unasked, of which an oracle's are the best that can be had.",
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
