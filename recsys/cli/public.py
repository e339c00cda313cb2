"""`python -m recsys public`: a public split, measured as the papers on it measure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "public",
        help="run our models on a public split, beside the figures published on it",
        description="Reads train_list.npy, valid_list.npy and test_list.npy of a folder, fits each "
        "model on the training part, ranks all items less those of training and validation, and "
        "prints Recall and NDCG at 10 and 20 on the test part beside what others published on the "
        "clean split of ML-1M by Wang et al. (SIGIR 2023). The data is never written anywhere.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="with the three files")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="MODEL",
        help="one of the models, by the name in the table; repeatable (default: all of them)",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the table too")
    parser.add_argument(
        "--order", action="store_true", help="say in which order of time the three parts stand"
    )
    parser.add_argument(
        "--tune",
        type=int,
        default=0,
        metavar="N",
        help="try N random settings of ours on the training part alone, and print the best",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the report; what is being done goes to the error stream."""
    from recsys.data.fixed_split import read_split
    from recsys.data.interactions import DataError
    from recsys.evaluation.public.field import FIELD, tuning
    from recsys.evaluation.public.order import pieces
    from recsys.evaluation.public.report import draw, lines, run_field

    split = read_split(options.folder)
    if unknown := [name for name in options.only if name not in FIELD]:
        raise DataError(
            f"There is no model {unknown[0]} in the table; --only takes {', '.join(FIELD)}."
        )
    if options.tune:
        print("Mean of the four metrics on the ends of the training lists")
        for value, settings in tuning(split, options.tune)[:5]:
            print(f"  {value:.4f} {settings}")
        return 0
    if options.order:
        print("Recall@20 of pieces of equal size, by a model told the first half of each list")
        for piece in (parts := pieces(split)):
            print(f"  {piece.name:32} {piece.recall20:.4f}")
        if not parts:
            print("  no list is long enough to be cut into pieces")
        return 0
    names = options.only or list(FIELD)
    runs = run_field(split, names, lambda name: print(f"… {name}", file=sys.stderr))
    for line in lines(split, runs, options.folder.resolve().name):
        print(line)
    if options.plot:
        draw(runs, options.plot)
        print(f"Drawn in {options.plot}.")
    return 0
