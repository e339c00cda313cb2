"""The sites that tell a public list by user name, a page at a time.

A page says what comes after it, so that reading can go on after a restart.
"""

from bot.importing.sites.directory import Sites
from bot.importing.sites.page import Page, name_of

__all__ = ["Page", "Sites", "name_of"]
