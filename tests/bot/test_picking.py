"""Picks worked out in processes of their own: the same ones, whatever happens to a process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.picking import GoneError, PickProcesses
from bot.picking.wire import LENGTH, pack, unpack
from bot.services import Services
from bot.settings import Settings
from recsys.bundle import save_bundle
from recsys.catalog import Catalog
from recsys.models.linear import MODEL
from recsys.picks import Filters
from recsys.profile import Entry, Hints, Profile, Status
from recsys.recommender import Recommender
from tests.bot.builders import CLANNAD, COWBOY_BEBOP, MONSTER, STEINS_GATE, TORADORA, model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.picking.running import Running

ROOT = Path(__file__).parents[2]
PROFILE = Profile((Entry(MONSTER, 9), Entry(CLANNAD, 3), Entry(TORADORA, None, Status.DROPPED)))
ADVENTURE = Filters(genres=frozenset({"Adventure"}), year_from=2000)
ASKED = [
    methodcaller("recommend", PROFILE, 5, hints=Hints(more=(STEINS_GATE,), asked=(COWBOY_BEBOP,))),
    methodcaller("recommend", Profile(), 5, ADVENTURE),
    methodcaller("similar", (STEINS_GATE, MONSTER), 5, profile=PROFILE),
    methodcaller("next", PROFILE, 5),
    methodcaller("explain", PROFILE, STEINS_GATE),
    methodcaller("relax", PROFILE, Filters(year_from=2090, min_episodes=900)),
]


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    return Recommender.load()


@asynccontextmanager
async def running(
    recommender: Recommender, bundle: Any = lambda: None, many: int = 1
) -> AsyncIterator[PickProcesses]:
    version = recommender.model_version
    processes = PickProcesses(many, bundle, recommender.catalog, version)
    watching = asyncio.create_task(processes.watch())
    try:
        yield processes
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        assert processes.free(version) is None


async def one_that_answers(processes: PickProcesses, version: str) -> Running:
    for _ in range(600):
        if (one := processes.free(version)) is not None:
            return one
        await asyncio.sleep(0.05)
    raise AssertionError("no process answers")


def pid_of(one: Running) -> int:
    return one._process.pid


async def test_a_process_says_what_the_bot_itself_would_say(recommender: Recommender) -> None:
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        for question in ASKED:
            said, expected = await one.ask(question), question(recommender)
            assert said == expected
            assert said or expected is None
        picks = await one.ask(ASKED[0])
        # Not copies, which every kept list would hold.
        assert all(pick.anime is recommender.catalog[pick.anime.id] for pick in picks)


async def test_many_questions_at_once_get_their_own_answers(recommender: Recommender) -> None:
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        asked = [methodcaller("recommend", PROFILE, k) for k in range(1, 12)]
        given_up = asyncio.create_task(one.ask(asked[-1]))
        await asyncio.sleep(0)
        given_up.cancel()
        assert [len(picks) for picks in await asyncio.gather(*map(one.ask, asked))] == [
            *range(1, 12)
        ]


async def test_what_goes_wrong_there_is_raised_here_and_it_goes_on(
    recommender: Recommender,
) -> None:
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        with pytest.raises(KeyError) as caught:
            await one.ask(methodcaller("similar", [10**8]))
        assert any("recommender.py" in note for note in caught.value.__notes__)
        assert await one.ask(ASKED[0]) == ASKED[0](recommender)


async def test_questions_to_a_killed_process_are_told_and_another_one_comes(
    recommender: Recommender, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        os.kill(pid_of(one), signal.SIGSTOP if hasattr(signal, "SIGSTOP") else signal.SIGTERM)
        asked = asyncio.create_task(one.ask(ASKED[0]))
        await asyncio.sleep(0)
        assert one.waiting == 1
        one._process.kill()
        with pytest.raises(GoneError):
            await asked
        assert processes.free(recommender.model_version) is None
        other = await one_that_answers(processes, recommender.model_version)
        assert pid_of(other) != pid_of(one)
        assert await other.ask(ASKED[0]) == ASKED[0](recommender)
    assert [r.levelname for r in caplog.records if "is gone" in r.message] == ["WARNING"]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such signals")
async def test_a_process_leaves_signals_to_the_bot(recommender: Recommender) -> None:
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and systemd reach all of them
            os.kill(pid_of(one), number)
        assert await one.ask(ASKED[0])


HOLD = """
import asyncio
from bot.picking import PickProcesses
from recsys.catalog import Catalog

async def main():
    processes = PickProcesses(1, lambda: None, Catalog(()), "")
    asyncio.create_task(processes.watch())
    while not processes._running:
        await asyncio.sleep(0.05)
    (one,) = processes._running
    print(one._process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="looks for a process as Unix does")
def test_no_process_outlives_a_killed_bot() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as bot:
        assert bot.stdout is not None
        pid = int(bot.stdout.readline())
        assert is_alive(pid)
        bot.kill()
    for _ in range(200):
        if not is_alive(pid):
            return
        time.sleep(0.05)
    raise AssertionError("it goes on without the bot")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Whoever adopted it may not ask how it ended; then it stays as a zombie.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return not state.stdout.startswith(b"Z")


async def test_another_bundle_is_answered_by_another_process(
    recommender: Recommender, tmp_path: Path
) -> None:
    manifest = {"model": MODEL, "serving": model().serving()}
    save_bundle(tmp_path / "small", model().tensors(), manifest)
    small = Recommender.load(tmp_path / "small", recommender.catalog)
    chosen: list[Path | None] = [None]
    async with running(recommender, lambda: chosen[0]) as processes:
        before = await one_that_answers(processes, recommender.model_version)
        chosen[0] = tmp_path / "small"
        assert processes.free(small.model_version) is None
        processes.use(small.model_version)
        after = await one_that_answers(processes, small.model_version)
        assert await after.ask(ASKED[0]) == ASKED[0](small) != ASKED[0](recommender)
        assert processes.free(recommender.model_version) is None
        with pytest.raises(GoneError):
            await before.ask(ASKED[0])


async def test_a_bundle_that_cannot_be_used_is_reported_and_left_to_the_bot(
    recommender: Recommender, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(recommender, lambda: tmp_path / "none") as processes:
        for _ in range(600):
            if any("is gone" in record.message for record in caplog.records):
                break
            await asyncio.sleep(0.05)
        assert processes.free(recommender.model_version) is None
    (line,) = (record.message for record in caplog.records if "is gone" in record.message)
    assert "none" in line
    assert "Traceback" not in line


async def test_the_bot_asks_its_processes_and_does_without_when_they_are_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}"
    services = await Services.open(Settings(database_url=url, pick_processes=2))
    try:
        version = services.picks._recommender.model_version
        one = await one_that_answers(services.pick_processes, version)
        await services.ratings.rate(1, MONSTER, 9)
        asked = [services.picks.recommend(1, None, k=4) for _ in range(8)]
        found = await asyncio.gather(*asked, services.picks.similar(1, None, [MONSTER], k=4))
        assert {len(stored.picks) for stored in found} == {4}
        explained = await services.picks.explain(1, STEINS_GATE)
        assert [reason.anime_id for reason in explained.pick.reasons] == [MONSTER]
        asking = asyncio.create_task(services.picks.recommend(1, None, k=4))
        one._process.kill()
        assert (await asking).anime_ids == found[0].anime_ids
        assert (await services.picks.recommend(1, None, k=4)).anime_ids == found[0].anime_ids
    finally:
        await services.close()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at it as Linux does")
async def test_a_process_is_not_told_the_bots_secrets(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSUSUME_DISCORD_TOKEN", "a.hidden.thing")
    async with running(recommender) as processes:
        one = await one_that_answers(processes, recommender.model_version)
        environment = await asyncio.to_thread(Path(f"/proc/{pid_of(one)}/environ").read_bytes)
        assert b"PATH=" in environment
        assert b"a.hidden.thing" not in environment


entries = st.builds(
    Entry,
    st.integers(1, 10**6),
    st.none() | st.integers(1, 10),
    st.sampled_from(Status),
)


@given(st.lists(entries, max_size=30))
def test_a_profile_comes_through_as_it_was(rows: list[Entry]) -> None:
    profile = Profile(tuple(rows))
    message = pack((profile, "beside"))
    assert LENGTH.unpack(message[: LENGTH.size]) == (len(message) - LENGTH.size,)
    again = unpack(message[LENGTH.size :], Catalog(()))
    assert again == (profile, "beside")
    assert all(type(entry.status) is Status for entry in again[0].entries)
