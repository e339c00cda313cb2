"""Every button of the bot: its verb, its state, its label.

A verb and its fields, once released, stay: people tap them on messages sent long ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.ui.action import Action
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from typing import Self


class Rate(Action, verb="rate"):
    """Ask for a score. On a public card anyone may tap it, on their own behalf.

    Attributes:
        list_id: the list of picks it stands in, 0 for none; what comes of a pick is reported to it.
    """

    anime_id: int
    list_id: int
    label = "buttons.rate"
    style = ButtonStyle.primary


class Score(Action, verb="score"):
    """Rate an anime, one button a score."""

    anime_id: int
    score: int
    list_id: int


class Plan(Action, verb="plan"):
    """Put an anime on the plan of whoever taps."""

    anime_id: int
    list_id: int
    label = "buttons.plan"


class Refuse(Action, verb="refuse"):
    """Never again pick an anime for whoever taps."""

    anime_id: int
    list_id: int
    label = "buttons.refuse"


class Similar(Action, verb="similar"):
    """Show what is similar, to whoever taps."""

    anime_id: int
    label = "buttons.similar"


class Undo(Action, verb="undo"):
    """Put one line of a person's list back to what it was before a tap.

    It holds both states of the line, so that it never undoes a later change. A score of 0 is none;
    `GONE` as a status is no line at all.
    """

    owner_id: int
    anime_id: int
    now_score: int
    now_status: int
    before_score: int
    before_status: int
    label = "buttons.undo"

    GONE = 99

    @classmethod
    def of(cls, owner_id: int, anime_id: int, *, now: Entry | None, before: Entry | None) -> Self:
        """The button that turns ``now`` back into ``before``."""
        now_score, now_status = cls._encode(now)
        before_score, before_status = cls._encode(before)
        return cls(
            owner_id=owner_id,
            anime_id=anime_id,
            now_score=now_score,
            now_status=now_status,
            before_score=before_score,
            before_status=before_status,
        )

    @property
    def now(self) -> Entry | None:
        """The line as the tap left it.

        Raises:
            ValueError: a forged custom_id.
        """
        return self._decode(self.now_score, self.now_status)

    @property
    def before(self) -> Entry | None:
        """The line as it was.

        Raises:
            ValueError: a forged custom_id.
        """
        return self._decode(self.before_score, self.before_status)

    @classmethod
    def _encode(cls, entry: Entry | None) -> tuple[int, int]:
        return (0, cls.GONE) if entry is None else (entry.score or 0, int(entry.status))

    def _decode(self, score: int, status: int) -> Entry | None:
        if status == self.GONE:
            return None
        return Entry(self.anime_id, score or None, Status(status))


class Choose(Action, verb="choose"):
    """Answer "did you mean" with one anime and go on with the command that asked.

    Attributes:
        question: which command, a value of `bot.commands.asking.Question`.
        argument: what else the command was given, such as the score.
    """

    owner_id: int
    question: int
    argument: int
    anime_id: int


class PicksPage(Action, verb="picks"):
    """Turn to a page of a list of picks."""

    owner_id: int
    list_id: int
    page: int


class SharePicks(Action, verb="sharepicks"):
    """Post a page of one's own picks for everyone in the channel."""

    owner_id: int
    list_id: int
    page: int
    label = "buttons.share"


class RatingsPage(Action, verb="ratings"):
    """Turn to a page of one's own list."""

    owner_id: int
    page: int


class ShareRatings(Action, verb="shareratings"):
    """Post a page of one's own list for everyone in the channel."""

    owner_id: int
    page: int
    label = "buttons.share"
