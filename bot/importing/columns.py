"""A table whose columns are known by their names: CSV of any making, and JSON rows.

Our own CSV is one of them, and Simkl's. The names are folded, so "MAL ID", "mal_id" and "malId"
are the same; a score's name may declare its scale, as in "Rating (1-5)" or "score/100".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.importing.errors import RefusedError
from bot.importing.lines import Collector, Line, Source, clean_title, whole_id, whole_year
from bot.importing.scores import guess_top, parse, to_ten
from bot.importing.statuses import fold, status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.importing.lines import ReadList

_NAMES: Final = {
    "mal_id": """
        animeid malid myanimelistid myanimelist mal idmal malanimeid seriesanimedbid animedbid
        targetid
    """,
    "anilist_id": "anilistid anilist idanilist alid",
    "link": "url link malurl animeurl myanimelisturl anilisturl リンク enlace lien",
    "title": """
        title name animetitle animename seriestitle targettitle anime series show
        タイトル 題名 作品名 作品 アニメ アニメ名 名前 标题 名称 片名
        título titulo nombre titre nom titel
    """,
    "score": """
        score rating myscore myrating userscore userrating yourrating yourscore note
        評価 点数 スコア 得点 评分
        puntuación puntuacion puntaje nota calificación calificacion valoración valoracion
        évaluation bewertung
    """,
    "status": """
        status mystatus userstatus watchstatus liststatus watchlist state
        状態 ステータス 視聴状況 视聴状态 状态 estado statut état etat
    """,
    "year": "year releaseyear startyear 年 放送年 年份 año ano année annee",
    "kind": "type mediatype targettype kind",
    "simkl_id": "simklid",
}
_BY_NAME = {name: column for column, names in _NAMES.items() for name in map(fold, names.split())}
# A column called "id" is anybody's guess beside a title, and the only thing there is without one.
_BARE_ID = "id"

_SCALE = re.compile(
    r"(?:/|out\s*of|de|sur|von|-|–|〜|~|点|_|\s|\()\s*(5|10|20|100)\D*$", re.IGNORECASE
)
_LINK = re.compile(r"\b(myanimelist\.net|anilist\.co)/anime/(\d{1,7})", re.IGNORECASE | re.ASCII)
_NOT_ANIME: Final = frozenset({"manga", "novel", "lightnovel", "ranobe", "book"})
_SIMKL_ANIME: Final = "anime"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each thing stands; None where the table does not have it."""

    mal_id: int | None = None
    anilist_id: int | None = None
    link: int | None = None
    title: int | None = None
    score: int | None = None
    status: int | None = None
    year: int | None = None
    kind: int | None = None
    simkl_id: int | None = None
    top: int | None = None

    @classmethod
    def named(cls, header: Sequence[str]) -> Columns:
        """Recognise the columns of a table by their names; of two alike the first counts.

        Raises:
            RefusedError: none of them says which anime a row is about.
        """
        found: dict[str, int] = {}
        top: int | None = None
        bare_id: int | None = None
        for position, name in enumerate(header):
            column = _BY_NAME.get(fold(name))
            declared = _SCALE.search(name[:100]) if column is None else None
            if declared is not None:
                column = _BY_NAME.get(fold(re.split(r"[\d(/_]", name)[0]))
                column = column if column == "score" else None
            if column is not None and column not in found:
                found[column] = position
                if column == "score" and declared is not None:
                    top = int(declared[1])
            elif fold(name) == _BARE_ID and bare_id is None:
                bare_id = position
        if not found.keys() & {"mal_id", "anilist_id", "link", "title"}:
            if bare_id is None:
                raise RefusedError("import_no_columns")
            found["mal_id"] = bare_id
        return cls(**found, top=top)


def read_rows(rows: Iterable[Sequence[str]]) -> ReadList:
    """Read a table, its first row the names of the columns.

    Raises:
        RefusedError: the names say nothing, or no row does.
    """
    rows = iter(rows)
    columns = Columns.named(next(rows, ()))
    source = Source.TABLE if columns.simkl_id is None else Source.SIMKL
    kept = [row for row in rows if any(map(str.strip, row)) and _is_anime(row, columns)]
    scores = [parse(_cell(row, columns.score)) for row in kept]
    undeclared = [score for score, top in filter(None, scores) if top is None]
    guessed = None
    top: float = columns.top or 10
    if columns.top is None and undeclared and source is Source.TABLE:
        guessed = guess_top(undeclared)
        top = guessed or 100
    lines = Collector(source)
    for row, score in zip(kept, scores, strict=True):
        lines.add(_line(row, columns, to_ten(score[0], score[1] or top) if score else None))
    return lines.done(guessed_scale=guessed)


def read_records(records: Sequence[Mapping[str, object]]) -> ReadList:
    """Read rows that each name their fields, such as the objects of a JSON array.

    Raises:
        RefusedError: the names say nothing, or no row does.
    """
    names = list(dict.fromkeys(name for record in records[:100] for name in record))
    rows = ([_text(record.get(name)) for name in names] for record in records)
    return read_rows([names, *rows])


def _line(row: Sequence[str], columns: Columns, score: int | None) -> Line:
    mal_id = whole_id(_cell(row, columns.mal_id))
    anilist_id = whole_id(_cell(row, columns.anilist_id))
    if linked := _LINK.search(_cell(row, columns.link)):
        if linked[1].casefold() == "anilist.co":
            anilist_id = anilist_id or whole_id(linked[2])
        else:
            mal_id = mal_id or whole_id(linked[2])
    return Line(
        mal_id=mal_id,
        anilist_id=anilist_id,
        title=clean_title(_cell(row, columns.title)),
        score=score,
        status=status_of(_cell(row, columns.status)),
        year=whole_year(_cell(row, columns.year)),
    )


def _is_anime(row: Sequence[str], columns: Columns) -> bool:
    kind = fold(_cell(row, columns.kind))
    if columns.simkl_id is not None and kind:
        return kind == _SIMKL_ANIME  # its backup has films and series too
    return kind not in _NOT_ANIME


def _cell(row: Sequence[str], position: int | None) -> str:
    return row[position].strip() if position is not None and position < len(row) else ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return f"{value:.10g}"
