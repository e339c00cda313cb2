"""`python -m recsys rikonet`: the loop of the RikoNet notebook, in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import Bundle, BundleError
from recsys.catalog import Catalog
from recsys.models import registry
from recsys.models.rikonet import RikoNetModel
from recsys.models.rikonet_lists import Session, TwoLists

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from recsys.catalog import Anime
    from recsys.titles import TitleIndex

_HELP = """\
TITLE = SCORE   rate an anime from 1 to 10, as in: cowboy bebop = 9
table           see what is recommended
table SCORE     say from 1 to 10 how good the table just shown is
quit            see your scores of the tables, and leave"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "rikonet",
        help="rate, see a table, score the table, again",
        description="Talks with a RikoNet bundle. Nothing is stored.",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        required=True,
        metavar="DIR",
        help="written by `python -m recsys train --model rikonet`",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Reads lines until "quit" or the end of the input."""
    from recsys.titles import TitleIndex

    bundle = Bundle.load(options.bundle)
    model = registry.load(bundle)
    if not isinstance(model, RikoNetModel):
        raise BundleError(
            f"The bundle holds the model {bundle.model}, and this is the loop of RikoNet: train "
            "one with `python -m recsys train --model rikonet`."
        )
    catalog = Catalog.load()
    session, titles = Session(model, catalog), TitleIndex(catalog)
    print(f"It is recommended to rate at least 5 anime in the beginning.\n{_HELP}")
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            break
        if line.lower() == "quit":
            break
        if line:
            print(answer(session, titles, line))
    print(_scores(session))
    return 0


def answer(session: Session, titles: TitleIndex, line: str) -> str:
    """What to say to one line; a line that is wrong changes nothing."""
    words = line.split()
    if words[0].lower() == "table" and len(words) <= 2 and "=" not in line:
        return _table(session) if len(words) == 1 else _score_table(session, words[1])
    # Titles have "=" in them too; the score follows the last.
    title, _, text = line.rpartition("=")
    score = _score(text)
    if not title.strip():
        return _HELP
    if score is None:
        return f"{title.strip()} is rated with a whole number from 1 to 10, as in: naruto = 8"
    return _rate(session, titles, title.strip(), score)


def _rate(session: Session, titles: TitleIndex, title: str, score: int) -> str:
    found = titles.resolve(title)
    if found.answer is not None:
        session.rate(found.answer.anime_id, score)
        return f"{session.catalog[found.answer.anime_id].title}: {score}."
    names = [session.catalog[guess.anime_id].title for guess in found.guesses]
    if names:
        return "Did you mean: " + "; ".join(names) + "?"
    return f"No anime is called anything like “{title}”."


def _score_table(session: Session, text: str) -> str:
    score = _score(text)
    if score is None:
        return "A table is scored with a whole number from 1 to 10, as in: table 7"
    if len(session.table_scores) >= session.shown:
        return "There is no table without a score: see one first, with: table"
    session.score_table(score)
    return f"Table {len(session.table_scores)}: {score}."


def _score(text: str) -> int | None:
    """A score from 1 to 10, or None."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 10 else None


def _table(session: Session) -> str:
    """The tops of genres, or both lists."""
    table = session.table()
    if not isinstance(table, TwoLists):
        return "\n".join(_lines(f"Top {genre}", anime) for genre, anime in table.items())
    named = (("Similar Anime", table.similar), ("Anime You May Like", table.may_like))
    catalog = session.catalog
    return "\n".join(
        _lines(name, [catalog[anime_id] for anime_id in ids if anime_id in catalog])
        for name, ids in named
    )


def _lines(heading: str, anime: Iterable[Anime]) -> str:
    """A heading, and a line an anime: title, English title, genres."""
    rows = [
        f"  {place:2}. {' / '.join(filter(None, (a.title, a.english)))} ({', '.join(a.genres)})"
        for place, a in enumerate(anime, 1)
    ]
    return "\n".join([heading, *(rows or ["  nothing"])])


def _scores(session: Session) -> str:
    """The notebook's last table."""
    rows = [f"  {place:2}. {score}" for place, score in enumerate(session.table_scores, 1)]
    return "\n".join(["Your scores of the tables", *(rows or ["  none"])])
