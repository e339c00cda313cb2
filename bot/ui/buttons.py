"""The buttons of cards and lists: their verbs, their state, their labels.

A verb and its fields, once released, stay: people tap them on messages sent long ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.ui.action import Action
from bot.ui.menu import Menu
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from typing import Self


GONE = 99
"""Stands for no line at all where a button holds a status."""


def encode(entry: Entry | None) -> tuple[int, int]:
    """The score and the status of a line as buttons hold them; a score of 0 is none."""
    return (0, GONE) if entry is None else (entry.score or 0, int(entry.status))


def decode(anime_id: int, score: int, status: int) -> Entry | None:
    """The inverse of `encode`.

    Raises:
        ValueError: no such status.
    """
    return None if status == GONE else Entry(anime_id, score or None, Status(status))


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


class PickScore(Action, verb="pickscore"):
    """Rate a pick of one's own list in the list's message, which comes back then.

    A score of `SEEN` is seen and not rated, `DROPPED` is given up.
    """

    anime_id: int
    score: int
    list_id: int

    SEEN = 0
    DROPPED = -1


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


class BackToPick(Action, verb="topick"):
    """Go back to the page of one's own list on which an anime stands."""

    anime_id: int
    list_id: int
    label = "buttons.back"


class TakeBack(Action, verb="takeback"):
    """Undo what was done about a pick of one's own list, on its card.

    It holds what the line is by now, as `Undo` does, so that it never undoes a later change.
    """

    anime_id: int
    list_id: int
    now_score: int
    now_status: int
    label = "buttons.undo"

    @classmethod
    def of(cls, anime_id: int, list_id: int, now: Entry | None) -> Self:
        """The button for a line that is ``now``."""
        score, status = encode(now)
        return cls(anime_id=anime_id, list_id=list_id, now_score=score, now_status=status)

    @property
    def now(self) -> Entry | None:
        """The line as it was when the card was drawn.

        Raises:
            ValueError: a forged custom_id.
        """
        return decode(self.anime_id, self.now_score, self.now_status)


class More(Action, verb="more"):
    """Want more like an anime."""

    anime_id: int
    list_id: int
    label = "buttons.more"


class Less(Action, verb="less"):
    """Want less like an anime."""

    anime_id: int
    list_id: int
    label = "buttons.less"


class Unhint(Action, verb="unhint"):
    """Take back a wish for more or less.

    Attributes:
        kind: what was said, a value of `bot.services.hints.HintKind`.
    """

    anime_id: int
    kind: int
    list_id: int
    label = "buttons.undo"


class Why(Action, verb="why"):
    """Say why an anime is picked for whoever taps."""

    anime_id: int
    list_id: int
    label = "buttons.why"


class Switch(Action, verb="switch"):
    """Change a part of what an anime is picked for, where all of them are told.

    Attributes:
        reason_id: the anime that is the part.
        anime_id: the anime that it is a part of.
        to: what becomes of it, one of the numbers below.
    """

    reason_id: int
    anime_id: int
    list_id: int
    to: int

    LEAVE_OUT, COUNT, FORGET_WISH, WISH_MORE, WISH_LESS = range(5)


class Again(Action, verb="again"):
    """Ask for a list anew, by what is known of the person now."""

    list_id: int
    label = "buttons.again"


class Relax(Action, verb="relax"):
    """Give up the part of the filters that leaves a list empty."""

    list_id: int


class Unscore(Action, verb="unscore"):
    """Take back the score of a list."""

    list_id: int
    page: int


class ListMenu(Menu, verb="listmenu"):
    """Score a list as a whole, or change what it was asked for."""

    list_id: int
    page: int


class DialMenu(Menu, verb="dial"):
    """Turn one dial, for this list and from now on.

    Attributes:
        dial: its place in `bot.ui.dials.DIALS`.
    """

    list_id: int
    dial: int


class ShareAnime(Action, verb="shareanime"):
    """Post the card of an anime for everyone in the channel."""

    anime_id: int
    label = "buttons.share"


class RateThis(Action, verb="ratethis"):
    """Of the anime that a message is about, rate this one."""

    anime_id: int


class UseSet(Menu, verb="useset"):
    """Ask for picks by a saved set of filters; the values are the sets' names."""


class DropSet(Menu, verb="dropset"):
    """Delete a saved set of filters; the values are the sets' names."""


class KeepSet(Action, verb="keepset"):
    """Bring the set of filters back that was deleted last."""

    label = "buttons.undo"


class Similar(Action, verb="similar"):
    """Show what is similar, to whoever taps."""

    anime_id: int
    label = "buttons.similar"


class Undo(Action, verb="undo"):
    """Put one line of a person's list back to what it was before a tap.

    It holds both states of the line, so that it never undoes a later change. See `encode`.
    """

    owner_id: int
    anime_id: int
    now_score: int
    now_status: int
    before_score: int
    before_status: int
    label = "buttons.undo"

    @classmethod
    def of(cls, owner_id: int, anime_id: int, *, now: Entry | None, before: Entry | None) -> Self:
        """The button that turns ``now`` back into ``before``."""
        now_score, now_status = encode(now)
        before_score, before_status = encode(before)
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
        return decode(self.anime_id, self.now_score, self.now_status)

    @property
    def before(self) -> Entry | None:
        """The line as it was.

        Raises:
            ValueError: a forged custom_id.
        """
        return decode(self.anime_id, self.before_score, self.before_status)


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


class Which(Menu, verb="which"):
    """Answer "did you mean" for one of several titles; the values are ids.

    Attributes:
        question: which command, a value of `bot.commands.asking.Question`.
        slot: which of the titles, 0 to 2.
        first: what is known of them by now, an id or 0; likewise `second` and `third`.
    """

    owner_id: int
    question: int
    slot: int
    first: int
    second: int
    third: int


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
