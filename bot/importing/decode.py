"""From bytes to text: Unicode, or a sentence that says how to save it as such."""

from __future__ import annotations

import codecs

from bot.importing.errors import RefusedError

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes) -> str:
    """The text of a file, by its byte order mark, and UTF-8 where it has none.

    Shift-JIS and Windows' code pages cannot be told apart for certain, and a title read in the
    wrong one is another title: they are refused.

    Raises:
        RefusedError: it is not Unicode, or not text.
    """
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        raise RefusedError("import_encoding") from None
    if "\0" in text:
        raise RefusedError("import_encoding")
    return text
