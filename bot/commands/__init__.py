"""The slash commands, one file a family: read options, call one service, send one card."""

from bot.commands.help import Help
from bot.commands.importing import Importing, import_menu
from bot.commands.picks import Picks
from bot.commands.privacy import Privacy
from bot.commands.ratings import Ratings
from bot.commands.settings import Settings
from bot.commands.titles import Titles

COGS = (Titles, Picks, Ratings, Settings, Importing, Privacy, Help)
"""Every family of commands, for the client to add."""

MENUS = (import_menu,)
"""Makers of the entries in the menus of messages."""
