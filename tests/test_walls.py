"""The walls of the house: which room may import what. See ARCHITECTURE.md."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DISCORD = {"discord", "simcord"}
DATABASE = {"sqlalchemy", "alembic", "aiosqlite", "asyncpg", "sqlite3"}
MATRICES = {"numpy", "scipy", "torch", "pandas"}
SLOW = {"torch", "pandas", "pyarrow", "matplotlib", "sklearn"}

# room → top-level names (or dotted prefixes) that no file in it may import, at any depth
FORBIDDEN = {
    "recsys": {"bot", "migrations"} | DISCORD | DATABASE,
    "bot/services": DISCORD | {"sqlalchemy", "alembic"},
    "bot/chat": DISCORD | {"sqlalchemy", "alembic"},
    "bot/commands": DATABASE | MATRICES | {"bot.db"},
    "bot/ui": DATABASE | MATRICES | {"bot.db"},
    "bot/picking": DISCORD | DATABASE | {"bot.db", "bot.services", "bot.settings"},
    "bot/importing": DISCORD
    | DATABASE
    | MATRICES
    | {"bot.db", "bot.services", "bot.ui", "bot.commands", "bot.settings"},
    "bot/locales": DISCORD | DATABASE | MATRICES,
}


def imports_of(path: Path) -> set[str]:
    """Every dotted name that a file imports, inside functions and type checks too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which wall they cross"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


def crosses(name: str, forbidden: set[str]) -> bool:
    return any(name == wall or name.startswith(wall + ".") for wall in forbidden)


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_no_file_in_a_room_imports_across_its_wall(room):
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in sorted(imports_of(path))
        if crosses(name, FORBIDDEN[room])
    ]
    assert found == []


def test_only_the_database_room_and_the_migrations_import_sqlalchemy():
    found = [
        str(path.relative_to(ROOT))
        for package in ("bot", "recsys", "scripts")
        for path in sorted((ROOT / package).rglob("*.py"))
        if not path.is_relative_to(ROOT / "bot" / "db")
        and any(crosses(name, {"sqlalchemy", "alembic"}) for name in imports_of(path))
    ]
    assert found == []


def test_the_wall_reader_sees_imports_at_any_depth(tmp_path):
    source = "def f():\n    from discord import app_commands\n    import torch.nn as nn\n"
    (tmp_path / "x.py").write_text(source, encoding="utf-8")
    names = imports_of(tmp_path / "x.py")
    assert crosses("discord.app_commands", {"discord"})
    assert {"discord.app_commands", "torch.nn"} <= names
    assert not crosses("discordant", {"discord"})


def test_the_bot_imports_nothing_slow_at_start():
    script = "import bot.client, bot.services, recsys.recommender, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert SLOW & set(done.stdout.split()) == set()
