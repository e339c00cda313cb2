"""How fast a list of picks is made, beside plain products with the same weights.

    python benchmarks/recommend.py

Prints, for made-up profiles of 150 and of 5 entries, the time of `Recommender.recommend` with all
it does (both heads, titles without ratings, filters, franchises, reasons, ranges), with the dials
turned, with filters, with hints (more and less like something, a reason switched off), and with
all of these; and in the same run two peers that only score and sort: a dense product
with the whole matrix of weights, as EASE is usually served, and an inner product with factors, as
matrix factorisation is (the `implicit` library's way). All of it on one thread, as in the bot.

A time is the best of some runs of one profile, for other work on the machine; p50 and p99 are over
profiles. Between two runs of one profile are those of all others, each way, so that it finds no
more of its own in the processor's cache than somebody who comes by once in a while.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from bot.threads import one_thread_each

one_thread_each()  # as the bot does, before anything loads NumPy

import numpy as np  # noqa: E402

from recsys.bundle import Bundle  # noqa: E402
from recsys.models.linear import LinearModel  # noqa: E402
from recsys.picks import Dials, Filters  # noqa: E402
from recsys.profile import Entry, Hints, Profile  # noqa: E402
from recsys.recommender import Recommender  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIZES = (150, 5)
_PICKS = 5
_SEED = 20
_EXPLAINED = 5114


def profiles(model: LinearModel, size: int, count: int) -> list[Profile]:
    """People who have so many anime, drawn by popularity, and rated nine of ten."""
    rng = np.random.default_rng(_SEED + size)
    share = model.popularity / model.popularity.sum()
    made = []
    for _ in range(count):
        items = rng.choice(len(share), size, replace=False, p=share)
        scores = rng.integers(4, 11, size)
        rated = rng.random(size) < 0.9
        entries = zip(model.item_ids[items].tolist(), scores.tolist(), rated, strict=True)
        made.append(Profile(tuple(Entry(i, s if is_rated else None) for i, s, is_rated in entries)))
    return made


def hints(profile: Profile) -> Hints:
    """More like a romance, less like a long fight, and one reason switched off."""
    return Hints(more=(4224,), less=(20,), muted=frozenset({profile.entries[0].anime_id}))


def times(
    ways: Mapping[str, Callable[[Profile], object]], people: Sequence[Profile], repeats: int
) -> dict[str, list[float]]:
    """Milliseconds a profile, ascending, each way; the best of some rounds over all ways."""
    best = {name: [float("inf")] * len(people) for name in ways}
    for _ in range(repeats):
        for name, work in ways.items():
            for place, profile in enumerate(people):
                start = time.perf_counter()
                work(profile)
                best[name][place] = min(best[name][place], time.perf_counter() - start)
    return {name: sorted(1e3 * seconds for seconds in taken) for name, taken in best.items()}


def dense_peer(model: LinearModel) -> Callable[[Profile], object]:
    """x·B with every weight as a float, and a full sort."""
    weights = model.presence_weights
    dense = weights.codes.astype(np.float32)
    dense *= weights.input_scale[:, None]
    dense *= weights.output_scale

    def serve(profile: Profile) -> object:
        items = [i for e in profile.entries if (i := model.index_of(e.anime_id)) is not None]
        x = np.zeros(len(dense), np.float32)
        x[items] = 1
        scores = x @ dense
        scores[items] = -np.inf
        return np.argsort(-scores)[:_PICKS]

    return serve


def factor_peer(model: LinearModel) -> Callable[[Profile], object]:
    """A vector folded in from the profile's own, an inner product, and a partial sort."""
    factors = np.ascontiguousarray(model.embeddings, np.float32)

    def serve(profile: Profile) -> object:
        items = [i for e in profile.entries if (i := model.index_of(e.anime_id)) is not None]
        scores = factors @ factors[items].mean(axis=0)
        scores[items] = -np.inf
        top = np.argpartition(-scores, _PICKS)[:_PICKS]
        return top[np.argsort(-scores[top])]

    return serve


def main() -> None:
    """Runs and prints it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200, help="profiles of each size")
    parser.add_argument(
        "--repeats", type=int, default=7, help="rounds over the profiles; each one's best counts"
    )
    options = parser.parse_args()

    bundle = Bundle.load()
    model = LinearModel.load(bundle)
    recommender = Recommender.load()
    print(f"Bundle {bundle.version}, {len(model.item_ids)} anime learnt, best of {options.repeats}")
    turned = Dials(niche=0.3, varied=0.5, loved=0.3)
    narrow = Filters(
        types=frozenset({"TV", "Movie"}),
        any_genres=frozenset({"Drama", "Comedy"}),
        without=frozenset({"Ecchi"}),
        year_from=2000,
        min_members=10_000,
    )
    ways: dict[str, Callable[[Profile], object]] = {
        "recommend": lambda p: recommender.recommend(p, _PICKS),
        "recommend, filtered": lambda p: recommender.recommend(p, _PICKS, narrow),
        "recommend, dials turned": lambda p: recommender.recommend(p, _PICKS, dials=turned),
        "recommend, with hints": lambda p: recommender.recommend(p, _PICKS, hints=hints(p)),
        "all of it at once": lambda p: recommender.recommend(
            p, _PICKS, narrow, planned=True, dials=turned, hints=hints(p)
        ),
        "explain one": lambda p: recommender.explain(p, _EXPLAINED, hints(p)),
        "next": lambda p: recommender.next(p, _PICKS),
        "dense product and sort": dense_peer(model),
        "factors, inner product": factor_peer(model),
    }
    for size in SIZES:
        people = profiles(model, size, options.people)
        taken = times(ways, people, options.repeats)
        own = taken["recommend"]
        middle = own[len(own) // 2]
        print(f"\n{size} entries, {len(people)} profiles: ms, and beside recommend's median")
        print(f"{'':<28}{'p50':>9}{'p99':>9}{'ratio':>9}")
        for name, found in taken.items():
            p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
            print(f"{name:<28}{p50:>9.2f}{p99:>9.2f}{p50 / middle:>9.2f}")


if __name__ == "__main__":
    main()
