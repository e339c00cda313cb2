"""From /privacy training to the file that training reads: only who allowed it, and nothing else."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.data.local import read_consented
from tests.bot.builders import CLANNAD, MONSTER, STEINS_GATE
from tests.bot.test_services_privacy import AKI, MIO, some_list

if TYPE_CHECKING:
    from bot.services import Services

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "consented.py"), *arguments]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OSUSUME_")}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=60
    )


async def test_only_the_lists_of_those_who_allow_it_are_written_and_training_can_read_them(
    services: Services, database_url: str, tmp_path: Path
) -> None:
    await some_list(services)
    await some_list(services, MIO)
    await services.ratings.rate(MIO, CLANNAD, 4)
    await services.privacy.allow_training(AKI, allowed=True)
    out = tmp_path / "deep" / "consented.jsonl.gz"
    url = services.database.engine.url.render_as_string(hide_password=False)

    tried = run("--url", url, "--out", str(out), "--dry-run", "--json")
    assert json.loads(tried.stdout) == {"people": 1, "entries": 4, "dry_run": True}
    assert not out.exists()

    done = run("--url", url, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "1 people allow learning from their lists" in done.stdout
    if os.name != "nt":
        assert out.stat().st_mode & 0o077 == 0, "others on the machine may read it"

    lists, _ = read_consented(out)
    read = dict(zip(lists.anime_ids[lists.items].tolist(), lists.scores.tolist(), strict=True))
    assert read[STEINS_GATE] == 10
    assert read[MONSTER] == 0
    # Nothing tells who they are: not an id, and no time but that of the file.
    head, *people = gzip.decompress(out.read_bytes()).decode().splitlines()
    assert set(json.loads(head)) == {"format", "version", "exported_at", "people"}
    for person in people:
        for entry in json.loads(person):
            assert len(entry) == 3
            assert all(abs(number) < 10**7 for number in entry)

    await services.privacy.allow_training(AKI, allowed=False)
    again = run("--url", url, "--out", str(out), "--json")
    assert json.loads(again.stdout)["people"] == 0


def test_a_place_that_cannot_be_written_and_a_missing_database_get_a_sentence(
    tmp_path: Path,
) -> None:
    missing = run("--url", f"sqlite:///{(tmp_path / 'no' / 'a.db').as_posix()}")
    assert missing.returncode == 1
    assert "Traceback" not in missing.stderr
    assert run("--url", "mysql://x").returncode == 1
    assert run("--help").returncode == 0
