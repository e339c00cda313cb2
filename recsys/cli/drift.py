"""`python -m recsys drift`: how fast ratings grow old."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.ratings import add_ratings_option, read_ratings

if TYPE_CHECKING:
    import argparse
    from typing import TypeGuard

    from recsys.models.linear import LinearModel
    from recsys.models.registry import Model


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "drift",
        help="rank for the people of 2022 to 2024 by what older samples teach",
        description="Fits EASE on as many people up to 2018, up to 2020, of 2021 to 2024 and of "
        "all years, and ranks for the test people of each sample; then hides the latest aired "
        "anime of the recent ones in place of random ones.",
    )
    add_ratings_option(parser)
    parser.add_argument("--seed", type=int, default=20, help="of the split (default: %(default)s)")
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="DIR",
        help="a bundle of the same split to measure in the second table (default: the shipped one)",
    )
    parser.add_argument(
        "--only", choices=("eras", "aired"), help="one of the two tables (default: both)"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the first table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints both tables; what is being done goes to the error stream."""
    from recsys.bundle import PRETRAINED, Bundle
    from recsys.catalog import Catalog
    from recsys.evaluation.drift import (
        aired_lines,
        baselines,
        by_era,
        draw,
        latest_aired,
        lines,
        recent_people,
    )
    from recsys.evaluation.report import FirstStageAlone, PresenceHead, people_for
    from recsys.models import registry

    lists = read_ratings(options.ratings)
    bundle = Bundle.load(options.bundle or PRETRAINED)
    model = registry.load(bundle)
    people = people_for(bundle.manifest, lists, model)

    def tell(step: str) -> None:
        print(f"… {step}", file=sys.stderr)

    if options.only != "aired":
        eras = by_era(lists, seed=options.seed, tell=tell)
        for line in lines(eras):
            print(line)
        if options.plot:
            draw(eras, options.plot)
            print(f"Drawn in {options.plot}.")
        print()
    if options.only != "eras":
        tell("latest aired")
        recent = recent_people(people.test)
        stages = [PresenceHead(model), FirstStageAlone(model)] if two_stages(model) else []
        models = [*baselines(people.train), *stages, model]
        for line in aired_lines(latest_aired(recent, Catalog.load(), models, seed=options.seed)):
            print(line)
    return 0


def two_stages(model: Model) -> TypeGuard[LinearModel]:
    """Whether a model is linear with a second stage, whose parts can be measured by themselves."""
    from recsys.models.linear import LinearModel

    return isinstance(model, LinearModel) and model.second_stage is not None
