"""Kitsu by user name: JSON:API, without a key. Its own ids are translated by its own mappings.

https://kitsu.docs.apiary.io and https://jsonapi.org/format/1.0/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.importing.errors import RefusedError
from bot.importing.lines import Line, clean_title, whole_id, whole_year
from bot.importing.scores import to_ten
from bot.importing.sites.page import Page
from bot.importing.statuses import status_of
from bot.importing.structured import table, tables

if TYPE_CHECKING:
    from bot.importing.sites.fetch import Fetcher

ADDRESS: Final = "https://kitsu.app/api/edge"

_LIMIT: Final = 200
_TOP: Final = 20  # of ratingTwenty, whatever the person sees
_HEADERS: Final = {"Accept": "application/vnd.api+json"}


async def page(fetcher: Fetcher, address: str, name: str, cursor: str | None) -> Page:
    """Read two hundred lines of a list.

    Args:
        fetcher: asks.
        address: of the API.
        name: whose list.
        cursor: the person's number and how many lines were read before; None for the first page.

    Raises:
        RefusedError: there is no such list, or the site does not tell it.
    """
    if cursor is None:
        user, offset = await _user(fetcher, address, name), 0
    else:
        user, _, read = cursor.partition(":")
        offset = int(read)
    body = await _get(
        fetcher,
        f"{address}/library-entries",
        {
            "filter[userId]": user,
            "filter[kind]": "anime",
            "include": "anime,anime.mappings",
            "fields[libraryEntries]": "status,ratingTwenty,anime",
            "fields[anime]": "canonicalTitle,startDate,mappings",
            "fields[mappings]": "externalSite,externalId",
            "page[limit]": str(_LIMIT),
            "page[offset]": str(offset),
        },
    )
    if not isinstance(body.get("data"), list):
        raise RefusedError("import_site_changed", site=fetcher.site)
    known = {(one.get("type"), one.get("id")): one for one in tables(body.get("included"))}
    lines = tuple(_line(entry, known) for entry in tables(body["data"]))
    if lines and not any(line.names_an_anime for line in lines):
        raise RefusedError("import_site_changed", site=fetcher.site)
    more = lines and "next" in table(body.get("links"))
    total = table(body.get("meta")).get("count")
    return Page(
        lines,
        f"{user}:{offset + _LIMIT}" if more else None,
        total if isinstance(total, int) and 0 <= total < 10**6 else None,
    )


async def _user(fetcher: Fetcher, address: str, name: str) -> str:
    """The number of whoever has this name; the name in the address of a profile comes first."""
    for field in ("slug", "name"):
        body = await _get(fetcher, f"{address}/users", {f"filter[{field}]": name})
        for user in tables(body.get("data")):
            number = whole_id(user.get("id"))
            if number is not None:
                return str(number)
    raise RefusedError("import_no_such_user", site=fetcher.site, name=name)


async def _get(fetcher: Fetcher, url: str, params: dict[str, str]) -> dict[str, Any]:
    answer = await fetcher.ask("GET", url, headers=_HEADERS, params=params)
    if answer.status != 200:
        raise RefusedError("import_site_changed", site=fetcher.site)
    return table(answer.body)


def _line(entry: dict[str, Any], known: dict[tuple[Any, Any], dict[str, Any]]) -> Line:
    said = table(entry.get("attributes"))
    anime = known.get(_linked(table(entry.get("relationships")).get("anime")), {})
    facts = table(anime.get("attributes"))
    ids: dict[object, int | None] = {}
    mappings = table(table(anime.get("relationships")).get("mappings"))
    for link in tables(mappings.get("data")):
        mapping = table(known.get((link.get("type"), link.get("id")), {}).get("attributes"))
        ids.setdefault(mapping.get("externalSite"), whole_id(mapping.get("externalId")))
    started = facts.get("startDate")
    return Line(
        mal_id=ids.get("myanimelist/anime"),
        anilist_id=ids.get("anilist/anime"),
        title=clean_title(facts.get("canonicalTitle")),
        score=to_ten(said.get("ratingTwenty"), _TOP),
        status=status_of(said.get("status")),
        year=whole_year(started[:4]) if isinstance(started, str) else None,
    )


def _linked(relationship: object) -> tuple[Any, Any]:
    one = table(table(relationship).get("data"))
    return one.get("type"), one.get("id")
