"""Bringing a list: what the preview says is what applying does, and undo takes it all back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.db.merges import Difference
from bot.importing import Source
from bot.services import UserError
from bot.services.imports import ImportService
from bot.services.profiles import Profiles
from bot.services.ratings import RatingService
from bot.services.titles import TitleService
from recsys.profile import Entry, Status
from tests.bot import lists
from tests.bot.builders import (
    CLANNAD,
    COWBOY_BEBOP,
    DEATH_NOTE,
    MONSTER,
    STEINS_GATE,
    TORADORA,
    engine,
)
from tests.bot.sites import FakeSites, anilist_entry, failing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.db import Database
    from bot.importing.sites import Sites
    from bot.services.imports import ImportStatus

AKI, MIO = 10**18, 10**18 + 1


class Bench:
    """The services that a list goes through, over one database."""

    def __init__(self, database: Database, sites: Sites) -> None:
        self.database = database
        self.engine = engine()
        self.profiles = Profiles(database)
        self.ratings = RatingService(database, self.engine.catalog, self.profiles)
        self.imports = self.started(sites)

    def started(self, sites: Sites) -> ImportService:
        titles = TitleService(self.engine.catalog, self.engine.titles)
        return ImportService(self.database, self.engine.catalog, titles, sites)

    async def entries(self, user_id: int = AKI) -> dict[int, Entry]:
        profile = await self.profiles.get(user_id)
        return {entry.anime_id: entry for entry in profile.entries}

    async def rows(self) -> list[tuple[object, ...]]:
        """Everything about every entry, as it stands in the table."""
        async with self.database.engine.connect() as connection:
            found = await connection.exec_driver_sql(
                "SELECT user_id, anime_id, score, status, source, revision, created_at, updated_at "
                "FROM entry ORDER BY user_id, anime_id"
            )
            return [tuple(row) for row in found]

    async def ready(self, job_id: int, user_id: int = AKI) -> ImportStatus:
        status = await self.imports.status(user_id, job_id)
        while status.is_running:
            await self.imports.wait(job_id, 5)
            status = await self.imports.status(user_id, job_id)
        return status

    async def bring(self, data: bytes, user_id: int = AKI) -> ImportStatus:
        return await self.ready(await self.imports.bring_file(user_id, data), user_id)

    async def take(self, data: bytes, *, file_wins: bool = True) -> ImportStatus:
        status = await self.bring(data)
        return await self.imports.apply(AKI, status.job_id, file_wins=file_wins)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeSites]:
    sites = FakeSites()
    await sites.start()
    yield sites
    await sites.close()


@pytest_asyncio.fixture
async def bench(database: Database, fake: FakeSites) -> AsyncIterator[Bench]:
    made = Bench(database, fake.sites())
    yield made
    await made.imports.close()


LIST = lists.mal_xml(
    (MONSTER, "Monster", 9, "Completed"),
    (CLANNAD, "Clannad", 0, "Plan to Watch"),
    (TORADORA, "Toradora!", 4, "Dropped"),
)


async def test_a_list_is_staged_first_and_on_ones_own_list_when_one_says_so(bench: Bench) -> None:
    status = await bench.bring(LIST)
    assert (status.state, status.source) == ("ready", Source.MYANIMELIST)
    assert status.difference == Difference(new=3, changed=0, same=0)
    assert await bench.entries() == {}
    done = await bench.imports.apply(AKI, status.job_id, file_wins=True)
    assert (done.state, done.difference) == ("applied", Difference(3, 0, 0))
    assert await bench.entries() == {
        MONSTER: Entry(MONSTER, 9, Status.COMPLETED),
        CLANNAD: Entry(CLANNAD, None, Status.PLANNED),
        TORADORA: Entry(TORADORA, 4, Status.DROPPED),
    }
    assert list(await bench.entries()) == [MONSTER, CLANNAD, TORADORA]  # in the list's order
    assert await bench.entries(MIO) == {}


async def test_the_person_chooses_which_side_wins(bench: Bench) -> None:
    for file_wins in (True, False):
        await bench.ratings.rate(AKI, MONSTER, 5)
        await bench.ratings.unrate(AKI, CLANNAD)
        status = await bench.bring(LIST)
        assert status.difference is not None
        assert (status.difference.changed, status.difference.new >= 1) == (1, True)
        await bench.imports.apply(AKI, status.job_id, file_wins=file_wins)
        found = await bench.entries()
        assert found[MONSTER].score == (9 if file_wins else 5)
        assert found[CLANNAD].status is Status.PLANNED


async def test_what_the_list_leaves_open_stays_as_it_is(bench: Bench) -> None:
    await bench.ratings.rate(AKI, CLANNAD, 8)
    await bench.ratings.set_status(AKI, STEINS_GATE, Status.WATCHING)
    await bench.ratings.set_status(AKI, MONSTER, Status.PLANNED)
    table = f"mal_id,score\n{STEINS_GATE},7\n{MONSTER},6\n{DEATH_NOTE},5\n{COWBOY_BEBOP},\n"
    await bench.take(LIST.replace(b"Monster", b"x").replace(b">19<", b">1<"))
    await bench.take(table.encode())
    found = await bench.entries()
    assert found[CLANNAD] == Entry(CLANNAD, 8, Status.PLANNED)  # the list has no score
    assert found[STEINS_GATE] == Entry(STEINS_GATE, 7, Status.WATCHING)  # the table no status
    assert found[MONSTER] == Entry(MONSTER, 6, Status.COMPLETED)  # who rates has watched
    assert found[DEATH_NOTE] == Entry(DEATH_NOTE, 5, Status.COMPLETED)
    assert found[COWBOY_BEBOP] == Entry(COWBOY_BEBOP, 9, Status.COMPLETED)


async def test_importing_again_changes_only_what_changed(bench: Bench) -> None:
    await bench.take(LIST)
    before = await bench.rows()
    status = await bench.bring(LIST)
    assert status.difference == Difference(0, 0, 3)
    await bench.imports.apply(AKI, status.job_id, file_wins=True)
    assert await bench.rows() == before
    later = LIST.replace(b"<my_score>4<", b"<my_score>6<")
    done = await bench.take(later)
    assert done.difference == Difference(0, 1, 2)
    changed = [row for row in await bench.rows() if row not in before]
    assert [row[1] for row in changed] == [TORADORA]


async def test_one_tap_undoes_all_of_it_exactly(bench: Bench) -> None:
    await bench.ratings.rate(AKI, MONSTER, 5)
    await bench.ratings.set_status(AKI, TORADORA, Status.NOT_INTERESTED)
    await bench.ratings.rate(MIO, MONSTER, 2)
    before = await bench.rows()
    status = await bench.take(LIST)
    assert len(await bench.rows()) == len(before) + 1
    undone = await bench.imports.undo(AKI, status.job_id)
    assert (undone.restored, undone.kept) == (3, 0)
    assert await bench.rows() == before
    with pytest.raises(UserError, match="import_gone"):
        await bench.imports.undo(AKI, status.job_id)


async def test_undo_leaves_alone_what_was_changed_since(bench: Bench) -> None:
    await bench.ratings.rate(AKI, MONSTER, 5)
    status = await bench.take(LIST)
    await bench.ratings.rate(AKI, MONSTER, 8)
    await bench.ratings.unrate(AKI, CLANNAD)
    undone = await bench.imports.undo(AKI, status.job_id)
    assert (undone.restored, undone.kept) == (1, 2)
    assert await bench.entries() == {MONSTER: Entry(MONSTER, 8, Status.COMPLETED)}


async def test_of_two_imports_each_is_undone_by_itself(bench: Bench) -> None:
    first = await bench.take(LIST)
    second = await bench.take(lists.mal_xml((MONSTER, "Monster", 3, "Dropped"), (1, "x", 8, "2")))
    await bench.imports.undo(AKI, first.job_id)
    assert await bench.entries() == {
        MONSTER: Entry(MONSTER, 3, Status.DROPPED),
        COWBOY_BEBOP: Entry(COWBOY_BEBOP, 8, Status.COMPLETED),
    }
    await bench.imports.undo(AKI, second.job_id)
    assert await bench.entries() == {MONSTER: Entry(MONSTER, 9, Status.COMPLETED)}


async def test_anilist_ids_join_through_the_catalog_and_unknown_ones_are_counted(
    bench: Bench,
) -> None:
    data = lists.anilist_download((100_000 + MONSTER, 85, 2), (55, 70, 2))
    status = await bench.bring(data)
    assert status.difference == Difference(1, 0, 0)
    assert (status.unknown, status.examples) == (1, ("AniList 55",))
    await bench.imports.apply(AKI, status.job_id, file_wins=True)
    assert await bench.entries() == {MONSTER: Entry(MONSTER, 9, Status.COMPLETED)}


async def test_an_anime_newer_than_the_catalog_is_kept_by_its_id(bench: Bench) -> None:
    status = await bench.take(lists.mal_xml((61_000, "Next Season", 8, "Completed")))
    assert status.newer == 1
    assert await bench.entries() == {61_000: Entry(61_000, 8, Status.COMPLETED)}
    ranked = bench.engine.recommender.recommend(await bench.profiles.get(AKI), k=3)
    assert ranked


async def test_of_several_lines_about_one_anime_the_last_counts(bench: Bench) -> None:
    twice = lists.mal_xml((MONSTER, "a", 3, "Watching"), (MONSTER, "b", 9, "Completed"))
    status = await bench.take(twice)
    assert status.difference == Difference(1, 0, 0)
    assert await bench.entries() == {MONSTER: Entry(MONSTER, 9, Status.COMPLETED)}


# --- titles ---------------------------------------------------------------------------------------


async def test_an_exact_title_is_sure_and_a_doubtful_one_is_asked_for(bench: Bench) -> None:
    data = lists.anime_planet(
        ("monster", 4.5, "watched"), ("Thriller of Night", 3, "watched"), ("Qwxzqv", 1, "dropped")
    )
    status = await bench.bring(data)
    assert (status.asked, status.unknown, status.examples) == (1, 1, ("Qwxzqv",))
    assert status.difference == Difference(1, 0, 0)
    question = await bench.imports.question(AKI, status.job_id)
    assert question is not None
    assert (question.title, question.left) == ("Thriller of Night", 1)
    assert len(question.guesses) > 1
    chosen = question.guesses[1]
    await bench.imports.answer(AKI, status.job_id, question.position, chosen.id)
    assert await bench.imports.question(AKI, status.job_id) is None
    await bench.imports.apply(AKI, status.job_id, file_wins=True)
    assert await bench.entries() == {
        MONSTER: Entry(MONSTER, 9, Status.COMPLETED),
        chosen.id: Entry(chosen.id, 6, Status.COMPLETED),
    }


async def test_a_question_may_be_put_off_or_answered_with_none_of_these(bench: Bench) -> None:
    data = lists.anime_planet(("Spring Romance", 1, "watched"), ("Thriller of Night", 3, "watched"))
    status = await bench.bring(data)
    first = await bench.imports.question(AKI, status.job_id)
    assert first is not None
    second = await bench.imports.question(AKI, status.job_id, first.position)
    assert second is not None
    assert second.title == "Thriller of Night"
    again = await bench.imports.question(AKI, status.job_id, second.position)
    assert again == first
    await bench.imports.answer(AKI, status.job_id, first.position, None)
    left = await bench.imports.question(AKI, status.job_id)
    assert left is not None
    assert (left.title, left.left) == ("Thriller of Night", 1)
    with pytest.raises(UserError, match="import_gone"):
        await bench.imports.answer(AKI, status.job_id, second.position, MONSTER)  # not offered
    assert (await bench.imports.status(AKI, status.job_id)).unknown == 1


async def test_a_year_tells_seasons_apart_and_another_year_is_no_match(bench: Bench) -> None:
    rows = "title,year\nMonster,2006\nClannad,1999\n"
    status = await bench.bring(rows.encode())
    assert (status.difference, status.asked) == (Difference(1, 0, 0), 1)


async def test_a_title_that_looks_like_an_id_is_a_title(bench: Bench) -> None:
    status = await bench.bring(f"title\nid:{MONSTER}\nhttps://x.y/anime/19\n".encode())
    assert status.difference == Difference(0, 0, 0)


# --- sites ----------------------------------------------------------------------------------------


async def test_a_list_on_a_site_is_read_in_the_background(bench: Bench, fake: FakeSites) -> None:
    fake.anilist["aki"] = [
        [anilist_entry(1, MONSTER, 85)],
        [anilist_entry(100_000 + CLANNAD, None, 0, "PLANNING"), anilist_entry(3, None, 10)],
    ]
    job_id = await bench.imports.bring_account(AKI, Source.ANILIST, "aki")
    status = await bench.ready(job_id)
    assert (status.state, status.account, status.read) == ("ready", "aki", 3)
    assert (status.difference, status.unknown) == (Difference(2, 0, 0), 1)


async def test_a_site_that_fails_leaves_a_reason_and_nothing_else(
    bench: Bench, fake: FakeSites
) -> None:
    job_id = await bench.imports.bring_account(AKI, Source.KITSU, "nobody")
    status = await bench.ready(job_id)
    assert status.state == "failed"
    assert status.trouble is not None
    assert status.trouble.key == "import_no_such_user"
    fake.mal["aki"] = []
    status = await bench.ready(await bench.imports.bring_account(AKI, Source.MYANIMELIST, "aki"))
    assert status.trouble is not None
    assert status.trouble.key == "import_empty_site"
    fake.trouble = [failing(500)] * 9
    status = await bench.ready(await bench.imports.bring_account(AKI, Source.ANILIST, "aki"))
    assert status.trouble is not None
    assert status.trouble.key == "import_site_down"
    assert await bench.entries() == {}


@pytest.mark.parametrize("typed", ["", "../x"])
async def test_a_name_that_is_none_begins_nothing(
    bench: Bench, fake: FakeSites, typed: str
) -> None:
    with pytest.raises(UserError, match="import_bad_name"):
        await bench.imports.bring_account(AKI, Source.ANILIST, typed)
    assert await bench.rows() == []
    assert fake.asked == []


async def test_a_long_list_goes_on_after_a_restart_where_it_stopped(
    bench: Bench, fake: FakeSites
) -> None:
    fake.mal["aki"] = [(n, 7, "completed") for n in range(1, 3501)]
    job_id = await bench.imports.bring_account(AKI, Source.MYANIMELIST, "aki")
    await fake.third.wait()
    fake.hold = asyncio.Event()
    await bench.imports.close()
    fake.hold.set()
    fake.hold = None
    read_before = (await bench.imports.status(AKI, job_id)).read
    await bench.imports.close()
    assert read_before >= 1000
    asked_before = len(fake.asked)
    bench.imports = bench.started(fake.sites())
    await bench.imports.resume()
    status = await bench.ready(job_id)
    assert status.difference is not None
    assert (status.read, status.difference.new) == (3500, 3500)
    offsets = [int(told["offset"]) for _, told, _ in fake.asked[asked_before:]]
    assert offsets[0] == read_before
    await bench.imports.apply(AKI, job_id, file_wins=True)
    assert len(await bench.entries()) == 3500


async def test_titles_are_looked_up_on_after_a_restart(bench: Bench, fake: FakeSites) -> None:
    titles = [(f"Thriller of Night {n % 8}", 3.0, "watched") for n in range(450)]
    job_id = await bench.imports.bring_file(AKI, lists.anime_planet(*titles))
    await bench.imports.close()
    bench.imports = bench.started(fake.sites())
    status = await bench.ready(job_id)  # a look is enough to go on
    assert status.difference == Difference(8, 0, 0)


# --- whose it is, and when it is over -------------------------------------------------------------


async def test_nobody_sees_or_touches_somebody_elses_import(bench: Bench) -> None:
    status = await bench.bring(LIST)
    for attempt in (
        bench.imports.status(MIO, status.job_id),
        bench.imports.apply(MIO, status.job_id, file_wins=True),
        bench.imports.undo(MIO, status.job_id),
        bench.imports.cancel(MIO, status.job_id),
        bench.imports.question(MIO, status.job_id),
        bench.imports.answer(MIO, status.job_id, 0, None),
    ):
        with pytest.raises(UserError, match="import_gone"):
            await attempt
    assert (await bench.imports.status(AKI, status.job_id)).state == "ready"
    assert await bench.rows() == []


async def test_an_import_is_applied_once_however_often_one_taps(bench: Bench) -> None:
    status = await bench.bring(LIST)
    results = await asyncio.gather(
        *(bench.imports.apply(AKI, status.job_id, file_wins=True) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert {r.key for r in results if isinstance(r, UserError)} == {"import_gone"}
    assert len(await bench.entries()) == 3


async def test_a_cancelled_or_replaced_import_is_gone(bench: Bench) -> None:
    first = await bench.bring(LIST)
    second = await bench.bring(LIST)
    await bench.imports.cancel(AKI, second.job_id)
    for status in (first, second):
        with pytest.raises(UserError, match="import_gone"):
            await bench.imports.apply(AKI, status.job_id, file_wins=True)
    assert await bench.entries() == {}


async def test_what_nobody_comes_back_to_is_forgotten(bench: Bench) -> None:
    done = await bench.take(LIST)
    unapplied = await bench.bring(LIST)
    old = datetime.now(UTC) - timedelta(days=8)
    async with bench.database.write() as tx:
        for job_id in (done.job_id, unapplied.job_id):
            await tx.imports.set(job_id, old)
    await bench.imports.resume()
    with pytest.raises(UserError, match="import_gone"):
        await bench.imports.status(AKI, unapplied.job_id)
    assert (await bench.imports.undo(AKI, done.job_id)).restored == 3


async def test_a_list_that_is_refused_leaves_nothing_behind(bench: Bench) -> None:
    for data in (b"hello", LIST[:-40], b"mal_id\n" + b"1\n" * 50_000):
        with pytest.raises(UserError):
            await bench.imports.bring_file(AKI, data)
    async with bench.database.engine.connect() as connection:
        for table in ('"user"', "import_job", "import_line"):
            found = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
            assert found.scalar_one() == 0


# --- properties -----------------------------------------------------------------------------------

_IDS = [MONSTER, CLANNAD, TORADORA, STEINS_GATE, DEATH_NOTE, 61_000]
_entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from(_IDS),
        st.none() | st.integers(1, 10),
        st.sampled_from(list(Status)),
    ),
    max_size=6,
    unique_by=lambda entry: entry.anime_id,
)


@given(own=_entries, brought=_entries.filter(bool), file_wins=st.booleans())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_applying_does_what_the_preview_says_and_undo_takes_it_back(
    bench: Bench, own: list[Entry], brought: list[Entry], file_wins: bool
) -> None:
    for anime_id in await bench.entries():
        await bench.ratings.unrate(AKI, anime_id)
    for entry in own:
        await bench.ratings.restore(AKI, entry.anime_id, entry)
    before, rows = await bench.entries(), await bench.rows()
    rows_of_json = [
        {"anime_id": e.anime_id, "score": e.score, "status": e.status.name.lower()} for e in brought
    ]
    data = {"format": "osusume", "version": 1, "entries": rows_of_json}
    status = await bench.bring(json.dumps(data).encode())
    expected = dict(before)
    for e in brought:
        if e.anime_id not in before:
            expected[e.anime_id] = e
        elif file_wins:
            score = before[e.anime_id].score if e.score is None else e.score
            expected[e.anime_id] = Entry(e.anime_id, score, e.status)
    done = await bench.imports.apply(AKI, status.job_id, file_wins=file_wins)
    assert await bench.entries() == expected
    assert done.difference is not None
    changed = {i for i, e in expected.items() if before.get(i) != e}
    assert done.difference.new + done.difference.changed == len(changed)
    undone = await bench.imports.undo(AKI, status.job_id)
    assert (undone.restored, undone.kept) == (len(changed), 0)
    assert await bench.rows() == rows
