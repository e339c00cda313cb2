"""The watchlist: one message in which lines are watched, scored, taken off, and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.services.checks import HIGHEST_SCORE, LOWEST_SCORE
from bot.services.watchlist import Order
from bot.ui import blocks as ui
from bot.ui.action import Action
from bot.ui.cards import anime_card, name, screen
from bot.ui.lists import person
from recsys.profile import Entry, Status

if TYPE_CHECKING:
    from typing import Self

    import discord

    from bot.locales import Strings
    from bot.services.watchlist import Planned, WatchlistPage
    from bot.ui.cards import Look
    from recsys.catalog import Anime

# A line takes six components, the rest of the message at most ten: 40 hold five lines.
PER_PAGE = 5
SHARED_PER_PAGE = 20
ORDERS = tuple(Order)
"""The orders by the number that stands in buttons: keep them in place."""


class WatchlistAt(Action, verb="wlpage"):
    """Open a page of one's own watchlist.

    Attributes:
        page: 1 for the first.
        order: place in `ORDERS`.
    """

    page: int
    order: int


class WatchlistSort(Action, verb="wlsort"):
    """See one's own watchlist from its start in another order."""

    order: int


class Watched(Action, verb="wlseen"):
    """Say that something planned was watched; asks for a score."""

    anime_id: int
    page: int
    order: int
    label = "watchlist.watched"
    style = ButtonStyle.primary


class WatchedScore(Action, verb="wlscore"):
    """Score something planned; 0 is watched without a score."""

    anime_id: int
    score: int
    page: int
    order: int


class TakeOff(Action, verb="wloff"):
    """Take something off the plan."""

    anime_id: int
    page: int
    order: int
    label = "watchlist.take_off"


class PutBack(Action, verb="wlback"):
    """Undo what was done about a line, if nothing was done about it since.

    A score of 0 is none; `GONE` as a status is no line at all.
    """

    anime_id: int
    page: int
    order: int
    now_score: int
    now_status: int
    before_score: int
    label = "buttons.undo"

    GONE = 99

    @classmethod
    def of(cls, anime_id: int, page: int, order: int, *, now: Entry | None, before: Entry) -> Self:
        """The button that makes ``now`` what it was ``before``, which was planned."""
        status, score = (cls.GONE, None) if now is None else (int(now.status), now.score)
        return cls(
            anime_id=anime_id,
            page=page,
            order=order,
            now_score=score or 0,
            now_status=status,
            before_score=before.score or 0,
        )

    @property
    def now(self) -> Entry | None:
        """The line as the tap left it.

        Raises:
            ValueError: a forged custom_id.
        """
        if self.now_status == self.GONE:
            return None
        return Entry(self.anime_id, self.now_score or None, Status(self.now_status))

    @property
    def before(self) -> Entry:
        """The line as it was."""
        return Entry(self.anime_id, self.before_score or None, Status.PLANNED)


class ShareWatchlist(Action, verb="wlshare"):
    """Post one's own watchlist for everyone in the channel."""

    order: int
    label = "buttons.share"


def watchlist_view(
    found: WatchlistPage, look: Look, *, note: str = "", undo: PutBack | None = None
) -> ui.Screen:
    """One page of a person's own watchlist.

    Args:
        found: the page.
        look: how the person sees it.
        note: what was just done.
        undo: takes that back.
    """
    s = look.strings
    order = ORDERS.index(found.order)
    items: list[ui.Item] = []
    if note and undo is not None:
        items.append(ui.Section(ui.TextDisplay(note), accessory=undo.say(s(undo.label))))
    elif note:
        items.append(ui.TextDisplay(note))
    if not found.total:
        return screen(*items, ui.TextDisplay(s("watchlist.empty")))
    items.append(ui.TextDisplay("\n".join(_heading(found, s("watchlist.own"), s))))
    for line in found.lines:
        anime_id = line.anime.id
        watched = Watched(anime_id=anime_id, page=found.page, order=order)
        off = TakeOff(anime_id=anime_id, page=found.page, order=order)
        items.append(anime_card(line.anime, look, notes=_notes(line, s)))
        items.append(ui.ActionRow(watched.say(s(watched.label)), off.say(s(off.label))))
    items.append(ui.ActionRow(*_controls(found, order, s)))
    return screen(*items)


def score_view(anime: Anime, tap: Watched, look: Look) -> ui.Screen:
    """The question how something planned was, in the watchlist's own message.

    Args:
        anime: what was watched.
        tap: the button that said so.
        look: how the person sees it.
    """
    s = look.strings

    def score(value: int) -> WatchedScore:
        return WatchedScore(anime_id=anime.id, score=value, page=tap.page, order=tap.order)

    scores = [score(value).say(str(value)) for value in range(LOWEST_SCORE, HIGHEST_SCORE + 1)]
    return screen(
        ui.TextDisplay(s("ask.score", title=name(anime, look))),
        ui.ActionRow(*scores[:5]),
        ui.ActionRow(*scores[5:]),
        ui.ActionRow(
            score(0).say(s("watchlist.no_score")),
            WatchlistAt(page=tap.page, order=tap.order).say(s("watchlist.back")),
        ),
    )


def shared_watchlist_view(
    found: WatchlistPage, look: Look, *, owner: discord.abc.User
) -> ui.Screen:
    """The start of a person's watchlist, for everybody: nothing there can be tapped.

    Args:
        found: its first page.
        look: how the channel sees it.
        owner: whose it is.
    """
    s = look.strings
    lines = [f"### {s('watchlist.shared', name=person(owner))}"]
    lines += [f"- {name(line.anime, look)}" for line in found.lines]
    if (rest := found.total - len(found.lines)) > 0:
        lines.append(f"-# {s('watchlist.more', count=rest)}")
    return screen(ui.TextDisplay("\n".join(lines)))


def _heading(found: WatchlistPage, heading: str, s: Strings) -> list[str]:
    lines = [f"### {heading}", s("watchlist.summary", count=found.total)]
    if found.pages > 1:
        lines.append(f"-# {s('picks.page', page=found.page, pages=found.pages)}")
    return lines


def _notes(line: Planned, s: Strings) -> list[str]:
    if line.predicted is None:
        return []
    return [s("watchlist.predicted", score=s.number(line.predicted, ".1f"))]


def _controls(found: WatchlistPage, order: int, s: Strings) -> list[Action]:
    controls: list[Action] = []
    if found.pages > 1:
        # Both aim at pages of their own even where off: two buttons may not share a custom_id.
        previous = WatchlistAt(page=found.page - 1, order=order)
        following = WatchlistAt(page=found.page + 1, order=order)
        controls += [
            previous.say(s("buttons.previous"), disabled=found.page == 1),
            following.say(s("buttons.next"), disabled=found.page == found.pages),
        ]
    if found.total > 1:
        other = (order + 1) % len(ORDERS)
        controls.append(WatchlistSort(order=other).say(s(f"watchlist.sort.{ORDERS[other]}")))
    share = ShareWatchlist(order=order)
    return [*controls, share.say(s(share.label))]
