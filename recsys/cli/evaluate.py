"""`python -m recsys evaluate`: how good a bundle is, on people it has not seen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import PRETRAINED, Bundle
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.evaluation.report import lines, people_for
from recsys.models.linear import LinearModel

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a bundle beside popularity and EASE",
        description="Ranks for the test people, whom the bundle has not seen: Recall@20, "
        "Recall@50 and NDCG@100 of the bundle, of popularity and of EASE, by source and with few "
        "known anime, and the error of predicted ratings.",
    )
    add_ratings_option(parser)
    parser.add_argument(
        "--bundle",
        type=Path,
        default=PRETRAINED,
        metavar="DIR",
        help="the bundle to measure (default: the one that ships)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the report; what is being done goes to the error stream."""
    bundle = Bundle.load(options.bundle)
    model = LinearModel.load(bundle)
    people = people_for(bundle.manifest, read_ratings(options.ratings), model)
    print(f"Bundle {bundle.version} in {options.bundle}.")
    for line in lines(people, model, lambda step: print(f"… {step}", file=sys.stderr)):
        print(line)
    return 0
