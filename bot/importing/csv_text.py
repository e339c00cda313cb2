"""Text with separated values: which character separates them, and the rows."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.importing.columns import read_rows
from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_COLUMNS, MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.importing.lines import ReadList

_DELIMITERS: Final = ",;\t|"
_LONGEST_HEADER: Final = 10_000


def read(text: str) -> ReadList:
    """Read a CSV text whose first line names its columns.

    Raises:
        RefusedError: it is no such text.
    """
    text = text.lstrip("\r\n \ufeff")
    header, _, rest = text[:_LONGEST_HEADER].partition("\n")
    if header.casefold().startswith("sep=") and len(header.strip()) == 5:  # Excel's declaration
        delimiter = header.strip()[4]
        text = text[len(header) + 1 :]
    else:
        delimiter = max(_DELIMITERS, key=header.count)
    if not rest and delimiter not in header:
        raise RefusedError("import_unknown_file")
    return read_rows(_rows(text, delimiter))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    if delimiter not in _DELIMITERS:
        raise RefusedError("import_csv")
    # Not csv.Sniffer: its regular expressions can take minutes on a hostile text.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in islice(reader, MOST_LINES + 2):
            if len(row) > MOST_COLUMNS:
                raise RefusedError("import_csv")
            yield row
    except csv.Error:
        raise RefusedError("import_csv") from None
