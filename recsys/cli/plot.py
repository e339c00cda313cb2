"""`python -m recsys plot`: pictures of what a bundle has learnt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle
from recsys.catalog import Catalog
from recsys.cli.numbers import whole
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.data.interactions import DataError
from recsys.models import registry

if TYPE_CHECKING:
    import argparse


_FORMATS = {".png", ".svg", ".pdf"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand, which has two of its own."""
    parser = subparsers.add_parser("plot", help="draw what a bundle has learnt")
    kinds = parser.add_subparsers(required=True, metavar="PICTURE")
    embeddings = kinds.add_parser("embeddings", help="a t-SNE map of the first anime, with titles")
    embeddings.add_argument(
        "--first", type=whole(2), default=300, metavar="N", help="how many (default: %(default)s)"
    )
    embeddings.add_argument(
        "--seed", type=whole(0), default=123, help="of t-SNE (default: %(default)s)"
    )
    embeddings.set_defaults(run=run_embeddings, out=Path("artifacts/embeddings.png"))
    ratings = kinds.add_parser("ratings", help="the predicted ratings of all anime for one person")
    ratings.add_argument("--user", type=int, required=True, metavar="ID", help="in the ratings")
    add_ratings_option(ratings)
    ratings.set_defaults(run=run_ratings, out=Path("artifacts/ratings.png"))
    for kind in (embeddings, ratings):
        kind.add_argument(
            "--bundle", type=Path, metavar="DIR", help="left out, the bundle that ships"
        )
        kind.add_argument(
            "--out", type=Path, metavar="FILE", help="png, svg or pdf (default: %(default)s)"
        )


def run_embeddings(options: argparse.Namespace) -> int:
    """Draws the map."""
    from recsys.evaluation.plots import embedding_map

    _refuse_format(options.out)
    model = registry.load(Bundle.load(options.bundle))
    catalog = Catalog.load()
    ids = model.item_ids[: options.first].tolist()
    titles = [anime.title if (anime := catalog.get(id_)) else str(id_) for id_ in ids]
    embedding_map(model.embeddings, titles, options.out, first=options.first, seed=options.seed)
    print(f"{len(titles)} anime drawn in {options.out}.")
    return 0


def _refuse_format(out: Path) -> None:
    if out.suffix.lower() not in _FORMATS:
        raise DataError(
            f"{out.name} is no picture that can be drawn: end it in .png, .svg or .pdf."
        )


def run_ratings(options: argparse.Namespace) -> int:
    """Draws the distribution."""
    from recsys.evaluation.plots import rating_distribution

    _refuse_format(options.out)
    bundle = Bundle.load(options.bundle)
    model = registry.load(bundle)
    lists = read_ratings(options.ratings)
    person = lists.user_ids == options.user
    if not person.any():
        raise DataError(
            f"Nobody in the ratings has the id {options.user}; ids run from "
            f"{lists.user_ids.min()} to {lists.user_ids.max()}."
        )
    own = lists.of_users(person).on_anime(model.item_ids)
    rated = own.where(own.scores > 0)
    predicted = model.ratings(rated.items.astype(np.intp), rated.scores.astype(np.float32))
    if predicted is None:
        raise DataError(
            f"The model {bundle.model} predicts no ratings; pass a bundle of one that does."
        )
    rating_distribution(predicted, options.out, whose=f"person {options.user}")
    print(
        f"Person {options.user}, from {len(rated)} ratings: {len(predicted):,} anime from "
        f"{predicted.min():.1f} to {predicted.max():.1f}, mean {predicted.mean():.2f}; drawn in "
        f"{options.out}."
    )
    return 0
