"""`python -m recsys train`: ratings in, bundle out."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import Bundle, save_bundle
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.training.memory import peak_memory
from recsys.training.pipeline import STEPS, TrainingSettings, train

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    defaults = TrainingSettings()
    parser = subparsers.add_parser(
        "train",
        help="learn from a ratings file and write a bundle",
        description="Fits the two-head linear model on everybody but the test people, and writes "
        "it as a bundle. The same ratings, settings and machine give the same bytes.",
    )
    add_ratings_option(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("artifacts/bundle"),
        metavar="DIR",
        help="folder of the bundle (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=defaults.seed,
        help="decides who is held out for testing (default: %(default)s)",
    )
    parser.add_argument(
        "--min-lists",
        type=int,
        default=defaults.min_lists,
        metavar="N",
        help="leave out anime on fewer lists (default: %(default)s)",
    )
    parser.add_argument(
        "--no-metrics",
        action="store_true",
        help="skip measuring the bundle on the test people",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Trains, measures, writes, and says what it took."""
    from tqdm import tqdm

    from recsys.evaluation.protocol import summary

    started = time.perf_counter()
    lists = read_ratings(options.ratings)
    settings = replace(TrainingSettings(), seed=options.seed, min_lists=options.min_lists)
    with tqdm(total=STEPS + 1, unit="step", dynamic_ncols=True) as bar:

        def tell(step: str) -> None:
            bar.set_description(step)
            bar.update()

        trained = train(lists, settings, tell)
        tell("bundle")
        metrics = {} if options.no_metrics else summary(trained)
        save_bundle(options.out, trained.model.tensors(), trained.manifest(metrics))
    bundle = Bundle.load(options.out)
    size = sum(entry["bytes"] for entry in bundle.manifest["files"].values())
    data = trained.data
    print(
        f"{data['people']:,} people, {data['entries']:,} entries, {data['anime']:,} anime; "
        f"{int(trained.split.test.sum()):,} people held out for testing."
    )
    for name, value in metrics.items():
        print(f"  {name} {value:.4f}")
    print(
        f"Bundle {bundle.version} in {options.out}: {size / 1e6:.1f} MB. "
        f"{time.perf_counter() - started:.0f} s, peak memory {peak_memory() / 2**30:.2f} GiB."
    )
    return 0
