"""How well and how fast titles are found, beside a full scan by rapidfuzz.

    python benchmarks/titles.py

Prints, over the shipped catalog: the share of the public queries that is found first, among five
and among twenty-five, by kind, for the rows that were open while tuning and for those held out;
the same for made-up typing errors in every name of the 3,000 most popular; time a query; memory
and time to build; and, in the same run, what `rapidfuzz.process.extract(scorer=WRatio)` finds and
how long it takes.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
import tracemalloc
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process, utils
from titles_calibration import misspell, names_of

from recsys.catalog import Catalog
from recsys.titles import TitleIndex, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUERIES = Path(__file__).parents[1] / "tests" / "recsys" / "data" / "title_queries.tsv"
_POPULAR = 3_000
_SEED = 20


@dataclass(frozen=True, slots=True)
class Query:
    """One row of the public set: what was typed and the ids that are right (none: nonsense)."""

    kind: str
    split: str
    text: str
    right: frozenset[int]


def read_queries(path: Path = QUERIES) -> list[Query]:
    """The public queries."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    rows = [line.split("\t") for line in lines[1:]]
    return [
        Query(kind, split, text, frozenset(int(i) for i in ids.split("|") if i))
        for kind, split, text, ids in rows
    ]


def rank_of(ids: Iterable[int], right: frozenset[int]) -> int:
    """Where the first right id stands, 0 for the first; 10,000 when it is not there."""
    return next((rank for rank, found in enumerate(ids) if found in right), 10_000)


def print_queries(index: TitleIndex, queries: list[Query]) -> None:
    """Print the table of one split by kind."""
    ranks: dict[str, list[int]] = defaultdict(list)
    answered = wrong = 0
    refused: list[bool] = []
    for query in queries:
        found = [match.anime_id for match in index.search(query.text, 25)]
        answer = index.resolve(query.text).answer
        if not query.right:
            refused.append(not found)
            continue
        ranks[query.kind].append(rank_of(found, query.right))
        answered += answer is not None
        wrong += answer is not None and answer.anime_id not in query.right
    print(f"{'kind':10} {'queries':>7} {'first':>6} {'in 5':>6} {'in 25':>6}")
    everything = [rank for kind in ranks.values() for rank in kind]
    for kind, found in [*ranks.items(), ("all", everything)]:
        shares = [sum(rank < k for rank in found) / len(found) for k in (1, 5, 25)]
        print(f"{kind:10} {len(found):7d} " + " ".join(f"{share:6.3f}" for share in shares))
    print(f"nonsense   {len(refused):7d} refused {sum(refused) / len(refused):.3f}")
    share = answered / len(everything)
    print(f"answered outright {share:.3f}, of these wrong {wrong / max(1, answered):.3f}")


def noisy_names(catalog: Catalog, edits: int) -> list[tuple[str, frozenset[int]]]:
    """Every name of the most popular anime with typing errors, and the anime that have the name."""
    rng = random.Random(_SEED)
    owners: dict[str, set[int]] = defaultdict(set)
    for anime in catalog:
        for name in names_of(anime):
            owners[fold.compact(fold.words(name))].add(anime.id)
    popular = sorted(catalog, key=lambda one: -one.members)[:_POPULAR]
    return [
        (misspell(name, edits, rng), frozenset(owners[fold.compact(fold.words(name))]))
        for anime in popular
        for name in names_of(anime)
    ]


def share_first(
    search: Callable[[str], list[int]], texts: list[tuple[str, frozenset[int]]]
) -> float:
    """The share of texts whose first answer is right."""
    return sum(rank_of(search(text)[:1], right) == 0 for text, right in texts) / len(texts)


def times(search: Callable[[str], object], texts: list[str], repeats: int) -> list[float]:
    """Milliseconds a query, ascending; the best of some runs, for other work on the machine."""
    taken = []
    for text in texts:
        best = float("inf")
        for _ in range(repeats):
            start = time.perf_counter()
            search(text)
            best = min(best, time.perf_counter() - start)
        taken.append(1e3 * best)
    return sorted(taken)


def print_times(name: str, taken: list[float]) -> None:
    """Print the middle and the worst hundredth."""
    p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(f"{name}: p50 {p50:.3f} ms, p99 {p99:.3f} ms over {len(taken)} queries")


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=["open", "held", "both"], default="both")
    parser.add_argument("--repeats", type=int, default=3, help="runs a query; the best counts")
    parser.add_argument(
        "--scans", type=int, default=150, help="queries that WRatio scans for; 0: no scans"
    )
    options = parser.parse_args()

    catalog = Catalog.load()
    queries = read_queries()
    gc.collect()
    start, start_cpu = time.perf_counter(), time.process_time()
    index = TitleIndex(catalog)
    taken, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    print(
        f"{len(catalog)} anime, {len(index.names.aliases)} names, {len(index.names.keys)} keys: "
        f"built in {taken:.2f} s ({cpu:.2f} s of processor time)"
    )
    tracemalloc.start()
    held = TitleIndex(catalog)
    print(f"memory of the index: {tracemalloc.get_traced_memory()[0] / 1e6:.0f} MB")
    tracemalloc.stop()
    del held

    for split in ("open", "held"):
        if options.split in {split, "both"}:
            print(f"\npublic queries, {split}:")
            print_queries(index, [query for query in queries if query.split == split])

    def ours(text: str) -> list[int]:
        return [match.anime_id for match in index.search(text, 1)]

    print(f"\ntyping errors in every name of the {_POPULAR} most popular:")
    noisy = {edits: noisy_names(catalog, edits) for edits in (1, 2)}
    for edits, texts in noisy.items():
        print(f"{edits} wrong: {len(texts)} texts, first {share_first(ours, texts):.3f}")

    print("\ntime a query, one thread, nothing remembered:")
    keystrokes = [q.text[:end] for q in queries for end in range(1, len(q.text) + 1)]
    rng = random.Random(_SEED)
    keystrokes = rng.sample(sorted(set(keystrokes)), 4_000)
    print_times("every keystroke of the queries", times(index.look_up, keystrokes, options.repeats))
    misspelt = [text for text, _ in rng.sample(noisy[1], 4_000)]
    print_times("misspelt names", times(index.look_up, misspelt, options.repeats))

    if not options.scans:
        return
    print("\nbeside rapidfuzz.process.extract(scorer=WRatio) over all names, lower case:")
    names = [(utils.default_process(name), one.id) for one in catalog for name in names_of(one)]
    spelled = [name for name, _ in names]

    def scan(text: str) -> list[int]:
        found = process.extract(utils.default_process(text), spelled, scorer=fuzz.WRatio, limit=5)
        return [names[place][1] for _, _, place in found]

    meant = [(query.text, query.right) for query in queries if query.right]
    sample = rng.sample(meant, options.scans) + rng.sample(noisy[1], options.scans)
    mine = times(index.look_up, [text for text, _ in sample], options.repeats)
    peer = times(scan, [text for text, _ in sample], 1)
    print_times("ours", mine)
    print_times("WRatio", peer)
    print(f"ratio of the medians: {peer[len(peer) // 2] / mine[len(mine) // 2]:.0f} times faster")
    print(f"first: ours {share_first(ours, sample):.3f}, WRatio {share_first(scan, sample):.3f}")


if __name__ == "__main__":
    main()
