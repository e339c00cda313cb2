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

    def wait(self):
        """Until what was done last is over.

        The page shows what the bot says before that, and drops whatever is tapped until then.
        """
        expect(self.page.locator("#action-status")).not_to_have_text(re.compile("…$"))

    def newest(self):
        """Which message is the last one."""
        return self.messages.last.get_attribute("data-message-id")

    def after(self, before):
        """The last message, once it is another one; the oldest may have gone meanwhile."""
        expect(self.messages.last).not_to_have_attribute("data-message-id", before)
        return self.messages.last

    def command(self, name, title=None, more=None):
        """Type a slash command, choose the first suggestion for the title, and send it.

        Returns:
            The bot's answer.
        """
        self.wait()
        before = self.newest()
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
        return self.after(before)

    def share(self, message):
        """Share what only this person sees.

        Returns:
            What everybody sees now.
        """
        self.wait()
        before = self.newest()
        message.get_by_role("button", name="Share").click()
        return self.after(before)

    def tap(self, message, label, nth=0):
        """Tap a button of a message, and wait until that is answered."""
        self.wait()
        message.get_by_role("button", name=label, exact=True).nth(nth).click()
        expect(self.page.locator("#action-status")).to_have_text(re.compile("completed"))

    def choose(self, message, label, menu=-1):
        """Choose one line of a menu that takes one."""
        box = message.get_by_role("combobox").nth(menu)
        self.wait()
        box.click()
        box.locator("..").get_by_role("option").filter(has_text=label).first.click()

    def tick(self, message, *places, menu=0):
        """Choose some lines of a menu that takes several, by their places, and close it."""
        box = message.get_by_role("combobox").nth(menu)
        self.wait()
        before = message.text_content()
        box.click()
        menu = box.locator("..")
        for place in places:
            menu.get_by_role("option").nth(place).click()
        menu.get_by_role("button", name="Apply").click()
        expect(message).not_to_have_text(before)
        expect(self.page.locator("#action-status")).to_have_text(re.compile("completed"))

    def tick_by_keys(self, message, menu, count):
        """Choose the first lines of a menu by the keyboard alone, looking before every key.

        The page draws itself anew after each key and whenever the bot has said something, and the
        menu has the focus back one frame later. A key between the two is lost, which a person sees.
        """
        keyboard = self.page.keyboard
        box = message.get_by_role("combobox").nth(menu)
        self.wait()
        before = message.text_content()
        box.focus()
        keyboard.press("Enter")
        expect(box).to_have_attribute("aria-expanded", "true")
        lines = box.locator("..").get_by_role("option")
        expect(box).to_be_focused()
        keyboard.press("Home")
        for place in range(count):
            line = lines.nth(place)
            self._until(box, "ArrowDown", line, "class", "is-highlighted")
            self._until(box, "Space", line, "aria-selected", "true")
        expect(box).to_be_focused()
        keyboard.press("Enter")
        expect(message).not_to_have_text(before)

    def _until(self, box, key, line, name, wanted):
        for _ in range(5):
            if wanted in line.get_attribute(name):
                return
            expect(box).to_be_focused()
            self.page.keyboard.press(key)
        expect(line).to_have_attribute(name, re.compile(wanted))

    @property
    def suggestions(self):
        return self.page.locator(".command-popup [role=option]")
