"""What people did about their picks, by position, dial and model, in tables."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.admin.opening import opened, url_of
from bot.admin.tool import table
from bot.services.report import DIALS, ReportService

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from bot.admin.tool import Speaker
    from bot.services.report import Accuracy, Report, Tally

_HEADINGS = (
    "",
    "shown",
    "hits",
    "hit rate",
    "95 %",
    "rated",
    "seen",
    "planned",
    "refused",
    "list score",
)
_ENDS = {"niche": "safe/niche", "varied": "familiar/varied", "loved": "watched/loved"}


async def show_report(options: argparse.Namespace, out: Speaker) -> None:
    """Print the report.

    Raises:
        CannotError: there is no database, or its tables are not those of this version.
        DatabaseError: the database cannot be read.
    """
    since = None if options.days is None else datetime.now(UTC) - timedelta(days=options.days)
    async with opened(url_of(options)) as database:
        report = await ReportService(database).report(since, options.kind)
    out.say(days=options.days, kind=options.kind, **as_facts(report))
    if not report.lists:
        out.say("No list of picks was shown in that time.")
        return
    out.say(f"{report.lists:,} lists. A hit is a pick that was rated, seen or planned.\n")
    out.say(_tallies({"all": report.total, **report.by_kind}) + "\n")
    out.say("By position\n" + _tallies(report.by_position) + "\n")
    for dial in DIALS:
        if report.by_dial[dial]:
            out.say(f"By dial {_ENDS[dial]}\n" + _tallies(report.by_dial[dial]) + "\n")
    out.say("By model\n" + _tallies(report.by_model))
    if report.accuracy:
        out.say("\nPredicted ratings against those given\n" + _accuracies(report.accuracy))


def as_facts(report: Report) -> dict[str, Any]:
    """The report as JSON holds it."""
    return {
        "lists": report.lists,
        "total": _facts(report.total),
        "by_kind": _each(report.by_kind),
        "by_position": _each(report.by_position),
        "by_model": _each(report.by_model),
        "by_dial": {dial: _each(tallies) for dial, tallies in report.by_dial.items()},
        "accuracy": {model: asdict(found) for model, found in report.accuracy.items()},
    }


def _each(tallies: Mapping[Any, Tally]) -> dict[str, Any]:
    return {str(key): _facts(tally) for key, tally in tallies.items()}


def _facts(tally: Tally) -> dict[str, Any]:
    return {
        "shown": tally.shown,
        "hits": tally.hits,
        "hit_rate": tally.hit_rate,
        "interval": tally.interval,
        "rated": tally.rated,
        "seen": tally.seen,
        "planned": tally.planned,
        "refused": tally.refused,
        "lists_scored": len(tally.scores),
        "list_score": tally.score,
    }


def _tallies(tallies: Mapping[Any, Tally]) -> str:
    return table([_HEADINGS, *(_row(str(key), tally) for key, tally in tallies.items())])


def _row(key: str, tally: Tally) -> tuple[str, ...]:
    rate, interval = tally.hit_rate, tally.interval
    return (
        key,
        f"{tally.shown:,}",
        f"{tally.hits:,}",
        "–" if rate is None else f"{rate:.1%}",
        "–" if interval is None else f"{interval[0]:.1%} to {interval[1]:.1%}",
        f"{tally.rated:,}",
        f"{tally.seen:,}",
        f"{tally.planned:,}",
        f"{tally.refused:,}",
        "–" if tally.score is None else f"{tally.score:.2f} ({len(tally.scores):,})",
    )


def _accuracies(accuracy: Mapping[str, Accuracy]) -> str:
    rows = [("", "ratings", "mean error", "bias", "within the range")]
    rows += [
        (
            model,
            f"{found.ratings:,}",
            f"{found.error:.2f}",
            f"{found.bias:+.2f}",
            "–" if found.covered is None else f"{found.covered:.1%}",
        )
        for model, found in accuracy.items()
    ]
    return table(rows)
