"""The scripts, run as an admin runs them, against a Discord that is a few routes in memory."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from discord.http import Route

from tests.admin import fake_discord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRIPTS = Path(__file__).parents[2] / "scripts"


class Done(NamedTuple):
    """How a script ended."""

    status: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """What ``--json`` printed."""
        return json.loads(self.out)


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_discord.FakeDiscord]:
    with fake_discord.running() as fake:
        monkeypatch.setattr(Route, "BASE", fake.url)
        yield fake


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with nothing of ours in the environment."""
    for name in list(os.environ):
        if name.startswith("OSUSUME_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def script(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs ``scripts/NAME.py`` with arguments."""
    monkeypatch.syspath_prepend(str(SCRIPTS))

    def run(name: str, *arguments: object) -> Done:
        capsys.readouterr()
        main = runpy.run_path(str(SCRIPTS / f"{name}.py"))["main"]
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse
            status = end.code
        written = capsys.readouterr()
        return Done(int(status or 0), written.out, written.err)

    return run


@pytest.fixture
def token_file(home: Path) -> Path:
    file = home / "token.txt"
    file.write_text(f"{fake_discord.TOKEN}\n", encoding="utf-8")
    return file


@pytest.fixture
def configured(home: Path) -> Path:
    """A folder whose .env has the token."""
    env = home / ".env"
    env.write_text(f"OSUSUME_DISCORD_TOKEN={fake_discord.TOKEN}\n", encoding="utf-8")
    if sys.platform != "win32":
        env.chmod(0o600)
    return home
