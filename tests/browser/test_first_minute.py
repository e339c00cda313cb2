"""The first minute on a phone, with no pointer at all."""

import pytest
from playwright.sync_api import expect

from tests.browser.channel import Channel

pytestmark = pytest.mark.browser


def press(channel, message, name):
    """Reach a button by the keyboard, from the one before it, and press it."""
    channel.wait()
    page = channel.page
    button = message.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled()
    before = message.text_content()
    buttons = message.get_by_role("button").all()
    names = [one.inner_text() for one in buttons]
    buttons[max(0, names.index(name) - 1)].focus()
    if names.index(name) > 0:
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(message).not_to_have_text(before)


def test_a_newcomer_with_a_phone_and_a_keyboard_ticks_and_has_picks(page, start_bot):
    page.set_viewport_size({"width": 390, "height": 844})
    channel = Channel(page, start_bot().url)
    message = channel.command("start")
    press(channel, message, "None of these")
    for number in range(2, 6):
        expect(message).to_contain_text(f"Card {number} of 5")
        channel.tick_by_keys(message, menu=0, count=3)
        expect(message.get_by_text("seen", exact=True)).to_have_count(3)
        # Nothing lies beyond the edge of the phone.
        assert message.evaluate("m => m.scrollWidth <= m.clientWidth + 1")
        if number == 2:
            channel.tick_by_keys(message, menu=1, count=1)
            expect(message.get_by_text("loved", exact=True)).to_have_count(1)
        press(channel, message, "Next card" if number < 5 else "Show my picks")
    expect(message).to_contain_text("From 12 anime that you have seen")


def test_settings_are_changed_by_the_keyboard(page, start_bot):
    page.set_viewport_size({"width": 390, "height": 844})
    channel = Channel(page, start_bot().url)
    message = channel.command("settings")
    assert message.evaluate("m => m.scrollWidth <= m.clientWidth + 1")
    switch = message.get_by_role("button", name="Off", exact=True).first
    switch.focus()
    page.keyboard.press("Enter")
    expect(message.get_by_role("button", name="On", exact=True)).to_have_count(1)
