"""A page of picks: a heading, a card with its buttons for each, and the list's own buttons.

A message holds 40 components and 4,000 characters of text. A card with its poster and six buttons
takes eleven components, so a page of three fits with its heading and the list's own buttons. Those
of them that do not fit are left out, the least needed first.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bot.services.hints import HintKind
from bot.ui import blocks as ui
from bot.ui.action import row
from bot.ui.buttons import (
    Again,
    Less,
    ListMenu,
    More,
    PicksPage,
    Plan,
    Rate,
    Refuse,
    Relax,
    SharePicks,
    TakeBack,
    Unhint,
    Unscore,
    Why,
)
from bot.ui.cards import anime_card, name, screen
from bot.ui.lists import person
from bot.ui.menu import Option
from bot.ui.narrowed import describe, describe_dials, part_text
from bot.ui.reasons import pick_notes
from bot.ui.start import Begin
from bot.ui.text import shorten
from recsys.picks import Pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

    from bot.locales import Strings
    from bot.services.pages import ListPage
    from bot.services.shown import StoredList
    from bot.ui.action import Action
    from bot.ui.cards import Look
    from recsys.profile import Entry

PER_PAGE = 3

_CONTAINER = 1
_ROW = 1
_MENU = 2  # with its row
_MOST_BUTTONS = 5
_MENUS = 256  # remembered: for each language a dozen or so

# What can be chosen in the menu of a list beside its score.
FILTERS, DIALS, SAVE, SHARE, AGAIN, RATE_MORE = (
    "filters",
    "dials",
    "save",
    "share",
    "again",
    "rate_more",
)
SCORES = tuple(str(score) for score in range(10, 0, -1))


def picks_view(
    shown: ListPage,
    look: Look,
    *,
    owner: discord.abc.User,
    public: bool,
    note: str = "",
    extra: Sequence[Action] = (),
) -> ui.Screen:
    """One page of picks.

    Args:
        shown: the page.
        look: how the person sees cards.
        owner: whose list it is: only they may turn its pages.
        public: whether it stands where everyone sees it. Then it says nothing of what the owner
            did, and who taps a card is answered on their own.
        note: a line on top, such as what was just done.
        extra: buttons that belong to the note, at most two.
    """
    s = look.strings
    lines = [note] if note else []
    lines += heading(shown.found, look, owner, public=public)
    if not public:
        lines += [f"-# {s(key)}" for key in _advice(shown)]
    if shown.answered_by is not None:
        lines.append(f"-# {s('picks.model', model=shown.answered_by)}")
    if shown.pages > 1:
        lines.append(f"-# {s('picks.page', page=shown.page + 1, pages=shown.pages)}")
    items: list[ui.Item] = [ui.TextDisplay("\n".join(lines))]
    if not shown.picks:
        row_of = [ui.ActionRow(*extra)] if extra else []
        return screen(*items, *row_of, *_nothing(shown, look, public=public))
    for pick in shown.picks:
        items += _card(pick, shown, look, public=public)
    controls = _controls(shown, look, _left(items), extra, public=public)
    return screen(*items, *controls)


def _advice(shown: ListPage) -> list[str]:
    """Keys of what would make the list better."""
    advice = ["picks.stale"] if shown.stale else []
    # Of whom nothing is known at all, the heading has said so.
    return [*advice, "picks.thin"] if shown.thin and not _is_start(shown.found) else advice


def heading(found: StoredList, look: Look, owner: discord.abc.User, *, public: bool) -> list[str]:
    """What a list is: whose or like what, and what it was narrowed to."""
    s, query = look.strings, found.query
    liked, less = (
        " + ".join(name(a, look) for i in ids if (a := look.catalog.get(i)) is not None)
        for ids in (query.seeds, query.unwanted)
    )
    if found.kind == "blend":
        key = "picks.blend_less" if less else "picks.blend"
        lines = [f"### {s(key, titles=liked, less=less)}"]
    elif found.kind in {"similar", "opposite"}:
        lines = [f"### {s(f'picks.{found.kind}', title=liked)}"]
    elif public:
        lines = [f"### {s(f'picks.{found.kind}_shared', name=person(owner))}"]
    else:
        lines = [f"### {s(f'picks.{found.kind}_own')}"]
    if _is_start(found):
        lines.append(s("picks.start"))
    planned = s("picks.planned") if query.planned else ""
    narrowed = [describe(query.filters, s), describe_dials(query.dials, s), planned]
    if any(narrowed):
        lines.append(f"-# {' · '.join(part for part in narrowed if part)}")
    return lines


def _is_start(found: StoredList) -> bool:
    """Whether the picks are places to start, for somebody of whom nothing is known."""
    # Not every model predicts ratings, but each says whose rating a pick rests on.
    unknown = not any(pick.reasons or pick.predicted is not None for pick in found.picks)
    return found.kind == "recommend" and bool(found.picks) and unknown


def _card(pick: Pick, shown: ListPage, look: Look, *, public: bool) -> list[ui.Item]:
    anime, s = pick.anime, look.strings
    # What the owner thinks of it is theirs to tell, unless they tell it by sharing their own picks.
    notes = pick_notes(pick, look) if not public or _is_personal(shown) else _impersonal(pick, look)
    entry, hint = shown.entries.get(anime.id), shown.hints.get(anime.id)
    if entry is not None:
        notes.append(f"**✓ {standing(entry, s)}**")
    if hint is not None and hint is not HintKind.MUTED:
        notes.append(f"**{s('hints.more' if hint is HintKind.MORE else 'hints.less')}**")
    number = shown.found.place(anime.id) + 1
    return [
        anime_card(anime, look, notes=notes, number=number),
        _about(pick, shown, s),
        _wishes(pick, shown, s, hint),
    ]


def _is_personal(shown: ListPage) -> bool:
    return shown.found.kind in {"recommend", "next"}


def _impersonal(pick: Pick, look: Look) -> list[str]:
    """What a pick's card says of it to everybody, whoever asked for the list."""
    return pick_notes(Pick(pick.anime, pick.score, shared=pick.shared, is_new=pick.is_new), look)


def _about(pick: Pick, shown: ListPage, s: Strings) -> ui.ActionRow:
    """The buttons about the anime itself: seen it, plan, not interested; or the undo of one."""
    state = {"anime_id": pick.anime.id, "list_id": shown.found.list_id}
    if pick.anime.id in shown.undoable:
        entry = shown.entries.get(pick.anime.id)
        undo = TakeBack.of(**state, now=entry)
        that = s("buttons.undo_that", that=standing(entry, s)) if entry else s(undo.label)
        return ui.ActionRow(undo.say(that))
    seen = Rate(**state).say(s("buttons.seen"))
    return ui.ActionRow(
        seen, *(button.say(s(button.label)) for button in (Plan(**state), Refuse(**state)))
    )


def _wishes(pick: Pick, shown: ListPage, s: Strings, hint: HintKind | None) -> ui.ActionRow:
    """The buttons about anime like it, and why."""
    state = {"anime_id": pick.anime.id, "list_id": shown.found.list_id}
    if hint is None or hint is HintKind.MUTED:
        return row(s, Less(**state), More(**state), Why(**state))
    key = "buttons.undo_more" if hint is HintKind.MORE else "buttons.undo_less"
    undo = Unhint(**state, kind=int(hint)).say(s(key))
    return ui.ActionRow(undo, Why(**state).say(s(Why.label)))


def standing(entry: Entry, s: Strings) -> str:
    """Where an anime stands on a person's list, in a few words."""
    if entry.score is not None:
        return s("standing.rated", score=entry.score)
    return s(f"standing.{entry.status.name.lower()}")


def _controls(
    shown: ListPage, look: Look, left: int, extra: Sequence[Action], *, public: bool
) -> list[ui.Item]:
    """The list's own buttons, and a menu with those for which there is no room and more.

    Args:
        shown: the page.
        look: how the person sees it.
        left: how many components there is room for.
        extra: what stands after the buttons that turn pages.
        public: whether everybody sees it; then there is nothing but turning pages.
    """
    s, found, page = look.strings, shown.found, shown.page

    def turn(to: int, label: str) -> Action:
        return PicksPage(owner_id=found.user_id, list_id=found.list_id, page=to).say(s(label))

    buttons: list[Action] = []
    # Next comes first, so that it stays under the finger when another page appears.
    if page < shown.pages - 1:
        buttons.append(turn(page + 1, "buttons.next"))
    if page > 0:
        buttons.append(turn(page - 1, "buttons.previous"))
    buttons += extra
    # Where a note's buttons leave no room for the menu, it is back with the next page or answer.
    if public or len(buttons) > max(0, left - _ROW - _MENU):
        return [ui.ActionRow(*buttons)] if buttons else []
    share = SharePicks(owner_id=found.user_id, list_id=found.list_id, page=page)
    more: list[tuple[Action, str]] = [(share.say(s(share.label)), SHARE)]
    if shown.thin:
        begin = Begin().say(s(Begin.label if _is_start(found) else "buttons.rate_more"))
        more.insert(0, (begin, RATE_MORE))
    if shown.stale:
        more.insert(0, (Again(list_id=found.list_id).say(s(Again.label)), AGAIN))
    room = max(0, min(left - _ROW - _MENU, _MOST_BUTTONS) - len(buttons))
    buttons += [button for button, _ in more[:room]]
    items: list[ui.Item] = [ui.ActionRow(*buttons)] if buttons else []
    items.append(ui.ActionRow(_menu(shown, s, [option for _, option in more[room:]])))
    return items


def _menu(shown: ListPage, s: Strings, more: Sequence[str] = ()) -> ListMenu:
    """The menu of a list: its score, what it is asked for, and what there is no button for."""
    found = shown.found
    menu = ListMenu(list_id=found.list_id, page=shown.page)
    chosen = [str(found.score)] if found.score is not None else []
    hint = s("listmenu.hint" if found.picks else "listmenu.hint_empty")
    options = _options(s, found.kind, bool(found.picks), tuple(more))
    return menu.offer(options, chosen=chosen, hint=hint)


@lru_cache(_MENUS)
def _options(s: Strings, kind: str, filled: bool, more: tuple[str, ...]) -> tuple[Option, ...]:
    """The lines of the menu of a list: the same few dozen menus stand under every list."""
    ends = {"10": s("listmenu.best"), "1": s("listmenu.worst")}
    options = [Option(value, s(f"listmenu.{value}")) for value in more]
    options.append(Option(FILTERS, s("listmenu.filters"), s("listmenu.filters_note")))
    if kind == "recommend":
        options.append(Option(DIALS, s("listmenu.dials"), s("listmenu.dials_note")))
        options.append(Option(SAVE, s("listmenu.save"), s("listmenu.save_note")))
    if filled:
        options += [
            Option(value, s("listmenu.score", score=int(value)), ends.get(value, ""))
            for value in SCORES
        ]
    return tuple(options)


def scored_note(shown: ListPage, s: Strings) -> str:
    """What the person gave this list, and the ones before."""
    score = shown.found.score
    if score is None:
        return s("listmenu.unscored")
    earlier = shown.scores[1:]
    if not earlier:
        return s("listmenu.scored", score=score)
    told = ", ".join(str(one) for one in earlier)
    return s("listmenu.scored_before", score=score, earlier=told)


def unscore(shown: ListPage, s: Strings) -> Unscore:
    """The button that takes the score of a list back."""
    return Unscore(list_id=shown.found.list_id, page=shown.page).say(s("buttons.undo"))


def _nothing(shown: ListPage, look: Look, *, public: bool) -> Sequence[ui.Item]:
    """What to do about a list that is empty."""
    s, found = look.strings, shown.found
    if found.kind == "next":
        return [ui.TextDisplay(s("picks.nothing_next"))]
    if shown.relaxation is None:
        key = "picks.nothing_narrow" if describe(found.query.filters, s) else "picks.nothing"
        items: list[ui.Item] = [ui.TextDisplay(s(key))]
    else:
        part = part_text(found.query.filters, shown.relaxation.part, s, shown.relaxation.label)
        count = shown.relaxation.franchises
        items = [ui.TextDisplay(s("picks.relax", part=part, count=count))]
        if not public:
            relax = Relax(list_id=found.list_id).say(s("buttons.relax", part=_short(part)))
            items.append(ui.ActionRow(relax))
    if not public:
        items.append(ui.ActionRow(_menu(shown, s)))
    return items


def _short(part: str) -> str:
    """A part of the filters for a button: without the marks that keep markdown from acting."""
    return shorten(part.replace("\\", ""), 50)


def _left(items: Sequence[ui.Item]) -> int:
    """How many components a message still holds beside these."""
    return ui.MOST_COMPONENTS - _CONTAINER - sum([ui.count(item.component) for item in items])
