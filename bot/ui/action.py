"""Buttons that outlive the process: their whole state is their custom_id.

Discord sends the custom_id back with every tap, also to a bot that was restarted since. So a button
is a small record: ``class Plan(Action, verb="plan")`` with the fields ``anime_id`` and ``list_id``
becomes ``o1:plan:5114:87``, and the tap becomes a ``Plan`` again. The prefix is the version of this
format: a button of another version is told apart and answered with a sentence.

discord.py has dynamic items for that. It looks for theirs by trying every pattern there is, and
makes the whole message into objects to find the one button, which takes longer than most answers.
Here the verb says at once what was tapped, as with the forms of `bot.ui.form`.

A custom_id comes from outside and can be forged. An action therefore acts only on behalf of whoever
tapped it, never of an id that it carries, and `only_for` guards what belongs to one person.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from discord import ButtonStyle, ComponentType

from bot.services.errors import UserError
from bot.ui import blocks as ui
from bot.ui.gate import enter
from bot.ui.places import check_open
from bot.ui.reply import answer_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord

    from bot.client import Interaction
    from bot.locales import Strings

VERSION = "o1"

_LARGEST = 2**63 - 1
_NUMBER = re.compile("-?[0-9]{1,19}")


@dataclass_transform(kw_only_default=True)
class Action(ui.Item):
    """One kind of button. A subclass names its verb and declares its state, whole numbers only.

    What a tap does is the business of the commands: they register it with `tapped`.

    Attributes:
        label: locale key of what the button says.
        style: its look.
        kinds: every subclass by its verb.
    """

    label: ClassVar[str]
    style: ClassVar[ButtonStyle] = ButtonStyle.secondary
    kinds: ClassVar[dict[str, type[Action]]] = {}
    _verb: ClassVar[str]
    _fields: ClassVar[tuple[str, ...]]
    handler: ClassVar[Callable[[Any, Any], Awaitable[None]]]

    def __init_subclass__(cls, *, verb: str | None = None) -> None:
        if verb is None:  # a base for further kinds, such as `bot.ui.menu.Menu`
            return
        cls._verb = verb
        cls._fields = tuple(
            name for name, kind in inspect.get_annotations(cls).items() if kind in ("int", int)
        )
        cls.kinds[verb] = cls

    def __init__(self, **state: int) -> None:
        for name in self._fields:
            setattr(self, name, state[name])
        custom_id = ":".join([VERSION, self._verb, *[str(state[name]) for name in self._fields]])
        self.component = self.made(custom_id)

    def made(self, custom_id: str) -> dict[str, Any]:
        """The component itself."""
        return {
            "type": ComponentType.button.value,
            "style": self.style.value,
            "disabled": False,
            "custom_id": custom_id,
        }

    @classmethod
    def of_custom_id(cls, custom_id: str) -> Action | None:
        """The action that a tapped component stands for; None where it is none of ours."""
        found = _read(custom_id)
        if found is None:
            return None
        kind, values = found
        # A forged number that no database holds finds nothing, as any other forged number.
        return kind(**{name: min(value, _LARGEST) for name, value in values.items()})

    def say(self, label: str, *, disabled: bool = False) -> Self:
        """Set what the button says, which the custom_id does not hold."""
        self.component["label"] = label
        self.component["disabled"] = disabled
        return self

    @classmethod
    def tapped(
        cls, handler: Callable[[Interaction, Self], Awaitable[None]]
    ) -> Callable[[Interaction, Self], Awaitable[None]]:
        """Decorate the coroutine that a tap runs: ``handler(interaction, action)``."""
        cls.handler = staticmethod(handler)
        return handler

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Run the handler; whatever goes wrong takes the bot's one error path."""
        try:
            leave = enter(interaction, self._verb)
        except UserError as error:
            await answer_error(interaction, error)
            return
        try:
            await check_open(interaction, self._verb)
            await type(self).handler(interaction, self)
        except Exception as error:  # noqa: BLE001 - the end of the line: discord.py would swallow it
            await answer_error(interaction, error)
        finally:
            leave()


def row(s: Strings, *actions: Action) -> ui.ActionRow:
    """A row of buttons, each with the label of its kind."""
    return ui.ActionRow(*[action.say(s(action.label)) for action in actions])


def only_for(interaction: Interaction, owner_id: int) -> None:
    """Refuse a tap by anyone but the owner.

    Raises:
        UserError: somebody else tapped.
    """
    if interaction.user.id != owner_id:
        raise UserError("not_yours", owner=f"<@{owner_id}>")


def state_of(custom_id: str) -> dict[str, int]:
    """The state that a custom_id of ours carries; empty where it is none of ours."""
    found = _read(custom_id)
    return {} if found is None else found[1]


def _read(custom_id: str) -> tuple[type[Action], dict[str, int]] | None:
    """The kind of action that a custom_id names, and its state; None where it is none of ours."""
    version, *rest = custom_id.split(":")
    if version != VERSION or not rest:
        return None
    verb, *values = rest
    kind = Action.kinds.get(verb)
    if kind is None:
        return None
    names = kind._fields  # pyright: ignore[reportPrivateUsage]
    if len(values) != len(names) or not all(map(_NUMBER.fullmatch, values)):
        return None
    return kind, dict(zip(names, map(int, values), strict=True))
