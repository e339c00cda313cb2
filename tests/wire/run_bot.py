"""``python -m bot``, but Discord is where OSUSUME_WIRE_URL says."""

import os
import sys

from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

Route.BASE = os.environ.pop("OSUSUME_WIRE_URL")
# Where a session is begun anew; the first one is told by HTTP.
DiscordWebSocket.DEFAULT_GATEWAY = URL(Route.BASE.replace("http", "ws", 1)) / "ws"

from bot.__main__ import main  # noqa: E402 - after the address

sys.exit(main([]))
