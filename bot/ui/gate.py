"""The gate that every interaction passes: is it fair to the others, and what became of it.

Commands enter by `bot.tree`, buttons and modals by their base classes. What is refused here costs
next to nothing, and is answered with a sentence that says how long to wait.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from discord import InteractionType

from bot.services.fairness import Cost
from bot.services.privacy.presence import mark_beginning

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

# Commands by their first word, buttons by their verb. What is not named here only reads.
COSTS: dict[str, Cost] = {
    **dict.fromkeys(
        (
            "recommend",
            "similar",
            "next",
            "opposite",
            "blend",
            "start",
            "again",
            "relax",
            "dial",
            "switch",
            "useset",
            "filters",
        ),
        Cost.PICKS,
    ),
    **dict.fromkeys(
        (
            "rate",
            "unrate",
            "drop",
            "settings",
            "score",
            "plan",
            "refuse",
            "undo",
            "pickscore",
            "takeback",
            "more",
            "less",
            "unhint",
            "listmenu",
            "unscore",
            "dropset",
            "keepset",
            "saveset",
            "tick",
            "goon",
            "back",
            "wlscore",
            "wloff",
            "wlback",
            "admin",
            "privacy",
            "impapply",
            "impundo",
            "impanswer",
            "impcancel",
        ),
        Cost.WRITE,
    ),
    "import": Cost.BULK,
    "Import this list": Cost.BULK,
}

_KINDS = {
    InteractionType.application_command: "command",
    InteractionType.autocomplete: "autocomplete",
    InteractionType.component: "component",
    InteractionType.modal_submit: "modal",
}


def enter(interaction: discord.Interaction[Any], name: str) -> Callable[[], None]:
    """Let an interaction in.

    Args:
        interaction: any that arrived.
        name: of its command or button, one of a fixed set.

    Returns:
        What to call, once, when the work is done.

    Raises:
        UserError: it has to wait.
    """
    started = perf_counter()
    # Nothing that this leads to is written after an erasure that the person asks for later.
    mark_beginning()
    services = interaction.client.services
    typing = interaction.type is InteractionType.autocomplete
    cost = Cost.KEYSTROKE if typing else COSTS.get(name.split(" ", maxsplit=1)[0], Cost.READ)
    kind = _KINDS.get(interaction.type, "other")
    user_id = interaction.user.id
    try:
        services.turnstile.enter(cost, user_id, interaction.guild_id)
    except Exception:
        services.meter.interaction(kind, name, "throttled", perf_counter() - started)
        raise

    def leave() -> None:
        services.turnstile.leave(user_id)
        outcome = interaction.extras.get("outcome", "ok")
        services.meter.interaction(kind, name, outcome, perf_counter() - started)
        _untie(interaction)

    return leave


def _untie(interaction: discord.Interaction[Any]) -> None:
    """Part an interaction that is over from its response: in discord.py each holds the other.

    Left so, every interaction waits for the garbage collector with all that it holds, its message
    and each component among them; and in a crowd the collector, which holds the
    event loop meanwhile, has little else to do.
    """
    if interaction.response.is_done():
        # What can still be asked of it is whether it was given.
        interaction.response._parent = cast("Any", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def came_to(interaction: discord.Interaction[Any], outcome: str) -> None:
    """Note what became of an interaction, for the figures; see `Meter.interaction`."""
    interaction.extras["outcome"] = outcome
