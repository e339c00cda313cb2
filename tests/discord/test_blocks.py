"""Our components are what discord.py would send, and let go of memory by themselves."""

from __future__ import annotations

import gc
import weakref

import discord
import pytest
from discord import ui

from bot.ui import blocks
from bot.ui.buttons import ListMenu, Plan, RatingsPage
from bot.ui.menu import Option
from bot.ui.settings import ServerChannels


def _text() -> str:
    return "**Monster** · 2004"


def _theirs_of_a_card() -> ui.Item:
    button = ui.Button(label="Plan", custom_id="o1:plan:19:7")
    return ui.Container(
        ui.Section(ui.TextDisplay(_text()), accessory=ui.Thumbnail("https://a/b", description="M")),
        ui.Section(_text(), accessory=button),
        ui.Separator(),
        ui.File("attachment://list.json"),
        ui.ActionRow(button),
        accent_colour=0x123456,
    )


def test_a_message_is_what_discord_py_would_send():
    theirs = ui.LayoutView(timeout=None)
    theirs.add_item(_theirs_of_a_card())
    plan = Plan(anime_id=19, list_id=7).say("Plan")
    ours = blocks.Screen(
        blocks.Section(
            blocks.TextDisplay(_text()), accessory=blocks.Thumbnail("https://a/b", description="M")
        ),
        blocks.Section(_text(), accessory=plan),
        blocks.Separator(),
        blocks.File("attachment://list.json"),
        blocks.ActionRow(plan),
        accent_colour=0x123456,
    )
    assert ours.to_components() == theirs.to_components()
    assert ours.has_components_v2() == theirs.has_components_v2()
    (container,) = ours.to_components()
    assert blocks.count(container) == theirs.total_children_count


def _without_required(menu: ui.Item) -> dict:
    """A menu's payload, less what Discord reads in forms alone."""
    return {k: v for k, v in menu.to_component_dict().items() if k != "required"}


def test_a_menu_is_what_discord_py_would_send():
    theirs = ui.Select(
        custom_id="o1:listmenu:7:0",
        placeholder="Choose",
        min_values=0,
        max_values=2,
        options=[
            discord.SelectOption(label="Ten", value="10", description="Best", default=True),
            discord.SelectOption(label="One", value="1"),
        ],
    )
    options = [Option("10", "Ten", "Best"), Option("1", "One")]
    ours = ListMenu(list_id=7, page=0).offer(options, chosen=["10"], hint="Choose", several=True)
    assert ours.component == _without_required(theirs)


def test_a_menu_of_channels_is_what_discord_py_would_send():
    kind = discord.SelectDefaultValueType.channel
    theirs = ui.ChannelSelect(
        custom_id="o1:serverchannels",
        channel_types=[discord.ChannelType.text, discord.ChannelType.news],
        placeholder="Choose",
        min_values=0,
        max_values=25,
        default_values=[discord.SelectDefaultValue(id=5, type=kind)],
    )
    ours = ServerChannels().offer(chosen=[5], hint="Choose")
    assert ours.component == _without_required(theirs)


def test_more_than_a_message_holds_is_refused():
    with pytest.raises(ValueError, match="40 components"):
        blocks.Screen(*[blocks.TextDisplay("a")] * 40, accent_colour=1)
    blocks.Screen(*[blocks.TextDisplay("a")] * 39, accent_colour=1)


def test_more_than_a_row_holds_is_refused():
    buttons = [RatingsPage(owner_id=1, page=page).say("x") for page in range(6)]
    with pytest.raises(ValueError, match="5 components"):
        blocks.ActionRow(*buttons)
    assert len(blocks.ActionRow(*buttons[:5]).component["components"]) == 5


async def test_a_message_that_was_sent_needs_no_garbage_collector():
    gc.disable()
    try:
        screen = blocks.Screen(
            blocks.ActionRow(Plan(anime_id=19, list_id=7).say("Plan")), accent_colour=1
        )
        assert screen.is_finished()
        gone = weakref.ref(screen)
        del screen
        assert gone() is None
    finally:
        gc.enable()
