"""Cells of a CSV file that no spreadsheet takes for a formula.

A spreadsheet runs a cell that begins with =, +, - or @, also behind an invisible character and in
the full width of Japanese; a title may begin so. Such a cell gets an apostrophe in front, which a
reader of ours takes off again: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

# Apostrophes that are there already are told from ours by counting: one is added, one is taken off.
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_GUARDED = re.compile(r"'(?='*[=+\-@＝＋－＠\t\r\n])")


def guarded(text: str) -> str:
    """The text, harmless as a cell."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` made the cell of; any other cell is as it is."""
    return _GUARDED.sub("", cell, count=1) if _GUARDED.match(cell) else cell
