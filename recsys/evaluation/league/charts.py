"""The league's plots: one file each, the same bytes from the same figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.league.field import ALL
from recsys.evaluation.league.ours import FIRST, PRESENCE, WHOLE
from recsys.evaluation.report import FEW

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from recsys.evaluation.league.standing import Row, Standing

_COLOURS = {"peer": "#4c72b0", "seed": "#937860", "rating": "#8c8c8c", "ours": "#c44e52"}
_LINES = 6
_BINS_SHOWN = 50
_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "osusume", "font.size": 9}


def draw(standing: Standing, out: Path) -> dict[str, str]:
    """Draws every plot there is something to draw for.

    Returns:
        A description by name; the file is NAME.svg.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    made: dict[str, str] = {}
    for name, (draw_one, size, description) in _PLOTS.items():
        with mpl.rc_context(_STYLE):
            figure = Figure(figsize=size, layout="tight")
            if draw_one(standing, figure.add_subplot()):
                figure.savefig(out / f"{name}.svg", metadata={"Date": None})
                made[name] = description
    return made


def _ranking(standing: Standing, axes: Axes) -> bool:
    rows = standing.rankers[::-1]
    if not rows:
        return False
    means = [row.mean("ndcg100") for row in rows]
    spread = [1.96 * _standard_error(row.each("ndcg100")) for row in rows]
    colours = [_COLOURS[row.group] for row in rows]
    axes.barh([row.title for row in rows], means, xerr=spread, color=colours, height=0.7)
    axes.set_xlabel("NDCG@100, with 1.96 standard errors")
    axes.set_axisbelow(True)
    axes.grid(axis="x", alpha=0.3)
    return True


def _known(standing: Standing, axes: Axes) -> bool:
    peers = [r for r in standing.rankers if r.group in {"peer", "seed"}][:_LINES]
    ours = [r for r in standing.rankers if r.group == "ours"]
    folds = [*map(str, FEW), ALL]
    for row in [*ours, *peers]:
        values = [row.mean("ndcg100", fold) for fold in folds]
        ours_too = row.group == "ours"
        (line,) = axes.plot(
            range(len(FEW)), values[:-1], marker="o", markersize=3, label=row.title,
            linewidth=2.2 if ours_too else 1.2, color=_shade(row) if ours_too else None,
        )  # fmt: skip
        # Another question, with less to find: no line leads there.
        axes.plot(len(FEW), values[-1], marker="o", markersize=4, color=line.get_color())
    axes.set_xticks(range(len(folds)), [*(f"{n} known" for n in FEW), "80 % told"])
    axes.set_ylabel("NDCG@100")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return bool(ours or peers)


def _liked(standing: Standing, axes: Axes) -> bool:
    for row in standing.rankers:
        place = (row.mean("disliked20"), row.mean("liked100"))
        axes.scatter(*place, color=_COLOURS[row.group], s=22)
        axes.annotate(row.title, place, xytext=(4, 2), textcoords="offset points", fontsize=7)
    axes.set_xlabel("disliked anime among the first 20 (less is better)")
    axes.set_ylabel("NDCG@100 of liked anime")
    axes.grid(alpha=0.3)
    return bool(standing.rankers)


def _calibration(standing: Standing, axes: Axes) -> bool:
    others = [r for r in standing.raters if r.group != "ours"]
    shown = [r for r in standing.raters if r.group == "ours"] + others[:_LINES]
    for row in shown:
        bins = standing.calibration(row)
        enough = bins.counts >= _BINS_SHOWN
        width = 2.2 if row.group == "ours" else 1
        colour = _COLOURS["ours"] if row.group == "ours" else None
        axes.plot(
            bins.predicted[enough], bins.actual[enough], marker="o", markersize=3,
            label=row.title, linewidth=width, color=colour,
        )  # fmt: skip
    axes.plot([1, 10], [1, 10], color="black", linewidth=0.8, linestyle=":")
    axes.set_xlim(3, 10)
    axes.set_ylim(3, 10)
    axes.set_xlabel(f"predicted rating (bins of {_BINS_SHOWN} and more)")
    axes.set_ylabel("mean rating given")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return bool(shown)


def _cost(standing: Standing, axes: Axes) -> bool:
    rows = [row for row in standing.rankers if row.cost.get("ms_a_user")]
    for row in rows:
        place = (row.cost["ms_a_user"], row.mean("ndcg100"))
        axes.scatter(*place, color=_COLOURS[row.group], s=22)
        axes.annotate(row.title, place, xytext=(4, 2), textcoords="offset points", fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds a user")
    axes.set_ylabel("NDCG@100")
    axes.grid(alpha=0.3)
    return bool(rows)


def _shade(row: Row) -> str:
    return {WHOLE: "#c44e52", FIRST: "#dd8452", PRESENCE: "#e5ae38"}.get(row.name, "#c44e52")


def _standard_error(values: NDArray[np.float64]) -> float:
    good = values[np.isfinite(values)]
    return float(good.std(ddof=1) / np.sqrt(len(good))) if len(good) > 1 else 0.0


_PLOTS = {
    "ranking": (_ranking, (8, 7), "NDCG@100 of every system"),
    "known": (_known, (8, 4.5), "NDCG@100 by how many anime are known"),
    "liked": (_liked, (8, 6), "liked and disliked anime of every system"),
    "calibration": (_calibration, (6, 6), "predicted against given ratings"),
    "cost": (_cost, (8, 6), "NDCG@100 against milliseconds a user"),
}
