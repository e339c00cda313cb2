"""The table: what was run here beside what was published, and what follows from it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.evaluation.metrics import paired_bootstrap
from recsys.evaluation.public.field import FIELD, OURS, RERUNS
from recsys.evaluation.public.protocol import METRICS, Found, measure
from recsys.evaluation.public.published import FOLDER, PUBLISHED, best, of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from recsys.data.fixed_split import FixedSplit

AIM = 1.05


@dataclass(frozen=True, slots=True)
class Run:
    """One model that ran here.

    Attributes:
        name: of the model.
        found: on the test part.
        seconds: what choosing, fitting and scoring took.
    """

    name: str
    found: Found
    seconds: float


def run_field(
    split: FixedSplit, names: Sequence[str], progress: Callable[[str], object]
) -> list[Run]:
    """Fits models on the training part and measures them on the test part.

    Args:
        split: of three parts.
        names: of `FIELD`.
        progress: told the name of each as it begins.
    """
    runs: list[Run] = []
    for name in names:
        progress(name)
        started = time.perf_counter()
        scores = FIELD[name](split)
        seconds = time.perf_counter() - started
        runs.append(Run(name, measure(scores, [split.train, split.valid], split.test), seconds))
    return runs


def lines(split: FixedSplit, runs: Sequence[Run], folder: str) -> Iterator[str]:
    """The report. The published figures belong to one split, and are left out for others."""
    sizes = (f"{len(part):,}" for part in (split.train, split.valid, split.test))
    yield (
        f"{split.train.n_users:,} people, {split.train.n_items:,} items, "
        f"{' / '.join(sizes)} pairs of train / valid / test."
    )
    yield ""
    yield _row("on the test part", METRICS)
    for run in runs:
        yield _row(f"{run.name} [{run.seconds:.0f} s]", run.found.means)
    if folder == FOLDER:
        yield from _beside_published(runs)
    yield from _differences(runs)


def _beside_published(runs: Sequence[Run]) -> Iterator[str]:
    yield ""
    yield _row("published (* read at its source)", METRICS)
    for row in PUBLISHED:
        yield _row(f"{row.model}{' *' if row.checked else ''}", row.figures)
    ours = next((run for run in runs if run.name == OURS), None)
    if ours is not None:
        yield ""
        yield _row("the largest published", best())
        ratios = [a / b for a, b in zip(ours.found.means, best(), strict=True)]
        yield _row("ours × the largest published", ratios)
        behind = [m for m, ratio in zip(METRICS, ratios, strict=True) if ratio < AIM]
        yield (
            f"Ours is at least {AIM} × every published figure in all four metrics."
            if not behind
            else f"Ours is below {AIM} × the largest published figure in {', '.join(behind)}."
        )
    for run in runs:
        if run.name in RERUNS:
            yield ""
            yield from _rerun(run)


def _rerun(run: Run) -> Iterator[str]:
    """Whether the published figures lie in the intervals of our run over people."""
    published = of(RERUNS[run.name])
    yield _row(f"{published.model} as published", published.figures)
    yield _row(f"{run.name} here", run.found.means)
    spans = [interval(column) for column in run.found.columns]
    yield _row("95 % interval over people, from", [low for low, _ in spans])
    yield _row("to", [high for _, high in spans])
    inside = sum(
        low <= figure <= high for (low, high), figure in zip(spans, published.figures, strict=True)
    )
    yield f"{inside} of 4 published figures lie inside."


def _differences(runs: Sequence[Run]) -> Iterator[str]:
    ours = next((run for run in runs if run.name == OURS), None)
    if ours is None or len(runs) < 2:
        return
    yield ""
    yield "Ours less each: mean difference a person, 95 % interval of a paired bootstrap"
    for run in runs:
        if run is ours:
            continue
        parts: list[str] = []
        columns = zip(METRICS, ours.found.columns, run.found.columns, strict=True)
        for metric, mine, theirs in columns:
            gap = paired_bootstrap(mine, theirs)
            parts.append(f"{metric} {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]")
        yield f"{run.name:12}  {'  '.join(parts)}"


def interval(column: NDArray[np.float64]) -> tuple[float, float]:
    """95 % bootstrap interval of a mean over people; NaN are left out."""
    gap = paired_bootstrap(column, column * 0.0)
    return gap.low, gap.high


def draw(runs: Sequence[Run], path: Path) -> None:
    """Bars: NDCG@20 and Recall@20 of what ran here and of what was published."""
    from matplotlib.figure import Figure

    rows = [(f"{run.name}, here", run.found.means, "steelblue") for run in runs]
    rows += [(row.model, row.figures, "lightgrey") for row in PUBLISHED]
    figure = Figure(figsize=(9, 5.5), layout="tight")
    for place, index in enumerate((1, 3)):
        axes = figure.add_subplot(1, 2, place + 1)
        ordered = sorted(rows, key=lambda row, at=index: row[1][at])
        axes.barh(
            [name for name, _, _ in ordered],
            [values[index] for _, values, _ in ordered],
            color=[color for _, _, color in ordered],
        )
        axes.set_title(METRICS[index])
        axes.tick_params(axis="y", labelsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _row(name: str, values: Sequence[object]) -> str:
    cells = (f"{value:.4f}" if isinstance(value, float) else str(value) for value in values)
    return f"{name:36}" + "".join(f"{cell:>11}" for cell in cells)
