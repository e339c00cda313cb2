"""The use cases: rating, picking, finding a title. Plain Python in, dataclasses out."""

from bot.services.container import Services
from bot.services.errors import StartupError, UserError

__all__ = ["Services", "StartupError", "UserError"]
