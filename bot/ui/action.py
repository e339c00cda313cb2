"""Buttons that outlive the process: their whole state is their custom_id.

Discord sends the custom_id back with every tap, also to a bot that was restarted since. So a button
is a small record: ``class Plan(Action, verb="plan")`` with the fields ``anime_id`` and ``list_id``
becomes ``o1:plan:5114:87``, and the tap becomes a ``Plan`` again. The prefix is the version of this
format: a button of another version is told apart and answered with a sentence.

A custom_id comes from outside and can be forged. An action therefore acts only on behalf of whoever
tapped it, never of an id that it carries, and `only_for` guards what belongs to one person.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

import discord
from discord import ui

from bot.services.errors import UserError
from bot.ui.gate import enter
from bot.ui.places import check_open
from bot.ui.reply import answer_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.client import Interaction
    from bot.locales import Strings

VERSION = "o1"

_LARGEST = 2**63 - 1


@dataclass_transform(kw_only_default=True)
class Action(ui.DynamicItem[ui.Button[Any]], template="-"):
    """One kind of button. A subclass names its verb and declares its state, whole numbers only.

    What a tap does is the business of the commands: they register it with `tapped`.

    Attributes:
        label: locale key of what the button says.
        style: its look.
        kinds: every subclass, for the client to register.
    """

    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    kinds: ClassVar[list[type[Action]]] = []
    _verb: ClassVar[str]
    _fields: ClassVar[tuple[str, ...]]
    handler: ClassVar[Callable[[Any, Any], Awaitable[None]]]

    def __init_subclass__(cls, *, verb: str | None = None) -> None:
        if verb is None:  # a base for further kinds, such as `bot.ui.menu.Menu`
            super().__init_subclass__(template="-")
            return
        cls._verb = verb
        cls._fields = tuple(
            name for name, kind in inspect.get_annotations(cls).items() if kind in ("int", int)
        )
        parts = (f"(?P<{name}>-?[0-9]{{1,19}})" for name in cls._fields)
        super().__init_subclass__(template=re.compile(":".join((VERSION, verb, *parts))))
        cls.kinds.append(cls)

    def __init__(self, **state: int) -> None:
        for name in self._fields:
            setattr(self, name, state[name])
        values = (str(state[name]) for name in self._fields)
        custom_id = ":".join((VERSION, self._verb, *values))
        super().__init__(self.made(custom_id))

    def made(self, custom_id: str) -> Any:  # noqa: ANN401 - a button, or in `Menu` one of five selects
        """The component itself."""
        return ui.Button[Any](custom_id=custom_id, style=self.style)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The action that a tapped button stands for."""
        # A forged number that no database holds finds nothing, as any other forged number.
        return cls(**{name: min(int(value), _LARGEST) for name, value in match.groupdict().items()})

    def say(self, label: str, *, disabled: bool = False) -> Self:
        """Set what the button says, which the custom_id does not hold."""
        self.item.label = label
        self.item.disabled = disabled
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


def row(s: Strings, *actions: Action) -> ui.ActionRow[Any]:
    """A row of buttons, each with the label of its kind."""
    return ui.ActionRow[Any](*(action.say(s(action.label)) for action in actions))


def only_for(interaction: Interaction, owner_id: int) -> None:
    """Refuse a tap by anyone but the owner.

    Raises:
        UserError: somebody else tapped.
    """
    if interaction.user.id != owner_id:
        raise UserError("not_yours", owner=f"<@{owner_id}>")


def is_known(custom_id: str) -> bool:
    """Whether some action answers to a custom_id."""
    return any(
        kind.__discord_ui_compiled_template__.fullmatch(custom_id)  # pyright: ignore[reportUnknownMemberType]
        for kind in Action.kinds
    )


def state_of(custom_id: str) -> dict[str, int]:
    """The state that a custom_id of ours carries; empty where it is none of ours."""
    for kind in Action.kinds:
        match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)  # pyright: ignore[reportUnknownMemberType]
        if match is not None:
            return {name: int(value) for name, value in match.groupdict().items()}
    return {}
