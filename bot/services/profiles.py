"""People's profiles and hints, kept in memory while they are current."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from bot.services.hints import hints_from
from recsys.profile import Hints, Profile

if TYPE_CHECKING:
    from bot.db import Database, Transaction
    from bot.db.users import Version


class Evidence(NamedTuple):
    """All that the recommender knows of one person.

    Attributes:
        profile: what is on their list, newest last.
        hints: what they said beside it.
    """

    profile: Profile = Profile()
    hints: Hints = Hints()


_NONE = Evidence()


class Profiles:
    """Reads what is known of people; what did not change since is not read again.

    The database is asked for the person's version each time, one row instead of hundreds, so a
    change by another process is never missed.
    """

    def __init__(self, database: Database, size: int = 1024) -> None:
        self._database = database
        self._size = size
        self._known: OrderedDict[int, tuple[Version, Evidence]] = OrderedDict()

    async def get(self, user_id: int) -> Profile:
        """Everything a person has on their list, newest last.

        Raises:
            DatabaseError: it cannot be read.
        """
        return (await self.evidence(user_id)).profile

    async def evidence(self, user_id: int) -> Evidence:
        """A person's list and hints, as of one moment.

        Raises:
            DatabaseError: they cannot be read.
        """
        async with self._database.read() as tx:
            return await self.within(tx, user_id)

    async def within(self, tx: Transaction, user_id: int) -> Evidence:
        """As `evidence`, in a transaction that reads more than this."""
        version = await tx.users.version(user_id)
        if version is None:
            self._known.pop(user_id, None)
            return _NONE
        known = self._known.get(user_id)
        if known is not None and known[0] == version:
            self._known.move_to_end(user_id)
            return known[1]
        # What another process commits between these reads is kept under a version that is
        # already old, and so is read again next time.
        profile = Profile(await tx.entries.all(user_id))
        hints = hints_from(await tx.hints.all(user_id), await tx.asked.answered(user_id))
        found = Evidence(profile, hints)
        self._known[user_id] = version, found
        self._known.move_to_end(user_id)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return found

    def forget(self, user_id: int) -> None:
        """Keep nothing in memory of a person who was erased."""
        self._known.pop(user_id, None)
