"""Lists that people bring from elsewhere: files of every format, and the sites by user name.

It knows no Discord and no database. `read_list` reads a file; `bot.importing.apart` does so in a
process of its own; `bot.importing.sites` asks the sites.
"""

from bot.importing.errors import KEYS, RefusedError
from bot.importing.lines import Line, ReadList, Source
from bot.importing.reader import read_list

__all__ = ["KEYS", "Line", "ReadList", "RefusedError", "Source", "read_list"]
