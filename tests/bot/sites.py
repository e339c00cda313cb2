"""Three sites on this computer that speak as the real ones do, and fail as they do.

The shapes are those of their public documentation: AniList's GraphQL, MyAnimeList's API v2,
Kitsu's JSON:API.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.importing import Source
from bot.importing.sites import Sites
from bot.importing.sites.directory import NAMES
from bot.importing.sites.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

CLIENT_ID = "6114d00ca681b7701d1e15fe11a4987e"


def anilist_entry(
    media_id: int, mal_id: int | None, score: int, status: str = "COMPLETED"
) -> dict[str, Any]:
    media = {
        "id": media_id,
        "idMal": mal_id,
        "title": {"romaji": f"Title {media_id}"},
        "startDate": {"year": 2006},
    }
    return {"status": status, "score": score, "media": media}


class FakeSites:
    """The sites, their people, and what is wrong with them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.waits: list[float] = []
        self.at_once = 0
        self.most_at_once = 0
        self.trouble: list[Answer] = []
        self.hold: asyncio.Event | None = None
        self.third = asyncio.Event()  # the third question has come
        # AniList: name → chunks of lists; MyAnimeList: name → rows; Kitsu: name → lines.
        self.anilist: dict[str, list[list[dict[str, Any]]]] = {}
        self.mal: dict[str, list[tuple[int, int, str]]] = {}
        self.kitsu: dict[str, list[tuple[int | None, str, int | None, str]]] = {}
        app = web.Application()
        app.router.add_post("/graphql", self._wrap(self._anilist))
        app.router.add_get("/mal/users/{name}/animelist", self._wrap(self._mal))
        app.router.add_get("/kitsu/users", self._wrap(self._kitsu_users))
        app.router.add_get("/kitsu/library-entries", self._wrap(self._kitsu_entries))
        self._server = TestServer(app)

    async def start(self) -> None:
        await self._server.start_server()

    async def close(self) -> None:
        await self._server.close()

    def sites(self, client_id: str | None = CLIENT_ID) -> Sites:
        """The clients, pointed here; they wait for nothing, and note how long they would have."""
        base = str(self._server.make_url("")).rstrip("/")

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        return Sites(
            client_id,
            addresses={
                Source.ANILIST: f"{base}/graphql",
                Source.MYANIMELIST: f"{base}/mal",
                Source.KITSU: f"{base}/kitsu",
            },
            fetchers={site: Fetcher(name, pause=0, sleep=sleep) for site, name in NAMES.items()},
        )

    def _wrap(self, answer: Answer) -> Answer:
        async def wrapped(request: web.Request) -> web.StreamResponse:
            body = await request.json() if request.can_read_body else {}
            told = {**request.query, **body.get("variables", {})}
            self.asked.append((request.path, told, dict(request.headers)))
            if len(self.asked) == 3:
                self.third.set()
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                if self.hold is not None:
                    await self.hold.wait()
                await asyncio.sleep(0)
                if self.trouble:
                    return await self.trouble.pop(0)(request)
                return await answer(request)
            finally:
                self.at_once -= 1

        return wrapped

    async def _anilist(self, request: web.Request) -> web.StreamResponse:
        told = (await request.json())["variables"]
        chunks = self.anilist.get(told["name"])
        if chunks is None:
            error = {"message": "User not found", "status": 404, "locations": []}
            return web.json_response(
                {"errors": [error], "data": {"MediaListCollection": None}}, status=404
            )
        number = told["chunk"]
        collection = {
            "hasNextChunk": number < len(chunks),
            "lists": [
                {"isCustomList": False, "entries": chunks[number - 1]},
                {"isCustomList": True, "entries": chunks[number - 1][:1]},
            ],
        }
        return web.json_response({"data": {"MediaListCollection": collection}})

    async def _mal(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("X-MAL-CLIENT-ID") != CLIENT_ID:
            return web.json_response(
                {"message": "Invalid client id", "error": "bad_request"}, status=400
            )
        rows = self.mal.get(request.match_info["name"])
        if rows is None:
            return web.json_response({"message": "", "error": "not_found"}, status=404)
        start = int(request.query["offset"])
        end = start + int(request.query["limit"])
        paging = {"next": f"http://169.254.169.254/?offset={end}"} if end < len(rows) else {}
        data = [
            {
                "node": {"id": i, "title": f"Title {i}", "main_picture": {}},
                "list_status": {
                    "status": status,
                    "score": score,
                    "num_episodes_watched": 1,
                    "is_rewatching": False,
                    "updated_at": "2020-01-01T00:00:00+00:00",
                },
            }
            for i, score, status in rows[start:end]
        ]
        return web.json_response({"data": data, "paging": paging})

    async def _kitsu_users(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("filter[slug]", "")
        data = (
            [{"id": "77", "type": "users", "attributes": {"name": name, "slug": name}}]
            if name in self.kitsu
            else []
        )
        return web.json_response({"data": data, "meta": {"count": len(data)}})

    async def _kitsu_entries(self, request: web.Request) -> web.StreamResponse:
        assert request.query["filter[userId]"] == "77"
        (rows,) = self.kitsu.values()
        start = int(request.query["page[offset]"])
        end = start + int(request.query["page[limit]"])
        data: list[dict[str, Any]] = []
        included: list[dict[str, Any]] = []
        for number, (mal_id, title, rating, status) in enumerate(rows[start:end], start):
            anime = {"type": "anime", "id": str(number)}
            mapped = [{"type": "mappings", "id": f"m{number}"}] if mal_id else []
            data.append(
                {
                    "id": str(1000 + number),
                    "type": "libraryEntries",
                    "attributes": {"status": status, "ratingTwenty": rating},
                    "relationships": {"anime": {"data": anime}},
                }
            )
            included.append(
                {
                    **anime,
                    "attributes": {"canonicalTitle": title, "startDate": "2006-04-05"},
                    "relationships": {"mappings": {"data": mapped}},
                }
            )
            included += [
                {
                    **mapping,
                    "attributes": {
                        "externalSite": "myanimelist/anime",
                        "externalId": str(mal_id),
                    },
                }
                for mapping in mapped
            ]
        links = {"next": "http://169.254.169.254/"} if end < len(rows) else {}
        return web.json_response(
            {"data": data, "included": included, "meta": {"count": len(rows)}, "links": links}
        )


def failing(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer of an error."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return web.Response(status=status, text="<html>Oops</html>", headers=named)
        return web.json_response(body, status=status, headers=named)

    return answer


async def half_sent(request: web.Request) -> web.StreamResponse:
    """An answer that breaks off in the middle."""
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    await response.write(b'{"data": {"MediaListCollection": {"lists": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    """An answer that goes on and on."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" " * (1 << 16))
    return response
