"""The real bot in a process of its own, and Debian's Chromium to look at its page."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
READY_WITHIN = 120  # seconds; a start takes a few
# As root, which CI is, Chromium has no sandbox. The rest keeps it from talking to anybody.
FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """Where Chromium is, None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


# Not for the session: while Playwright is open its event loop counts as running in this thread, and
# no asynchronous test of another module could start.
@pytest.fixture(scope="module")
def browser():
    program = chromium()
    if program is None:
        reason = "no Chromium here (on Debian: apt install chromium)"
        if os.environ.get("OSUSUME_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A window the size of a small laptop's."""
    window = browser.new_page(viewport={"width": 1100, "height": 850})
    window.set_default_timeout(30_000)
    yield window
    window.close()


class LocalBot:
    """`python -m bot` without a token, as the launcher starts it."""

    def __init__(self, home, port=0, **environment):
        self._home = home
        self._environment = {
            "OSUSUME_LOCAL_PORT": str(port),
            "OSUSUME_LOCAL_OPEN_BROWSER": "false",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._said = []

    def start(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OSUSUME_")}
        environment |= self._environment
        # What a shell runs in the background ignores Ctrl-C, and its children would with it.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            cwd=self._home,  # where it makes osusume.sqlite3, and finds no .env
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self):
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.append(line)
            if "http://" in line:
                self._ready.set()
        self._ready.set()

    @property
    def url(self):
        """The address it printed, once it did."""
        assert self._ready.wait(READY_WITHIN), self.said
        found = re.search(r"http://127\.0\.0\.1:\d+/#\S+", self.said)
        assert found, self.said
        return found[0]

    @property
    def said(self):
        return "".join(self._said)

    def wait(self):
        """Its exit status."""
        status = self.process.wait(READY_WITHIN)
        self._reader.join(10)
        return status

    def stop(self, with_signal=signal.SIGINT):
        self.process.send_signal(with_signal)
        return self.wait()


@pytest.fixture
def start_bot(tmp_path):
    """Starts the bot on a database of its own; called again, on the same one."""
    started = []

    def start(**options):
        started.append(LocalBot(tmp_path, **options).start())
        return started[-1]

    yield start
    for bot in started:
        bot.process.kill()
        bot.process.wait()
