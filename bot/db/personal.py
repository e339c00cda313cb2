"""The contract about personal data: every table says whose its rows are, or that they are nobody's.

A table is declared where it is defined, by `personal` or `impersonal`. From that alone follows what
`/privacy export` gives, what `/privacy erase` removes and what PRIVACY.md lists: there is no second
place to forget. A test walks the metadata and fails on a table that is not declared, or that has a
column for a person's id which its declaration does not mention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import ColumnElement, Table, false, or_, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import DeclarativeBase

    Model = TypeVar("Model", bound=type[DeclarativeBase])


@dataclass(frozen=True, slots=True)
class Personal:
    """How the rows of one table belong to people.

    Attributes:
        table: the table.
        kind: what its rows are called in an export, and in the strings that say what is kept.
        owners: columns that hold the id of a person whose row it is. A row of several people is
            given to each of them, and goes with the first who leaves.
        parent: the column through which a row belongs to whoever owns the row it refers to.
        mentions: columns of other people's rows in which a person's id may stand: one that holds
            an id becomes null, in one that holds JSON the id is taken out.
        plain: columns of JSON in which no id of another person ever stands.
    """

    table: Table
    kind: str
    owners: tuple[str, ...]
    parent: str | None
    mentions: tuple[str, ...]
    plain: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column through which the table knows a person."""
        return (*self.owners, *((self.parent,) if self.parent else ()), *self.mentions)

    def of(self, user_id: int) -> ColumnElement[bool]:
        """The condition that a row is one person's."""
        own = [self.table.c[name] == user_id for name in self.owners]
        if self.parent is not None:
            (key,) = self.table.c[self.parent].foreign_keys
            above = declared(key.column.table)
            if not isinstance(above, Personal):
                message = f"{self.table.name}.{self.parent} refers to a table of nobody's"
                raise TypeError(message)
            own.append(self.table.c[self.parent].in_(select(key.column).where(above.of(user_id))))
        return or_(false(), *own)


@dataclass(frozen=True, slots=True)
class Impersonal:
    """A table that holds nothing about anybody.

    Attributes:
        table: the table.
        because: why not, in a sentence for the reader of the code.
        plain: columns of JSON, in which no id of a person ever stands.
    """

    table: Table
    because: str
    plain: tuple[str, ...]


_DECLARED: dict[Table, Personal | Impersonal] = {}


def personal(
    kind: str,
    *,
    owner: str | tuple[str, ...] = (),
    parent: str | None = None,
    mentions: tuple[str, ...] = (),
    plain: tuple[str, ...] = (),
) -> Callable[[Model], Model]:
    """Declare a table whose rows belong to people; see `Personal`.

    Its strings stand under ``privacy.kept.<kind>`` in `bot/locales`.
    """

    def declare(model: Model) -> Model:
        table = cast("Table", model.__table__)
        owners = (owner,) if isinstance(owner, str) else owner
        _DECLARED[table] = Personal(table, kind, owners, parent, mentions, plain)
        return model

    return declare


def impersonal(because: str, *, plain: tuple[str, ...] = ()) -> Callable[[Model], Model]:
    """Declare a table that holds nothing about anybody; see `Impersonal`."""

    def declare(model: Model) -> Model:
        table = cast("Table", model.__table__)
        _DECLARED[table] = Impersonal(table, because, plain)
        return model

    return declare


def declared(table: Table) -> Personal | Impersonal | None:
    """What a table was declared as, if anything."""
    return _DECLARED.get(table)


def personal_tables() -> tuple[Personal, ...]:
    """Every table of people, one that others refer to before those."""
    # All tables, not only those that somebody happened to import.
    from bot.db.models import Base

    found = (declared(table) for table in Base.metadata.sorted_tables)
    return tuple(one for one in found if isinstance(one, Personal))


def without(value: Any, user_id: int) -> Any:  # noqa: ANN401 - any JSON
    """A value of JSON less a person's id, wherever it stands and however it is written."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {name: without(one, user_id) for name, one in items if name != str(user_id)}
    if isinstance(value, list):
        kept = (one for one in cast("list[Any]", value) if not _is(one, user_id))
        return [without(one, user_id) for one in kept]
    return None if _is(value, user_id) else value


def _is(value: object, user_id: int) -> bool:
    # Python's True equals 1.
    return not isinstance(value, bool) and value in (user_id, str(user_id))
