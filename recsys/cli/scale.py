"""`python -m recsys scale`: what training costs on made-up files of the size of the 2020 set."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "scale",
        help="train on made-up ratings of several sizes, and say what it costs",
        description="Makes ratings files with the shape of the 2020 set (310,000 people, 17,000 "
        "anime, 57,633,278 ratings) or a part of its people, trains on each in a process of its "
        "own within a memory limit, and prints time and peak memory.",
    )
    parser.add_argument(
        "--rows",
        type=int,
        nargs="+",
        default=[4_000_000, 14_000_000, 57_633_278],
        metavar="N",
        help="how many ratings (default: 4, 14 and 57.6 million)",
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=12.0,
        metavar="GIB",
        help="memory that a training may take, 0 for no limit (default: %(default)s)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where files and bundles are put and kept (default: a temporary folder, emptied)",
    )
    parser.add_argument(
        "--one-stage", action="store_true", help="train without the second stage: half the time"
    )
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="add each result to this file, and leave out what it has already",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw time and memory")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measures each size, from the smallest, and prints the table."""
    with tempfile.TemporaryDirectory() as temporary:
        return _run(options, options.folder or Path(temporary))


def _run(options: argparse.Namespace, folder: Path) -> int:
    from recsys.data.interactions import DataError
    from recsys.evaluation.scale import draw, keep, kept, lines, measure
    from recsys.evaluation.synthetic import Shape

    if min(options.rows) < 1:
        raise DataError("--rows takes numbers of ratings, each 1 or more.")
    arguments = ("--no-metrics", "--one-stage") if options.one_stage else ("--no-metrics",)
    costs = kept(options.results) if options.results else []
    done = {(cost.rows_asked, cost.arguments) for cost in costs}
    for rows in sorted(options.rows):
        if (rows, arguments) in done:
            continue
        cost = measure(
            Shape.of_rows(rows),
            folder,
            arguments,
            options.limit or None,
            lambda step: print(f"… {step}", file=sys.stderr),
        )
        costs.append(cost)
        if options.results:
            keep(cost, options.results)
    for line in lines(costs):
        print(line)
    if options.plot:
        draw(costs, options.plot)
        print(f"Drawn in {options.plot}.")
    return 0
