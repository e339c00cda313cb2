"""`python -m recsys similar`: the anime most like one, by any bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.bundle import Bundle, BundleError
from recsys.catalog import Catalog
from recsys.cli.told import add_asking_options, anime_called
from recsys.models import registry

if TYPE_CHECKING:
    import argparse

    from recsys.models.registry import Model


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "similar",
        help="list the anime most like some",
        description="Lists what the bot's /similar would: one a franchise, none of theirs, and "
        "also anime without ratings. With --cosine it is the plain list of the seeds' notebooks: "
        "every anime that the model learnt, by the cosine of their vectors.",
    )
    parser.add_argument("titles", nargs="+", metavar="TITLE", help="or id: and a MyAnimeList id")
    add_asking_options(parser)
    parser.add_argument("--cosine", action="store_true", help="by the vectors alone")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the list."""
    from recsys.recommender import Recommender
    from recsys.titles import TitleIndex

    bundle = Bundle.load(options.bundle)
    model = registry.load(bundle)
    catalog = Catalog.load()
    titles = TitleIndex(catalog)
    ids = list(dict.fromkeys(anime_called(text, titles, catalog) for text in options.titles))
    print(f"{bundle.model} {bundle.version}: like {' and '.join(catalog[i].title for i in ids)}")
    if options.cosine:
        found = [
            (catalog[id_].title if id_ in catalog else f"id {id_}", cosine)
            for id_, cosine in by_cosine(model, ids, options.k)
        ]
    else:
        recommender = Recommender(catalog, model, name=bundle.model, version=bundle.version)
        picks = recommender.similar(ids, options.k)
        found = [(pick.anime.title, pick.score) for pick in picks]
    for place, (title, score) in enumerate(found, 1):
        print(f"{place:3}. {title}  ({score:.3f})")
    if not found:
        print("Nothing.")
    return 0


def by_cosine(model: Model, anime_ids: list[int], k: int) -> list[tuple[int, float]]:
    """The k anime whose vectors have the greatest mean cosine with those of some, and that cosine.

    Raises:
        BundleError: the model has not learnt one of them, and so has no vector for it.
    """
    rows: list[int] = []
    for anime_id in anime_ids:
        row = int(np.searchsorted(model.item_ids, anime_id))
        if row == len(model.item_ids) or model.item_ids[row] != anime_id:
            raise BundleError(
                f"The model has no vector for the anime {anime_id}, which was on too few lists "
                "when it was trained. Leave --cosine out, or name another one."
            )
        rows.append(row)
    vectors = model.embeddings.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.where(lengths > 0, lengths, 1)
    cosines = (vectors @ vectors[rows].T).mean(axis=1)
    cosines[rows] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: max(min(k, len(cosines) - len(rows)), 0)]
    return [(int(model.item_ids[row]), float(cosines[row])) for row in best]
