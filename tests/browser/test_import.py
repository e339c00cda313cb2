"""A newcomer brings a list of hundreds and has picks in the first minute."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.bot import lists
from tests.browser.channel import Channel

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).parents[2] / "artifacts"

FAMOUS = {
    9253: "Steins;Gate",
    5114: "Fullmetal Alchemist: Brotherhood",
    1535: "Death Note",
    1: "Cowboy Bebop",
    19: "Monster",
    2904: "Code Geass R2",
    11061: "Hunter x Hunter (2011)",
}


def bring(channel, path):
    """Type /import, attach a file, send; the bot's answer."""
    before = channel.messages.count()
    channel.box.click()
    channel.page.keyboard.type("/import")
    expect(channel.suggestions.first).to_contain_text("/import")
    channel.page.keyboard.press("Enter")
    channel.suggestions.filter(has_text="file").first.click()
    channel.page.locator("input[type=file]").first.set_input_files(path)
    channel.page.locator("#send-message").click()
    expect(channel.messages).to_have_count(before + 1)
    return channel.messages.nth(before)


def rows(folder):
    with closing(sqlite3.connect(folder / "osusume.sqlite3")) as database:
        return dict(database.execute("select anime_id, score from entry").fetchall())


def test_a_brought_list_is_previewed_imported_recommended_from_and_undone(
    page, start_bot, tmp_path
):
    ratings = [(i, title, 10 - n % 5, "Completed") for n, (i, title) in enumerate(FAMOUS.items())]
    path = tmp_path / "animelist.xml"
    path.write_bytes(lists.mal_xml(*ratings))
    channel = Channel(page, start_bot().url)
    ARTIFACTS.mkdir(exist_ok=True)

    answer = bring(channel, path)
    expect(answer).to_contain_text("Your list from MyAnimeList")
    expect(answer).to_contain_text("7 new")
    page.screenshot(path=ARTIFACTS / "import-preview.png")
    channel.tap(answer, "Import")
    expect(answer).to_contain_text("7 anime imported")
    page.screenshot(path=ARTIFACTS / "import-done.png")
    assert rows(tmp_path) == {i: score for i, _, score, _ in ratings}

    channel.tap(answer, "Recommend")
    picks = channel.messages.last
    expect(picks).to_contain_text("Picked for you")
    expect(picks).to_contain_text(re.compile(r"because you rated", re.IGNORECASE))
    page.screenshot(path=ARTIFACTS / "import-picks.png")

    channel.tap(answer, "Undo the import")
    expect(answer).to_contain_text("7 lines of your list are what they were")
    assert rows(tmp_path) == {}


def test_unclear_titles_are_asked_for_in_the_page(page, start_bot, tmp_path):
    path = tmp_path / "export-anime-aki.json"
    path.write_bytes(
        lists.anime_planet(
            ("Monster", 4.5, "watched"),
            ("Hunter x Hunter", 5, "watched"),
            ("Fruits Basket", 4, "watched"),
            ("No Such Title At All Qqq", 1, "dropped"),
        )
    )
    channel = Channel(page, start_bot().url)
    answer = bring(channel, path)
    expect(answer).to_contain_text("2 titles may mean several anime")
    channel.tap(answer, "Which is it? (2)")
    expect(answer).to_contain_text("Which anime is “Hunter x Hunter”?")
    page.screenshot(path=ARTIFACTS / "import-question.png")
    channel.tap(answer, re.compile("2011"))
    expect(answer).to_contain_text("Which anime is “Fruits Basket”?")
    channel.tap(answer, "None of these")
    expect(answer).to_contain_text("2 new")
    page.screenshot(path=ARTIFACTS / "import-answered.png")
    channel.tap(answer, "Import")
    expect(answer).to_contain_text("2 anime imported")
    assert rows(tmp_path) == {19: 9, 11061: 10}
