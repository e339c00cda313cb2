"""AniList by user name: GraphQL, without a key for public lists, 30 questions a minute.

https://docs.anilist.co/guide/rate-limiting; `MediaListCollection` gives 500 entries a chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.importing.anilist import entries_of, line_of
from bot.importing.errors import RefusedError
from bot.importing.sites.page import Page
from bot.importing.structured import table, tables

if TYPE_CHECKING:
    from bot.importing.sites.fetch import Answer, Fetcher

ADDRESS: Final = "https://graphql.anilist.co"

_PER_CHUNK: Final = 500
_TOP: Final = 100  # of POINT_100, the scale that is asked for whatever the person uses
_QUERY: Final = """
query ($name: String, $chunk: Int, $perChunk: Int) {
  MediaListCollection(userName: $name, type: ANIME, chunk: $chunk, perChunk: $perChunk) {
    hasNextChunk
    lists {
      isCustomList
      entries {
        status
        score(format: POINT_100)
        media { id idMal title { romaji } startDate { year } }
      }
    }
  }
}
"""


async def page(fetcher: Fetcher, address: str, name: str, cursor: str | None) -> Page:
    """Read one chunk of a list.

    Args:
        fetcher: asks.
        address: of the API.
        name: whose list.
        cursor: of the chunk; None for the first.

    Raises:
        RefusedError: there is no such public list, or the site does not tell it.
    """
    chunk = int(cursor or 1)
    variables = {"name": name, "chunk": chunk, "perChunk": _PER_CHUNK}
    answer = await fetcher.ask("POST", address, body={"query": _QUERY, "variables": variables})
    collection = table(table(answer.body).get("data")).get("MediaListCollection")
    if collection is None:
        raise _trouble(fetcher.site, name, answer)
    found = table(collection)
    if not isinstance(found.get("lists"), list):
        raise RefusedError("import_site_changed", site=fetcher.site)
    lines = tuple(line_of(entry, _TOP) for entry in entries_of(found))
    if lines and not any(line.anilist_id for line in lines):
        raise RefusedError("import_site_changed", site=fetcher.site)
    return Page(lines, str(chunk + 1) if found.get("hasNextChunk") is True else None)


def _trouble(site: str, name: str, answer: Answer) -> RefusedError:
    messages = [str(error.get("message", "")) for error in tables(table(answer.body).get("errors"))]
    said = " ".join(messages).casefold()
    if "private" in said:
        return RefusedError("import_private", site=site, name=name)
    if answer.status == 404 or "not found" in said:
        return RefusedError("import_no_such_user", site=site, name=name)
    if answer.status == 403 or "disabled" in said:
        return RefusedError("import_site_down", site=site)
    return RefusedError("import_site_changed", site=site)
