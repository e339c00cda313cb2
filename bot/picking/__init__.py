"""Picks worked out in processes beside the bot's own, so that they use another core of the machine.

Python runs one thread of a process at a time. What a thread works out is taken from the event
loop's time, and at some hundred interactions a second both want more than there is.
"""

from bot.picking.processes import PickProcesses
from bot.picking.running import GoneError

__all__ = ["GoneError", "PickProcesses"]
