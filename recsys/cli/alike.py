"""`python -m recsys alike`: how good "anime like this one" is, view by view."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import PRETRAINED, Bundle
from recsys.catalog import Catalog
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.evaluation.report import people_for
from recsys.evaluation.similarity import SimilarityTest, lines
from recsys.models.linear import LinearModel
from recsys.ranking.facts import Facts
from recsys.ranking.scoring import Scorer

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "alike",
        help="measure how good similar anime are",
        description="Asks for what is like each anime that enough test people like, whom the "
        "bundle has not seen, and measures the ten shown: how much more those who like the anime "
        "like them than others do, and how many genres and tags they share. Franchise mates are "
        "left out. With each view of likeness alone, and without each.",
    )
    add_ratings_option(parser)
    parser.add_argument("--bundle", type=Path, default=PRETRAINED, metavar="DIR")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the table."""
    bundle = Bundle.load(options.bundle)
    model = LinearModel.load(bundle)
    people = people_for(bundle.manifest, read_ratings(options.ratings), model)
    test = SimilarityTest(Scorer(Facts(Catalog.load()), model), people.test)
    print(
        f"Bundle {bundle.version}, {people.test.n_users:,} people it has not seen, "
        f"{len(test.queries)} anime asked for."
    )
    for line in lines(test):
        print(line, flush=True)
    return 0
