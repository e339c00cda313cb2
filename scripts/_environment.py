"""Lets a script run with whatever Python starts it: `import _environment` comes first in each.

Where the project is not installed in that Python, the script starts again by the launcher, which
makes the environment. Standard library only.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path


def start_again() -> None:
    """Run this script once more, by the launcher, and end with its status."""
    script, launcher = Path(sys.argv[0]), Path(__file__).with_name("osusume.py")
    words = [sys.executable, str(launcher), script.stem, *sys.argv[1:]]
    if sys.platform != "win32":  # which has no exec that keeps the console
        os.execv(words[0], words)  # noqa: S606 - no shell is wanted
    raise SystemExit(subprocess.run(words, check=False).returncode)


if not all(importlib.util.find_spec(name) for name in ("bot", "discord", "sqlalchemy")):
    start_again()
