"""When something else is wrong: the database, Discord itself, or our own code."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from bot.ui import reply
from tests.bot.pragmas import pragma
from tests.discord.world import MONSTER, World, shown, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "osusume.sqlite3"


async def test_a_locked_database_gets_a_sentence_and_loses_nothing(
    world: World, database_file: Path
) -> None:
    await world.run("rate", title="monster", score=9)
    other = sqlite3.connect(database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = await world.run("rate", title="monster", score=2)
    other.rollback()
    other.close()
    assert text(answer).startswith("The bot's memory is busy right now, and nothing was changed.")
    assert shown(answer).ephemeral
    assert await world.scores() == {MONSTER: 9}
    assert text(await world.run("rate", title="monster", score=2)).startswith("You rated")
    world.expected_errors = 1


async def test_a_database_that_turns_read_only_gets_a_sentence_and_can_still_be_read(
    world: World,
) -> None:
    await world.run("rate", title="monster", score=9)
    card = await world.run("anime", title="monster")
    await pragma(world.services.database, "query_only = ON")
    for answer in (
        await world.run("rate", title="monster", score=2),
        await world.tap(card, "Plan"),
    ):
        assert text(answer).startswith("The bot's memory cannot be written")
    assert "**9** · Monster" in text(await world.run("ratings"))
    world.expected_errors = 2


async def test_our_own_mistake_is_an_apology_with_a_reference_that_the_log_has(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    card = await world.run("anime", title="monster")
    world.services.catalog = None
    for answer in (await world.run("similar", title="monster"), await world.tap(card, "Similar")):
        assert shown(answer).ephemeral
        reference = re.search(r"reference: (\w+)$", text(answer))[1]
        assert reference in caplog.text
        assert "Traceback" not in text(answer)
        assert "NoneType" not in text(answer)
    world.expected_errors = 2


async def test_an_expired_interaction_is_noted_and_the_rating_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await world.run("rate", title="monster", score=9)
    assert await world.scores() == {MONSTER: 9}
    assert "/rate" in caplog.text
    assert "expired before it was answered" in caplog.text


async def test_discord_failing_while_an_error_is_told_brings_nothing_down(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=500, times=None)
    await world.run("anime", title="zqxjkvbwpfgh")
    world.env.backend.faults.clear()
    assert text(await world.run("anime", title="monster")).startswith("**Monster**")


async def test_what_takes_long_is_deferred_and_then_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The simulated Discord's clock stands still while the bot works, so it never takes long there.
    async def patience_has_run_out(work: Any, defer: Any) -> Any:
        await defer()
        return await work

    monkeypatch.setattr(reply, "_in_time", patience_has_run_out)
    private = await world.run("rate", title="monster", score=9)
    assert text(private) == "You rated Monster **9**."
    assert shown(private).ephemeral
    public = await world.tap(await world.run("anime", title="monster"), "Share")
    assert text(public).startswith("**Monster**")
    assert not shown(public).ephemeral
    page = await world.run("recommend")
    turned = await world.tap(page, "Next")
    assert "Page 2 of 7" in text(turned)
    assert shown(turned).id == shown(page).id
    wrong = await world.run("anime", title="zqxjkvbwpfgh")
    assert text(wrong).startswith("Nothing is called anything like")
    kinds = [
        request.json["type"] for request in world.env.http_requests if "callback" in request.path
    ]
    assert kinds == [5, 5, 5, 5, 6, 5]


async def test_a_command_that_is_gone_gets_a_sentence(world: World) -> None:
    world.client.tree.remove_command("help")
    answer = await world.run("help")
    assert text(answer).startswith("This command is no longer there.")


async def test_the_log_names_neither_who_nor_what_they_typed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.services.catalog = None
    await world.run("similar", title="monster")
    assert "/similar" in caplog.text
    assert str(world.aki.id) not in caplog.text
    assert "monster" not in caplog.text.lower()
    world.expected_errors = 1


async def test_an_answer_that_is_ready_soon_goes_out_without_a_deferral() -> None:
    deferred: list[bool] = []
    assert await reply._in_time(_answer_after(0), _noting(deferred)) == "answer"
    assert not deferred


async def test_an_answer_that_is_not_ready_soon_is_deferred_and_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reply, "PATIENCE", 0.01)
    deferred: list[bool] = []
    assert await reply._in_time(_answer_after(0.2), _noting(deferred)) == "answer"
    assert deferred == [True]


async def test_work_is_finished_even_if_it_can_no_longer_be_deferred(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reply, "PATIENCE", 0.01)
    finished: list[bool] = []

    async def work() -> str:
        await asyncio.sleep(0.2)
        finished.append(True)
        return "answer"

    async def too_late() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await reply._in_time(work(), too_late)
    assert finished


async def _answer_after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "answer"


def _noting(deferred: list[bool]) -> Callable[[], Awaitable[None]]:
    async def defer() -> None:
        deferred.append(True)

    return defer
