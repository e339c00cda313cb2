"""The pages: every link leads somewhere, every command that they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if ".venv" not in page.parts
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    text = re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {slug(line.lstrip("#")) for line in text.splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    dead = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def named(pattern: str) -> set[str]:
    found: set[str] = set()
    for page in PAGES:
        found |= set(re.findall(pattern, page.read_text(encoding="utf-8")))
    return found


def test_every_script_that_a_page_names_is_there():
    files = named(r"\b((?:scripts|benchmarks)/[a-z_]+\.py)\b")
    assert files
    assert [file for file in sorted(files) if not (ROOT / file).is_file()] == []


def test_every_word_for_the_launcher_that_a_page_names_is_one():
    words = named(r"scripts/osusume\.py ([a-z]+)")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/osusume.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(re.findall(r"[a-z]+", done.stdout))
    assert words - known == set()


def test_every_subcommand_of_recsys_that_a_page_names_is_one():
    words = named(r"python -m recsys ([a-z]+)")
    done = subprocess.run(
        [sys.executable, "-m", "recsys", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert words
    assert [word for word in sorted(words) if word not in done.stdout] == []


def test_every_setting_that_a_page_names_is_one():
    from bot.settings import PREFIX, Settings

    # Those of the tests and of training are no settings of the bot.
    ours = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    ours |= {f"{PREFIX}REQUIRE_ALL", f"{PREFIX}TEST_POSTGRES", f"{PREFIX}DEVICE", PREFIX}
    ours |= {f"{PREFIX}CPU_BF16"}
    assert named(rf"\b{PREFIX}[A-Z_0-9]*") - ours == set()
