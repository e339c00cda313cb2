"""Pages: of picks, and of a person's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import ui

from bot.ui.buttons import PicksPage, RatingsPage, SharePicks, ShareRatings
from bot.ui.cards import PER_PAGE, anime_card, feedback_row, name, pick_notes, screen
from bot.ui.text import inline

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

    from bot.locales import Strings
    from bot.services.ratings import RatingsPage as RatingsFound
    from bot.services.shown import StoredList
    from bot.ui.action import Action
    from bot.ui.cards import Look
    from recsys.catalog import Anime
    from recsys.profile import Entry

_NAME = 40


def picks_view(
    found: StoredList, page: int, look: Look, *, owner: discord.abc.User, public: bool
) -> ui.LayoutView:
    """One page of picks: a heading, a card with buttons for each, and the list's own buttons.

    Args:
        found: the whole list.
        page: 0 for the first; one past either end is the nearest there is.
        look: how the person sees cards.
        owner: whose list it is: only they may turn its pages.
        public: whether it stands where everyone sees it.
    """
    s = look.strings
    pages = max(1, -(-len(found.picks) // PER_PAGE))
    page = min(max(page, 0), pages - 1)
    lines = _heading(found, look, owner, public=public)
    if pages > 1:
        lines.append(f"-# {s('picks.page', page=page + 1, pages=pages)}")
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(lines))]
    for pick in found.picks[page * PER_PAGE : (page + 1) * PER_PAGE]:
        items.append(anime_card(pick.anime, look, notes=pick_notes(pick, look)))
        items.append(feedback_row(pick.anime, look, list_id=found.list_id))
    controls = _turns(
        s, page, pages, lambda to: PicksPage(owner_id=owner.id, list_id=found.list_id, page=to)
    )
    if not public:
        share = SharePicks(owner_id=owner.id, list_id=found.list_id, page=page)
        controls.append(share.say(s(share.label)))
    if controls:
        items += [ui.Separator[Any](), ui.ActionRow[Any](*controls)]
    return screen(*items)


def _heading(found: StoredList, look: Look, owner: discord.abc.User, *, public: bool) -> list[str]:
    s = look.strings
    if found.kind == "similar":
        seeds = [look.catalog.get(anime_id) for anime_id in found.seeds]
        titles = " + ".join(name(anime, look) for anime in seeds if anime is not None)
        return [f"### {s('picks.similar', title=titles)}"]
    heading = (
        s("picks.recommend_shared", name=person(owner)) if public else s("picks.recommend_own")
    )
    lines = [f"### {heading}"]
    if all(pick.predicted is None for pick in found.picks):
        lines.append(s("picks.start"))
    return lines


def ratings_view(
    found: RatingsFound, look: Look, *, owner: discord.abc.User, public: bool
) -> ui.LayoutView:
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
    items: list[ui.Item[Any]] = [ui.TextDisplay("\n".join(lines)), ui.TextDisplay(body)]
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
        items.append(ui.ActionRow[Any](*controls))
    return screen(*items)


def person(user: discord.abc.User) -> str:
    """A person's name for a place with markdown."""
    return inline(user.display_name, _NAME) or f"<@{user.id}>"


def _line(anime: Anime, entry: Entry, look: Look) -> str:
    title = name(anime, look)
    if entry.score is not None:
        return look.strings("list.rated", title=title, score=entry.score)
    status = look.strings(f"list.status.{entry.status.name.lower()}")
    return look.strings("list.unrated", title=title, status=status)


def _turns(s: Strings, page: int, pages: int, to: Callable[[int], Action]) -> list[Action]:
    """The buttons to the pages before and after, off where there is none."""
    if pages == 1:
        return []
    # Both aim at pages of their own even where off: two buttons may not share a custom_id.
    return [
        to(page - 1).say(s("buttons.previous"), disabled=page == 0),
        to(page + 1).say(s("buttons.next"), disabled=page == pages - 1),
    ]
