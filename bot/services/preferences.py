"""What people chose for themselves."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from bot.locales import languages
from bot.services.errors import storage
from bot.services.links import LinkSite
from bot.services.naming import TitleLanguage
from bot.services.shown import filters_from_json, filters_to_json
from recsys.picks import NEUTRAL, Dials, Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    from bot.db import Database


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one person.

    Attributes:
        titles: the language of titles, or None to go by the language of their Discord.
        links: the sites that cards link to.
        locale: the language that the bot speaks with them, one of `bot.locales.languages`, or
            None to go by that of their Discord.
        adult: whether adult titles may be among their picks, where the place allows them.
        planned: whether what they plan to watch may be among their picks.
        dials: how they want the ranking turned.
        filter_sets: filters that they gave a name, by it, in the order in which they did.
        dropped_set: the set that they deleted last, with its name, for undo.
    """

    titles: TitleLanguage | None = None
    links: LinkSite = LinkSite.BOTH
    locale: str | None = None
    adult: bool = False
    planned: bool = False
    dials: Dials = NEUTRAL
    filter_sets: Mapping[str, Filters] = field(default_factory=dict[str, Filters])
    dropped_set: tuple[str, Filters] | None = None


class _Codec(NamedTuple):
    """How a choice is stored.

    Attributes:
        to_json: from the choice to what JSON holds.
        from_json: back; a ValueError says that it is none of ours.
    """

    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]


def _one_of(kind: type[StrEnum]) -> _Codec:
    def from_json(stored: object) -> StrEnum:
        return kind(stored) if isinstance(stored, str) else _foreign()

    return _Codec(str, from_json)


def _foreign() -> Any:  # noqa: ANN401 - it never returns
    raise ValueError


def _locale(stored: object) -> str:
    return stored if isinstance(stored, str) and stored in languages() else _foreign()


def _dials(stored: object) -> Dials:
    if not isinstance(stored, dict):
        return _foreign()
    known = {dial.name for dial in fields(Dials)}
    numbers = cast("dict[str, Any]", stored).items()
    turned = {name: v for name, v in numbers if name in known and isinstance(v, int | float)}
    return Dials(**turned)


def _set_to_json(one: tuple[str, Filters]) -> list[Any]:
    return [one[0], filters_to_json(one[1])]


def _set(stored: object) -> tuple[str, Filters]:
    try:
        name, filters = cast("list[Any]", stored)
        return str(name), filters_from_json(filters)
    except (TypeError, AttributeError):
        return _foreign()


def _sets_to_json(sets: Mapping[str, Filters]) -> list[Any]:
    # A list, because PostgreSQL does not keep the order of an object's keys.
    return [_set_to_json(one) for one in sets.items()]


def _sets(stored: object) -> dict[str, Filters]:
    return dict(map(_set, cast("list[Any]", stored))) if isinstance(stored, list) else _foreign()


def _switch(stored: object) -> bool:
    return stored if isinstance(stored, bool) else _foreign()


# One line a choice. Those that are stored under a name that is not here belong to a newer version.
_CODECS: dict[str, _Codec] = {
    "titles": _one_of(TitleLanguage),
    "links": _one_of(LinkSite),
    "locale": _Codec(str, _locale),
    "adult": _Codec(bool, _switch),
    "planned": _Codec(bool, _switch),
    "dials": _Codec(asdict, _dials),
    "filter_sets": _Codec(_sets_to_json, _sets),
    "dropped_set": _Codec(_set_to_json, _set),
}
_DEFAULT = Preferences()

# Seconds for which choices are taken from memory: who types a title asks for them with every
# keystroke. Of several processes of the bot the others hear of a change this late.
SHARED = 3.0
ALONE = 60.0  # where there are no others
_KNOWN = 8192


class PreferenceService:
    """Reads and changes what people chose.

    Args:
        database: where it is stored.
        fresh: seconds for which choices are taken from memory, `SHARED` or `ALONE`.
    """

    def __init__(self, database: Database, fresh: float = SHARED) -> None:
        self._database = database
        self._fresh = fresh
        self._known: OrderedDict[int, tuple[float, Preferences]] = OrderedDict()

    async def get(self, user_id: int) -> Preferences:
        """What a person chose; the defaults where they chose nothing.

        Raises:
            UserError: the database cannot be read.
        """
        before = self._known.get(user_id)
        if before is not None and monotonic() - before[0] < self._fresh:
            return before[1]
        with storage():
            async with self._database.read() as tx:
                found = _from_json(await tx.users.preferences(user_id))
        if self._known.get(user_id) is before:  # else somebody changed it meanwhile
            self._keep(user_id, found)
        return found

    async def change(self, user_id: int, **choices: Any) -> Preferences:  # noqa: ANN401 - any field
        """Store some choices and leave the others as they are.

        Args:
            user_id: whose.
            choices: fields of `Preferences` with their new values.

        Returns:
            All their choices now.

        Raises:
            UserError: the database did not take it.
        """
        return await self.update(user_id, lambda chosen: replace(chosen, **choices))

    async def update(
        self, user_id: int, change: Callable[[Preferences], Preferences]
    ) -> Preferences:
        """Change choices by what they are, with nothing in between: two taps both count.

        Args:
            user_id: whose.
            change: from the choices as they are to what they shall be. What it raises passes
                through, and nothing is stored.

        Returns:
            All their choices now.

        Raises:
            UserError: the database did not take it.
        """
        with storage():
            async with self._database.write() as tx:
                # First of all, so that two changes by one person come one after the other.
                await tx.users.lock(user_id)
                stored = await tx.users.preferences(user_id)
                chosen = change(_from_json(stored))
                await tx.users.put_preferences(user_id, _to_json(chosen, stored), datetime.now(UTC))
        self._keep(user_id, chosen)
        return chosen

    async def save(self, user_id: int, preferences: Preferences) -> None:
        """Store all choices of a person at once.

        Raises:
            UserError: the database did not take it.
        """
        await self.update(user_id, lambda _chosen: preferences)

    def forget(self, user_id: int) -> None:
        """Keep nothing in memory of a person who was erased."""
        self._known.pop(user_id, None)

    def _keep(self, user_id: int, chosen: Preferences) -> None:
        self._known[user_id] = monotonic(), chosen
        self._known.move_to_end(user_id)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)


def _to_json(chosen: Preferences, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What to store, beside what a newer version of the bot has stored.

    Only what differs from the defaults, so that a better default reaches everybody else.
    """
    others = {name: value for name, value in stored.items() if name not in _CODECS}
    own = {
        name: codec.to_json(value)
        for name, codec in _CODECS.items()
        if (value := getattr(chosen, name)) != getattr(_DEFAULT, name)
    }
    return others | own


def _from_json(stored: Mapping[str, Any]) -> Preferences:
    if not stored:  # most people
        return _DEFAULT
    chosen: dict[str, Any] = {}
    for choice in fields(Preferences):
        if choice.name in stored:
            try:
                chosen[choice.name] = _CODECS[choice.name].from_json(stored[choice.name])
            except ValueError:
                continue  # a choice that only a newer version of the bot knows is as good as none
    return Preferences(**chosen)
