"""From bytes to text: Unicode, or a sentence that says how to save it as such."""

from __future__ import annotations

import codecs
import re

from bot.importing.errors import RefusedError

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Controls that no text has in any encoding, but pictures, PDFs and programs do. Of those, NUL is in
# UTF-16, escape in ISO-2022-JP.
_NO_TEXT = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 4096  # bytes


def decode(data: bytes) -> str:
    """The text of a file, by its byte order mark, and UTF-8 where it has none.

    Shift-JIS and Windows' code pages cannot be told apart for certain, and a title read in the
    wrong one is another title: they are refused.

    Raises:
        RefusedError: it is not Unicode, or no text at all.
    """
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        foreign = _NO_TEXT.search(data, 0, _LOOKED_AT) is not None
        raise RefusedError("import_unknown_file" if foreign else "import_encoding") from None
    if "\0" in text:
        raise RefusedError("import_encoding")
    return text
