"""A PostgreSQL server for the tests: the one that is named, or a private one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "OSUSUME_TEST_POSTGRES"


class UnavailableError(Exception):
    """There is no PostgreSQL here."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server's own database, with the right to make others.

    Raises:
        UnavailableError: none is named and none can be started.
    """
    if named := os.environ.get(ADDRESS):
        yield named
        return
    programs = _programs()
    # Short, because a socket's path may not be long, and readable by the user it runs as.
    home = Path(tempfile.mkdtemp(prefix="osusume-pg-"))
    runner = _unprivileged(home)
    data = home / "data"
    port = _free_port()
    start = [
        *(programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", home / "log"),
        *("-o", f"-p {port} -h 127.0.0.1 -k {home} -c fsync=off -c max_connections=60", "start"),
    ]
    try:
        _run(runner, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
        _run(runner, *start)
        try:
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(runner, programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    # Debian keeps each version's programs out of the PATH.
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda initdb: int(initdb.parts[4]), default=None)
    initdb = newest or shutil.which("initdb")
    if initdb is None:
        message = f"no initdb here, and {ADDRESS} names no server"
        raise UnavailableError(message)
    return Path(initdb).resolve().parent


def _unprivileged(home: Path) -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return []
    import pwd

    for user in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(user)
        except KeyError:
            continue
        os.chown(home, entry.pw_uid, entry.pw_gid)
        if runuser := shutil.which("runuser"):
            return [runuser, "-u", user, "--"]
    message = "running as root, and there is no other user to run PostgreSQL as"
    raise UnavailableError(message)


def _run(runner: list[str], *command: str | Path) -> None:
    done = subprocess.run(
        [*runner, *map(str, command)],
        stdin=subprocess.DEVNULL,
        # Not a pipe: the server keeps it open and the end would never come.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        message = f"{Path(command[0]).name} ended with {done.returncode}"
        raise UnavailableError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
