"""Lets a script run with whatever Python starts it: `import _environment` comes first in each.

Where the project is not installed in that Python, the script starts again by the launcher, which
makes the environment. Standard library only.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

if not all(importlib.util.find_spec(name) for name in ("bot", "discord", "sqlalchemy")):
    script = Path(sys.argv[0])
    words = [
        sys.executable,
        str(Path(__file__).with_name("osusume.py")),
        script.stem,
        *sys.argv[1:],
    ]
    if os.name != "nt":
        os.execv(words[0], words)  # noqa: S606 - no shell is wanted
    raise SystemExit(subprocess.run(words, check=False).returncode)
