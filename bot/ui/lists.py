"""Pages of a person's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui import blocks as ui
from bot.ui.buttons import RatingsPage, ShareRatings
from bot.ui.cards import name, screen
from bot.ui.text import inline
from recsys.profile import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

    from bot.locales import Strings
    from bot.services.ratings import RatingsPage as RatingsFound
    from bot.ui.action import Action
    from bot.ui.cards import Look
    from recsys.catalog import Anime
    from recsys.profile import Entry

_NAME = 40
# What goes without saying of an anime with a score.
_UNSAID = frozenset({Status.COMPLETED, Status.UNKNOWN})


def ratings_view(
    found: RatingsFound, look: Look, *, owner: discord.abc.User, public: bool
) -> ui.Screen:
    """One page of a person's list.

    Args:
        found: the page.
        look: how the person sees it.
        owner: whose list it is.
        public: whether it stands where everyone sees it.
    """
    s = look.strings
    if not found.total:
        return screen(ui.TextDisplay(s("list.empty")))
    lines = [f"### {s('list.shared', name=person(owner)) if public else s('list.own')}"]
    if found.mean is None:
        lines.append(s("list.summary_unrated", count=found.total))
    else:
        lines.append(s("list.summary", count=found.total, mean=f"{found.mean:.1f}"))
    body = "\n".join(_line(anime, entry, look) for anime, entry in found.lines)
    items: list[ui.Item] = [ui.TextDisplay("\n".join(lines)), ui.TextDisplay(body)]
    if found.pages > 1:
        text = s("picks.page", page=found.page, pages=found.pages)
        items.append(ui.TextDisplay(f"-# {text}"))
    controls = _turns(
        s, found.page - 1, found.pages, lambda to: RatingsPage(owner_id=owner.id, page=to + 1)
    )
    if not public:
        share = ShareRatings(owner_id=owner.id, page=found.page)
        controls.append(share.say(s(share.label)))
    if controls:
        items.append(ui.ActionRow(*controls))
    return screen(*items)


def person(user: discord.abc.User) -> str:
    """A person's name for a place with markdown."""
    return inline(user.display_name, _NAME) or f"<@{user.id}>"


def _line(anime: Anime, entry: Entry, look: Look) -> str:
    title, s = name(anime, look), look.strings
    status = s(f"list.status.{entry.status.name.lower()}")
    if entry.score is None:
        return s("list.unrated", title=title, status=status)
    if entry.status in _UNSAID:
        return s("list.rated", title=title, score=entry.score)
    return s("list.rated_status", title=title, score=entry.score, status=status)


def _turns(s: Strings, page: int, pages: int, to: Callable[[int], Action]) -> list[Action]:
    """The buttons to the pages before and after, off where there is none."""
    if pages == 1:
        return []
    # Both aim at pages of their own even where off: two buttons may not share a custom_id.
    return [
        to(page - 1).say(s("buttons.previous"), disabled=page == 0),
        to(page + 1).say(s("buttons.next"), disabled=page == pages - 1),
    ]
