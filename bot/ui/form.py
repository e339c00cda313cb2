"""Forms that people fill in: Discord's modals, with their state in the custom_id like a button's.

discord.py keeps a modal in memory from when it is opened until it is sent, so one that was open
while the bot restarted would be lost with all that was typed. Here the custom_id says which form
it is, as with `bot.ui.action`, and `submitted` reads what was sent from the interaction itself.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar, cast, dataclass_transform

from discord import ui

from bot.services.errors import UserError
from bot.ui.action import VERSION
from bot.ui.gate import enter
from bot.ui.reply import answer_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord

    from bot.client import Interaction

_LARGEST = 2**63 - 1
# discord.py forgets an open form after this many seconds, and we do not need it to remember.
_OPEN = 900.0

Answers = dict[str, tuple[str, ...]]


@dataclass_transform(kw_only_default=True)
class Form(ui.Modal):
    """One kind of form. A subclass names its verb and declares its state, whole numbers only.

    Attributes:
        kinds: every subclass by its verb.
    """

    kinds: ClassVar[dict[str, type[Form]]] = {}
    _verb: ClassVar[str]
    _fields: ClassVar[tuple[str, ...]]
    handler: ClassVar[Callable[[Any, Any, Answers], Awaitable[None]]]

    def __init_subclass__(cls, *, verb: str) -> None:
        super().__init_subclass__()
        cls._verb = verb
        cls._fields = tuple(
            name for name, kind in inspect.get_annotations(cls).items() if kind in ("int", int)
        )
        cls.kinds[verb] = cls

    def __init__(self, **state: int) -> None:
        values = (str(state[name]) for name in self._fields)
        custom_id = ":".join((VERSION, self._verb, *values))
        # The title is set by who opens it, in the language of who is to read it.
        super().__init__(title="-", timeout=_OPEN, custom_id=custom_id)
        for name in self._fields:
            setattr(self, name, state[name])

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Leave it to `submitted`, which every form takes, also one of before a restart."""

    @classmethod
    def sent(
        cls, handler: Callable[[Interaction, Any, Answers], Awaitable[None]]
    ) -> Callable[[Interaction, Any, Answers], Awaitable[None]]:
        """Decorate the coroutine that takes the answers: ``handler(interaction, form, answers)``.

        The answers are by the custom_id of their fields, each the values chosen or typed.
        """
        cls.handler = staticmethod(handler)
        return handler


async def submitted(interaction: Interaction) -> None:
    """Take a form that was sent. Whatever goes wrong takes the bot's one error path."""
    data: Any = interaction.data or {}
    form = _form(str(data.get("custom_id", "")))
    if form is None:
        await answer_error(interaction, UserError("stale_button"))
        return
    try:
        leave = enter(interaction, form._verb)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    except UserError as error:
        await answer_error(interaction, error)
        return
    try:
        await type(form).handler(interaction, form, _answers(data.get("components", ())))
    except Exception as error:  # noqa: BLE001 - the end of the line, as in `Action.callback`
        await answer_error(interaction, error)
    finally:
        leave()


def _form(custom_id: str) -> Form | None:
    version, _, rest = custom_id.partition(":")
    verb, *values = rest.split(":")
    kind = Form.kinds.get(verb)
    if version != VERSION or kind is None:
        return None
    names = kind._fields  # pyright: ignore[reportPrivateUsage]
    if len(values) != len(names) or not all(re.fullmatch("-?[0-9]{1,19}", v) for v in values):
        return None
    return kind(**{n: min(int(v), _LARGEST) for n, v in zip(names, values, strict=True)})


def _answers(components: Any) -> Answers:  # noqa: ANN401 - whatever was sent
    """What was filled in: the components stand in labels or, as they used to, in rows."""
    found: Answers = {}
    for outer in components:
        for inner in (*outer.get("components", ()), outer.get("component")):
            if isinstance(inner, dict) and "custom_id" in inner:
                field = cast("dict[str, Any]", inner)
                values = field.get("values", [field["value"]] if field.get("value") else [])
                found[str(field["custom_id"])] = tuple(str(value) for value in values)
    return found
