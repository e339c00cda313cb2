"""The league's page: tables in Markdown, written anew from whatever has been measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.league import charts
from recsys.evaluation.league.aims import aims
from recsys.evaluation.league.field import ALL, ALONE
from recsys.evaluation.league.measuring import METRICS, NEW
from recsys.evaluation.league.ours import FIRST, PRESENCE, WHOLE
from recsys.evaluation.league.roster import CONTENDERS, TITLES
from recsys.evaluation.league.standing import Row, Standing
from recsys.evaluation.league.tuning import best, wanted
from recsys.evaluation.league.work import measure_bundle
from recsys.evaluation.metrics import paired_bootstrap
from recsys.evaluation.paired import ratio_of_rmse
from recsys.evaluation.report import FEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from recsys.evaluation.league.field import Field
    from recsys.evaluation.league.roster import Contender
    from recsys.evaluation.league.work import League, Opened

PAGE = "league.md"
_HEADS = ("Recall@20", "Recall@50", "NDCG@100", "liked NDCG", "disliked@20")
_GROUPS = {"peer": "published", "seed": "seed", "rating": "published", "ours": "ours"}


def write_page(
    league: League, opened: Opened, out: Path, tell: Callable[[str], object] = lambda _: None
) -> Iterator[str]:
    """Writes the page and its plots.

    Args:
        league: where the work is.
        opened: what it is about.
        out: the folder.
        tell: told what is being done.

    Yields:
        What a person at a terminal should see: the aims, and where the page is.
    """
    standing, version = stand(league, opened, tell)
    tell("writing the page")
    out.mkdir(parents=True, exist_ok=True)
    pictures = charts.draw(standing, out)
    text = "\n".join(_page(standing, league, version, pictures)) + "\n"
    (out / PAGE).write_text(text, encoding="utf-8")
    for aim in aims(standing):
        yield (
            f"{aim.text}: {aim.ratio.value:.3f} × {aim.against} "
            f"[{aim.ratio.low:.3f}, {aim.ratio.high:.3f}]: {aim.verdict}."
        )
    missing = _missing(standing)
    if missing:
        yield f"Not measured yet: {', '.join(missing)}."
    yield f"{len(standing.rows)} systems in {out / PAGE}."


def stand(
    league: League, opened: Opened, tell: Callable[[str], object] = lambda _: None
) -> tuple[Standing, str]:
    """Everything that has been measured, ours included, and the version of our bundle."""
    rows: list[Row] = []
    ours = measure_bundle(league, opened, league.bundle, tell)
    for contender in CONTENDERS:
        row = row_of(league, opened.field, contender)
        if row is not None:
            rows.append(row)
    for name, store in ours.items():
        rows.append(Row(name, name, "ours", "ours", store.cost or {}, store.measured or {}))
    version = ours[WHOLE].folder.name.rpartition("-")[2]
    return Standing(opened.field, rows), version


def _missing(standing: Standing) -> list[str]:
    """Titles of the systems that are not measured yet."""
    return [TITLES.get(c.name, c.name) for c in CONTENDERS if standing.row(c.name) is None]


def row_of(league: League, field: Field, contender: Contender) -> Row | None:
    """What is known of one system that is not ours; None where it is not measured yet."""
    store = league.store(field, contender.name)
    measured, cost = store.measured, store.cost
    if measured is None or cost is None:
        return None
    # Trials made since then that found nothing better count: nothing would be fitted otherwise.
    if cost["settings"] == best(contender, store, league.trials):
        cost = {**cost, "trials": min(len(store.trials()), league.trials)}
    tuned_on = ""
    if wanted(contender, league.trials):
        tuned_on = "the sample" if contender.sample else "all"
    title = TITLES.get(contender.name, contender.name)
    return Row(contender.name, title, contender.group, contender.origin, cost, measured, tuned_on)


def _page(
    standing: Standing, league: League, version: str, pictures: dict[str, str]
) -> Iterator[str]:
    yield "# The league table"
    yield ""
    yield from _head(standing, league, version)
    yield from _section("What holds", _aims(standing))
    yield from _section("Ranking", [*_ranking(standing), "", _picture(pictures, "ranking")])
    yield from _section("Against the best tuned peer", _against(standing))
    yield from _section("By source", _by_source(standing))
    few = [*_by_length(standing), "", _picture(pictures, "known")]
    yield from _section("By how much is known", few)
    yield from _section("Without known franchises", _new(standing))
    beyond = [*_beyond(standing), "", _picture(pictures, "liked")]
    yield from _section("What is shown", beyond)
    ratings = [*_ratings(standing), "", _picture(pictures, "calibration")]
    yield from _section("Predicted ratings", ratings)
    yield from _section("What it costs", [*_costs(standing), "", _picture(pictures, "cost")])
    yield from _section("Settings", _settings(standing, league))


def _section(title: str, body: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield from body


def _picture(pictures: dict[str, str], name: str) -> str:
    return f"![{pictures[name]}]({name}.svg)" if name in pictures else ""


def _head(standing: Standing, league: League, version: str) -> Iterator[str]:
    field = standing.field
    yield (
        "Written by `python -m recsys evaluate --all`; do not edit. What the columns mean and how "
        "people were kept apart is in [README.md](README.md)."
    )
    yield ""
    fold = standing.fold
    yield (
        f"- {fold.known.n_users:,} test people, {len(fold.hidden):,} hidden entries, "
        f"{len(field.anime_ids):,} anime. Bundle {version}."
    )
    yield (
        f"- Fitted on {int((field.rest.lengths > 0).sum()):,} people and {len(field.rest):,} "
        "entries: everybody but the test people."
    )
    sample = field.tuning(sample=True)
    yield (
        f"- {league.trials} trials for every system with anything to tune (fewer where the last "
        "table says so), the first at the numbers of its source, judged on "
        f"{sample.fold.known.n_users:,} validation people. Rankers are tuned for NDCG@100, "
        "predictors of ratings for RMSE. Where a fit takes a minute or less, trials are fitted on "
        f"all {int((field.training.lengths > 0).sum()):,} training people; for the others on a "
        f"fixed sample of {sample.lists.n_users:,} of them and the {sample.lists.n_items:,} anime "
        f"on {field.settings.sample_min_lists} or more of their lists. What is best for the "
        "sample need not be best for all, which may wrong those systems."
    )
    yield "- Intervals are 95 % of a paired bootstrap over people."
    missing = _missing(standing)
    if missing:
        yield f"- Not measured yet, and so not in any table: {', '.join(missing)}."


def _aims(standing: Standing) -> Iterator[str]:
    rows = [
        [
            aim.text,
            aim.against,
            f"{aim.ratio.value:.3f} [{aim.ratio.low:.3f}, {aim.ratio.high:.3f}]",
            f"**{aim.verdict}**",
        ]
        for aim in aims(standing)
    ]
    yield from _table(["aim", "against", "ours / theirs", "verdict"], rows)


def _ranking(standing: Standing) -> Iterator[str]:
    yield from _table(
        ["system", "kind", *_HEADS],
        [
            [_name(row), _GROUPS[row.group], *(_number(row.mean(metric)) for metric in METRICS)]
            for row in standing.rankers
        ],
    )
    silent = [row.title for row in standing.rows if not row.ranks]
    if silent:
        yield ""
        yield (
            f"{', '.join(silent)} can only answer for people whom they were trained on, and are "
            "in the table of ratings alone."
        )


def _against(standing: Standing) -> Iterator[str]:
    best = standing.best_peer()
    if best is None:
        return
    yield (
        f"The best on these people is {best.title}. Mean difference a person; for disliked@20 "
        "less is better."
    )
    yield ""

    def cell(row: Row, metric: str) -> str:
        gap = paired_bootstrap(row.each(metric), best.each(metric))
        return f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"

    yield from _table(
        ["system", *_HEADS],
        [
            [_name(row), *(cell(row, metric) for metric in METRICS)]
            for row in standing.rankers
            if row is not best
        ],
    )


def _by_source(standing: Standing) -> Iterator[str]:
    known = standing.fold.known
    masks = [(name, known.source_of == code) for code, name in enumerate(known.sources)]
    masks = [(name, mask) for name, mask in masks if mask.any()]
    alone = standing.field.folds()[ALONE].known
    names = sorted({alone.sources[code] for code in alone.source_of})
    heads = [f"{name or 'all'} ({int(mask.sum())})" for name, mask in masks]
    if names:
        heads.append(f"{', '.join(names)} ({alone.n_users}), on its own")
    yield "NDCG@100 (people):"
    yield ""
    yield from _table(
        ["system", *heads],
        [
            [
                _name(row),
                *(_number(float(row.each("ndcg100")[mask].mean())) for _, mask in masks),
                *([_number(row.mean("ndcg100", ALONE))] if names else []),
            ]
            for row in standing.rankers
        ],
    )


def _by_length(standing: Standing) -> Iterator[str]:
    folds = standing.field.folds()
    used = [str(n) for n in FEW if folds[str(n)].known.n_users]
    yield "NDCG@100. With 3, 5, 10 or 20 known, everything else is hidden; “all” is 80 % told."
    yield ""
    yield from _table(
        ["system", *(f"{n} known ({folds[n].known.n_users:,})" for n in used), "all known"],
        [
            [_name(row), *(_number(row.mean("ndcg100", fold)) for fold in (*used, ALL))]
            for row in standing.rankers
        ],
    )


def _new(standing: Standing) -> Iterator[str]:
    yield (
        "Anime of a franchise that the person has told of are neither ranked nor looked for: what "
        "is left is no sequel of anything known."
    )
    yield ""
    order = sorted(standing.rankers, key=lambda row: -row.mean("ndcg100", NEW))
    yield from _table(
        ["system", *_HEADS],
        [[_name(row), *(_number(row.mean(metric, NEW)) for metric in METRICS)] for row in order],
    )


def _beyond(standing: Standing) -> Iterator[str]:
    yield (
        "Of the first 20 of every test person: the share of all anime that somebody is shown, and "
        "the mean self-information in bits, where one more is half as well known."
    )
    yield ""
    yield from _table(
        ["system", "coverage", "novelty"],
        [
            [_name(row), f"{standing.coverage(row):.1%}", f"{standing.novelty(row):.2f}"]
            for row in standing.rankers
        ],
    )


def _ratings(standing: Standing) -> Iterator[str]:
    yield (
        f"Of {standing.hidden_ratings:,} hidden ratings, none from mal-2021-a, whose scores are "
        "reconstructed. Surprise's models can only rate for people whom they were trained on: they "
        "were fitted with the told 80 % of the test people among the training ratings, which ours "
        "and the seeds' never see in training. The error is over the ratings that a system has a "
        "prediction for; the last columns compare on those that both have. Calibration is the "
        "mean distance between predicted and given ratings in bins half a point wide."
    )
    yield ""
    ours = standing.row(WHOLE)

    def against(row: Row) -> list[str]:
        if ours is None or not ours.rates or row is ours:
            return ["", ""]
        mine, theirs = standing.squared_errors(ours, row)
        gap = ratio_of_rmse(mine, theirs)
        return [f"{gap.value:.3f}", f"[{gap.low:.3f}, {gap.high:.3f}]"]

    yield from _table(
        ["system", "RMSE", "has a prediction", "calibration", "ours / theirs", "interval"],
        [
            [
                _name(row),
                _number(standing.rmse(row)),
                f"{standing.rated_share(row):.1%}",
                f"{standing.calibration(row).error:.3f}",
                *against(row),
            ]
            for row in standing.raters
        ],
    )


def _costs(standing: Standing) -> Iterator[str]:
    yield (
        "Fitting on everybody with the chosen settings, in a process of its own; the peak is of "
        "the whole process, the ratings included, as popularity's row shows. The size is of what "
        "was learnt, unpacked; ours is that of the bundle's files. Time a user is to score every "
        "anime for one person. Training is timed by the clock, and by the processor's where that "
        "was taken: on a machine that does other work beside, the clock says little."
    )
    yield ""

    def cell(row: Row, key: str, unit: float, digits: int) -> str:
        value = row.cost.get(key)
        return f"{value / unit:,.{digits}f}" if value else ""

    yield from _table(
        [
            "system",
            "implementation",
            "training, s",
            "processor, s",
            "peak, GiB",
            "size, MB",
            "a user, ms",
        ],
        [
            [
                _name(row),
                row.origin,
                cell(row, "seconds", 1, 1),
                cell(row, "processor_seconds", 1, 1),
                cell(row, "peak_bytes", 2**30, 2),
                cell(row, "bytes", 1e6, 1),
                cell(row, "ms_a_user", 1, 2),
            ]
            for row in [*standing.rankers, *(r for r in standing.raters if not r.ranks)]
        ],
    )


def _settings(standing: Standing, league: League) -> Iterator[str]:
    yield (
        "The ranges are in `recsys/evaluation/league/spaces.py`. Where no trial was made, the "
        "settings are those of the system's source. A network with `patience` was trained until "
        "NDCG@100 of 500 people kept aside had not risen for so many epochs, and went back to its "
        "best; where it was not stopped, more epochs might have found more."
    )
    yield ""
    yield from _table(
        ["system", "trials", "trials fitted on", "settings"],
        [
            [
                _name(row),
                _trials(row, league),
                row.tuned_on if row.cost.get("trials") else "",
                ", ".join(_chosen(row)),
            ]
            for row in standing.rows
            if row.tuned_on
        ],
    )
    stages = [name for name in (PRESENCE, FIRST, WHOLE) if standing.row(name) is not None]
    yield ""
    yield (
        f"{', '.join(stages)}: settings in `recsys.training.pipeline`, chosen on the same "
        "validation people, by more looks at them than these trials."
    )


def _chosen(row: Row) -> Iterator[str]:
    """The settings, and where a network was stopped before the last of its epochs."""
    settings, run = row.cost["settings"], int(row.cost.get("epochs_run", 0))
    for name, value in settings.items():
        stopped = name == "epochs" and "patience" in settings and 0 < run < value
        yield f"{name} = {_setting(value)}{f' (stopped after {run})' if stopped else ''}"


def _trials(row: Row, league: League) -> str:
    made = min(int(row.cost.get("trials", 0)), league.trials)
    return f"{made}, fewer than the rest" if made < league.trials else str(made)


def _name(row: Row) -> str:
    return f"**{row.title}**" if row.name == WHOLE else row.title


def _number(value: float) -> str:
    return f"{value:.4f}" if np.isfinite(value) else ""


def _setting(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
