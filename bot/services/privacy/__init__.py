"""What is kept of people: shown, handed over, taken away, and removed when they have left.

What there is to show, export and erase follows from the tables themselves; see `bot.db.personal`.
"""

from bot.services.privacy.packing import File
from bot.services.privacy.presence import Presence
from bot.services.privacy.retention import Retention
from bot.services.privacy.service import PrivacyService

__all__ = ["File", "Presence", "PrivacyService", "Retention"]
