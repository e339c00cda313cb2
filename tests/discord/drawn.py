"""Anime, people and looks as tests of payloads draw them: with titles that mean harm, too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.locales import strings
from bot.services.naming import Naming, TitleLanguage
from bot.ui.cards import Look
from recsys.catalog import Anime, Catalog
from tests.discord.limits import COMPONENTS_V2, TEXT, check_message, live_mentions, walk

HUGE = 2**63 - 1
HOSTS = st.sampled_from(["anilist", "source", "off"])

# What titles are made of where somebody means harm, and where nobody does.
BITS = st.sampled_from(
    [
        "*" * 60,
        "||" * 40,
        "@everyone",
        "<@1234567890>",
        "https://example.org/",
        "\u202e",
        "\u200b",
        "\u2068",
        "😀" * 40,
        "👩‍👩‍👧‍👦",
        "دراغون بول",
        "進撃の巨人",
        "Z" + "\u0335" * 40,
        "\n# ",
        "```",
        "{title}",
        "%s",
        "\\",
        "Kimi no Na wa.",
        "x" * 600,
    ]
)
STRINGS = st.lists(BITS, max_size=8).map(" ".join) | st.text(max_size=60)
LABELS = st.sampled_from(
    [
        (),
        ("Drama",),
        tuple(f"**genre** @everyone {number} " * 5 for number in range(40)),
        ("\u202eemordnylap", "\u200b", "😀" * 60),
    ]
)

ANIME = st.builds(
    Anime,
    id=st.integers(1, 999_999_999),
    title=STRINGS,
    english=st.none() | STRINGS,
    japanese=st.none() | STRINGS,
    type=st.sampled_from(["TV", "Movie", "OVA", "ONA", "Special", "Music", "Unknown"]),
    episodes=st.none() | st.integers(0, 10**6),
    year=st.none() | st.integers(1900, 2100),
    season=st.none() | st.sampled_from(["winter", "spring", "summer", "fall"]),
    genres=LABELS,
    tags=LABELS,
    studios=LABELS,
    members=st.integers(0, 10**9),
    mean=st.none() | st.floats(1, 10),
    adult=st.booleans(),
    anilist_id=st.none() | st.integers(1, 999_999_999),
    poster=st.none() | st.sampled_from(["pic/cover/l/a.jpg", "/pic/b.jpg", ""]),
    franchise=st.just(1),
    order=st.integers(0, 99),
)
CATALOGS = st.lists(ANIME, min_size=1, max_size=6, unique_by=lambda anime: anime.id)
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


NAMINGS = st.builds(Naming, st.sampled_from(TitleLanguage), st.booleans())


def look_at(anime: list[Anime], host: Any, naming: Naming | None = None) -> Look:
    return Look(strings("en"), host, Catalog(anime), naming or Naming())


def check(view: Any) -> None:
    """The payload is within the limits and pings, links and hides nothing."""
    components = view.to_components()
    check_message({"components": components, "flags": COMPONENTS_V2})
    for component in walk(components):
        if component["type"] == TEXT:
            # The owner of a list is mentioned where their name has nothing visible.
            assert set(live_mentions(component["content"])) <= {f"<@{HUGE}>"}
            assert "https://example.org" not in component["content"]


def person(name: str) -> Any:
    return SimpleNamespace(id=HUGE, display_name=name)
