"""`python -m recsys temporal`: the latest entries hidden, on a set that has times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "temporal",
        help="hide the latest entries of each list in place of random ones",
        description="Reads a RecBole file with times (ml-100k.inter, for one), hides a fifth of "
        "each list once at random and once the latest, and prints what popularity, EASE and EASE "
        "with directed weights find of either.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="with a column timestamp:float")
    parser.add_argument("--seed", type=int, default=20, help="of what is hidden at random")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    from recsys.data.recbole import read_in_order
    from recsys.evaluation.temporal import compare, lines

    timeline = read_in_order(options.file)
    lists = timeline.lists
    print(f"{lists.n_users:,} people, {lists.n_items:,} items, {len(lists):,} entries with times.")
    for line in lines(compare(timeline, seed=options.seed)):
        print(line)
    return 0
