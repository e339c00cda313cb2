"""JSON from outside: read within limits, and looked into without trusting its shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator


def load(text: str) -> object:
    """The value of a JSON text.

    Raises:
        RefusedError: it is not JSON, is nested too deeply, or holds too many values.
    """
    # Counted before anything is built; commas within strings count too, which does no harm.
    if sum(map(text.count, "{[,")) > MOST_VALUES:
        raise RefusedError("import_too_complex")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise RefusedError("import_too_complex") from None
    except ValueError:  # bad JSON, and a number of more digits than Python reads
        raise RefusedError("import_json") from None


def _no_number(_name: str) -> None:
    """NaN and Infinity, which JSON does not have, are no score."""


def table(value: object) -> dict[str, Any]:
    """An object's fields; none for what is no object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """An array's items; none for what is no array."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def tables(value: object) -> Iterator[dict[str, Any]]:
    """The objects among an array's items."""
    return (cast("dict[str, Any]", item) for item in items(value) if isinstance(item, dict))
