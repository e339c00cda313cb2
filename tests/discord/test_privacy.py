"""/privacy: what is kept is shown, handed over, and erased when it is asked for twice."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.locales import languages, strings
from tests.bot.filling import Filler, everything
from tests.discord.world import (
    FULLMETAL,
    STEINS_GATE,
    World,
    buttons,
    custom_ids,
    labels,
    shown,
    text,
)

if TYPE_CHECKING:
    from simcord import InteractionResult

NOTHING = "Nothing is kept about you."


async def files(answer: InteractionResult) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for message in (answer.response, *answer.followups):
        if message is not None:
            for one in message.attachments:
                found[one.filename] = await one.read()
    return found


async def ask(world: World) -> InteractionResult:
    await world.rate_some()
    await world.run("recommend")
    return await world.run("privacy erase")


async def holds(world: World, person: int) -> bool:
    rows = await everything(world.services.database)
    return any(str(person) in row for found in rows.values() for row in found)


async def test_who_never_used_the_bot_is_told_that_nothing_is_kept_and_nothing_is(
    world: World,
) -> None:
    answer = await world.run("privacy show")
    assert shown(answer).ephemeral
    assert NOTHING in text(answer)
    assert text(await world.run("privacy erase")) == NOTHING
    assert not await holds(world, world.aki.id)


async def test_what_is_kept_is_named_with_its_reason_and_a_count(world: World) -> None:
    await world.rate_some()
    await world.run("recommend")
    said = text(await world.run("privacy show"))
    assert (
        "**Your list:** what you rated, watched, dropped, plan or refused, with the time · 3"
        in said
    )
    assert "Your picks are made from it" in said
    assert "more than 730 days" in said
    assert "Learning from your list:** not allowed" in said
    assert labels(await world.run("privacy show")) == ["Export", "Erase everything"]


@pytest.mark.parametrize("language", languages())
async def test_everything_that_can_be_kept_is_said_in_every_language_within_a_message(
    world: World, language: str
) -> None:
    async with world.services.database.engine.begin() as connection:
        await Filler(connection).fill(world.aki.id, world.mio.id)
    locale = {"en": "en-US", "es": "es-ES"}.get(language, language)
    name = strings("en")("commands.privacy.name")
    registered = world.env.backend.find_command(name, world.guild.id, type=1)
    data: Any = {
        "id": registered["id"],
        "name": name,
        "type": 1,
        "options": [{"name": "show", "type": 1, "options": []}],
    }
    answer = await world._dispatch(2, data, {"locale": locale})
    s = strings(language)
    assert s("privacy.heading") in text(answer)
    assert s("privacy.kept.entries.why") in text(answer)
    assert f"/{s('commands.privacy.name')} {s('commands.privacy.erase.name')}" in text(answer)


async def test_the_export_is_three_files_that_hold_the_list(world: World) -> None:
    await world.rate_some()
    answer = await world.run("privacy export")
    assert shown(answer).ephemeral
    found = await files(answer)
    assert set(found) == {"osusume.json", "osusume.csv", "myanimelist.xml"}
    document = json.loads(found["osusume.json"])
    assert (document["format"], document["version"]) == ("osusume", 1)
    scores = {one["anime_id"]: one["score"] for one in document["entries"]}
    assert scores == await world.scores()
    assert document["person"][0]["id"] == str(world.aki.id)
    assert b"Steins;Gate" in found["osusume.csv"]
    assert f"<series_animedb_id>{STEINS_GATE}<".encode() in found["myanimelist.xml"]
    assert "/import reads" in text(answer)


async def test_an_export_beyond_the_limit_comes_compressed_in_several_messages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for anime_id in [one.id for one in world.services.catalog][:300]:
        await world.services.ratings.rate(world.aki.id, anime_id, 7)
    monkeypatch.setattr("bot.commands.privacy.carries", lambda _: 4000)
    answer = await world.run("privacy export")
    messages = [one for one in (answer.response, *answer.followups) if one is not None]
    assert len(messages) > 2
    ids: list[int] = []
    for message in messages:
        contents = {one.filename: await one.read() for one in message.attachments}
        assert sum(map(len, contents.values())) <= 4000
        for name, content in contents.items():
            if name.endswith(".json.gz"):
                document = json.loads(gzip.decompress(content))
                ids += [one["anime_id"] for one in document["entries"]]
                assert document["person"]
    assert sorted(ids) == sorted(await world.scores())


async def test_erasing_shows_what_will_go_and_asks_once_more(world: World) -> None:
    question = await ask(world)
    assert shown(question).ephemeral
    assert "This cannot be undone." in text(question)
    assert labels(question) == ["Yes, erase everything", "Export", "No, keep it"]
    assert len(await world.scores()) == 3  # nothing went yet
    kept = await world.tap(question, "No, keep it")
    assert text(kept) == "Nothing was erased."
    assert buttons(kept) == []
    assert len(await world.scores()) == 3


async def test_what_was_confirmed_is_erased_and_nobody_elses(world: World) -> None:
    await world.services.ratings.rate(world.mio.id, FULLMETAL, 9)
    question = await ask(world)
    custom_id = custom_ids(question, "Yes, erase everything")[0]
    answer = await world.tap(question, "Yes, erase everything")
    assert "Everything about you is erased" in text(answer)
    assert "with the time · 3" in text(answer)
    assert not await holds(world, world.aki.id)
    assert await world.scores(world.mio) == {FULLMETAL: 9}
    assert await world.scores() == {}
    again = await world.raw_tap(await world.run("recommend"), custom_id)
    assert "Lists of picks you were shown" in text(again)  # what came since goes as well
    assert not await holds(world, world.aki.id)


async def test_somebody_elses_tap_erases_nothing(world: World) -> None:
    question = await ask(world)
    custom_id = custom_ids(question, "Yes, erase everything")[0]
    forged = await world.run("anime", title=f"id:{FULLMETAL}")
    message = world.env.backend.get_message(world.channel.id, shown(forged).id)
    assert message is not None
    answer = await world.raw_tap(forged, custom_id.replace(str(world.aki.id), str(world.mio.id)))
    assert "belong to" in text(answer)
    assert len(await world.scores()) == 3


async def test_an_old_question_erases_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await ask(world)
    custom_id = custom_ids(question, "Yes, erase everything")[0]
    *rest, asked_at = custom_id.split(":")
    for wrong in int(asked_at) - 3600, int(asked_at) + 3600:
        answer = await world.raw_tap(question, ":".join([*rest, str(wrong)]))
        assert "That question is old" in text(answer)
        question = await world.run("privacy erase")
    assert len(await world.scores()) == 3


async def test_two_taps_at_once_erase_once(world: World) -> None:
    question = await ask(world)
    custom_id = custom_ids(question, "Yes, erase everything")[0]
    await world.tap_twice(question, custom_id)
    assert not await holds(world, world.aki.id)


async def test_old_buttons_of_an_erased_person_make_no_trace_of_what_was(world: World) -> None:
    await world.rate_some()
    picks = await world.run("recommend")
    await world.tap(await world.run("privacy erase"), "Yes, erase everything")
    # The list that the card stood in is gone, and the tap counts as a new beginning.
    answer = await world.tap(picks, labels(picks)[1], 0)
    assert shown(answer)
    rows = await everything(world.services.database)
    assert rows["shown_list"] == []
    assert rows["shown_pick"] == []


async def test_learning_is_off_until_it_is_allowed_and_can_be_taken_back(world: World) -> None:
    assert "not allowed" in text(await world.run("privacy training"))
    assert not await holds(world, world.aki.id)  # asking leaves nothing
    allowed = text(await world.run("privacy training", allow="on"))
    assert "allowed since 20" in allowed
    assert text(await world.run("privacy training")) == allowed
    assert "not allowed" in text(await world.run("privacy training", allow="off"))


async def test_settings_and_consent_do_not_overwrite_each_other(world: World) -> None:
    await world.run("privacy training", allow="on")
    await world.run("settings", titles="romaji")
    assert "allowed since" in text(await world.run("privacy training"))
    await world.run("privacy training", allow="off")
    chosen = await world.services.preferences.get(world.aki.id)
    assert chosen.titles == "romaji"


async def test_whoever_taps_or_types_is_seen_today(world: World) -> None:
    await world.rate_some()
    async with world.services.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE \"user\" SET seen_on = '2020-01-01'")
    await world.suggestions("anime", "title", "monster")
    await world.services.presence.write()
    rows = await everything(world.services.database)
    assert "2020-01-01" not in rows["user"][0]
