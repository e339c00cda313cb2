"""The page for people who use the bot shows every command, in pictures that load quickly."""

import re
from pathlib import Path

from bot.locales import strings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "using.md").read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "images" / "using"


def test_every_command_is_on_the_page():
    s = strings("en")
    keys = [key for key in s if re.fullmatch(r"commands\.[a-z_]+\.description", key)]
    names = {s(key.replace("description", "name")) for key in keys}
    assert {"start", "import", "recommend", "watchlist", "server"} <= names
    assert [name for name in sorted(names) if f"`/{name}" not in PAGE] == []


def test_every_picture_is_shown_says_what_it_shows_and_is_small():
    shown = dict(re.findall(r"!\[([^\]]+)\]\(images/using/([^)]+)\)", PAGE))
    there = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert set(shown.values()) == set(there)
    assert all(len(words) > 10 for words in shown)
    assert max(there.values()) < 60_000
