"""`python -m recsys endings`: the two tables of the fourth seed, on any ratings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.cli.numbers import whole
from recsys.cli.ratings import add_ratings_option, read_ratings

if TYPE_CHECKING:
    import argparse

    from recsys.data.interactions import Interactions


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "endings",
        help="print the fourth seed's two tables: errors of ratings, and who finishes what",
        description="Trains the matrix factorisation, the network and the hybrid as the seed "
        "does, on the same rows, and prints its two tables for the rows held out: loss and RMSE "
        "of ratings; loss, accuracy, precision and recall of whether an anime was finished and "
        "liked. Everybody in them was seen in training with other anime, as in the seed: compare "
        "the rows with each other, and not with the league table.",
    )
    add_ratings_option(parser)
    parser.add_argument(
        "--people",
        type=whole(),
        metavar="N",
        help="a fixed sample of so many people (default: everybody)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="changes",
        help="a setting of the three models, as in --set epochs=20; repeatable",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write them there too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints both tables."""
    from tqdm import tqdm

    from recsys.evaluation.interactions_table import tables
    from recsys.models.hybrid import HybridSettings
    from recsys.training.named import changed

    settings = changed(HybridSettings, options.changes)
    lists = _sample(read_ratings(options.ratings).seen(), options.people, settings.seed)
    with tqdm(unit="epoch", dynamic_ncols=True) as bar:

        def tell(done: int, total: int, note: str) -> None:
            bar.set_postfix_str(f"{done} of at most {total}, {note}", refresh=False)
            bar.update()

        found = tables(lists, settings, tell)
    text = (
        f"{int((lists.lengths > 0).sum()):,} people; {found.rows:,} rows held out.\n\n"
        f"{found.markdown()}"
    )
    print(text, end="")
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    return 0


def _sample(lists: Interactions, people: int | None, seed: int) -> Interactions:
    """So many people, chosen by a hash of their ids; None for all."""
    from recsys.evaluation.splits import uniform_hash

    if people is None:
        return lists
    chosen = np.zeros(lists.n_users, np.bool_)
    order = np.argsort(uniform_hash(seed, lists.user_ids), kind="stable")
    chosen[order[:people]] = True
    return lists.of_users(chosen)
