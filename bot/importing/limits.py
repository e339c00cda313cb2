"""How much of a file from outside is read before it is refused.

A list of 20,000 anime, far longer than any known one, is 17 MB of MyAnimeList's XML and 1 MB of it
packed.
"""

from __future__ import annotations

from typing import Final

MEGABYTE: Final = 1 << 20

MOST_BYTES: Final = 20 * MEGABYTE
"""Of a file as it comes, or of one answer of a site."""

MOST_UNPACKED: Final = 32 * MEGABYTE
"""Of what an archive holds."""

MOST_LINES: Final = 40_000
"""Of a list."""

MOST_VALUES: Final = 2_000_000
"""Of a JSON text: a value of one byte can take 64 in memory."""

MOST_DEPTH: Final = 12
"""Of elements within one another in XML; MyAnimeList's export has three."""

MOST_COLUMNS: Final = 200
"""Of a table."""

MOST_MEMBERS: Final = 100
"""Of files in a zip archive."""

LONGEST_TITLE: Final = 200
"""Characters of a title that are kept."""

MOST_SECONDS: Final = 30.0
"""That the reading of one file may take."""

MOST_MEMORY: Final = 640 * MEGABYTE
"""Of address space that the process which reads a file may take, its interpreter included."""
