"""`python -m bot.services.privacy`: the table of PRIVACY.md, from what the tables declare."""

import sys

from bot.services.privacy.page import kept_table

sys.stdout.write(kept_table())
