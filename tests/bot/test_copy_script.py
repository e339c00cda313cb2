"""Moving from SQLite to PostgreSQL and back, as an admin does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.db import Database
from tests.bot.filling import Filler, everything

ROOT = Path(__file__).resolve().parents[2]
AKI, MIO = 987654321098765432, 876543210987654321


def script(name: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OSUSUME_")}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=home,
        timeout=120,
    )


@pytest.mark.postgres
async def test_a_bot_moves_to_postgresql_and_back_without_losing_a_value(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    database = await Database.open(sqlite_url)
    async with database.engine.begin() as connection:
        filler = Filler(connection)
        await filler.fill(AKI, MIO)
        await filler.fill(MIO, AKI)
    await database.close()

    there = script("db", "copy", "--url", sqlite_url, "--to", postgres_url, "--json", home=tmp_path)
    assert there.returncode == 0, there.stderr
    back_url = f"sqlite:///{(tmp_path / 'back.sqlite3').as_posix()}"
    back = script("db", "copy", "--url", postgres_url, "--to", back_url, "--json", home=tmp_path)
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["sha256"] == json.loads(there.stdout)["sha256"]
    assert "password" not in there.stdout
    assert script("db", "check", "--url", postgres_url, home=tmp_path).returncode == 0

    backup = script("backup", "--url", postgres_url, "--json", home=tmp_path)
    assert backup.returncode == 0, backup.stderr
    made = tmp_path / json.loads(backup.stdout)["file"]
    new_url = f"sqlite:///{(tmp_path / 'new.sqlite3').as_posix()}"
    restored = script(
        "restore", str(made), "--url", new_url, "--yes", "--gone", "bring-back", home=tmp_path
    )
    assert restored.returncode == 0, restored.stderr

    states = []
    for url in sqlite_url, back_url, new_url:
        opened = await Database.open(url)
        found = await everything(opened)
        await opened.close()
        found.pop("user")  # restoring raises the revisions of people
        states.append(found)
    assert states[0] == states[1] == states[2]
