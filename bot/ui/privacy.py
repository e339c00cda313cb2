"""What is kept about a person, the files that hold it, and the question whether to erase it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.ui import blocks as ui
from bot.ui.action import Action, row
from bot.ui.cards import screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.locales import Strings
    from bot.services.privacy import File
    from bot.services.privacy.service import Kept, Report
    from bot.ui.cards import Look

_PERSON = "person"


class ExportData(Action, verb="exportdata"):
    """Hand over everything that is kept of whoever taps."""

    owner_id: int
    label = "buttons.export_data"


class AskErase(Action, verb="askerase"):
    """Ask whether to erase everything."""

    owner_id: int
    label = "buttons.ask_erase"


class EraseData(Action, verb="erasedata"):
    """Erase everything that is kept of whoever taps.

    Attributes:
        asked_at: when the question was asked, in seconds since 1970; an old one is asked again.
    """

    owner_id: int
    asked_at: int
    label = "buttons.erase_data"
    style = ButtonStyle.danger


class KeepData(Action, verb="keepdata"):
    """Keep everything, and close the question."""

    owner_id: int
    label = "buttons.keep_data"


def report_view(report: Report, look: Look, *, owner_id: int, retention_days: int) -> ui.Screen:
    """What is kept about a person, why, and for how long.

    Args:
        report: what is kept.
        look: how the person sees it.
        owner_id: whose it is.
        retention_days: how long without them it stays; 0 for ever.
    """
    s = look.strings
    heading = ui.TextDisplay(f"### {s('privacy.heading')}")
    rest = [s("privacy.never"), s("privacy.shared")]
    if not report.kept:
        return screen(heading, ui.TextDisplay("\n".join([s("privacy.nothing"), *rest])))
    kept = [f"- {_what(one, s)}\n-# {s(f'privacy.kept.{one.kind}.why')}" for one in report.kept]
    if retention_days:
        rest.append(s("privacy.retention", count=retention_days))
    rest += [_training(report, s), s("privacy.how")]
    return screen(
        heading,
        ui.TextDisplay("\n".join(kept)),
        ui.TextDisplay("\n".join(rest)),
        row(s, ExportData(owner_id=owner_id), AskErase(owner_id=owner_id)),
    )


def export_view(files: Sequence[File], look: Look, *, number: int, messages: int) -> ui.Screen:
    """A message that carries files of an export.

    Args:
        files: those of this message.
        look: how the person sees it.
        number: which message of the export it is, 1 for the first.
        messages: how many there are.
    """
    s = look.strings
    lines = [f"### {s('privacy.export.heading')}"]
    if messages > 1:
        lines.append(s("picks.page", page=number, pages=messages))
    if number == 1:
        lines.append(s("privacy.export.body"))
    names = (ui.File(f"attachment://{file.name}") for file in files)
    return screen(ui.TextDisplay("\n".join(lines)), *names)


def erase_question(kept: Iterable[Kept], look: Look, *, owner_id: int, asked_at: int) -> ui.Screen:
    """What would go, and the question whether it shall."""
    s = look.strings
    kept = tuple(kept)
    if not kept:
        return screen(ui.TextDisplay(s("privacy.nothing")))
    return screen(
        ui.TextDisplay(f"### {s('privacy.erase.heading')}"),
        ui.TextDisplay(_listed(kept, s)),
        ui.TextDisplay(s("privacy.erase.warning")),
        row(
            s,
            EraseData(owner_id=owner_id, asked_at=asked_at),
            ExportData(owner_id=owner_id),
            KeepData(owner_id=owner_id),
        ),
    )


def erased_view(gone: Iterable[Kept], look: Look) -> ui.Screen:
    """That everything is gone, and what was."""
    s = look.strings
    gone = tuple(gone)
    if not gone:
        return screen(ui.TextDisplay(s("privacy.nothing")))
    return screen(
        ui.TextDisplay(f"### {s('privacy.erased.heading')}"),
        ui.TextDisplay(_listed(gone, s)),
        ui.TextDisplay(s("privacy.erased.body")),
    )


def kept_view(look: Look) -> ui.Screen:
    """That nothing was erased."""
    return screen(ui.TextDisplay(look.strings("privacy.erase.declined")))


def training_view(report: Report, look: Look) -> ui.Screen:
    """Whether a person's list may be learnt from, and what that means."""
    s = look.strings
    return screen(
        ui.TextDisplay(f"### {s('privacy.training.heading')}"),
        ui.TextDisplay(f"{_training(report, s)}\n-# {s('privacy.training.meaning')}"),
    )


def _training(report: Report, s: Strings) -> str:
    if report.training_since is None:
        return s("privacy.training.off")
    return s("privacy.training.on", since=report.training_since.date().isoformat())


def _listed(kept: Sequence[Kept], s: Strings) -> str:
    return "\n".join(f"- {_what(one, s)}" for one in kept)


def _what(one: Kept, s: Strings) -> str:
    what = s(f"privacy.kept.{one.kind}.what")
    # There is one row about the person themself, and no number would say more.
    return what if one.kind == _PERSON else f"{what} · {s.number(one.count)}"
