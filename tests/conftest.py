"""What holds for the whole suite: no log line of any test may hold a token."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from bot.threads import one_thread_each
from tests.admin.fake_discord import TOKEN as ADMIN_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

if "PYTEST_XDIST_WORKER" in os.environ:
    one_thread_each()  # there is a worker for each core already

# Every token that a test gives to the bot. Those of tests/bot/test_observing.py are logged on
# purpose, by a logger of their own name.
TOKENS = (ADMIN_TOKEN, "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.not-a-real-token-of-anybody")
_ON_PURPOSE = "anybody"


class Grep(logging.Handler):
    """Reads every record of every logger, at every level that is on."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == _ON_PURPOSE:
            return
        line = self.format(record)
        if any(token in line for token in TOKENS):
            self.found.append(f"{record.name}: {record.pathname}:{record.lineno}")


@pytest.fixture(scope="session")
def _grep() -> Iterator[Grep]:
    grep = Grep()
    logging.getLogger().addHandler(grep)
    yield grep
    logging.getLogger().removeHandler(grep)


@pytest.fixture(autouse=True)
def no_token_in_any_log(_grep: Grep) -> Iterator[None]:
    """Fails the test during which a token was logged."""
    yield
    found, _grep.found = _grep.found, []
    assert found == [], "a token reached a log"
