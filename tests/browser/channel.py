"""What a person does in the page, by what they see there."""

import re

from playwright.sync_api import expect

expect.set_options(timeout=30_000)  # milliseconds, for a busy machine


class Channel:
    """The channel in one window."""

    def __init__(self, page, url):
        self.page = page
        page.goto(url)
        self.messages = page.locator("#channel-message-list article")
        self.box = page.locator("#channel-composer-input")
        expect(self.messages.first).to_contain_text("Welcome")

    def view_as(self, name):
        self.page.locator("#viewer-picker").select_option(label=name)
        expect(self.page.locator("#action-status")).to_contain_text("completed")

    def command(self, name, title=None, more=None):
        """Type a slash command, choose the first suggestion for the title, and send it.

        Returns:
            The bot's answer.
        """
        before = self.messages.count()
        keyboard = self.page.keyboard
        self.box.click()
        keyboard.type(f"/{name}")
        expect(self.suggestions.first).to_contain_text(f"/{name}")
        keyboard.press("Enter")
        if title is not None:
            keyboard.type(title)
            expect(self.suggestions.first).to_be_visible()
            keyboard.press("Enter")
        if more is not None:
            keyboard.type(more)
        self.page.locator("#send-message").click()  # Enter would offer the optional options
        expect(self.messages).to_have_count(before + 1)
        return self.messages.last

    def share(self, message):
        """Share what only this person sees.

        Returns:
            What everybody sees now.
        """
        before = self.messages.count()
        message.get_by_role("button", name="Share").click()
        expect(self.messages).to_have_count(before + 1)
        return self.messages.last

    def tap(self, message, label, nth=0):
        """Tap a button of a message, and wait until that is answered."""
        message.get_by_role("button", name=label, exact=True).nth(nth).click()
        expect(self.page.locator("#action-status")).to_have_text(re.compile("completed"))

    def tick(self, message, *places, menu=0):
        """Choose some lines of a menu that takes several, by their places, and close it."""
        box = message.get_by_role("combobox").nth(menu)
        before = message.text_content()
        box.click()
        menu = box.locator("..")
        for place in places:
            menu.get_by_role("option").nth(place).click()
        menu.get_by_role("button", name="Apply").click()
        expect(message).not_to_have_text(before)
        expect(self.page.locator("#action-status")).to_have_text(re.compile("completed"))

    @property
    def suggestions(self):
        return self.page.locator(".command-popup [role=option]")
