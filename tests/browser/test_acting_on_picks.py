"""Picks that are acted on in the page of the local bot, on a desk and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.channel import Channel

pytestmark = pytest.mark.browser

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
RATED = {"steins gate": 9, "fullmetal alchemist brotherhood": 10, "school days": 2}


@pytest.mark.parametrize("width", [1100, 400])
def test_a_pick_is_planned_scored_wished_for_explained_and_all_of_it_undone(page, start_bot, width):
    page.set_viewport_size({"width": width, "height": 900})
    channel = Channel(page, start_bot().url)
    for title, score in RATED.items():
        channel.command("rate", title=title, more=str(score))
    picks = channel.command("recommend")
    expect(picks).to_contain_text(re.compile(r"Predicted \d+\.\d \(\d+\.\d to \d+\.\d\)"))

    channel.tap(picks, "Plan")
    expect(picks).to_contain_text("✓ On your plan")
    channel.tap(picks, "Undo: On your plan")
    expect(picks).not_to_contain_text("On your plan")

    channel.tap(picks, "Seen it", nth=1)
    expect(picks).to_contain_text("How would you rate")
    channel.tap(picks, "8")
    expect(picks).to_contain_text("You rated it 8")

    channel.tap(picks, "More like this", nth=2)
    expect(picks).to_contain_text("More like this, from the next list on")
    channel.tap(picks, "New picks")
    expect(picks).to_contain_text("You asked for more like")

    channel.tap(picks, "Why?")
    expect(picks).to_contain_text("% of what speaks for it")
    channel.tap(picks, "Leave out", nth=1)
    expect(picks).to_contain_text("switched off")
    channel.tap(picks, "Back")
    expect(picks).to_contain_text("Picked for you")

    # Nothing lies beyond the edge of a phone.
    inside = picks.evaluate("m => m.scrollWidth <= m.clientWidth + 1")
    assert inside
    ARTIFACTS.mkdir(exist_ok=True)
    picks.evaluate("message => message.scrollIntoView()")
    page.screenshot(path=ARTIFACTS / f"picks-{width}.png")


def test_every_button_of_a_pick_is_reached_and_pressed_by_the_keyboard(page, start_bot):
    channel = Channel(page, start_bot().url)
    picks = channel.command("recommend")
    button = picks.get_by_role("button", name="Plan", exact=True).first
    picks.get_by_role("button", name="Seen it", exact=True).first.focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(picks).to_contain_text("✓ On your plan")
