"""The slash commands, one file a family: read options, call one service, send one card."""

from bot.commands import cards, list_menu, why  # the buttons and menus under every list
from bot.commands.alike import Alike
from bot.commands.drop import Drop
from bot.commands.help import Help
from bot.commands.importing import Importing, import_menu
from bot.commands.message_menu import rate_menu
from bot.commands.picks import Picks
from bot.commands.privacy import Privacy
from bot.commands.ratings import Ratings
from bot.commands.server import Server
from bot.commands.sets import Sets
from bot.commands.settings import Settings
from bot.commands.start import Start
from bot.commands.titles import Titles
from bot.commands.watchlist import Watchlist

COGS = (
    Start,
    Titles,
    Picks,
    Alike,
    Sets,
    Ratings,
    Watchlist,
    Drop,
    Settings,
    Server,
    Importing,
    Privacy,
    Help,
)
"""Every family of commands, for the client to add."""

MENUS = (rate_menu, import_menu)
"""Makers of the entries in the menus of messages."""

TAPS = (cards, list_menu, why)
"""Modules that answer buttons and menus alone; to import them is to register them."""
