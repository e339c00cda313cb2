"""What is counted of picks: those that were shown, and those that somebody acted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.observing.meter import PrometheusMeter

if TYPE_CHECKING:
    from bot.services import Services

AKI = 1


@pytest.fixture
def meter(services: Services) -> PrometheusMeter:
    services.database.meter = services.meter = PrometheusMeter()
    return services.meter


def figure(meter: PrometheusMeter, name: str, **labels: str) -> float:
    return meter.registry.get_sample_value(name, labels) or 0.0


async def test_picks_count_as_they_are_shown_page_by_page(
    services: Services, meter: PrometheusMeter
) -> None:
    found = await services.picks.recommend(AKI, None, k=9)
    first = figure(meter, "osusume_picks_shown_total", kind="recommend")
    assert 0 < first < len(found.picks)
    stored = await services.picks.list(found.list_id)
    assert stored is not None
    await services.pages.open(stored, 1, int(first))
    assert figure(meter, "osusume_picks_shown_total", kind="recommend") == 2 * first


async def test_acting_on_a_pick_counts_and_acting_on_anything_else_does_not(
    services: Services, meter: PrometheusMeter
) -> None:
    found = await services.picks.recommend(AKI, None)
    pick = found.picks[0].anime.id
    await services.ratings.rate(AKI, pick, 9, list_id=found.list_id)
    assert figure(meter, "osusume_pick_outcomes_total", outcome="rated") == 1
    others = {anime.id for anime in services.catalog} - {one.anime.id for one in found.picks}
    await services.ratings.rate(AKI, min(others), 9)
    assert figure(meter, "osusume_pick_outcomes_total", outcome="rated") == 1


async def test_transactions_are_timed(services: Services, meter: PrometheusMeter) -> None:
    await services.picks.recommend(AKI, None)
    for operation in ("read", "write"):
        assert figure(meter, "osusume_database_seconds_count", operation=operation) > 0
