"""Names that an admin adds, and the titles that people missed."""

from __future__ import annotations

import asyncio
import gc
import weakref
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db import Database
from bot.db.aliases import Alias
from bot.services import Services, UserError, missed
from bot.services.missed import countable
from bot.settings import Settings
from tests.bot.builders import CLANNAD, MONSTER, UNKNOWN, engine

if TYPE_CHECKING:
    from bot.services.titles import TitleService


def found(titles: TitleService, text: str) -> int | None:
    anime = titles.resolve(text).anime
    return None if anime is None else anime.id


async def test_an_added_name_is_found_after_the_next_look_without_a_restart(
    services: Services,
) -> None:
    assert found(services.titles, "dango family") is None
    assert await services.aliases.add("  Dango\u200b  family ", CLANNAD)
    assert await services.aliases.all() == (Alias("Dango family", CLANNAD),)
    assert await services.upkeep.refresh()
    assert found(services.titles, "dango family") == CLANNAD
    assert services.titles.suggest("dango")[0].id == CLANNAD
    assert not await services.upkeep.refresh()  # nothing changed, nothing is built


async def test_a_name_taken_away_is_found_no_longer(services: Services) -> None:
    await services.aliases.add("dango family", CLANNAD)
    await services.upkeep.refresh()
    assert await services.aliases.remove("DANGO FAMILY") == (Alias("dango family", CLANNAD),)
    assert await services.upkeep.refresh()
    assert found(services.titles, "dango family") is None
    assert await services.aliases.remove("dango family") == ()


async def test_one_name_of_two_anime_is_taken_from_the_one_that_is_named(
    services: Services,
) -> None:
    for anime_id in (CLANNAD, MONSTER):
        await services.aliases.add("the one", anime_id)
    assert await services.aliases.remove("the one", CLANNAD) == (Alias("the one", CLANNAD),)
    assert await services.aliases.called("The One") == (Alias("the one", MONSTER),)


async def test_a_name_given_twice_is_kept_once(services: Services) -> None:
    assert await services.aliases.add("dango", CLANNAD)
    assert await services.aliases.add("ＤＡＮＧＯ", CLANNAD) is None
    assert len(await services.aliases.all()) == 1


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\0", "x" * 101])
async def test_a_name_that_cannot_be_one_is_refused(services: Services, text: str) -> None:
    with pytest.raises(UserError, match="bad_alias"):
        await services.aliases.add(text, CLANNAD)
    with pytest.raises(UserError, match="unknown_anime"):
        await services.aliases.add("a name", UNKNOWN)
    assert await services.aliases.all() == ()


async def test_a_name_of_an_anime_that_left_the_catalog_is_passed_over(
    services: Services,
) -> None:
    async with services.database.write() as tx:
        await tx.aliases.add(Alias("gone with it", UNKNOWN), datetime.now(UTC))
    assert await services.upkeep.refresh()
    assert found(services.titles, "gone with it") is None
    assert found(services.titles, "clannad") == CLANNAD


async def test_a_watching_bot_takes_a_name_up_by_itself(services: Services) -> None:
    watching = asyncio.create_task(services.upkeep.watch(every=0.01))
    await services.aliases.add("dango family", CLANNAD)
    async with asyncio.timeout(30):
        while found(services.titles, "dango family") is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    watching.cancel()


async def test_an_index_that_was_replaced_does_not_stay_in_memory_nor_wait_for_a_collection(
    services: Services,
) -> None:
    await services.aliases.add("one", CLANNAD)
    await services.upkeep.refresh()
    assert found(services.titles, "one") == CLANNAD
    replaced = weakref.ref(services.titles._index)
    await services.aliases.add("two", CLANNAD)
    gc.disable()
    try:
        await services.upkeep.refresh()
        assert replaced() is None
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


async def test_what_is_missed_is_counted_by_its_text_alone(services: Services) -> None:
    for typed in ("Dango  Family", "dango family", " ｄａｎｇｏ family "):
        await services.missed.count(typed)
    await services.missed.count("другое")
    assert [(one.text, one.count) for one in await services.missed.top()] == [
        ("dango family", 3),
        ("другое", 1),
    ]
    assert len(await services.missed.top(1)) == 1


async def test_a_name_that_is_added_is_no_longer_missed(services: Services) -> None:
    await services.missed.count("Dango Family")
    await services.aliases.add("DANGO family", CLANNAD)
    assert await services.missed.top() == ()


@pytest.mark.parametrize(
    "typed",
    [
        "mio@example.org",
        "@mio",
        "mio#1234",
        "id:99",
        "<@123456789012345678>",
        "<#123456789012345678>",
        "https://example.org/a",
        "www.example",
        "look at example.com",
        "9253",
        "call 0123 456 789",
        "86 - 23",
        "?!",
        "🍙",
        "",
        "\0",
        "a word " * 20,
    ],
)
async def test_what_may_be_personal_or_is_no_title_is_not_counted(
    services: Services, typed: str
) -> None:
    await services.missed.count(typed)
    assert await services.missed.top() == ()


@pytest.mark.parametrize(
    "typed", ["86 eighty six part 2", "No. 6", "進撃の", "re:zero", "s.a.c. 2045", "ef"]
)
def test_what_may_be_a_title_is_counted(typed: str) -> None:
    assert countable(typed) == typed.casefold()


@given(st.text())
def test_what_is_counted_is_one_short_line_without_controls(typed: str) -> None:
    text = countable(typed)
    if text is not None:
        assert 1 <= len(text) <= missed.LONGEST
        assert text.isprintable()
        assert "@" not in text
        assert countable(text) == text


async def test_there_is_an_end_to_what_is_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missed, "MOST", 6)
    monkeypatch.setattr(missed, "_KEEP", 4)
    for letter in "abcdefghij":
        await services.missed.count(f"{letter} missing")
        await services.missed.count("often missing")
    kept = await services.missed.top()
    assert 4 <= len(kept) <= 6
    assert kept[0].text == "often missing"
    assert kept[0].count == 10


async def test_a_database_that_does_not_take_it_keeps_nobody_from_an_answer(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = await Database.open(sqlite_url)
    services = Services(Settings(database_url=sqlite_url), engine(), database)
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = ON")
    await services.missed.count("dango family")
    assert "cannot be written" in caplog.text
    assert "dango" not in caplog.text
    await services.close()
