"""Export and erase, on both databases: everything goes along, nothing stays behind."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import re
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db.began import mark_beginning
from bot.db.personal import personal_tables
from bot.services.errors import UserError
from bot.services.privacy.cells import guarded, unguarded
from bot.services.privacy.lists import COLUMNS, Line, to_csv, to_mal_xml
from bot.services.privacy.packing import pack
from recsys.catalog import Anime
from recsys.profile import Status
from tests.bot.builders import CLANNAD, DEATH_NOTE, MONSTER, STEINS_GATE, TORADORA
from tests.bot.filling import Filler, everything

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.services import Services
    from bot.services.privacy import File

AKI, MIO = 987654321098765432, 876543210987654321
LARGE = 10 * 1024 * 1024

titles = st.text(min_size=1, max_size=40)
formulas = st.text("=+-@'\t\r\n＝＋－＠aA1(", max_size=8)


async def export(services: Services, user_id: int = AKI, limit: int = LARGE) -> dict[str, bytes]:
    messages = await services.privacy.export(user_id, limit)
    return {file.name: file.content for files in messages for file in files}


async def document(services: Services, user_id: int = AKI) -> dict[str, Any]:
    return json.loads((await export(services, user_id))["osusume.json"])


async def holds(services: Services, user_id: int) -> bool:
    rows = await everything(services.database)
    return any(str(user_id) in row for found in rows.values() for row in found)


async def some_list(services: Services, user_id: int = AKI) -> None:
    await services.ratings.rate(user_id, STEINS_GATE, 10)
    for anime_id, status in (
        (MONSTER, Status.WATCHING),
        (DEATH_NOTE, Status.DROPPED),
        (CLANNAD, Status.PLANNED),
        (TORADORA, Status.NOT_INTERESTED),
    ):
        await services.ratings.set_status(user_id, anime_id, status)


async def test_the_json_holds_every_row_of_every_table(services: Services) -> None:
    async with services.database.engine.begin() as connection:
        await Filler(connection).fill(AKI, MIO)
    found = await document(services)
    async with services.database.read() as tx:
        kept = await tx.privacy.kept(AKI)
    for one in kept:
        assert len(found[one.kind]) == one.count == 1
    entry = found["entries"][0]
    assert entry["status"] in {status.name.lower() for status in Status}
    assert {"anime_id", "score", "created_at", "updated_at", "source"} <= set(entry)
    assert datetime.fromisoformat(entry["created_at"]).tzinfo is not None
    assert found["person"][0]["id"] == str(AKI)  # exact, also for who reads it with JavaScript


async def test_the_files_agree_about_the_list(services: Services) -> None:
    await some_list(services)
    found = await export(services)
    entries = json.loads(found["osusume.json"])["entries"]
    table = list(csv.DictReader(io.StringIO(found["osusume.csv"].decode("utf-8-sig"))))
    assert tuple(table[0]) == COLUMNS
    assert [int(row["anime_id"]) for row in table] == [one["anime_id"] for one in entries]
    assert {row["title"]: (row["score"], row["status"]) for row in table} == {
        "Steins;Gate": ("10", "completed"),
        "Monster": ("", "watching"),
        "Death Note": ("", "dropped"),
        "Clannad": ("", "planned"),
        "Toradora!": ("", "not_interested"),
    }
    assert {one["title"]: one["status"] for one in entries} == {
        row["title"]: row["status"] for row in table
    }
    root = ET.fromstring(found["myanimelist.xml"])
    assert root.findtext("myinfo/user_export_type") == "1"
    assert root.findtext("myinfo/user_total_anime") == "4"
    listed = {
        int(one.findtext("series_animedb_id") or 0): (
            one.findtext("my_status"),
            one.findtext("my_score"),
            one.findtext("my_watched_episodes"),
            one.findtext("update_on_import"),
        )
        for one in root.iter("anime")
    }
    assert listed == {
        STEINS_GATE: ("Completed", "10", "24", "1"),
        MONSTER: ("Watching", "0", "0", "1"),
        DEATH_NOTE: ("Dropped", "0", "0", "1"),
        CLANNAD: ("Plan to Watch", "0", "0", "1"),
    }


async def test_an_export_of_nobody_is_empty_and_makes_nothing(services: Services) -> None:
    found = await document(services)
    assert all(found[kind] == [] for kind in found if isinstance(found[kind], list))
    assert not await holds(services, AKI)


@given(titles | formulas)
def test_any_title_survives_both_formats(title: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    line = Line(Anime(1, title, type="TV"), 9, Status.COMPLETED, now)
    (_, row) = list(csv.reader(io.StringIO(to_csv([line]).decode("utf-8-sig"), newline="")))
    assert unguarded(row[1]) == title
    assert not re.match(r"[=+\-@＝＋－＠\t\r\n]", row[1])
    root = ET.fromstring(to_mal_xml([line]))
    read = root.findtext("anime/series_title") or ""
    # XML has no way to write most control characters, and reads a line's end as \n.
    legal = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", title)
    assert read == legal.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(max_size=20) | formulas)
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    cell = guarded(text)
    assert not re.match(r"[=+\-@＝＋－＠\t\r\n]", cell)
    assert unguarded(cell) == text


class Numbers:
    """A format whose content is a number a line; what does not compress is chosen as numbers."""

    name = "numbers.txt"

    def __init__(self, count: int) -> None:
        self.lines = [str(pow(7, n, 2**61 - 1)) for n in range(count)]

    def file(self, part: int, parts: int) -> bytes:
        size = len(self.lines)
        return "\n".join(self.lines[size * (part - 1) // parts : size * part // parts]).encode()


@given(st.integers(1, 400), st.integers(200, 5000))
def test_whatever_the_limit_every_message_keeps_it_and_all_lines_arrive_once(
    count: int, limit: int
) -> None:
    messages = pack([Numbers(count)], limit)
    lines: list[str] = []
    for files in messages:
        assert sum(len(file.content) for file in files) <= limit
        assert len(files) <= 10
        lines += [line for file in files for line in _lines(file)]
    assert lines == Numbers(count).lines


def _lines(file: File) -> Sequence[str]:
    content = gzip.decompress(file.content) if file.name.endswith(".gz") else file.content
    return content.decode().splitlines()


async def test_an_erased_person_is_nowhere_and_others_stay(services: Services) -> None:
    await some_list(services, MIO)
    before = await everything(services.database)
    await some_list(services)
    await services.picks.recommend(AKI, None)
    assert await holds(services, AKI)
    gone = {one.kind: one.count for one in await services.privacy.erase(AKI)}
    assert gone["entries"] == 5
    assert gone["shown_lists"] == 1
    assert await everything(services.database) == before
    assert (await services.ratings.profile(AKI)).entries == ()
    assert (await services.privacy.report(AKI)).kept == ()


async def test_what_was_under_way_when_somebody_is_erased_leaves_nothing(
    services: Services,
) -> None:
    """Forty changes at once around an erasure; only what begins after it is a new beginning."""
    await some_list(services)
    ids = [anime.id for anime in services.catalog][:20]

    async def rate(anime_id: int) -> bool:
        with suppress(UserError):
            await services.ratings.rate(AKI, anime_id, 5)
            return True
        return False

    done = await asyncio.gather(
        *map(rate, ids), services.privacy.erase(AKI), *map(rate, reversed(ids))
    )
    assert not all(done), "no rating was under way when the erasure began"
    assert not await holds(services, AKI)
    assert await rate(STEINS_GATE)  # a new beginning
    assert len((await services.ratings.profile(AKI)).entries) == 1


async def test_a_command_that_was_still_computing_does_not_bring_somebody_back(
    services: Services,
) -> None:
    await some_list(services)
    computed = asyncio.Event()

    async def slow() -> None:
        mark_beginning()  # as each command and each tap is
        await computed.wait()
        await services.picks.recommend(AKI, None)

    task = asyncio.create_task(slow())
    await asyncio.sleep(0)
    await services.privacy.erase(AKI)
    computed.set()
    with pytest.raises(UserError, match="erased_meanwhile"):
        await task
    assert not await holds(services, AKI)


async def test_an_erasure_that_fails_changes_nothing_and_blocks_nobody(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_list(services)
    before = await everything(services.database)

    async def fail(*_: object) -> None:
        message = "half way"
        raise RuntimeError(message)

    # After the first tables were emptied.
    monkeypatch.setattr("bot.db.privacy.PrivacyRepository._forget_mention", fail)
    first, *others = personal_tables()
    mentioning = replace(first, mentions=("locale",))
    monkeypatch.setattr("bot.db.privacy.personal_tables", lambda: (mentioning, *others))
    with pytest.raises(RuntimeError, match="half way"):
        await services.privacy.erase(AKI)
    monkeypatch.undo()
    assert await everything(services.database) == before
    await services.ratings.rate(AKI, STEINS_GATE, 3)


async def test_no_file_of_sqlite_holds_an_erased_person(services: Services) -> None:
    """Neither the database nor its log: not the id, not in any form in which they write it."""
    path = _file(services)
    if path is None:
        pytest.skip("PostgreSQL's files are the server's own")
    traces = AKI.to_bytes(8, "big"), str(AKI).encode()
    await some_list(services)
    await services.picks.recommend(AKI, None)
    for anime in list(services.catalog)[:15]:
        await services.ratings.rate(AKI, anime.id, 4)
        await services.ratings.unrate(AKI, anime.id)
    files = [path, path.with_name(f"{path.name}-wal")]
    held = b"".join(file.read_bytes() for file in files)
    assert traces[0] in held, "the test looks for what is not there anyway"
    await services.privacy.erase(AKI)
    held = b"".join(file.read_bytes() for file in files)
    for trace in traces:
        assert trace not in held
    assert b"Thriller of Night" not in held  # nor what was said of what they saw


async def test_what_a_reader_keeps_from_being_scrubbed_is_scrubbed_later(
    services: Services,
) -> None:
    path = _file(services)
    if path is None:
        pytest.skip("a matter of SQLite")
    log = path.with_name(f"{path.name}-wal")
    trace = AKI.to_bytes(8, "big")
    await some_list(services)
    # An export: it sees the person as long as it lasts.
    async with services.database.read(streams=True) as tx:
        assert await tx.entries.all(AKI)
        await services.privacy.erase(AKI)
        assert trace in log.read_bytes()
        await services.ratings.rate(MIO, MONSTER, 5)  # nobody is kept waiting meanwhile
    await services.retention.run()
    assert trace not in log.read_bytes()
    assert trace not in path.read_bytes()


async def test_what_is_deleted_is_overwritten_on_every_connection(services: Services) -> None:
    if _file(services) is None:
        pytest.skip("a matter of SQLite")
    async with services.database.engine.connect() as connection:
        assert (await connection.exec_driver_sql("PRAGMA secure_delete")).scalar_one() == 1


def _file(services: Services) -> Path | None:
    from pathlib import Path

    url = services.database.engine.url
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


async def test_consent_is_off_by_default_and_only_consented_entries_are_given(
    services: Services,
) -> None:
    await some_list(services)
    await some_list(services, MIO)
    assert await services.privacy.allow_training(MIO, allowed=False) is None
    assert [one async for one in _consented(services)] == []
    since = await services.privacy.allow_training(AKI, allowed=True)
    assert since is not None
    assert await services.privacy.allow_training(AKI, allowed=True) == since  # not asked anew
    found = [one async for one in _consented(services)]
    assert {one.user_id for one in found} == {AKI}
    # What was only refused says nothing about what was watched.
    assert {one.anime_id for one in found} == {STEINS_GATE, MONSTER, DEATH_NOTE, CLANNAD}
    await services.privacy.allow_training(AKI, allowed=False)
    assert [one async for one in _consented(services)] == []


async def test_an_erased_person_is_learnt_from_no_more(services: Services) -> None:
    await some_list(services)
    await services.privacy.allow_training(AKI, allowed=True)
    await services.privacy.erase(AKI)
    assert [one async for one in _consented(services)] == []


async def _consented(services: Services) -> Any:
    async with services.database.read(streams=True) as tx:
        async for one in tx.privacy.consented():
            yield one


def test_sqlite_can_overwrite_what_is_deleted() -> None:
    """A build of SQLite without it would leave an erased person in free pages."""
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("PRAGMA secure_delete = ON").fetchone() == (1,)
    connection.close()
