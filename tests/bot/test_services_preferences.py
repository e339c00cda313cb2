"""What a person chose, and which title they read for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.services.errors import UserError
from bot.services.links import LinkSite, links
from bot.services.naming import Naming, TitleLanguage, chinese_title, native_title
from bot.services.openings import recent, to_rate
from bot.services.preferences import ALONE, Preferences, PreferenceService
from recsys.catalog import Anime
from recsys.profile import Entry, Profile, Status

if TYPE_CHECKING:
    from bot.db import Database
    from bot.services import Services

AKI = 10**18
TITAN = Anime(
    16498,
    "Shingeki no Kyojin",
    english="Attack on Titan",
    japanese="進撃の巨人",
    aliases=("自由之翼", "进击的巨人", "進擊的巨人", "진격의 거인"),
)
DEATH_NOTE = Anime(1535, "Death Note", aliases=("DN", "デスノート", "死亡笔记", "死亡筆記本"))


async def test_a_choice_is_kept_and_can_be_taken_back(services: Services) -> None:
    assert await services.preferences.get(AKI) == Preferences()
    for titles in (*TitleLanguage, None):
        await services.preferences.save(AKI, Preferences(titles))
        assert await services.preferences.get(AKI) == Preferences(titles)
    assert await services.preferences.get(AKI + 1) == Preferences()


async def test_two_changes_at_once_both_count(services: Services) -> None:
    await asyncio.gather(
        services.preferences.change(AKI, links=LinkSite.ANILIST),
        services.preferences.change(AKI, locale="ja"),
        services.preferences.change(AKI, planned=True),
        services.preferences.change(AKI, adult=True),
    )
    assert await services.preferences.get(AKI) == Preferences(
        links=LinkSite.ANILIST, locale="ja", planned=True, adult=True
    )
    assert await services.preferences.change(AKI, locale=None) == Preferences(
        links=LinkSite.ANILIST, planned=True, adult=True
    )


async def test_a_change_that_fails_stores_nothing_and_what_a_newer_version_stored_stays(
    services: Services,
) -> None:
    def fail(_chosen: Preferences) -> Preferences:
        raise UserError("bad_choice")

    async with services.database.write() as tx:
        await tx.users.put_preferences(AKI, {"hologram": 7, "adult": 1}, datetime.now(UTC))
    with pytest.raises(UserError):
        await services.preferences.update(AKI, fail)
    assert await services.preferences.change(AKI, planned=True) == Preferences(planned=True)
    async with services.database.read() as tx:
        assert await tx.users.preferences(AKI) == {"hologram": 7, "planned": True}


@pytest.mark.parametrize(
    ("site", "sites"),
    [
        (LinkSite.BOTH, ["https://myanimelist.net/anime/16498", "https://anilist.co/anime/7"]),
        (LinkSite.MYANIMELIST, ["https://myanimelist.net/anime/16498"]),
        (LinkSite.ANILIST, ["https://anilist.co/anime/7"]),
        (LinkSite.KITSU, ["https://kitsu.app/anime?text=Shingeki%20no%20Kyojin"]),
    ],
)
def test_a_card_links_to_the_site_that_the_person_uses(site: LinkSite, sites: list[str]) -> None:
    assert [link.url for link in links(replace(TITAN, anilist_id=7), site)] == sites
    assert len(links(TITAN, site)) == 1  # without an AniList page there is still a link
    hostile = Anime(1, "](x) <@1> \ud800" * 40)
    assert all(set(link.url) & set(" <>()[]@") == set() for link in links(hostile, site))


async def test_a_choice_that_only_a_newer_version_knows_is_as_good_as_none(
    services: Services,
) -> None:
    for stored in ("klingon", 7, None, ["native"]):
        async with services.database.write() as tx:
            await tx.users.put_preferences(AKI, {"titles": stored, "x": 1}, datetime.now(UTC))
        assert await services.preferences.get(AKI) == Preferences()


async def test_a_choice_leaves_the_list_alone(services: Services) -> None:
    await services.ratings.rate(AKI, 19, 9)
    await services.preferences.save(AKI, Preferences(TitleLanguage.NATIVE))
    await services.ratings.rate(AKI, 1, 8)
    assert (await services.preferences.get(AKI)).titles is TitleLanguage.NATIVE
    assert (await services.ratings.profile(AKI)).entries == (Entry(19, 9), Entry(1, 8))


@pytest.mark.parametrize(
    ("chosen", "locale", "titles"),
    [
        (None, "en-US", ("Attack on Titan", "Shingeki no Kyojin", "進撃の巨人")),
        (None, "fr", ("Attack on Titan", "Shingeki no Kyojin", "進撃の巨人")),
        (None, "ja", ("進撃の巨人", "Shingeki no Kyojin", "Attack on Titan")),
        (None, "zh-CN", ("进击的巨人", "進撃の巨人", "Shingeki no Kyojin", "Attack on Titan")),
        (None, "zh-TW", ("進擊的巨人", "進撃の巨人", "Shingeki no Kyojin", "Attack on Titan")),
        (
            TitleLanguage.ROMAJI,
            "ja",
            ("Shingeki no Kyojin", "Attack on Titan", "進撃の巨人"),
        ),
    ],
)
def test_the_title_wanted_comes_first(
    chosen: TitleLanguage | None, locale: str, titles: tuple[str, ...]
) -> None:
    assert Naming.of(chosen, locale).titles(TITAN) == titles


def test_a_title_that_is_not_known_is_passed_over() -> None:
    assert Naming(TitleLanguage.ENGLISH).titles(DEATH_NOTE)[0] == "Death Note"
    assert native_title(DEATH_NOTE) == "デスノート"
    assert Naming(TitleLanguage.NATIVE).titles(Anime(1, "A")) == ("A",)
    assert Naming(TitleLanguage.CHINESE).titles(Anime(1, "A", japanese="あ")) == ("あ", "A")
    assert Naming().titles(Anime(1, "Naruto", english="NARUTO")) == ("NARUTO",)


def test_the_chinese_title_is_the_one_that_both_scripts_agree_on() -> None:
    assert chinese_title(TITAN, traditional=False) == "进击的巨人"
    assert chinese_title(TITAN, traditional=True) == "進擊的巨人"
    assert chinese_title(DEATH_NOTE, traditional=False) == "死亡笔记"
    assert chinese_title(Anime(1, "A", aliases=("B", "あ漢")), traditional=True) is None


def test_before_typing_what_is_refused_is_not_offered_and_what_is_rated_not_for_rating() -> None:
    profile = Profile(
        (
            Entry(1, 9),
            Entry(2, None, Status.PLANNED),
            Entry(3, None, Status.NOT_INTERESTED),
            Entry(4, 3, Status.DROPPED),
            Entry(5, None, Status.WATCHING),
        )
    )
    assert recent(profile).first == (5, 2, 1)
    assert recent(profile).without == {3, 4}
    assert to_rate(profile).first == (5, 2)
    assert to_rate(profile).without == {1, 3, 4}
    assert len(recent(Profile(tuple(Entry(n, 5) for n in range(1, 50)))).first) == 10


async def test_choices_are_remembered_for_a_moment_and_another_process_is_heard_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("bot.services.preferences.monotonic", lambda: now[0])
    here, there = PreferenceService(database), PreferenceService(database)
    assert not (await here.get(1)).adult
    await there.change(1, adult=True)
    assert (await there.get(1)).adult
    now[0] += 10
    assert (await here.get(1)).adult


async def test_a_process_without_others_takes_choices_from_memory_for_longer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("bot.services.preferences.monotonic", lambda: now[0])
    here, script = PreferenceService(database, ALONE), PreferenceService(database)
    assert not (await here.get(1)).adult
    await script.change(1, adult=True)
    now[0] += 10
    assert not (await here.get(1)).adult
    assert (await here.change(1, planned=True)).adult  # by what is stored, not by what is known
    assert (await here.get(1)).planned
    await script.change(1, adult=False)
    now[0] += ALONE
    assert not (await here.get(1)).adult


async def test_who_is_erased_is_forgotten_at_once(database: Database) -> None:
    preferences = PreferenceService(database)
    await preferences.change(1, adult=True)
    async with database.erasing(1) as tx:
        await tx.privacy.erase(1)
    preferences.forget(1)
    assert not (await preferences.get(1)).adult
