"""MyAnimeList by user name: its API, with the client id of whoever runs the bot.

https://myanimelist.net/apiconfig/references/api/v2#operation/users_user_id_animelist_get
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bot.importing.errors import RefusedError
from bot.importing.lines import Line, clean_title, whole_id
from bot.importing.scores import to_ten
from bot.importing.sites.page import Page
from bot.importing.statuses import status_of
from bot.importing.structured import table, tables

if TYPE_CHECKING:
    from bot.importing.sites.fetch import Fetcher

ADDRESS: Final = "https://api.myanimelist.net/v2"

_LIMIT: Final = 1000


async def page(
    fetcher: Fetcher, address: str, name: str, cursor: str | None, *, client_id: str | None
) -> Page:
    """Read a thousand lines of a list.

    Args:
        fetcher: asks.
        address: of the API.
        name: whose list.
        cursor: how many lines were read before; None for none.
        client_id: of whoever runs the bot; None where they set none.

    Raises:
        RefusedError: there is no such public list, or the site does not tell it.
    """
    if client_id is None:
        raise RefusedError("import_no_client_id")
    offset = int(cursor or 0)
    answer = await fetcher.ask(
        "GET",
        f"{address}/users/{quote(name, safe='')}/animelist",
        headers={"X-MAL-CLIENT-ID": client_id},
        params={
            "fields": "list_status",
            "limit": str(_LIMIT),
            "offset": str(offset),
            "nsfw": "true",
        },
    )
    body = table(answer.body)
    if answer.status == 404:
        raise RefusedError("import_no_such_user", site=fetcher.site, name=name)
    if answer.status == 403:
        raise RefusedError("import_private", site=fetcher.site, name=name)
    if answer.status in {400, 401}:
        raise RefusedError("import_bad_client_id")
    if answer.status != 200 or not isinstance(body.get("data"), list):
        raise RefusedError("import_site_changed", site=fetcher.site)
    lines = tuple(_line(row) for row in tables(body["data"]))
    if any(line.mal_id is None for line in lines):
        raise RefusedError("import_site_changed", site=fetcher.site)
    # The address of the next page is the site's to choose, but not where it leads: only that
    # there is one is believed.
    more = lines and "next" in table(body.get("paging"))
    return Page(lines, str(offset + _LIMIT) if more else None)


def _line(row: dict[str, Any]) -> Line:
    node, said = table(row.get("node")), table(row.get("list_status"))
    return Line(
        mal_id=whole_id(node.get("id")),
        title=clean_title(node.get("title")),
        score=to_ten(said.get("score"), 10),
        status=status_of(said.get("status")),
    )
