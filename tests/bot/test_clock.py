"""The clock jumps, as clocks of machines do; nobody's list minds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services import picks as picks_module
from bot.services import ratings as ratings_module
from recsys.profile import Entry
from tests.bot.builders import CLANNAD, DEATH_NOTE, MONSTER

if TYPE_CHECKING:
    from bot.services import Services

AKI = 1


class Clock(datetime):
    """A clock that a test turns; everything else is a datetime's."""

    offset = timedelta()

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.offset


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    Clock.offset = timedelta()
    for module in (ratings_module, picks_module):
        monkeypatch.setattr(module, "datetime", Clock)
    return Clock


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=4000)])
async def test_what_was_rated_last_stays_the_newest_whatever_the_clock_says(
    services: Services, clock: type[Clock], jump: timedelta
) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    clock.offset = jump
    await services.ratings.rate(AKI, DEATH_NOTE, 8)
    clock.offset = timedelta()
    await services.ratings.rate(AKI, CLANNAD, 7)
    page = await services.ratings.page(AKI, 0)
    assert [line[0].id for line in page.lines] == [CLANNAD, DEATH_NOTE, MONSTER]
    profile = await services.ratings.profile(AKI)
    assert [entry.anime_id for entry in profile.entries] == [MONSTER, DEATH_NOTE, CLANNAD]


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=4000)])
async def test_a_change_made_while_the_clock_was_wrong_can_be_undone(
    services: Services, clock: type[Clock], jump: timedelta
) -> None:
    await services.ratings.rate(AKI, MONSTER, 9)
    clock.offset = jump
    rated = await services.ratings.rate(AKI, MONSTER, 2)
    clock.offset = timedelta()
    await services.ratings.restore(AKI, MONSTER, rated.previous, expected=Entry(MONSTER, 2))
    entry = await services.ratings.entry(AKI, MONSTER)
    assert entry is not None
    assert entry.score == 9


async def test_a_list_shown_in_the_future_can_still_be_read(
    services: Services, clock: type[Clock]
) -> None:
    clock.offset = timedelta(days=4000)
    shown = await services.picks.recommend(AKI, None)
    clock.offset = timedelta()
    assert datetime.now(UTC).year < 2036
    assert await services.picks.list(shown.list_id) is not None
