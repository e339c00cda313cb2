"""What an admin deploys, checked by everything that needs no engine."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement

from bot.observing.meter import PrometheusMeter
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
LOCK = DEPLOY / "requirements.lock"
REQUIRED = os.environ.get("OSUSUME_REQUIRE_ALL") == "1"


def tool(name: str) -> str:
    """A program beside this Python or on the PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        if REQUIRED and name != "systemd-analyze":
            pytest.fail(f"{name} is required and missing")
        pytest.skip(f"{name} is not installed")
    return found


def test_the_container_file_has_nothing_to_complain_about():
    done = subprocess.run(
        [tool("hadolint"), DEPLOY / "Containerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_container_runs_as_nobody_special_and_copies_what_exists():
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < next(i for i, x in enumerate(lines) if x.startswith("CMD"))
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_compose_file_is_what_its_schema_says():
    schema = json.loads((ROOT / "tests/data/compose_spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft201909Validator(schema).validate(compose())


def test_the_compose_file_gives_the_bot_nothing_it_does_not_need():
    bot = compose()["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in bot["security_opt"]
    assert "ports" not in bot


@pytest.mark.parametrize("name", ["compose.yaml", "Containerfile", "osusume.service"])
def test_every_setting_that_is_deployed_exists(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for setting in set(re.findall(rf"{PREFIX}([A-Z_]+)", text)):
        assert setting.lower() in Settings.model_fields


def test_the_unit_is_one_that_systemd_takes(tmp_path):
    unit = (DEPLOY / "osusume.service").read_text(encoding="utf-8")
    # On this machine there is neither that program nor that user.
    unit = unit.replace("/opt/osusume/.venv/bin/python", sys.executable)
    unit = unit.replace("User=osusume", "User=root").replace("Group=osusume", "Group=root")
    file = tmp_path / "osusume.service"
    file.write_text(unit, encoding="utf-8")
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", file],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "osusume" in line]
    assert (done.returncode, ours) == (0, [])


def test_what_the_image_sets_is_not_emptied_by_the_example_of_settings():
    """Both engines hand empty lines of .env on, and an empty one wins over the image's."""
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    page = (ROOT / "docs/admin/container.md").read_text(encoding="utf-8")
    emptied = [
        (name, value)
        for name, value in re.findall(rf"({PREFIX}[A-Z_]+)=(\S+)", image)
        if re.search(rf"^{name}=$", example, re.MULTILINE)
    ]
    assert emptied
    for name, value in emptied:
        assert compose()["services"]["bot"]["environment"][name] == value
        assert f"-e {name}={value}" in page


def test_the_scripts_run_as_the_unit_runs_the_bot(tmp_path):
    unit = (DEPLOY / "osusume.service").read_text(encoding="utf-8")
    script = (DEPLOY / "osusume.sh").read_text(encoding="utf-8")
    (folder,) = re.findall(r"^WorkingDirectory=(\S+)$", unit, re.MULTILINE)
    (user,) = re.findall(r"^User=(\S+)$", unit, re.MULTILINE)
    (python,) = re.findall(r"^ExecStart=(\S+) ", unit, re.MULTILINE)
    assert f"cd {folder}\n" in script
    assert f"exec runuser -u {user} -- {python} " in script
    assert not re.search(r"^Environment(File)?=.*DATABASE_URL", unit, re.MULTILINE)
    if os.name == "nt" or tool("sh") is None:
        return
    # In a folder of its own, as whoever runs the test.
    ours, theirs = tmp_path / "opt", tmp_path / "lib"
    (ours / "scripts").mkdir(parents=True)
    theirs.mkdir()
    told = "import os, sys; print(os.getcwd(), sys.argv[1:])"
    (ours / "scripts" / "backup.py").write_text(told, encoding="utf-8")
    script = script.replace(f"runuser -u {user} --", "").replace(python, sys.executable)
    script = script.replace("/opt/osusume", str(ours)).replace(folder, str(theirs))
    (tmp_path / "osusume.sh").write_text(script, encoding="utf-8")
    command = [tool("sh"), tmp_path / "osusume.sh"]
    words = [*command, "backup", "--to", "a b"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"{theirs} ['--to', 'a b']"
    for wrong in ([], ["nothing"]):
        done = subprocess.run([*command, *wrong], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "backup" in done.stderr


def figures() -> set[str]:
    """Every series that the bot has."""
    return {
        sample
        for metric in PrometheusMeter().registry.collect()
        for sample in (
            metric.name,
            *(f"{metric.name}_{part}" for part in ("total", "bucket", "count", "sum")),
        )
    }


@pytest.mark.parametrize("name", ["grafana-dashboard.json", "osusume-alerts.yml"])
def test_only_figures_that_exist_are_drawn_or_watched(name):
    text = (DEPLOY / name).read_text(encoding="utf-8")
    asked = set(re.findall(r"\bosusume_[a-z_]+|\bprocess_[a-z_]+", text))
    assert asked
    assert asked - figures() == set()


def test_the_dashboard_draws_every_figure_of_ours():
    text = (DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8")
    ours = {metric.name for metric in PrometheusMeter().registry.collect()}
    for name in ours:
        if name.startswith("osusume_"):
            assert name in text


def locked() -> dict[str, str]:
    """Every package of the lock, and its version."""
    text = LOCK.read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


def test_the_lock_pins_everything_that_the_bot_needs_as_the_project_asks_for_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["local"], *extras["postgres"], *extras["metrics"]]
    pinned = locked()
    for line in wanted:
        requirement = Requirement(line)
        name = requirement.name.lower().replace("_", "-").replace(".", "-")
        versions = {k.replace("_", "-").replace(".", "-"): v for k, v in pinned.items()}
        assert requirement.specifier.contains(versions[name]), line


def test_every_line_of_the_lock_has_hashes_and_comes_from_nowhere_in_particular():
    text = LOCK.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9._-]+==)", text)
    for block in blocks[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]
    assert "://" not in text
    assert "torch" not in locked()
