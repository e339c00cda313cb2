"""The launcher, on a small project of its own that installs without a network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A build backend (PEP 660) small enough to live in the project: pip needs to fetch nothing.
BACKEND = """
import os, zipfile
from pathlib import Path

EXTRAS = "".join(f"Provides-Extra: {name}\\n" for name in ("local", "postgres", "dev"))
FILES = {
    "METADATA": "Metadata-Version: 2.1\\nName: osusume\\nVersion: 0\\n" + EXTRAS,
    "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "RECORD": "",
}

def build_editable(directory, config_settings=None, metadata_directory=None):
    name = "osusume-0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr("osusume.pth", str(Path.cwd()))
        for file, text in FILES.items():
            wheel.writestr("osusume-0.dist-info/" + file, text)
    return name
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

MAIN = "import os, sys; print('bot', os.getcwd(), *sys.argv[1:]); sys.exit(7)"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("a project")  # with a space, as a home folder may have
    (root / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "osusume.py", root / "scripts")
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "bot").mkdir()
    (root / "bot" / "__init__.py").touch()
    (root / "bot" / "__main__.py").write_text(MAIN, encoding="utf-8")
    return root


def launch(project, *arguments):
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(
        [sys.executable, project / "scripts" / "osusume.py", *arguments],
        capture_output=True,
        text=True,
        cwd=project.parent,
        env=environment,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def first_run(project):
    return launch(project, "run", "--flag")


def test_run_makes_the_environment_and_becomes_the_bot_in_the_projects_folder(project, first_run):
    assert f"bot {project} --flag" in first_run.stdout
    assert first_run.returncode == 7
    assert (project / ".venv").is_dir()


def test_the_first_run_says_in_a_few_lines_what_it_does(first_run):
    assert first_run.stderr == ""
    lines = first_run.stdout.splitlines()
    assert lines[0].startswith("Making the environment")
    assert lines[1].startswith("Installing")
    assert len(lines) <= 5


def test_a_second_run_installs_nothing(project, first_run):
    again = launch(project, "run")
    assert again.stdout.splitlines() == [f"bot {project}"]


def test_a_changed_project_file_is_installed_again_into_the_same_environment(project, first_run):
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    lines = launch(project, "run").stdout.splitlines()
    assert lines[0].startswith("Installing")
    assert lines[-1] == f"bot {project}"
    assert launch(project, "run").stdout.splitlines() == [f"bot {project}"]


def test_a_half_made_environment_is_made_anew(project, first_run):
    python = next((project / ".venv").glob("[bS]*/python*"))
    shutil.rmtree(python.parent)
    lines = launch(project, "run").stdout.splitlines()
    assert lines[0].startswith("Making the environment")
    assert lines[-1] == f"bot {project}"


def test_a_failed_installation_shows_the_end_of_what_pip_said_and_where_the_rest_is(
    project, first_run
):
    pyproject = project / "pyproject.toml"
    right = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(right.replace("requires = []", 'requires = ["no-such-thing"]'), "utf-8")
    try:
        failed = launch(project, "run")
    finally:
        pyproject.write_text(right, encoding="utf-8")
    assert failed.returncode == 1
    assert "no-such-thing" in failed.stderr
    assert "osusume-install.log" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "bot" not in failed.stdout.splitlines()[-1].split()


def test_an_old_python_is_told_which_one_is_needed():
    script = (
        "import importlib.util, sys; "
        "spec = importlib.util.spec_from_file_location('launcher', sys.argv[1]); "
        "launcher = importlib.util.module_from_spec(spec); spec.loader.exec_module(launcher); "
        "sys.version_info = (3, 9, 2); sys.exit(launcher.main(['run']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, ROOT / "scripts" / "osusume.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Osusume needs Python 3.11 or newer, and this is Python 3.9.")


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_a_wrong_word_gets_the_words_that_are_right(project, arguments):
    done = launch(project, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "run" in done.stderr
    assert "test" in done.stderr
