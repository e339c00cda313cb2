"""Fit the chances of `recsys.titles.confidence` and print them with a reliability table.

    python benchmarks/titles_calibration.py

Makes typed text with known meaning from the shipped catalog (names, typing errors, half-typed
names, initials) and text that means nothing (random letters, words put together, names of the
franchises that are taken out of the catalog first), looks each up, and fits one logistic model a
way of matching. Copy the weights it prints into `recsys/titles/confidence.py` by hand.
"""

from __future__ import annotations

import argparse
import random
import string
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from recsys.catalog import Anime, Catalog
from recsys.titles import TitleIndex, acronyms, fold
from recsys.titles.confidence import FEATURES, features, margin_of_best
from recsys.titles.matching import How

if TYPE_CHECKING:
    from collections.abc import Iterator

_HELD_OUT = 18  # percent of franchises taken out
_POPULAR = 5_000
_SEED = 7


def names_of(anime: Anime) -> list[str]:
    """Every name of an anime."""
    names = (anime.title, anime.english, anime.japanese, *anime.aliases)
    return list(dict.fromkeys(name for name in names if name))


def misspell(text: str, edits: int, rng: random.Random) -> str:
    """A text with some letters dropped, added, changed or swapped."""
    letters = list(text)
    for _ in range(edits):
        at = rng.randrange(len(letters))
        kind = rng.randrange(4)
        if kind == 0 and len(letters) > 2:
            del letters[at]
        elif kind == 1:
            letters.insert(at, rng.choice(string.ascii_lowercase))
        elif kind == 2:
            letters[at] = rng.choice(string.ascii_lowercase)
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def _taken_out(anime: Anime) -> bool:
    return (anime.franchise or anime.id) * 2654435761 % 2**32 % 100 < _HELD_OUT


def _meant(catalog: Catalog, count: int, rng: random.Random) -> Iterator[tuple[str, str, set[int]]]:
    """Typed text, the name behind it, and the ids of the anime that it may mean."""
    popular = sorted(catalog, key=lambda one: -one.members)[:_POPULAR]
    weights = range(len(popular), 0, -1)
    owners: dict[str, set[int]] = defaultdict(set)
    for one in catalog:
        for name in names_of(one):
            owners[fold.compact(fold.words(name))].add(one.id)
    for _ in range(count):
        anime = rng.choices(popular, weights)[0]
        name = rng.choice(names_of(anime))
        right = owners[fold.compact(fold.words(name))] | {anime.id}
        way = rng.random()
        if way < 0.2:
            yield "name", name, right
        elif way < 0.75:
            yield "typing error", misspell(name, 1 if way < 0.55 else 2, rng), right
        elif way < 0.92:
            start = name[: max(2, int(len(name) * rng.uniform(0.3, 0.95)))]
            yield "half typed", misspell(start, rng.randrange(2), rng), right
        else:
            short = list(acronyms.initials(fold.words(name)))
            if short:
                yield "initials", short[0], right


def _meaningless(
    out: list[Anime], vocabulary: list[str], count: int, rng: random.Random
) -> Iterator[tuple[str, str, set[int]]]:
    for _ in range(count):
        way = rng.random()
        if way < 0.5:
            yield "not in the catalog", rng.choice(names_of(rng.choice(out))), set()
        elif way < 0.75:
            yield "words", " ".join(rng.choices(vocabulary, k=rng.randint(1, 5))), set()
        else:
            letters = "etaoinshrdlucmfwypvbgkqjxz"
            yield "letters", "".join(rng.choices(letters, k=rng.randint(3, 14))), set()


def _fit(given: np.ndarray, right: np.ndarray) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        odds = np.logaddexp(0, -(2 * right - 1) * (given @ weights)).mean()
        return float(odds + 1e-4 * (weights[1:] @ weights[1:]))

    return minimize(loss, np.zeros(given.shape[1])).x


def _print_reliability(chance: np.ndarray, right: np.ndarray) -> None:
    edges = [0, 0.1, 0.3, 0.6, 0.8, 0.95, 1.01]
    for low, high in pairwise(edges):
        inside = (chance >= low) & (chance < high)
        if inside.any():
            print(
                f"    said {low:4.2f} to {min(1, high):4.2f}: {inside.sum():5d} texts, "
                f"right {right[inside].mean():.2f}"
            )


def main() -> None:
    """Make the data, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=9_000, help="texts that mean something")
    count = parser.parse_args().texts
    rng = random.Random(_SEED)
    whole = Catalog.load()
    catalog = Catalog(one for one in whole if not _taken_out(one))
    out = [one for one in whole if _taken_out(one)]
    index = TitleIndex(catalog)
    known = index.names
    vocabulary = [
        word
        for one in whole
        for word in fold.words(one.english or "").split()
        if word.isascii() and len(word) > 2
    ]
    texts = [*_meant(catalog, count, rng), *_meaningless(out, vocabulary, count // 2, rng)]
    rows: dict[How, list[tuple[tuple[float, ...], bool, bool]]] = defaultdict(list)
    nothing: dict[str, int] = defaultdict(int)
    kinds: dict[str, int] = defaultdict(int)
    for kind, text, right in texts:
        kinds[kind] += 1
        ranked = index.hits(text)[:8]
        if not ranked:
            nothing[kind] += 1
            continue
        best = ranked[0]
        fame = float(known.popularity[best.position])
        given = features(best, margin_of_best(ranked, known), fold.compact(fold.words(text)), fame)
        ids = [known.anime[hit.position].id for hit in ranked]
        rows[best.how].append((given, ids[0] in right, bool(right & set(ids[:5]))))
    for kind, number in kinds.items():
        print(f"{kind}: {number} texts, {nothing[kind]} found nothing")
    print(f"features: {', '.join(FEATURES)}")
    for how in How:
        given = np.array([row[0] for row in rows[how]])
        if not len(given):
            continue
        for column, name in ((1, "the best"), (2, "one of five")):
            right = np.array([float(row[column]) for row in rows[how]])
            weights = _fit(given, right)
            print(f"\n{how.name}, {name}: right {right.mean():.3f} of {len(right)}")
            print("    (" + ", ".join(f"{weight:.2f}" for weight in weights) + "),")
            _print_reliability(1 / (1 + np.exp(-given @ weights)), right)


if __name__ == "__main__":
    main()
