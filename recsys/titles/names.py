"""Every name of every anime as sorted keys, with how well known each is."""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.shared_array import shared_tables
from recsys.titles.texts import unpack
from recsys.titles.which import NOTHING, Which

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from recsys.catalog import Anime, Catalog

    Tables = dict[str, NDArray[Any]]

NICKNAMES = Path(__file__).with_name("nicknames.tsv")
"""Names that no rule makes and no catalog lists: tab separated nickname, id, title."""

KINDS = ("TV", "Movie", "OVA", "ONA", "Special")
"""The kinds that `Which.kind` names, by number."""

# The index of a smaller catalog is built quicker than a file is looked for.
_WORTH_A_FILE = 2_000


def read_nicknames(path: Path = NICKNAMES) -> list[tuple[str, int]]:
    """The curated nicknames with the ids they mean.

    Args:
        path: a UTF-8 file of lines "nickname, tab, MyAnimeList id, tab, anything"; lines that
            start with # are comments.

    Raises:
        ValueError: a line is not of that form; the message names it.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) < 2 or not cells[0].strip() or not cells[1].isdecimal():
            raise ValueError(
                f"{path.name}, line {number}: write a nickname, a tab and a MyAnimeList id."
            )
        rows.append((cells[0].strip(), int(cells[1])))
    return rows


class Names:
    """Sorted keys with the anime that answer to each.

    Args:
        catalog: the anime.
        tables: as `recsys.titles.layout.lay_out` made them of that catalog.

    Attributes:
        anime: n anime, by position, in ascending order of id.
        popularity: (n,) from 0 to 1.
        keys: k distinct compact keys in ascending order.
        starts: (k + 1,) where the owners of each key start.
        owners: positions of anime, the best known of each key first.
        aliases: the name behind each owner.
        key_popularity: (k,) popularity of each key's best-known owner.
        key_lengths: (k,) characters of each key.
        title_keys: n keys, of the main titles without a bracketed year.
        is_sequel: n bytes, 1 where a name of an anime says that something came before.
        tables: what else was laid out, such as the n-grams.
    """

    def __init__(self, catalog: Catalog, tables: Tables) -> None:
        self.anime = tuple(catalog)
        self.tables = tables
        self.popularity: NDArray[np.float32] = tables["popularity"]
        # Looked through at every keystroke, so these are whole; they take 4 MB.
        self.keys = unpack(tables, "keys").tolist()
        self.starts: NDArray[np.int32] = tables["starts"]
        self.owners: NDArray[np.int32] = tables["owners"]
        self.aliases = _with_the_catalogs_own(self.anime, tables)
        self.key_popularity: NDArray[np.float32] = tables["key_popularity"]
        self.key_lengths: NDArray[np.int32] = tables["key_lengths"]
        self.title_keys = unpack(tables, "title_keys")
        self._ids = tables["ids"].data
        self._said: NDArray[np.int16] = tables["said"]
        season, part, _, _, _, final, bare = self._said.T
        self.is_sequel = ((season > 1) | (part > 1) | (bare > 1) | (final > 0)).tobytes()
        self._short = unpack(tables, "short")
        self._short_starts: NDArray[np.int32] = tables["short_of"]
        self._short_entries: NDArray[np.int32] = tables["short_entries"]

    def position(self, anime_id: int) -> int:
        """Where an anime of the catalog stands in `anime`."""
        return bisect_left(self._ids, anime_id)

    def said(self, position: int) -> Which:
        """What the names of an anime say of its place in the franchise."""
        row = self._said[position].tolist()
        if not any(row):
            return NOTHING
        season, part, year, kind, number, final, bare = row
        return Which(
            season=season or None,
            part=part or None,
            year=year or None,
            kind=KINDS[kind - 1] if kind else None,
            number=number or None,
            final=bool(final),
            bare_number=bare or None,
        )

    def short_for(self, short: str) -> list[tuple[int, str]]:
        """The anime whose initials or clipped name a text is, best known first.

        Args:
            short: folded words without spaces.

        Returns:
            Positions of anime with the name behind.
        """
        at = self._short.find(short)
        if at is None:
            return []
        entries = self._short_entries[self._short_starts[at] : self._short_starts[at + 1]].tolist()
        return [(int(self.owners[entry]), self.aliases[entry]) for entry in entries]


def names_of(catalog: Catalog, nicknames: Sequence[tuple[str, int]]) -> Names:
    """Every name of a catalog, laid out; for a large one in a file that processes share.

    Args:
        catalog: the anime.
        nicknames: further names with the id of their anime; unknown ids are passed over.
    """

    def build() -> Tables:
        from recsys.titles.layout import lay_out

        return lay_out(tuple(catalog), nicknames)

    if len(catalog) < _WORTH_A_FILE:
        return Names(catalog, build())
    parts = (catalog.fingerprint, repr(nicknames), _version())
    return Names(catalog, shared_tables("\0".join(parts).encode("utf-8", "surrogatepass"), build))


@cache
def _version() -> str:
    """What else decides the tables: this package, and how Python folds letters."""
    digest = hashlib.sha256(f"{unicodedata.unidata_version} {np.dtype(np.intp).str}".encode())
    for path in sorted(Path(__file__).parent.glob("*.*")):
        if path.suffix in {".py", ".txt"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _with_the_catalogs_own(anime: Sequence[Anime], tables: Tables) -> list[str]:
    """The aliases by entry; those that the catalog writes so too are the catalog's own strings."""
    aliases: list[str] = []
    others = iter(unpack(tables, "other_aliases").tolist())
    for owner, place in zip(
        tables["owners"].tolist(), tables["alias_places"].tolist(), strict=True
    ):
        one = anime[owner]
        if place >= len(NAMED):
            aliases.append(one.aliases[place - len(NAMED)])
        else:
            aliases.append(next(others) if place < 0 else getattr(one, NAMED[place]))
    return aliases


NAMED = ("title", "english", "japanese")
"""Where the catalog has a name: these by number, then the aliases; −1 where it has not."""
