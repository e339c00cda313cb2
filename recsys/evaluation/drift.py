"""How fast ratings grow old: people of 2022 to 2024, ranked for by what older samples taught.

Every era trains on as many people, drawn by a hash, and on the same anime, so that what differs is
when they kept their lists (and how long these are, which the table says).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import DataError
from recsys.evaluation.metrics import paired_bootstrap
from recsys.evaluation.protocol import Measured, measure
from recsys.evaluation.splits import SplitSettings, fold_in, split_users, uniform_hash
from recsys.evaluation.temporal import folds
from recsys.models.ease import Ease
from recsys.models.popularity import Popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from recsys.catalog import Catalog
    from recsys.data.interactions import Interactions
    from recsys.models.base import Ranker

# Of MyAnimeList; the year in a name is when the sample was taken.
_2018 = ("mal-2016-a", "mal-2016-b", "mal-2018-a", "mal-2018-b", "mal-2018-c")
_2020 = ("mal-2020-a", "mal-2020-b")
_LATER = ("mal-2021-a", "mal-2022", "mal-2023", "mal-2023-b", "mal-2024")
ERAS = {
    "up to 2018": _2018,
    "up to 2020": (*_2018, *_2020),
    "2021 to 2024": _LATER,
    "all years": (*_2018, *_2020, *_LATER),
}
TESTED = ("mal-2016-a", "mal-2020-b", "mal-2022", "mal-2023", "mal-2024")
RECENT = ("mal-2022", "mal-2023", "mal-2024")
EVERYTHING = "all years"
_L2 = 300.0


@dataclass(frozen=True, slots=True)
class Era:
    """What one choice of training samples gave.

    Attributes:
        name: one of `ERAS`.
        people: trained on.
        entries: trained on.
        ndcg: NDCG@100 of EASE by test sample, [users] each.
        unknown: share of the hidden entries that nobody of the era has, by test sample.
    """

    name: str
    people: int
    entries: int
    ndcg: dict[str, NDArray[np.float64]]
    unknown: dict[str, float]


@dataclass(frozen=True, slots=True)
class Aired:
    """One model on the recent test people, with a fifth hidden in two ways.

    Attributes:
        name: of the model.
        random: a fifth of each list hidden at random.
        latest: the latest aired fifth of each list hidden.
    """

    name: str
    random: Measured
    latest: Measured


def by_era(
    lists: Interactions,
    *,
    seed: int = 20,
    min_lists: int = 10,
    tell: Callable[[str], object] = lambda _: None,
) -> list[Era]:
    """Fits EASE on as many people of each era, and ranks for the test people of each sample.

    Args:
        lists: with named samples.
        seed: of the split, of who is drawn, and of what is hidden.
        min_lists: an anime on fewer training lists, all eras together, is left out.
        tell: told the name of each era.

    Raises:
        DataError: the samples have no names, or too few people.
    """
    seen = lists.seen()
    split = split_users(seen, SplitSettings(seed=seed))
    chosen = {name: _of_sources(seen, sources) & ~split.test for name, sources in ERAS.items()}
    people = min(int(mask.sum()) for mask in chosen.values())
    tested = {name: _of_sources(seen, (name,)) & split.test for name in TESTED}
    if people < 2 or not any(mask.any() for mask in tested.values()):
        raise DataError(
            "These ratings do not say from when they are: drift needs samples that are named "
            f"{', '.join(_2018[:1] + _LATER[:2])} and so on in the column source."
        )
    anime = seen.of_users(chosen[EVERYTHING]).common(min_lists).anime_ids
    known = seen.on_anime(anime)
    test = {
        name: fold_in(known.of_users(mask), seed=seed)
        for name, mask in tested.items()
        if mask.any()
    }
    eras: list[Era] = []
    for name, mask in chosen.items():
        tell(name)
        part = known.of_users(_drawn(known, mask, people, seed))
        model = Ease.fit(part, _L2)
        popularity = np.bincount(part.items, minlength=part.n_items)
        eras.append(
            Era(
                name=name,
                people=part.n_users,
                entries=len(part),
                ndcg={sample: measure(model, fold).ndcg100 for sample, fold in test.items()},
                unknown={
                    sample: float((popularity[fold.hidden.items] == 0).mean())
                    for sample, fold in test.items()
                    if len(fold.hidden)
                },
            )
        )
    return eras


def latest_aired(
    lists: Interactions,
    catalog: Catalog,
    models: Sequence[Ranker],
    *,
    seed: int = 20,
) -> list[Aired]:
    """Ranks for people with a fifth hidden at random, and with their latest aired fifth hidden.

    Args:
        lists: of people whom the models have not seen, on the models' anime.
        catalog: which knows when anime were first broadcast.
        models: on these anime.
        seed: of what is hidden at random.
    """
    random, latest = folds(lists, catalog, seed)
    return [Aired(model.name, measure(model, random), measure(model, latest)) for model in models]


def baselines(lists: Interactions) -> list[Ranker]:
    """Popularity and EASE, on some people."""
    return [Popularity.fit(lists), Ease.fit(lists, _L2)]


def lines(eras: Sequence[Era]) -> Iterator[str]:
    """NDCG@100 by era and test sample, and how far each era is behind all years."""
    samples = list(eras[0].ndcg)
    yield f"{'trained on':16}{'people':>8}{'entries':>11}" + "".join(
        f"{f'{name} ({len(eras[0].ndcg[name])})':>19}" for name in samples
    )
    for era in eras:
        yield f"{era.name:16}{era.people:>8,}{era.entries:>11,}" + "".join(
            f"{era.ndcg[name].mean():>19.4f}" for name in samples
        )
    yield ""
    yield "hidden entries that nobody of the era has"
    for era in eras:
        yield f"{era.name:35}" + "".join(f"{era.unknown[name]:>19.1%}" for name in samples)
    everything = next(era for era in eras if era.name == EVERYTHING)
    yield ""
    yield f"less than {EVERYTHING}: mean difference a person, 95 % interval of a paired bootstrap"
    for era in eras:
        if era is everything:
            continue
        for name in samples:
            gap = paired_bootstrap(era.ndcg[name], everything.ndcg[name])
            yield f"{era.name:16}{name:12}{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"


def aired_lines(rows: Sequence[Aired]) -> Iterator[str]:
    """The table of the latest aired."""
    people = len(rows[0].random.ndcg100)
    yield f"{f'NDCG@100, {people} people':22}{'at random':>12}{'latest aired':>14}{'ratio':>8}"
    for row in rows:
        random, latest = row.random.ndcg100.mean(), row.latest.ndcg100.mean()
        yield f"{row.name:22}{random:>12.4f}{latest:>14.4f}{latest / random:>8.2f}"


def draw(eras: Sequence[Era], path: Path) -> None:
    """NDCG@100 of each test sample, a line an era."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="tight")
    axes = figure.add_subplot()
    samples = list(eras[0].ndcg)
    for era in eras:
        values = [era.ndcg[name].mean() for name in samples]
        spans = [_span(era.ndcg[name]) for name in samples]
        errors = np.abs(np.array(spans).T - values)
        axes.errorbar(samples, values, yerr=errors, marker="o", capsize=3, label=era.name)
    axes.set_ylabel("NDCG@100 of EASE")
    axes.set_xlabel("test people of")
    axes.legend(title=f"{eras[0].people:,} people trained on")
    axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def recent_people(lists: Interactions) -> Interactions:
    """The people of the recent samples."""
    return lists.of_users(_of_sources(lists, RECENT))


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    gap = paired_bootstrap(values, np.zeros_like(values), rounds=1000)
    return gap.low, gap.high


def _of_sources(lists: Interactions, sources: Sequence[str]) -> NDArray[np.bool_]:
    codes = [code for code, name in enumerate(lists.sources) if name in sources]
    return np.isin(lists.source_of, codes)


def _drawn(
    lists: Interactions, mask: NDArray[np.bool_], people: int, seed: int
) -> NDArray[np.bool_]:
    """So many of the people of a mask, by a hash of their ids."""
    place = np.where(mask, uniform_hash(seed + 7, lists.user_ids), np.inf)
    result = np.zeros(lists.n_users, bool)
    result[np.argsort(place, kind="stable")[:people]] = True
    return result
