import os
import re
import signal
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.local.world import SHOWN
from tests.browser.channel import Channel

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
RATED = {
    "steins gate": 9,
    "fullmetal alchemist brotherhood": 10,
    "death note": 8,
    "cowboy bebop": 9,
    "monster": 7,
}


def test_a_newcomer_finds_similar_anime_rates_five_gets_picks_and_keeps_them(page, start_bot):
    bot = start_bot()
    channel = Channel(page, bot.url)

    similar = channel.command("similar", title="stiens gate")
    expect(similar).to_contain_text("Similar to Steins;Gate")
    links = similar.get_by_role("link", name="MyAnimeList")
    assert links.count() >= 3
    expect_drawn_posters(similar)

    for title, score in RATED.items():
        answer = channel.command("rate", title=title, more=str(score))
        expect(answer).to_contain_text(re.compile(rf"You rated .+ {score}"))

    picks = channel.command("recommend")
    expect(picks).to_contain_text("Picked for you")
    predicted = re.findall(r"(?i)predicted (\d+\.\d)", picks.inner_text())
    assert predicted
    assert all(1 <= float(rating) <= 10 for rating in predicted)
    expect(picks).to_contain_text(re.compile(r"because you rated .+ \d", re.IGNORECASE))
    expect_drawn_posters(picks)
    page.locator("#messages-toggle").click()  # the README shows this picture: the channel alone
    expect(page.locator("#action-status")).to_have_text("Viewport updated")
    expect(picks.get_by_role("button", name="Seen it").first).to_be_enabled()
    picks.evaluate("message => message.scrollIntoView()")
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "local-bot.png")

    assert bot.stop() == 0
    assert bot.said.splitlines()[-1] == "The local bot has ended; your ratings are kept."
    assert "Traceback" not in bot.said

    again = Channel(page, start_bot().url)
    ratings = again.command("ratings")
    for score in RATED.values():
        expect(ratings).to_contain_text(str(score))
    expect(ratings).to_contain_text("5 anime")
    expect(ratings).to_contain_text("Steins;Gate")


def expect_drawn_posters(message):
    """Every poster is a picture that has loaded, and no box says that one is missing."""
    posters = message.locator("img:not(.entity-avatar-img)")
    expect(posters.first).to_be_visible()
    for poster in posters.all():
        # "complete" says nothing: a picture whose bytes are still to be asked for is complete.
        expect(poster).not_to_have_js_property("naturalWidth", 0)
    expect(message.locator(".media-unavailable")).to_have_count(0)


def test_two_people_share_the_channel_and_each_has_their_own_list(page, browser, start_bot):
    bot = start_bot()
    aki = Channel(page, bot.url)
    aki.command("rate", title="monster", more="9")
    shared = aki.share(aki.command("similar", title="monster"))
    expect(shared).to_contain_text("Similar to Monster")

    mio = Channel(browser.new_page(), bot.url)
    mio.view_as("Mio")
    expect(mio.messages.last).to_contain_text("Similar to Monster")
    expect(mio.page.get_by_text("You rated")).to_have_count(0)
    expect(mio.command("ratings")).to_contain_text("Your list is empty")
    mio.page.close()


def test_a_database_that_breaks_gets_a_sentence_and_the_bot_goes_on(page, start_bot, tmp_path):
    bot = start_bot()
    channel = Channel(page, bot.url)
    with closing(sqlite3.connect(tmp_path / "osusume.sqlite3")) as database:
        database.execute("alter table entry rename to lost")
        database.commit()
        answer = channel.command("rate", title="monster", more="9")
        expect(answer).to_contain_text(re.compile("went wrong|does not answer"))
        expect(answer).not_to_contain_text("Traceback")
        database.execute("alter table lost rename to entry")
        database.commit()
    expect(channel.command("rate", title="monster", more="9")).to_contain_text("You rated")


def test_a_page_that_is_opened_later_starts_at_the_newest_message(page, start_bot):
    bot = start_bot()
    channel = Channel(page, bot.url)
    channel.share(channel.command("similar", title="monster"))
    page.wait_for_timeout(1500)  # the bot looks twice a second for what is newest
    page.reload()
    expect(channel.messages.last).to_contain_text("Similar to Monster")
    channel.command("anime", title="monster")


def test_the_pages_own_button_ends_the_bot(page, start_bot):
    bot = start_bot()
    Channel(page, bot.url)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="End preview session").click()
    assert bot.wait() == 0
    assert "Traceback" not in bot.said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM, and no BROWSER variable")
def test_it_opens_the_page_in_the_browser_and_ends_on_sigterm_too(start_bot, tmp_path):
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n', encoding="utf-8")
    browser.chmod(0o755)
    bot = start_bot(BROWSER=f"{browser} %s", OSUSUME_LOCAL_OPEN_BROWSER="true")
    url = bot.url
    for _ in range(100):
        if opened.exists() and opened.read_text(encoding="utf-8"):
            break
        time.sleep(0.1)
    assert opened.read_text(encoding="utf-8").strip() == url
    assert bot.stop(signal.SIGTERM) == 0
    assert "Traceback" not in bot.said


def test_a_port_in_use_gets_a_sentence_that_names_the_setting(start_bot):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bot = start_bot(port=port)
        assert bot.wait() == 1
    assert f"Port {port} cannot be used" in bot.said
    assert "OSUSUME_LOCAL_PORT" in bot.said
    assert "Traceback" not in bot.said


def test_every_answer_comes_into_sight_also_where_the_page_is_opened_anew(page, start_bot):
    page.set_viewport_size({"width": 900, "height": 600})
    channel = Channel(page, start_bot().url)
    for command, said in (("help", "Begin"), ("help", "Begin"), ("watchlist", "is empty")):
        answer = channel.command(command)
        expect(answer).to_be_in_viewport()
        expect(answer.get_by_text(said).first).to_be_in_viewport()
    page.wait_for_timeout(1500)  # the bot looks twice a second for what is newest
    page.reload()
    expect(channel.messages.last).to_contain_text("Your watchlist is empty")
    expect(channel.messages.last).to_be_in_viewport()


def test_private_answers_that_are_old_are_forgotten_too(page, start_bot):
    channel = Channel(page, start_bot().url)
    for _ in range(SHOWN + 2):
        channel.box.click()
        page.keyboard.type("/watchlist")
        expect(channel.suggestions.first).to_contain_text("/watchlist")
        page.keyboard.press("Enter")
        page.locator("#send-message").click()
        expect(channel.suggestions).to_have_count(0)
        expect(page.locator("#action-status")).to_have_text(re.compile("completed|updated"))
    expect(channel.messages).to_have_count(SHOWN)
