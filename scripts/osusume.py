"""Make the environment, then run the bot or its tests. The same words on every system.

  python scripts/osusume.py run      the bot: in your browser, or on Discord with a token in .env
  python scripts/osusume.py test     every check that CI makes: format, lint, types, tests
  python scripts/osusume.py python   Python with everything, as in `... python -m recsys --help`

For whoever runs the bot, each with --help:

  python scripts/osusume.py setup    token, .env, database, commands
  python scripts/osusume.py doctor   everything that can be wrong, and what mends it
  aliases, backup, commands, db, model, report, restore, stats

The environment is the folder .venv beside this project. It is made the first time, and brought up
to date when pyproject.toml has changed. What follows the command is handed on, to the bot, to
pytest or to Python.
"""

# Standard library only: this runs before anything is installed. And nothing that an old Python
# cannot parse, for it must be able to say that it is too old.
from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "osusume.json"
LOG = VENV / "osusume-install.log"

OLDEST = (3, 11)
# `run` does without torch (a large download): what it serves needs NumPy and SciPy alone. Training
# needs it, so `test` and `python` install it.
EXTRAS = {"run": "local,postgres,metrics", "all": "dev"}
ADMIN = (
    *("setup", "doctor", "aliases", "backup", "commands", "consented", "db", "model", "report"),
    *("restore", "stats"),
)
TORCH = "2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class CannotError(Exception):
    """It cannot be done; the message says what to do about it."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python scripts/osusume.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["run", "test", "python", *ADMIN])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        refuse_old_python(sys.version_info[:2])
        prepare("all" if options.command in ("python", "test") else "run")
        if options.command == "run":
            return become([PYTHON, "-m", "bot", *options.rest])
        if options.command in ADMIN:
            script = ROOT / "scripts" / f"{options.command}.py"
            return become([PYTHON, script, *options.rest], Path.cwd())
        if options.command == "python":
            return become([PYTHON, *options.rest])
        return test(options.rest)
    except CannotError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where it was.", file=sys.stderr)
        return 130


def refuse_old_python(version: tuple[int, ...]) -> None:
    """Say which Python is needed, where this one is older."""
    if version < OLDEST:
        found, needed = (".".join(map(str, numbers)) for numbers in (version, OLDEST))
        message = (
            f"Osusume needs Python {needed} or newer, and this is Python {found}. "
            "Install a newer one, and start this script with it."
        )
        raise CannotError(message)


# ------------------------------------------------------------------ the environment


def prepare(profile: str) -> None:
    """Make .venv and install what a profile of `EXTRAS` needs, unless that is there already."""
    wanted = fingerprint()
    installed = read_stamp()
    if wanted in (installed.get(profile), installed.get("all")) and venv_works():
        return
    started = time.monotonic()
    if not venv_works():
        make_venv()
        installed = {}
    if profile == "all":
        install_torch()
    install(["-e", f"{ROOT}[{EXTRAS[profile]}]"], "what the project needs")
    installed[profile] = wanted
    STAMP.write_text(json.dumps(installed), encoding="utf-8")
    print(f"The environment is ready after {time.monotonic() - started:.0f} s.", flush=True)


def fingerprint() -> str:
    """What an installation depends on: the project's file, this script, and which Python it is."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode()])).hexdigest()


def read_stamp() -> dict[str, str]:
    """The fingerprint of each profile when it was last installed."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def venv_works() -> bool:
    """Whether .venv has a Python of this version and pip; a half-made one has not."""
    script = "import pip, sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(PYTHON), "-c", script], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.split() == [str(n) for n in sys.version_info[:2]]


def make_venv() -> None:
    """Make .venv anew."""
    try:
        import ensurepip  # noqa: F401 - Debian packs it apart
        import venv
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        message = (
            f"This Python cannot make an environment: its venv module is not complete. "
            f"On Debian and Ubuntu: sudo apt install python{version}-venv"
        )
        raise CannotError(message) from None
    print(f"Making the environment in {VENV}", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"The environment cannot be made: {error}. Is {VENV} in use, or the disk full?"
        raise CannotError(message) from None


def install_torch() -> None:
    """Install torch without CUDA, which takes gigabytes and which nothing here needs."""
    command = [str(PYTHON), "-m", "pip", "show", "torch"]
    found = subprocess.run(command, capture_output=True, check=False)
    if found.returncode == 0:
        return
    what = "torch, the CPU build"
    if not sys.platform.startswith("linux"):
        install([f"torch=={TORCH}"], what)  # elsewhere the usual build is the one without CUDA
        return
    requirement = f"torch=={TORCH}+cpu"
    try:
        install([requirement], what)  # where pip is set up to know a place that has it
    except CannotError:
        install([requirement, "--extra-index-url", TORCH_CPU_INDEX], what)


def install(requirements: list[str], what: str) -> None:
    """Run pip, and show one line of it at a time."""
    print(f"Installing {what}", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *requirements]
    tail: deque[str] = deque(maxlen=12)
    with LOG.open("a", encoding="utf-8") as log:
        pip = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert pip.stdout is not None  # noqa: S101 - it was asked for
        for line in pip.stdout:
            log.write(line)
            tail.append(line.rstrip())
            show_progress(line)
        status = pip.wait()
    show_progress("")
    if status != 0:
        shown = "\n".join(f"  {line}" for line in tail)
        message = (
            f"Installing {what} failed. The end of what pip said:\n{shown}\n"
            f"All of it is in {LOG}. Most often the network or a full disk is the cause: "
            "mend it, then start the same command again."
        )
        raise CannotError(message)


def show_progress(line: str) -> None:
    """Overwrite the terminal's last line with what pip is doing; a log file gets nothing."""
    if not sys.stdout.isatty():
        return
    words = line.split()
    doing = " ".join(words[:2]) if words[:1] in (["Collecting"], ["Downloading"]) else ""
    if words[:1] == ["Installing"]:
        doing = "Unpacking"
    if doing or not line:
        print(f"\r  {doing[:70]:<70}\r", end="", flush=True)


# ------------------------------------------------------------------ the work


def become(command: list[str | Path], folder: Path = ROOT) -> int:
    """Go on as another program in a folder: signals and exit status are its own."""
    sys.stdout.flush()
    os.chdir(folder)
    words = [str(word) for word in command]
    if os.name != "nt":
        os.execv(words[0], words)  # noqa: S606 - no shell is wanted
    with subprocess.Popen(words) as program:  # Windows has no exec that keeps the console
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue  # the program got the Ctrl-C too, and ends itself


# A process for each core, and all tests of a file in one of them: they share what they set up.
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]


def test(pytest_arguments: list[str]) -> int:
    """Run every check, the quick ones first; return the status of the first that failed.

    A test that cannot run for want of Chromium or PostgreSQL is skipped and named at the end; with
    OSUSUME_REQUIRE_ALL=1, as in CI, it fails instead.
    """
    # Without its cache: how ruff sorts imports depends on which other files there are.
    checks = [
        ("format", ["ruff", "format", "--check", "--quiet", "."]),
        ("lint", ["ruff", "check", "--quiet", "--no-cache", "."]),
        ("types", ["pyright", "--pythonpath", str(PYTHON)]),
        ("tests", ["pytest", *SIDE_BY_SIDE, *pytest_arguments]),
    ]
    failed = []
    for name, words in checks:
        if name == "tests" and failed:
            print("Not right yet: " + ", ".join(name for name, _ in failed), flush=True)
        print(f"--- {name}", flush=True)
        status = subprocess.run([str(PYTHON), "-m", *words], cwd=ROOT, check=False).returncode
        if status != 0:
            failed.append((name, status))
    return failed[0][1] if failed else 0


if __name__ == "__main__":
    sys.exit(main())
