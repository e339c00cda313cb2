"""Strings from outside: visible, short, on one line, and without effect."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.text import escape, inline, plain, shorten
from tests.discord.limits import live_mentions, width

NASTY = st.text() | st.text(
    st.sampled_from("\u202e\u200b\u200d\ufeff\u0301\n\r\t*_`~|<>@#-[]()\\:/ 1.a日م😀🇯🇵👍🏽\u3164")
    | st.characters(),
    max_size=300,
)


@given(NASTY, st.integers(4, 200))
def test_a_plain_string_is_one_visible_line_within_its_limit(string: str, limit: int) -> None:
    line = plain(string, limit)
    assert width(line) <= limit
    assert len(line.splitlines()) <= 1
    hidden = [c for c in line if unicodedata.category(c) in {"Cc", "Cf", "Cs"}]
    assert set(hidden) <= {"\u2068", "\u2069"}
    assert hidden.count("\u2068") == hidden.count("\u2069")


@given(NASTY, st.integers(4, 200))
def test_an_escaped_string_is_at_most_twice_as_long_and_mentions_nobody(
    string: str, limit: int
) -> None:
    line = inline(string, limit)
    assert width(line) <= 2 * limit
    assert not live_mentions(line)
    assert "://" not in line


@given(st.text())
def test_escaping_loses_nothing(string: str) -> None:
    kept = escape(string).replace("\\", "").replace("\u200b", "")
    assert kept == string.replace("\\", "").replace("\u200b", "")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**bold** _it_ ~~no~~ ||spoiler||", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \|\|spoiler\|\|"),
        ("# not a heading", r"\# not a heading"),
        ("- not a list", r"\- not a list"),
        ("86. not a list", r"86\. not a list"),
        ("> not a quote", r"\> not a quote"),
        ("-# not small", r"\-# not small"),
        ("[no link](https://x.y)", r"\[no link\](https:/\/x.y)"),
        ("<@123> <#1> <:a:1>", r"\<@123> \<#1> \<:a:1>"),
        ("@everyone @here", "@\u200beveryone @\u200bhere"),
        ("Re:Zero - Fate/Zero (TV)", "Re:Zero - Fate/Zero (TV)"),
        ("line\nbreak\r\nand\ttab", "line break and tab"),
    ],
)
def test_markdown_and_mentions_lose_their_effect(typed: str, shown: str) -> None:
    assert inline(typed, 200) == shown


def test_right_to_left_text_cannot_turn_what_stands_beside_it() -> None:
    assert plain("\u202eevil", 50) == "evil"
    assert plain("شمشیر", 50) == "\u2068شمشیر\u2069"
    assert width(plain("ش" * 100, 50)) == 50


def test_nothing_visible_is_nothing() -> None:
    for string in ("", " \n", "\u200b\u2060", "\u3164\u2800", "\u202e"):
        assert plain(string, 50) == ""


def test_what_is_drawn_as_one_character_is_kept_or_dropped_whole() -> None:
    assert shorten("cafe\u0301s", 5) == "caf…"
    assert shorten("ab👍🏽cd", 6) == "ab👍🏽…" or shorten("ab👍🏽cd", 6) == "ab…"
    assert shorten("a🇯🇵🇫🇷", 8) == "a🇯🇵…"
    assert shorten("short", 5) == "short"


def test_a_tower_of_accents_is_cut_down() -> None:
    assert plain("Z" + "\u0335" * 50 + "algo", 100) == "Z" + "\u0335" * 3 + "algo"
