"""The scripts where things are missing, of another kind, or not ours: a sentence, and no trace."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recsys.bundle import save_bundle
from tests.admin.conftest import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.admin.conftest import Done

    Script = Callable[..., Done]

READERS = ("stats", "report", "consented", "doctor")


@pytest.mark.parametrize("name", READERS)
def test_looking_at_a_database_that_is_not_there_does_not_make_it(
    script: Script, home: Path, name: str
) -> None:
    done = script(name)
    assert not list(home.glob("osusume.sqlite3*"))
    assert "Traceback" not in done.err
    if name != "doctor":
        assert done.status == 1
        assert "There is no database osusume.sqlite3" in done.err


@pytest.mark.parametrize("name", READERS)
def test_an_empty_database_is_said_to_need_its_tables(
    script: Script, home: Path, name: str
) -> None:
    (home / "osusume.sqlite3").touch()
    done = script(name)
    assert "scripts/db.py upgrade" in done.out + done.err


@pytest.mark.parametrize("name", [*READERS, "db"])
def test_tables_of_another_program_are_told_apart_from_none(
    script: Script, home: Path, name: str
) -> None:
    with closing(sqlite3.connect(home / "osusume.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE entry (a)")
    done = script(name, *(["upgrade"] if name == "db" else []))
    assert done.status == 1
    assert "tables of another program (entry)" in done.out + done.err
    assert "Now run" not in done.out


@pytest.mark.parametrize("name", [*READERS, "db"])
def test_the_tables_of_a_newer_version_ask_for_a_newer_bot(
    script: Script, home: Path, name: str
) -> None:
    assert script("db", "upgrade").status == 0
    with closing(sqlite3.connect(home / "osusume.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = script(name, *(["upgrade"] if name == "db" else []))
    assert done.status == 1
    assert "update the bot" in done.out + done.err


def test_a_downgrade_of_nothing_speaks_of_an_empty_database(script: Script, home: Path) -> None:
    (home / "osusume.sqlite3").touch()
    done = script("db", "downgrade", "0003")
    assert done.status == 1
    assert "The database is empty" in done.err


def test_a_broken_backup_is_called_by_its_own_name(script: Script, home: Path) -> None:
    (home / "mine.sqlite3").write_text("no database at all, but long enough to be one" * 40)
    done = script("restore", "mine.sqlite3", "--yes")
    assert done.status == 1
    assert done.err.startswith("mine.sqlite3 is damaged")


@pytest.mark.parametrize("url", ["mysql://x", "nonsense"])
def test_a_wrong_target_of_a_copy_is_named_as_the_option_that_it_is(
    script: Script, home: Path, url: str
) -> None:
    assert script("db", "upgrade").status == 0
    done = script("db", "copy", "--to", url)
    assert done.status == 1
    assert "--to" in done.err
    assert "OSUSUME_DATABASE_URL" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["doctor", "--env-file", "none.env"], "There is no file none.env"),
        (["db", "current", "--env-file", "none.env"], "There is no file none.env"),
        (["stats", "--days", "x"], "'x' is not a whole number, from 1 to 36500"),
        (["report", "--days", "0"], "'0' is not a whole number, from 1 to 36500"),
        (["backup", "--keep", "0"], "'0' is not a whole number, 1 or more"),
        (["setup", "--guild", "0"], "'0' is not a whole number, 1 or more"),
        (["commands", "diff", "--guild", "here"], "'here' is not a whole number, 1 or more"),
    ],
)
def test_a_wrong_option_is_refused_in_words_of_its_own(
    script: Script, words: list[str], said: str
) -> None:
    done = script(*words)
    assert done.status == 2
    assert said in done.err


def test_an_empty_file_for_a_token_is_named(script: Script, home: Path) -> None:
    (home / "empty").touch()
    done = script("setup", "--token-file", "empty")
    assert done.status == 1
    assert "There is no token in empty" in done.err


def test_a_bundle_path_that_leads_nowhere_is_not_listed_as_the_one_that_answers(
    script: Script, home: Path
) -> None:
    (home / ".env").write_text("OSUSUME_BUNDLE_PATH=nowhere\n", encoding="utf-8")
    done = script("model", "list")
    assert done.status == 1
    assert "There is no bundle in nowhere" in done.out


@pytest.mark.parametrize(
    ("model", "said"),
    [("gpt", "which this Osusume does not know"), ("mf", "do not fit together")],
)
def test_a_whole_bundle_that_the_bot_could_not_answer_with_is_neither_verified_nor_added(
    script: Script, home: Path, model: str, said: str
) -> None:
    save_bundle(home / "odd", {"model": {"x": np.zeros(3)}}, {"model": model, "settings": {}})
    assert said in script("model", "verify", "odd").out
    added = script("model", "add", "odd", "--activate")
    assert added.status == 1
    assert said in added.err
    assert not (home / "bundles").exists()


@pytest.mark.parametrize(
    "name",
    [
        path.stem
        for path in SCRIPTS.glob("*.py")
        if path.stem not in {"osusume", "_environment", "screenshots"}
    ],
)
def test_each_script_asks_for_the_environment_before_it_imports_the_bot(name: str) -> None:
    """As README has it, a Python that has nothing installed may start any of them."""
    text = (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    ours = [line for line in lines if line.split()[1].partition(".")[0] in {"bot", "recsys"}]
    assert lines.index("import _environment  # noqa: F401 - finds the project") < lines.index(
        ours[0]
    )


def test_a_script_without_anything_installed_starts_the_launcher(tmp_path: Path) -> None:
    """Run where neither the bot nor its packages can be found, it does not end in an import."""
    launcher = tmp_path / "osusume.py"
    launcher.write_text("import sys; print('launched', sys.argv[1:])", encoding="utf-8")
    for name in ("_environment", "aliases"):
        text = (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-S", "-E", str(tmp_path / "aliases.py"), "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.split()[:1] == ["launched"], done.stderr
    assert "['aliases', 'list']" in done.stdout
