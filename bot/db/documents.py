"""What the JSON columns hold, on its way to the database and back.

A list of picks is twenty small documents full of fractions. To write them by Python's own module
takes longer than to store them.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def write(document: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A document as text."""
    try:
        return orjson.dumps(document).decode()
    except orjson.JSONEncodeError:
        # Half a character, or a key that is a number: what Python's writes.
        return json.dumps(document)


def read(text: str | bytes) -> Any:  # noqa: ANN401
    """The document of a text, by whichever of the two it was written."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
