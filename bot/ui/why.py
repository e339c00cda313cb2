"""Why an anime is picked for a person: every part, each with a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui import blocks as ui
from bot.ui.buttons import BackToPick, Similar, Switch
from bot.ui.cards import SHORT_TITLE, anime_card, joined, name, screen
from bot.ui.narrowed import describe_dials
from bot.ui.reasons import listed, predicted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.services.picks import Explanation
    from bot.services.shown import StoredList
    from bot.ui.action import Action
    from bot.ui.cards import Look
    from recsys.picks import Reason

# Each part takes three components: a section, its text, its switch.
_REASONS, _AGAINST, _UNSEEN, _MUTED, _PARTS = 5, 2, 2, 3, 9
_CHANGES = 4
_LABELS = 8


def why_view(
    explanation: Explanation,
    look: Look,
    *,
    found: StoredList | None,
    owned: bool,
    changes: str = "",
    undo: Switch | None = None,
) -> ui.Screen:
    """Every part of a pick.

    Args:
        explanation: the parts, for whoever reads this.
        look: how they see it.
        found: the list that the pick stands in, None for none.
        owned: whether that is theirs, and this takes the place of its message.
        changes: what a switch has just changed about the list.
        undo: how to take that back, where the part is no longer there to be switched.
    """
    s, pick = look.strings, explanation.pick
    list_id = found.list_id if found is not None else 0
    lines = [f"### {s('why.heading', title=name(pick.anime, look))}"]
    if changes:
        lines.append(changes)
    lines += _score(explanation, look)
    items: list[ui.Item] = [
        anime_card(pick.anime, look),
        ui.TextDisplay("\n".join(lines)),
        *_parts(explanation, look, list_id),
    ]
    if found is not None and (dials := describe_dials(found.query.dials, s)):
        items.append(ui.TextDisplay(f"-# {s('why.dials', dials=dials)}"))
    controls: list[Action] = []
    if owned and found is not None:
        back = BackToPick(anime_id=pick.anime.id, list_id=list_id)
        controls.append(back.say(s("buttons.back")))
    if undo is not None:
        controls.append(undo.say(s("buttons.undo")))
    controls.append(Similar(anime_id=pick.anime.id).say(s(Similar.label)))
    return screen(*items, ui.ActionRow(*controls))


def changed_picks(before: StoredList, after: StoredList, look: Look) -> str:
    """What is new on a list and what has gone, in one line."""
    s = look.strings
    new = [p.anime for p in after.picks if p.anime.id not in before.anime_ids]
    # What they did something about leaves by itself.
    kept = {*after.anime_ids, *before.undo}
    gone = [p.anime for p in before.picks if p.anime.id not in kept]
    parts: list[str] = []
    for key, several in (("why.new", new), ("why.gone", gone)):
        if several:
            titles = listed([name(a, look, SHORT_TITLE) for a in several[:_CHANGES]], s)
            parts.append(s(key, titles=titles, count=len(several)))
    return " ".join(parts) or s("why.same")


def _score(explanation: Explanation, look: Look) -> list[str]:
    """What the pick rests on as a whole, before its parts."""
    s, pick = look.strings, explanation.pick
    lines = [predicted(pick, look)]
    if pick.low is not None:
        lines.append(f"-# {s('why.range')}")
    if not pick.reasons:
        lines.append(s("why.no_reasons"))
    if pick.is_new:
        lines.append(s("pick.new"))
    if pick.shared:
        lines.append(s("pick.shares", labels=joined(pick.shared, _LABELS, s)))
    return [line for line in lines if line]


def _parts(explanation: Explanation, look: Look, list_id: int) -> list[ui.Item]:
    """The parts that can be switched, what counts most first."""
    s, pick = look.strings, explanation.pick
    parts = [
        part for r in pick.hinted if (part := _wish(r, look, pick.anime.id, list_id)) is not None
    ]

    def switch(reason: Reason, line: str, *, muted: bool = False) -> None:
        to = Switch.COUNT if muted else Switch.LEAVE_OUT
        button = Switch(
            reason_id=reason.anime_id, anime_id=pick.anime.id, list_id=list_id, to=to
        ).say(s("buttons.count" if muted else "buttons.leave_out"))
        parts.append(ui.Section(line, accessory=button))

    # Of what speaks for it each has a share; what speaks against it is in points.
    whole = sum(reason.contribution for reason in pick.reasons) or 1.0
    for reason, title in _titled(pick.reasons[:_REASONS], look):
        share = max(round(100 * reason.contribution / whole), 1)
        switch(reason, s("why.reason", title=title, share=share))
    for reason, title in _titled(pick.against[:_AGAINST], look):
        points = s.number(-reason.contribution, ".1f")
        switch(reason, s("why.against", title=title, points=points))
    for reason, title in _titled(pick.unseen[:_UNSEEN], look):
        key = "why.unseen_for" if reason.contribution > 0 else "why.unseen_against"
        switch(reason, s(key, title=title))
    muted = [*_titled(explanation.muted, look)]
    unseen = [*_titled(explanation.muted_unseen, look)]
    del parts[_PARTS - min(len(muted) + len(unseen), _MUTED) :]
    for reason, title in muted[:_MUTED]:
        switch(reason, s("why.muted", title=title), muted=True)
    for reason, title in unseen[: max(_MUTED - len(muted), 0)]:
        switch(reason, s("why.muted_unseen", title=title), muted=True)
    return list(parts)


def _titled(reasons: Sequence[Reason], look: Look) -> Iterator[tuple[Reason, str]]:
    """Reasons with the titles of what they are, and what each was scored."""
    for reason in reasons:
        # One may have left the catalog since.
        if (anime := look.catalog.get(reason.anime_id)) is not None:
            title = name(anime, look)
            had = look.strings("pick.rated", title=title, score=reason.score)
            yield reason, had if reason.score else title


def _wish(reason: Reason, look: Look, anime_id: int, list_id: int) -> ui.Section | None:
    anime = look.catalog.get(reason.anime_id)
    if anime is None:
        return None
    key = "why.wished_more" if reason.contribution > 0 else "why.wished_less"
    line = look.strings(key, title=name(anime, look))
    forget = Switch(reason_id=anime.id, anime_id=anime_id, list_id=list_id, to=Switch.FORGET_WISH)
    return ui.Section(line, accessory=forget.say(look.strings("buttons.leave_out")))
