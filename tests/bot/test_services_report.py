"""The report counts what came of what was shown, on both databases."""

from __future__ import annotations

import asyncio
import importlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.services.report import ReportService, Tally
from recsys.picks import Dials
from recsys.profile import Status
from tests.bot.builders import DEATH_NOTE, MONSTER

if TYPE_CHECKING:
    from bot.services import Services

SCRIPTS = Path(__file__).parents[2] / "scripts"
AKI, MIO = 10**18, 10**18 + 1


async def test_hits_are_counted_by_place_kind_model_and_dial(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    first = await services.picks.recommend(AKI, None, k=3)
    turned = await services.picks.recommend(AKI, None, k=3, dials=Dials(niche=1.0))
    alike = await services.picks.similar(MIO, None, [DEATH_NOTE], k=2)
    rated, refused, _ = (pick.anime.id for pick in first.picks)
    await services.ratings.rate(AKI, rated, 8, list_id=first.list_id)
    await services.ratings.set_status(AKI, refused, Status.NOT_INTERESTED, list_id=first.list_id)
    await services.ratings.set_status(
        MIO, alike.picks[1].anime.id, Status.PLANNED, list_id=alike.list_id
    )
    await services.picks.score(AKI, first.list_id, 7)
    await services.picks.score(AKI, turned.list_id, 10)

    report = await ReportService(services.database).report()
    assert report.lists == 3
    assert (report.total.shown, report.total.hits, report.total.refused) == (8, 2, 1)
    assert report.by_kind["recommend"].hit_rate == pytest.approx(1 / 6)
    assert report.by_kind["similar"].planned == 1
    places = {place: (tally.shown, tally.hits) for place, tally in report.by_position.items()}
    assert places == {1: (3, 1), 2: (3, 1), 3: (2, 0)}
    assert list(report.by_model) == ["tiny"]
    niche = report.by_dial["niche"]
    assert {at: (tally.shown, tally.score) for at, tally in niche.items()} == {
        0.0: (3, 7.0),
        1.0: (3, 10.0),
    }
    assert report.by_dial["loved"][0.0].scores == [7, 10]


async def test_what_was_not_turned_to_what_was_asked_and_what_is_old_does_not_count(
    services: Services,
) -> None:
    await services.start.begin(AKI, None)
    await services.picks.recommend(AKI, None, k=20)
    report = await ReportService(services.database).report()
    assert (report.lists, report.total.shown) == (1, 3)  # the first page
    service = ReportService(services.database)
    assert (await service.report(datetime.now(UTC) + timedelta(days=1))).lists == 0
    assert (await service.report(datetime.now(UTC) - timedelta(days=1))).lists == 1
    assert (await service.report(kind="similar")).total == Tally()


async def test_predicted_ratings_are_held_against_those_given(services: Services) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    found = await services.picks.recommend(AKI, None, k=2)
    for pick, score in zip(found.picks, (10, 1), strict=True):
        await services.ratings.rate(AKI, pick.anime.id, score, list_id=found.list_id)
    accuracy = (await ReportService(services.database).report()).accuracy["tiny"]
    predicted = [pick.predicted for pick in found.picks]
    assert accuracy.ratings == 2
    assert accuracy.bias == pytest.approx((predicted[0] - 10 + predicted[1] - 1) / 2)
    assert accuracy.error == pytest.approx((abs(predicted[0] - 10) + abs(predicted[1] - 1)) / 2)


def test_the_interval_holds_the_rate_and_narrows_with_more() -> None:
    few, many = Tally(shown=10, planned=3), Tally(shown=1000, planned=300)
    for tally in (few, many, Tally(shown=5), Tally(shown=5, rated=5)):
        low, high = tally.interval
        assert 0 <= low <= tally.hit_rate <= high <= 1
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]
    # The example of Agresti & Coull 1998, section 2: 2 of 10 at 95 %.
    assert Tally(shown=10, planned=2).interval == pytest.approx((0.057, 0.510), abs=0.001)
    assert Tally().interval is None


async def test_the_script_prints_tables_and_json(
    services: Services,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    script = importlib.import_module("report")
    await services.ratings.rate(AKI, MONSTER, 9)
    found = await services.picks.recommend(AKI, None, k=3)
    await services.ratings.rate(AKI, found.picks[0].anime.id, 8, list_id=found.list_id)
    url = services.settings.database_url

    def run(*words: str) -> tuple[int, str]:
        status = script.main(["--url", url, *words])
        return status, capsys.readouterr().out

    status, printed = await asyncio.to_thread(run)
    assert status == 0
    assert printed.startswith("1 lists. A hit is a pick that was rated, seen or planned.")
    assert "By position" in printed
    assert "33.3%" in printed
    assert "Predicted ratings against those given" in printed
    status, printed = await asyncio.to_thread(run, "--json", "--kind", "recommend")
    facts = json.loads(printed)
    assert status == 0
    assert facts["total"]["hits"] == 1
    assert facts["by_position"]["1"]["hit_rate"] == 1.0
    status, printed = await asyncio.to_thread(run, "--kind", "blend")
    assert (status, printed) == (0, "No list of picks was shown in that time.\n")
    nowhere = f"sqlite:///{(tmp_path / 'no' / 'such.sqlite3').as_posix()}"
    assert await asyncio.to_thread(script.main, ["--url", nowhere]) == 1
