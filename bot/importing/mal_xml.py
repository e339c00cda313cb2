"""MyAnimeList's own export: XML, the format that every other site can write too.

Only the id and the status can be relied on. Elements may come in any order, a status as text or
as the older number, and a title with or without CDATA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_DEPTH
from bot.importing.lines import Collector, Line, Source, clean_title, whole_id
from bot.importing.scores import parse, to_ten
from bot.importing.statuses import status_of

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

    from bot.importing.lines import ReadList

_ROOT: Final = "myanimelist"
_TYPE: Final = "user_export_type"
_MANGA: Final = "2"
_LONGEST_TEXT: Final = 2000
_FIELDS: Final = frozenset({"series_animedb_id", "series_title", "my_score", "my_status", _TYPE})


def read(data: bytes) -> ReadList:
    """Read an export.

    Raises:
        RefusedError: it is not one, is not about anime, or is broken.
    """
    export = _Export()
    parser = XMLParser(forbid_dtd=True)
    export.listen_to(parser.parser)
    try:
        parser.parser.Parse(data, True)
    except DefusedXmlException:
        raise RefusedError("import_dtd") from None
    except (ExpatError, ValueError, LookupError):
        # The last two: an encoding that the parser does not take, or that nobody knows.
        raise RefusedError("import_xml") from None
    return export.done()


class _Export:
    """Takes expat's events one by one; no tree is built, however large the file.

    They are many, 21 elements an anime, so text is asked for only within the elements that are
    wanted.
    """

    def __init__(self) -> None:
        self._lines = Collector(Source.MYANIMELIST)
        self._depth = 0
        self._in_anime = False
        self._fields: dict[str, str] = {}
        self._reading: str | None = None
        self._text: list[str] = []
        self._length = 0
        self._is_manga = False

    def listen_to(self, parser: XMLParserType) -> None:
        """Replace the handlers that build a tree; those that defusedxml forbids by stay."""
        self._parser = parser
        parser.DefaultHandlerExpand = None
        parser.CommentHandler = None
        parser.ProcessingInstructionHandler = None
        parser.CharacterDataHandler = None
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def _start(self, tag: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth == 3:
            if tag in _FIELDS and (self._in_anime or tag == _TYPE):
                self._reading = tag
                self._text = []
                self._length = 0
                self._parser.CharacterDataHandler = self._data
        elif self._depth == 2:
            self._in_anime = tag == "anime"
            self._is_manga = self._is_manga or tag == "manga"
            self._fields = {}
        elif self._depth == 1 and tag != _ROOT:
            raise RefusedError("import_web_page" if tag == "html" else "import_unknown_file")
        elif self._depth > MOST_DEPTH:
            raise RefusedError("import_xml")

    def _data(self, text: str) -> None:
        if self._length < _LONGEST_TEXT:
            self._text.append(text[:_LONGEST_TEXT])
            self._length += len(text)

    def _end(self, _tag: str) -> None:
        if self._depth == 3:
            if self._reading is not None:
                self._parser.CharacterDataHandler = None
                text = "".join(self._text).strip()
                self._fields[self._reading] = text
                if self._reading == _TYPE and text == _MANGA:
                    raise RefusedError("import_manga")
                self._reading = None
        elif self._depth == 2 and self._in_anime:
            self._lines.add(_line(self._fields))
            self._in_anime = False
        self._depth -= 1

    def done(self) -> ReadList:
        """The list.

        Raises:
            RefusedError: there is none, or it is about manga.
        """
        try:
            return self._lines.done()
        except RefusedError:
            if self._is_manga:
                raise RefusedError("import_manga") from None
            raise


def _line(fields: dict[str, str]) -> Line:
    score = parse(fields.get("my_score", ""))
    return Line(
        mal_id=whole_id(fields.get("series_animedb_id")),
        title=clean_title(fields.get("series_title")),
        score=to_ten(score[0], 10) if score else None,
        status=status_of(fields.get("my_status")),
    )
