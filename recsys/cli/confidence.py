"""`python -m recsys confidence`: how many ratings fall within the range of their prediction."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import PRETRAINED, Bundle
from recsys.catalog import Catalog
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.evaluation.confidence import coverage_lines, errors_of, learn
from recsys.evaluation.protocol import tested_alone
from recsys.evaluation.report import people_for
from recsys.evaluation.splits import SplitSettings, split_users
from recsys.models.crowds import largest
from recsys.models.features import CandidateFeatures
from recsys.models.item_facts import ItemFacts
from recsys.models.linear import LinearModel
from recsys.models.views import Views
from recsys.ranking.confidence import SHIPPED
from recsys.training.pipeline import TrainingSettings, fit

if TYPE_CHECKING:
    import argparse

    from recsys.data.interactions import Interactions
    from recsys.models.reranker import Reranker
    from recsys.ranking.confidence import Confidence


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "confidence",
        help="measure the ranges of predicted ratings, or learn them anew",
        description="Counts how many ratings of test people, whom the bundle has not seen, fall "
        "within the range of their prediction. With --learn, first trains a model without the "
        "validation people and learns the ranges from these, which takes minutes.",
    )
    add_ratings_option(parser)
    parser.add_argument("--bundle", type=Path, default=PRETRAINED, metavar="DIR")
    parser.add_argument(
        "--learn",
        action="store_true",
        help="learn the ranges, and print the numbers for recsys/ranking/confidence.py",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the numbers and the table."""
    bundle = Bundle.load(options.bundle)
    model = LinearModel.load(bundle)
    lists = read_ratings(options.ratings)
    people = people_for(bundle.manifest, lists, model)
    confidence = SHIPPED
    if options.learn:
        confidence = _learnt(lists, people.seed, model.second_stage)
        print(f"SHIPPED = {confidence}")
    print(f"Bundle {bundle.version}, people it has not seen.")
    for line in coverage_lines(confidence, errors_of(model, people.test, people.seed)):
        print(line)
    return 0


def _learnt(lists: Interactions, seed: int, second: Reranker | None) -> Confidence:
    """Ranges from validation people, of whom neither stage has seen anybody.

    The first stage is fitted anew without them; they never taught the second.
    """
    seen = lists.seen()
    split = split_users(seen, SplitSettings(seed=seed))
    settings = TrainingSettings(seed=seed)
    part = seen.of_users(split.train).common(settings.min_lists)
    model = fit(part, settings, lambda step: print(f"… {step}", file=sys.stderr))
    if second is not None:
        facts = ItemFacts.of(Catalog.load(), model.item_ids)
        features = CandidateFeatures.of(model, facts, Views.fit(part, largest(part), seed))
        model = replace(model, second_stage=replace(second, features=features))
    apart = seen.of_users(split.validation & ~tested_alone(seen)).on_anime(model.item_ids)
    return learn(errors_of(model, apart, seed), seed)
