"""How an import is shown: its progress, its preview, its questions, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ButtonStyle

from bot.importing import Source
from bot.importing.sites.directory import NAMES
from bot.ui import blocks as ui
from bot.ui.action import Action, row
from bot.ui.cards import labels, screen
from bot.ui.text import inline

if TYPE_CHECKING:
    from bot.services.imports import ImportStatus, TitleQuestion, Undone
    from bot.ui.cards import Look

_TITLE = 80
_EXAMPLE = 40


class ApplyImport(Action, verb="impapply"):
    """Put a brought list onto one's own.

    Attributes:
        file_wins: 1 where entries that differ become what the list says, 0 where they stay.
    """

    owner_id: int
    job_id: int
    file_wins: int
    style = ButtonStyle.primary


class AskTitles(Action, verb="impask"):
    """Ask which anime the next unclear title means.

    Attributes:
        after: position of the line that was asked about last, -1 for none.
    """

    owner_id: int
    job_id: int
    after: int


class AnswerTitle(Action, verb="impanswer"):
    """Say which anime a title means; an id of 0 says that it is none of those offered."""

    owner_id: int
    job_id: int
    position: int
    anime_id: int


class ShowImport(Action, verb="impshow"):
    """Show how far an import is; one that stopped goes on."""

    owner_id: int
    job_id: int


class CancelImport(Action, verb="impcancel"):
    """Forget a brought list that was not applied."""

    owner_id: int
    job_id: int
    label = "buttons.import_cancel"


class UndoImport(Action, verb="impundo"):
    """Make everything that an import changed what it was before."""

    owner_id: int
    job_id: int
    label = "buttons.import_undo"


class RecommendNow(Action, verb="imprecommend"):
    """Go on with picks, the reason why the list was brought."""

    owner_id: int
    label = "buttons.import_recommend"
    style = ButtonStyle.primary


def import_view(status: ImportStatus, look: Look, *, owner_id: int) -> ui.Screen:
    """An import as it stands now.

    Args:
        status: how far it is.
        look: how the person sees it.
        owner_id: whose it is.
    """
    if status.is_running:
        return _progress(status, look, owner_id)
    if status.state == "failed":
        return _failed(status, look)
    if status.state == "ready":
        return _preview(status, look, owner_id)
    return _done(status, look, owner_id)


def undone_view(undone: Undone, look: Look) -> ui.Screen:
    """What undoing an import did."""
    s = look.strings
    lines = [s("import.undone", count=undone.restored)]
    if undone.kept:
        lines.append(s("import.kept_since", count=undone.kept))
    return screen(ui.TextDisplay("\n".join(lines)))


def cancelled_view(look: Look) -> ui.Screen:
    """A brought list is forgotten."""
    return screen(ui.TextDisplay(look.strings("import.cancelled")))


def question_view(question: TitleQuestion, look: Look, *, owner_id: int) -> ui.Screen:
    """The question which anime a title of the list means, a button for each guess."""
    s = look.strings
    title = inline(question.title, _TITLE)
    if question.year is not None:
        title = f"{title} ({question.year})"
    lines = [
        f"### {s('import.which', title=title)}",
        f"-# {s('import.questions_left', count=question.left)}",
    ]
    of_line = {
        "owner_id": owner_id,
        "job_id": question.job_id,
        "position": question.position,
    }
    answers = [
        ui.ActionRow(AnswerTitle(**of_line, anime_id=anime.id).say(line))
        for anime, line in zip(question.guesses, labels(question.guesses, look), strict=True)
    ]
    others = ui.ActionRow(
        AnswerTitle(**of_line, anime_id=0).say(s("buttons.import_none")),
        AskTitles(owner_id=owner_id, job_id=question.job_id, after=question.position).say(
            s("buttons.import_later"), disabled=question.left == 1
        ),
        ShowImport(owner_id=owner_id, job_id=question.job_id).say(s("buttons.import_back")),
    )
    return screen(ui.TextDisplay("\n".join(lines)), *answers, others)


def _progress(status: ImportStatus, look: Look, owner_id: int) -> ui.Screen:
    s = look.strings
    if status.state == "matching":
        found = s("import.matching", count=status.read)
    elif status.total is not None:
        found = s("import.fetching_of", count=status.read, total=status.total)
    else:
        found = s("import.fetching", count=status.read)
    lines = [f"### {_heading(status, look)}", found, f"-# {s('import.in_background')}"]
    again = ShowImport(owner_id=owner_id, job_id=status.job_id).say(s("buttons.import_progress"))
    cancel = CancelImport(owner_id=owner_id, job_id=status.job_id)
    return screen(
        ui.TextDisplay("\n".join(lines)), ui.ActionRow(again, cancel.say(s(cancel.label)))
    )


def _failed(status: ImportStatus, look: Look) -> ui.Screen:
    s = look.strings
    trouble = status.trouble
    key, params = (trouble.key, trouble.params) if trouble else ("import_failed", {})
    lines = [f"### {_heading(status, look)}", s(f"errors.{key}", **params), s("import.use_a_file")]
    return screen(ui.TextDisplay("\n".join(lines)))


def _preview(status: ImportStatus, look: Look, owner_id: int) -> ui.Screen:
    s = look.strings
    found = status.difference
    new, changed, same = found if found is not None else (0, 0, 0)
    lines = [f"### {_heading(status, look)}"]
    lines.append(s("import.counts", new=new, changed=changed, same=same))
    lines += _remarks(status, look)
    if not new and not changed:
        lines.append(s("import.nothing_new"))
    elif changed:
        lines.append(s("import.who_wins"))
    controls: list[Action] = []
    of_job = {"owner_id": owner_id, "job_id": status.job_id}
    if changed:
        controls += [
            ApplyImport(**of_job, file_wins=1).say(s("buttons.import_theirs")),
            ApplyImport(**of_job, file_wins=0).say(s("buttons.import_mine"), disabled=not new),
        ]
    elif new:
        controls.append(ApplyImport(**of_job, file_wins=1).say(s("buttons.import_apply")))
    if status.asked:
        ask = s("buttons.import_ask", count=status.asked)
        controls.append(AskTitles(**of_job, after=-1).say(ask))
    cancel = CancelImport(**of_job)
    controls.append(cancel.say(s(cancel.label)))
    return screen(ui.TextDisplay("\n".join(lines)), ui.ActionRow(*controls))


def _remarks(status: ImportStatus, look: Look) -> list[str]:
    """What else there is to say about a list, a line each."""
    s = look.strings
    lines: list[str] = []
    if status.asked:
        lines.append(s("import.asked", count=status.asked))
    if status.unknown:
        titles = ", ".join(inline(title, _EXAMPLE) for title in status.examples if title)
        key = "import.unknown" if titles else "import.unknown_untitled"
        lines.append(s(key, count=status.unknown, titles=titles))
    if status.newer:
        lines.append(s("import.newer", count=status.newer))
    if status.passed_over:
        lines.append(s("import.passed_over", count=status.passed_over))
    if status.guessed_scale is not None:
        lines.append(f"-# {s('import.guessed_scale', top=status.guessed_scale)}")
    return lines


def _done(status: ImportStatus, look: Look, owner_id: int) -> ui.Screen:
    s = look.strings
    found = status.difference
    new, changed = (found.new, found.changed) if found is not None else (0, 0)
    if status.state == "undone":
        return screen(ui.TextDisplay(s("import.undone", count=new + changed)))
    lines = [f"### {s('import.done', count=new + changed)}"]
    lines.append(s("import.done_counts", new=new, changed=changed))
    if status.asked:
        lines.append(s("import.left_out", count=status.asked))
    lines.append(s("import.go_on"))
    return screen(
        ui.TextDisplay("\n".join(lines)),
        row(
            s,
            RecommendNow(owner_id=owner_id),
            UndoImport(owner_id=owner_id, job_id=status.job_id),
        ),
    )


def _heading(status: ImportStatus, look: Look) -> str:
    s = look.strings
    if status.account is not None:
        site = NAMES.get(status.source, status.source)
        return s("import.heading_site", name=inline(status.account, _EXAMPLE), site=site)
    if status.source is Source.TABLE:
        return s("import.heading_table")
    return s("import.heading_file", source=s(f"import.sources.{status.source}"))
