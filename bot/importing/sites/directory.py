"""Which site is asked how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.importing.errors import RefusedError
from bot.importing.lines import Source
from bot.importing.sites import anilist, kitsu, myanimelist
from bot.importing.sites.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.importing.sites.page import Page

NAMES: Final = {
    Source.ANILIST: "AniList",
    Source.MYANIMELIST: "MyAnimeList",
    Source.KITSU: "Kitsu",
}
"""The sites that tell lists, as they write themselves."""

_ADDRESSES: Final = {
    Source.ANILIST: anilist.ADDRESS,
    Source.MYANIMELIST: myanimelist.ADDRESS,
    Source.KITSU: kitsu.ADDRESS,
}
# Seconds between two questions: AniList takes 30 a minute, from everybody who asks through us.
_PAUSES: Final = {Source.ANILIST: 2.0, Source.MYANIMELIST: 1.0, Source.KITSU: 0.5}


class Sites:
    """The sites.

    Args:
        client_id: for MyAnimeList's API; None where whoever runs the bot has none.
        addresses: of the APIs, where they are not the usual ones.
        fetchers: ask the sites, where they are not the usual ones.
    """

    def __init__(
        self,
        client_id: str | None = None,
        *,
        addresses: Mapping[Source, str] | None = None,
        fetchers: Mapping[Source, Fetcher] | None = None,
    ) -> None:
        self._client_id = client_id
        self._addresses = {**_ADDRESSES, **(addresses or {})}
        self._fetchers = {
            **{site: Fetcher(name, pause=_PAUSES[site]) for site, name in NAMES.items()},
            **(fetchers or {}),
        }

    def check(self, site: Source) -> None:
        """See whether a site can be asked at all, before anything is begun.

        Raises:
            RefusedError: it cannot.
        """
        if site is Source.MYANIMELIST and self._client_id is None:
            raise RefusedError("import_no_client_id")

    async def page(self, site: Source, name: str, cursor: str | None) -> Page:
        """Read a part of somebody's list.

        Args:
            site: which site.
            name: their name there.
            cursor: of the part, from the one before; None for the first.

        Raises:
            RefusedError: there is no such public list, or the site does not tell it.
        """
        fetcher, address = self._fetchers[site], self._addresses[site]
        if site is Source.ANILIST:
            return await anilist.page(fetcher, address, name, cursor)
        if site is Source.KITSU:
            return await kitsu.page(fetcher, address, name, cursor)
        return await myanimelist.page(fetcher, address, name, cursor, client_id=self._client_id)
