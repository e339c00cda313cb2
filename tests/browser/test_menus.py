"""Menus show what holds now, whatever was chosen in them before."""

import pytest
from playwright.sync_api import expect

from tests.browser.channel import Channel

pytestmark = pytest.mark.browser


def shown(message, menu):
    """What stands in a menu while it is closed."""
    return message.get_by_role("combobox").nth(menu).get_attribute("aria-valuetext")


def test_what_was_ticked_is_still_ticked_on_the_way_back(page, start_bot):
    channel = Channel(page, start_bot().url)
    message = channel.command("start")
    channel.tick(message, 0, 2)
    ticked = shown(message, 0)
    channel.tap(message, "Next card")
    expect(message).to_contain_text("Card 2 of 5")
    channel.tap(message, "Back")
    expect(message).to_contain_text("Card 1 of 5")
    assert shown(message, 0) == ticked
    channel.tick(message, 4)  # one more, and none of the others is lost
    expect(message.get_by_text("seen", exact=True)).to_have_count(3)


def test_what_was_loved_and_then_was_not_stands_in_one_menu(page, start_bot):
    channel = Channel(page, start_bot().url)
    message = channel.command("start")
    channel.tick(message, 0, 2)
    channel.tick(message, 0, menu=1)
    channel.tick(message, 0, menu=2)
    expect(message.get_by_text("not for me", exact=True)).to_have_count(1)
    expect(message.get_by_text("loved", exact=True)).to_have_count(0)
    assert "loved" in shown(message, 1)  # the hint


def test_a_score_that_was_undone_can_be_given_again(page, start_bot):
    channel = Channel(page, start_bot().url)
    picks = channel.command("recommend")
    channel.choose(picks, "Score it 8")
    expect(picks).to_contain_text("You gave this list 8")
    assert shown(picks, -1) == "Score it 8"
    channel.tap(picks, "Undo")
    expect(picks).to_contain_text("Undone. This list has no score")
    assert "Score it" not in shown(picks, -1)
    channel.choose(picks, "Score it 8")
    expect(picks).to_contain_text("You gave this list 8")


def test_a_form_that_was_cancelled_opens_again(page, start_bot):
    channel = Channel(page, start_bot().url)
    picks = channel.command("recommend")
    for _ in range(2):
        channel.choose(picks, "Filters")
        form = page.get_by_role("dialog")
        expect(form).to_contain_text("At least one of these")
        form.get_by_role("button", name="Cancel").click()
        expect(form).to_have_count(0)


def test_after_a_choice_the_keyboard_is_where_it_was(page, start_bot):
    channel = Channel(page, start_bot().url)
    message = channel.command("start")
    channel.tick_by_keys(message, menu=0, count=1)
    expect(message.get_by_text("seen", exact=True)).to_have_count(1)
    expect(message.get_by_role("combobox").first).to_be_focused()
