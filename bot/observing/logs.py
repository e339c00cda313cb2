"""Logs, as text for people or as one JSON object a line for machines, and never with a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = "[hidden]"

# What a token of Discord's looks like, and the password of a database's address. Discord's library
# and the database's never log them today; this holds when one of them changes its mind.
_SECRETS = (
    re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),
    re.compile(r"(?<=://)(?P<user>[^:/@\s]*):[^@/\s]+(?=@)"),
    re.compile(r"(?P<path>\b(?:webhooks|interactions)/\d+/)[\w.=-]{20,}"),  # lets anyone answer
)

# What would be too much at any level.
_QUIET = {
    "alembic": logging.WARNING,  # every look at the tables, whether or not there is a change
    "aiosqlite": logging.WARNING,  # every statement with its values: people's ratings
    "discord.gateway": logging.INFO,  # every event whole: who asked, and what they typed
    "discord.webhook": logging.INFO,  # every answer whole
    "discord.http": logging.INFO,
}

# What a LogRecord has by itself; anything else was given as ``extra``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(
    level: str, form: Literal["text", "json"] = "text", secrets: Iterable[str] = ()
) -> logging.Handler:
    """Send everything that is logged to standard error, where a service manager collects it.

    Args:
        level: "DEBUG", "INFO", "WARNING" or "ERROR".
        form: a line for people, or a JSON object.
        secrets: strings that must never appear, such as the token.

    Returns:
        The handler, which replaces those that the root logger had.
    """
    handler = logging.StreamHandler(sys.stderr)
    inner = JsonFormatter() if form == "json" else TextFormatter()
    handler.setFormatter(Redacting(inner, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.getLevelNamesMapping()[level])
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    return handler


class TextFormatter(logging.Formatter):
    """A line with the time in UTC, the level, who speaks, and what is said."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """The time to the millisecond, in UTC: servers move, and logs are compared."""
        when = datetime.fromtimestamp(record.created, UTC)
        if datefmt:
            return when.strftime(datefmt)
        return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}Z"


class JsonFormatter(logging.Formatter):
    """One JSON object a line, as log collectors read it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with its ``extra`` fields."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {key: value for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            said["stack"] = self.formatStack(record.stack_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class Redacting(logging.Formatter):
    """Takes secrets out of what another formatter made, exceptions and all."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._inner = inner
        self._known = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """The inner formatter's line with every secret replaced."""
        line = self._inner.format(record)
        for secret in self._known:
            line = line.replace(secret, HIDDEN)
        line = _SECRETS[0].sub(HIDDEN, line)
        line = _SECRETS[1].sub(rf"\g<user>:{HIDDEN}", line)
        return _SECRETS[2].sub(rf"\g<path>{HIDDEN}", line)
