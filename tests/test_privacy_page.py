"""PRIVACY.md and TERMS.md say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.commands.privacy import Privacy
from bot.db.personal import Impersonal, declared
from bot.locales import languages, strings
from bot.services.privacy.page import kept_table
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PRIVACY = (ROOT / "PRIVACY.md").read_text(encoding="utf-8")
TERMS = (ROOT / "TERMS.md").read_text(encoding="utf-8")


def test_the_table_of_what_is_kept_is_that_of_the_tables() -> None:
    found = re.search(r"<!-- kept: (.+?) -->\n(.*?)<!-- /kept -->", PRIVACY, re.DOTALL)
    assert found is not None
    assert found[2] == kept_table(), f"run {found[1]} and put what it prints into PRIVACY.md"


def test_every_table_of_nobody_is_said_to_be_about_nobody() -> None:
    from bot.db.models import Base

    said = {
        "guild": "what the admins of servers chose",
        "alias": "names of anime that the owner added",
        "service_day": "on which days the bot ran",
        "missed_query": "titles that nothing was found for",
    }
    tables = {
        table.name
        for table in Base.metadata.sorted_tables
        if isinstance(declared(table), Impersonal)
    }
    assert tables == set(said), "say in PRIVACY.md what these hold, and here how it is said"
    text = " ".join(PRIVACY.split())
    for sentence in said.values():
        assert sentence in text


def test_the_days_and_the_commands_are_those_of_the_program() -> None:
    text = " ".join(PRIVACY.split())
    assert f"more than {Settings.model_fields['retention_days'].default} days" in text
    backup = (ROOT / "scripts" / "backup.py").read_text(encoding="utf-8")
    days = re.search(r'"--days".*?default=(\d+)', backup, re.DOTALL)
    assert days is not None
    assert f"after {days[1]} days" in text
    commands = {command.name for command in Privacy.__cog_app_commands__}
    assert set(re.findall(r"`/privacy (\w+)`", PRIVACY)) == commands


@pytest.mark.parametrize("page", [PRIVACY, TERMS], ids=["PRIVACY.md", "TERMS.md"])
def test_the_links_to_files_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


@pytest.mark.parametrize("language", languages())
def test_every_kind_has_its_strings_in_the_language_itself(language: str) -> None:
    from bot.db.personal import personal_tables

    for one in personal_tables():
        for part in "what", "why":
            assert strings(language).own(f"privacy.kept.{one.kind}.{part}"), one.kind
