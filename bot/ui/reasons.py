"""Why an anime was picked, in words."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from bot.ui.cards import SEPARATOR, SHORT_TITLE, joined, name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.locales import Strings
    from bot.ui.cards import Look
    from recsys.picks import Pick, Reason

_LABELS = 5


def pick_notes(pick: Pick, look: Look) -> list[str]:
    """What a pick's card says of it: the predicted rating with its range, and the reasons."""
    reasons = [because(pick.reasons, look), although(pick.against, look)]
    why = listed([part for part in reasons if part], look.strings)
    if not pick.reasons and pick.shared:
        shared = look.strings("pick.shares", labels=joined(pick.shared, _LABELS, look.strings))
        why = SEPARATOR.join(part for part in (shared, why) if part)
    new = look.strings("pick.new") if pick.is_new else ""
    hinted = [wished(reason, look) for reason in pick.hinted]
    return [line for line in (predicted(pick, look), why, *hinted, new) if line]


def predicted(pick: Pick, look: Look) -> str:
    """The predicted rating and its range; empty where there is none."""
    s = look.strings
    if pick.predicted is None:
        return ""
    score = s.number(pick.predicted, ".1f")
    if pick.low is None or pick.high is None:
        return s("pick.predicted", score=score)
    low, high = s.number(pick.low, ".1f"), s.number(pick.high, ".1f")
    return s("pick.predicted_range", score=score, low=low, high=high)


def because(reasons: Iterable[Reason], look: Look) -> str:
    """The reasons in half a sentence; empty where there are none."""
    s = look.strings
    rated: list[str] = []
    watched: list[str] = []
    for reason in reasons:
        title = _title(reason, look)
        if title is None or reason.contribution <= 0:
            continue
        if reason.score is None:
            watched.append(title)
        else:
            rated.append(s("pick.rated", title=title, score=reason.score))
    if rated and watched:
        return s("pick.because_both", titles=listed(rated, s), watched=listed(watched, s))
    if rated:
        return s("pick.because_rated", titles=listed(rated, s))
    return s("pick.because_watched", titles=listed(watched, s)) if watched else ""


def although(reasons: Iterable[Reason], look: Look) -> str:
    """What speaks against it, in half a sentence; empty where nothing does."""
    s = look.strings
    titles = [
        s("pick.disliked", title=title, score=reason.score) if reason.score else title
        for reason in reasons
        if (title := _title(reason, look)) is not None
    ]
    return s("pick.although", titles=listed(titles, s)) if titles else ""


def wished(reason: Reason, look: Look) -> str:
    """That a wish for more or less moved it; empty for an anime that is gone."""
    title = _title(reason, look)
    key = "pick.wished_more" if reason.contribution > 0 else "pick.wished_less"
    return "" if title is None else look.strings(key, title=title)


def listed(parts: Sequence[str], s: Strings) -> str:
    """Parts in a row, with the comma of a language; at least one."""
    return reduce(lambda first, second: s("pick.listed", first=first, second=second), parts or [""])


def _title(reason: Reason, look: Look) -> str | None:
    anime = look.catalog.get(reason.anime_id)
    return None if anime is None else name(anime, look, SHORT_TITLE)
