"""What every script for admins has in common: how it ends, and how it speaks.

A script prints sentences for people, or with ``--json`` one object for another program. Its exit
status is 0 when it was done, 1 when it was not, 2 when the command line or a setting is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from bot.db import DatabaseError
from bot.locales import DEFAULT, strings
from bot.services.errors import StartupError, UserError
from bot.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

DONE, NOT_DONE, MISCONFIGURED = 0, 1, 2


class CannotError(Exception):
    """It cannot be done; the message says what to do about it."""


class Speaker:
    """Says what happens: as it happens for people, or all at the end for a program.

    Args:
        as_json: whether for a program.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._facts: dict[str, Any] = {}

    def say(self, sentence: str = "", **facts: object) -> None:
        """Tell a person a sentence, a program the facts."""
        self._facts |= facts
        if sentence and not self.as_json:
            sys.stdout.write(f"{sentence}\n")
            sys.stdout.flush()

    def end(self) -> None:
        """Print the facts, where a program reads."""
        if self.as_json:
            sys.stdout.write(json.dumps(self._facts, indent=2, default=str) + "\n")


def run_tool(
    options: argparse.Namespace,
    work: Callable[[argparse.Namespace, Speaker], Awaitable[int | None]],
) -> int:
    """Run a script's work and turn whatever goes wrong into a sentence.

    Args:
        options: the parsed command line; ``json``, where it has it, chooses how to speak.
        work: what the script does. It returns the exit status, None meaning done.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # for a console that cannot show every title
    logging.disable()  # what it would say is said by the script
    speaker = Speaker(as_json=getattr(options, "json", False))
    try:
        status = asyncio.run(_awaited(options, speaker, work))
    except SettingsError as error:
        return _fail(speaker, str(error), MISCONFIGURED)
    except UserError as error:
        sentence = strings(DEFAULT)(f"errors.{error.key}", **error.params)
        return _fail(speaker, str(error.__cause__ or sentence), NOT_DONE)
    except (CannotError, StartupError, DatabaseError) as error:
        return _fail(speaker, str(error), NOT_DONE)
    except KeyboardInterrupt:
        return _fail(speaker, "Stopped.", NOT_DONE)
    finally:
        logging.disable(logging.NOTSET)
    speaker.end()
    return DONE if status is None else status


async def _awaited(
    options: argparse.Namespace,
    speaker: Speaker,
    work: Callable[[argparse.Namespace, Speaker], Awaitable[int | None]],
) -> int | None:
    return await work(options, speaker)


def _fail(speaker: Speaker, sentence: str, status: int) -> int:
    speaker.say(error=sentence)
    speaker.end()
    sys.stderr.write(f"{sentence}\n")
    return status


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows of text in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def with_json(parser: argparse.ArgumentParser) -> None:
    """Add the option that every script has."""
    parser.add_argument("--json", action="store_true", help="for another program to read")


def whole(least: int = 1, most: int | None = None) -> Callable[[str], int]:
    """What argparse reads a whole number with, and refuses others in a sentence.

    Args:
        least: the smallest that may be given.
        most: the largest; None for any.
    """
    span = f"{least} or more" if most is None else f"from {least} to {most}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            message = f"{text!r} is not a whole number, {span}"
            raise argparse.ArgumentTypeError(message)
        return number

    return read


def megabytes(count: float) -> str:
    """A number of bytes, for people."""
    return f"{count / 1e6:,.1f} MB"


def as_facts(items: Mapping[str, str]) -> list[dict[str, str]]:
    """Names and states as a list of objects, which survives names that are odd keys."""
    return [{"name": name, "state": state} for name, state in items.items()]
