"""Make the pictures of docs/using.md anew: drive the local bot in Chromium and photograph it.

  python scripts/osusume.py python scripts/screenshots.py
  python scripts/osusume.py python scripts/screenshots.py --only start settings

It starts the bot as a newcomer does, on an empty database in a folder of its own, types every
command that the page shows, and writes a WebP file for each. It needs Chromium and the packages
for development (`python scripts/osusume.py test` installs them), and takes about a minute.

Exit status: 0 when the pictures were made, 1 when one was not, 2 for a wrong command line.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402 - after the path
from playwright.sync_api import expect, sync_playwright  # noqa: E402

from tests.browser.channel import Channel  # noqa: E402
from tests.browser.conftest import FLAGS, LocalBot, chromium  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Locator

PICTURES = ROOT / "docs" / "images" / "using"
LARGEST = 60_000  # bytes
# Taller than any screen, so that the longest answer is seen whole.
HEIGHT, DESK, PHONE = 2400, 900, 390
BROUGHT = "mal_id,title,score,status\n1,Cowboy Bebop,9,completed\n21,One Piece,8,watching\n"
# Places of what is ticked on each card of /start.
TICKED = ((0, 2, 5), (1, 3), (0, 4), (2,), (1, 2))


class Album:
    """The pictures, one after the other, of one conversation.

    Args:
        channel: the page.
        only: names of the pictures to write; empty writes all.
        suffix: of the files' names.
    """

    def __init__(self, channel: Channel, only: Sequence[str], suffix: str = "") -> None:
        self.channel = channel
        self._only = only
        self._suffix = suffix
        self.written: dict[str, int] = {}

    def keep(self, name: str, message: Locator) -> None:
        """Write one message as a picture, as sharp as fits."""
        if self._only and name not in self._only:
            return
        message.scroll_into_view_if_needed()
        # While the page works, its buttons are grey.
        expect(message.page.locator("#action-status")).not_to_contain_text("Updating")
        picture = Image.open(io.BytesIO(message.screenshot(animations="disabled")))
        packed = next((one for one in _packed(picture) if len(one) < LARGEST), None)
        if packed is None:
            raise SystemExit(f"{name} does not fit into {LARGEST:,} bytes.")
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}{self._suffix}.webp").write_bytes(packed)
        self.written[f"{name}{self._suffix}"] = len(packed)

    def command(self, name: str, picture: str | None = None, **given: str) -> Locator:
        """Run a command and keep its answer."""
        answer = self.channel.command(name, **given)
        self.keep(picture or name, answer)
        return answer


def _packed(picture: Image.Image) -> Iterator[bytes]:
    """A picture as WebP, ever smaller and less sharp."""
    for quality in range(88, 20, -8):
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=quality, method=6)
        yield buffer.getvalue()


def first_minute(album: Album) -> None:
    """A newcomer's way in."""
    message = album.command("start")
    for number, places in enumerate(TICKED, start=1):
        album.channel.tick(message, *places)
        if number == 1:
            album.channel.tick(message, 0, 2, menu=1)
            album.keep("start-ticked", message)
        album.channel.tap(message, "Next card" if number < len(TICKED) else "Show my picks")
    expect(message).to_contain_text("first picks")
    album.keep("first-picks", message)


def picks(album: Album) -> None:
    """What is picked, why, and otherwise."""
    channel = album.channel
    message = album.command("recommend")
    channel.tap(message, "Plan")
    channel.tap(message, "Plan")  # the first one left is the second pick's
    channel.tap(message, "Why?", nth=2)
    expect(message).to_contain_text("what speaks for it")
    album.keep("why", message)
    album.command("similar", title="stiens gate")
    album.command("opposite", title="steins gate")
    album.keep("blend", blended(channel, "cowboy bebop", "your name"))
    album.command("next")
    album.command("filters")


def blended(channel: Channel, first: str, second: str) -> Locator:
    """Type /blend with two titles, each chosen from the suggestions."""
    before = channel.newest()
    keyboard = channel.page.keyboard
    channel.box.click()
    keyboard.type("/blend")
    expect(channel.suggestions.first).to_contain_text("/blend")
    keyboard.press("Enter")
    for title in (first, second):
        keyboard.type(title)
        expect(channel.suggestions.first).to_be_visible()
        keyboard.press("Enter")
    channel.page.locator("#send-message").click()
    return channel.after(before)


def own_list(album: Album) -> None:
    """What was seen, planned and given up."""
    album.command("rate", title="monster", more="9")
    album.command("ratings")
    album.command("watchlist")
    album.command("drop", title="sword art online")
    album.command("unrate", title="monster")
    album.command("anime", title="cowboy bebop")


def bring(album: Album) -> None:
    """A list from elsewhere."""
    channel = album.channel
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "animelist.csv"
        path.write_text(BROUGHT, encoding="utf-8")
        before = channel.newest()
        channel.box.click()
        channel.page.keyboard.type("/import")
        expect(channel.suggestions.first).to_contain_text("/import")
        channel.page.keyboard.press("Enter")
        channel.suggestions.filter(has_text="file").first.click()
        channel.page.locator("input[type=file]").first.set_input_files(path)
        channel.page.locator("#send-message").click()
        answer = channel.after(before)
    album.keep("import", answer)


def rest(album: Album) -> None:
    """Settings, and what is kept."""
    album.command("settings")
    album.command("server")
    album.command("privacy show", picture="privacy")
    album.command("help")


SCENES: tuple[Callable[[Album], None], ...] = (first_minute, picks, own_list, bring, rest)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/screenshots.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these pictures")
    parser.add_argument("--phone", action="store_true", help="as wide as a phone")
    options = parser.parse_args(arguments)
    program = chromium()
    if program is None:
        print("There is no Chromium here; on Debian: apt install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        bot = LocalBot(home).start()
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            page = browser.new_page(
                viewport={"width": PHONE if options.phone else DESK, "height": HEIGHT}
            )
            page.set_default_timeout(30_000)
            album = Album(Channel(page, bot.url), options.only, "-phone" * options.phone)
            for scene in SCENES:
                scene(album)
        finally:
            browser.close()
            bot.process.kill()
            bot.process.wait()
    for name, size in album.written.items():
        print(f"{size:>8,}  {name}.webp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
