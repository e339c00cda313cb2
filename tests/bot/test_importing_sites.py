"""The clients of the sites, against servers that speak and fail as the real ones do."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.importing import Line, RefusedError, Source, download
from bot.importing.limits import MEGABYTE, MOST_BYTES
from bot.importing.sites import Page, Sites, name_of
from bot.importing.sites.fetch import Fetcher, retry_after
from recsys.profile import Status
from tests.bot.sites import CLIENT_ID, FakeSites, anilist_entry, endless, failing, half_sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeSites]:
    sites = FakeSites()
    await sites.start()
    sites.anilist["aki"] = [[anilist_entry(9, 19, 85)]]
    sites.mal["aki"] = [(19, 9, "completed")]
    sites.kitsu["aki"] = [(19, "Monster", 17, "completed")]
    yield sites
    await sites.close()


async def whole(sites: Sites, site: Source, name: str = "aki") -> list[Page]:
    pages: list[Page] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        pages.append(await sites.page(site, name, cursor))
        cursor = pages[-1].after
    return pages


async def refusal(sites: Sites, site: Source, name: str = "aki") -> RefusedError:
    with pytest.raises(RefusedError) as raised:
        await sites.page(site, name, None)
    return raised.value


async def test_anilist_is_read_chunk_by_chunk_each_entry_once(fake: FakeSites) -> None:
    fake.anilist["aki"] = [
        [anilist_entry(9, 19, 85), anilist_entry(10, None, 0, "PLANNING")],
        [anilist_entry(11, 21, 100, "REPEATING"), anilist_entry(12, 22, 4, "DROPPED")],
    ]
    first, second = await whole(fake.sites(), Source.ANILIST)
    assert first.lines == (
        Line(19, 9, "Title 9", 9, Status.COMPLETED, 2006),
        Line(None, 10, "Title 10", None, Status.PLANNED, 2006),
    )
    assert [(x.score, x.status) for x in second.lines] == [
        (10, Status.WATCHING),
        (1, Status.DROPPED),
    ]
    assert [told["chunk"] for _, told, _ in fake.asked] == [1, 2]


async def test_myanimelist_is_read_page_by_page_with_the_admins_client_id(fake: FakeSites) -> None:
    fake.mal["aki"] = [(n, n % 11, "plan_to_watch") for n in range(1, 1503)]
    first, second = await whole(fake.sites(), Source.MYANIMELIST)
    assert (len(first.lines), len(second.lines)) == (1000, 502)
    assert first.lines[8] == Line(9, None, "Title 9", 9, Status.PLANNED)
    assert first.lines[10].score is None
    assert all(headers["X-MAL-CLIENT-ID"] == CLIENT_ID for _, _, headers in fake.asked)
    # Adult titles are left out unless asked for; and the next page's address is not followed.
    assert [(told["nsfw"], told["offset"]) for _, told, _ in fake.asked] == [
        ("true", "0"),
        ("true", "1000"),
    ]


async def test_kitsu_is_read_by_its_mappings_and_by_title_where_it_has_none(
    fake: FakeSites,
) -> None:
    fake.kitsu["aki"] = [
        (19, "Monster", 17, "completed"),
        (None, "Clannad", None, "on_hold"),
        (21, "One Piece", 2, "current"),
        *((n, "x", 20, "planned") for n in range(100, 500)),
    ]
    pages = await whole(fake.sites(), Source.KITSU)
    assert [len(page.lines) for page in pages] == [200, 200, 3]
    assert {page.total for page in pages} == {403}
    assert pages[0].lines[:3] == (
        Line(19, None, "Monster", 9, Status.COMPLETED, 2006),
        Line(None, None, "Clannad", None, Status.ON_HOLD, 2006),
        Line(21, None, "One Piece", 1, Status.WATCHING, 2006),
    )


@pytest.mark.parametrize("site", [Source.ANILIST, Source.MYANIMELIST, Source.KITSU])
async def test_somebody_unknown_is_said_to_be_so(fake: FakeSites, site: Source) -> None:
    refused = await refusal(fake.sites(), site, "nobody")
    assert refused.key == "import_no_such_user"
    assert refused.params["name"] == "nobody"
    assert fake.waits == []


async def test_a_private_list_is_said_to_be_so(fake: FakeSites) -> None:
    error = {"errors": [{"message": "Private User", "status": 404}], "data": None}
    fake.trouble = [failing(404, error)]
    assert (await refusal(fake.sites(), Source.ANILIST)).key == "import_private"
    fake.trouble = [failing(403, {"error": "not_permitted"})]
    assert (await refusal(fake.sites(), Source.MYANIMELIST)).key == "import_private"


async def test_without_a_client_id_or_with_a_wrong_one_the_sentence_says_so(
    fake: FakeSites,
) -> None:
    assert (await refusal(fake.sites(None), Source.MYANIMELIST)).key == "import_no_client_id"
    assert fake.asked == []
    assert (await refusal(fake.sites("wrong"), Source.MYANIMELIST)).key == "import_bad_client_id"


async def test_a_rate_limit_is_waited_out_for_as_long_as_the_site_asks(fake: FakeSites) -> None:
    limited = {"errors": [{"message": "Too Many Requests.", "status": 429}], "data": None}
    fake.trouble = [failing(429, limited, Retry_After="30"), failing(429, limited, Retry_After="7")]
    page = await fake.sites().page(Source.ANILIST, "aki", None)
    assert len(page.lines) == 1
    assert [wait for wait in fake.waits if wait >= 1] == [30, 7]


async def test_a_site_that_asks_for_a_long_pause_is_not_waited_for(fake: FakeSites) -> None:
    fake.trouble = [failing(429, {}, Retry_After="3600")]
    refused = await refusal(fake.sites(), Source.ANILIST)
    assert (refused.key, refused.params["count"]) == ("import_site_busy", 60)
    assert fake.waits == []


async def test_a_site_that_limits_again_and_again_is_busy_not_down(fake: FakeSites) -> None:
    fake.trouble = [failing(429, {}) for _ in range(9)]
    assert (await refusal(fake.sites(), Source.KITSU)).key == "import_site_busy"


async def test_a_passing_trouble_is_tried_again_after_growing_pauses(fake: FakeSites) -> None:
    fake.trouble = [failing(502), half_sent, failing(503)]
    page = await fake.sites().page(Source.ANILIST, "aki", None)
    assert len(page.lines) == 1
    first, second, third = fake.waits
    assert 0 < first < second < third < 10


async def test_a_site_that_stays_broken_is_down(fake: FakeSites) -> None:
    fake.trouble = [half_sent] * 9
    assert (await refusal(fake.sites(), Source.ANILIST)).key == "import_site_down"
    assert len(fake.asked) == 4
    fake.trouble = [failing(403, {"errors": [{"message": "API is disabled", "status": 403}]})]
    assert (await refusal(fake.sites(), Source.ANILIST)).key == "import_site_down"


async def test_a_site_that_is_not_there_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def sleep(_seconds: float) -> None:
        return None

    fetcher = Fetcher("AniList", pause=0, sleep=sleep)
    sites = Sites(
        addresses={Source.ANILIST: f"http://127.0.0.1:{port}"}, fetchers={Source.ANILIST: fetcher}
    )
    refused = await refusal(sites, Source.ANILIST)
    assert (refused.key, refused.params["site"]) == ("import_site_down", "AniList")


@pytest.mark.parametrize(
    ("site", "body"),
    [
        (Source.ANILIST, {"data": {"MediaListCollection": {"hasNextChunk": False}}}),
        (Source.ANILIST, {"data": {"MediaListCollection": {"lists": [{"entries": [{"a": 1}]}]}}}),
        (Source.ANILIST, {"errors": [{"message": "Cannot query field", "status": 400}]}),
        (Source.ANILIST, [1, 2]),
        (Source.ANILIST, "hello"),
        (Source.MYANIMELIST, {"rows": []}),
        (Source.MYANIMELIST, {"data": [{"anime": {"id": 1}}]}),
        (Source.MYANIMELIST, {"data": {"a": 1}}),
    ],
)
async def test_an_answer_of_another_shape_is_said_to_be_so(
    fake: FakeSites, site: Source, body: object
) -> None:
    fake.trouble = [failing(200, body)]
    assert (await refusal(fake.sites(), site)).key == "import_site_changed"


async def test_kitsus_answers_of_another_shape_are_said_to_be_so(fake: FakeSites) -> None:
    for body in ({"errors": []}, {"data": [{"id": "1", "attributes": {}}]}, 5):
        fake.trouble = [failing(200, body)]
        sites = fake.sites()
        with pytest.raises(RefusedError, match="import_site_changed"):
            await sites.page(Source.KITSU, "aki", "77:0")


@pytest.mark.parametrize("status", [200, 301])
async def test_an_answer_that_is_no_json_or_leads_elsewhere_is_not_taken(
    fake: FakeSites, status: int
) -> None:
    fake.trouble = [failing(status, Location="http://127.0.0.1:1/")]
    assert (await refusal(fake.sites(), Source.ANILIST)).key == "import_site_changed"


async def test_an_answer_without_end_is_cut_off(fake: FakeSites) -> None:
    fake.trouble = [endless]
    assert (await refusal(fake.sites(), Source.ANILIST)).key == "import_site_changed"


async def test_a_site_is_asked_one_thing_at_a_time_whoever_asks(fake: FakeSites) -> None:
    sites = fake.sites()
    pages = await asyncio.gather(*(sites.page(Source.ANILIST, "aki", None) for _ in range(8)))
    assert {len(page.lines) for page in pages} == {1}
    assert fake.most_at_once == 1


async def test_questions_keep_a_distance() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    fake = FakeSites()
    await fake.start()
    try:
        fetcher = Fetcher("x", pause=5, sleep=sleep)
        base = str(fake.sites()._addresses[Source.ANILIST])
        for _ in range(2):
            await fetcher.ask("POST", base, body={"variables": {"name": "a", "chunk": 1}})
    finally:
        await fake.close()
    assert [round(wait) for wait in waits] == [5]


async def test_the_bot_says_who_it_is(fake: FakeSites) -> None:
    await fake.sites().page(Source.ANILIST, "aki", None)
    agent = fake.asked[0][2]["User-Agent"]
    assert agent.startswith("osusume/")
    assert "Discord bot" in agent


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("aki", "aki"),
        (" @Aki_1-x ", "Aki_1-x"),
        ("https://anilist.co/user/aki/animelist", "aki"),
        ("https://myanimelist.net/animelist/aki?status=7", "aki"),
        ("myanimelist.net/profile/aki", "aki"),
        ("https://kitsu.app/users/aki/library", "aki"),
    ],
)
def test_a_name_may_be_the_address_of_a_profile(typed: str, name: str) -> None:
    assert name_of(typed) == name


@pytest.mark.parametrize(
    "typed", ["", "a", "a b", "../x", "aki/x", "aki?x=1", "x" * 50, "アキ", "a\nb", "a%2fb"]
)
def test_what_can_be_no_name_is_not_asked_for(typed: str) -> None:
    with pytest.raises(RefusedError, match="import_bad_name"):
        name_of(typed)


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert retry_after("30", now) == 30
    assert retry_after("Thu, 01 Jan 2026 12:01:00 GMT", now) == 60
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", now) == 0
    assert retry_after("Thu, 01 Jan 2026 12:01:00 -0000", now) == 60
    for nothing in (None, "", "soon", "-5", "1.5", "٣"):
        assert retry_after(nothing, now) is None


# --- what is attached in Discord ------------------------------------------------------------------


@pytest_asyncio.fixture
async def cdn() -> AsyncIterator[str]:
    async def honest(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"title\nMonster\n")

    async def boasting(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(2 << 30)})
        await response.prepare(request)
        for _ in range(MOST_BYTES // MEGABYTE + 4):
            await response.write(bytes(MEGABYTE))
        return response

    async def packed(_request: web.Request) -> web.StreamResponse:
        response = web.Response(body=b"x" * MEGABYTE)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async def moved(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/honest")

    app = web.Application()
    for handler in (honest, boasting, packed, moved, half_sent, endless):
        app.router.add_get(f"/{handler.__name__}", handler)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


async def test_an_attachment_is_read_whole(cdn: str) -> None:
    assert await download.fetch(f"{cdn}/honest") == b"title\nMonster\n"


async def test_an_attachment_is_cut_off_whatever_its_size_is_said_to_be(cdn: str) -> None:
    with pytest.raises(RefusedError, match="import_too_large"):
        await download.fetch(f"{cdn}/boasting")


async def test_an_attachment_is_not_unpacked_on_its_way(cdn: str) -> None:
    assert len(await download.fetch(f"{cdn}/packed")) < MEGABYTE // 100


@pytest.mark.parametrize("name", ["half_sent", "moved", "missing"])
async def test_an_attachment_that_does_not_come_is_said_to_be_so(cdn: str, name: str) -> None:
    with pytest.raises(RefusedError, match="import_download"):
        await download.fetch(f"{cdn}/{name}")
