"""Whoever asks too fast is told so, and nobody else notices."""

from bot.locales import strings
from bot.services.fairness import Cost
from tests.discord.world import DEATH_NOTE, text


async def exhaust(world, cost: Cost) -> None:
    """Use up what Aki may ask of a class of work, without asking Discord for any of it."""
    for _ in range(int(cost.person.burst)):
        with world.services.turnstile.admitted(cost, world.aki.id, None):
            pass


async def test_a_command_asked_for_too_fast_gets_a_sentence_that_only_the_asker_sees(world) -> None:
    await exhaust(world, Cost.WRITE)
    answer = await world.run("rate", title=str(DEATH_NOTE), score=9)
    assert text(answer).startswith(strings("en")("errors.slow_down", seconds=1)[:20])
    assert answer.response.ephemeral
    assert await world.scores() == {}


async def test_a_button_tapped_too_fast_changes_nothing(world) -> None:
    card = await world.run("anime", title=str(DEATH_NOTE))
    await exhaust(world, Cost.WRITE)
    answer = await world.tap(card, "Plan")
    assert "wait" in text(answer)
    assert await world.scores() == {}


async def test_somebody_else_is_served_meanwhile(world) -> None:
    await exhaust(world, Cost.READ)
    answer = await world.mio.slash(world.channel, "anime", title=str(DEATH_NOTE))
    assert "Death Note" in text(answer)


async def test_a_keystroke_too_many_gets_no_suggestions_and_no_error(world) -> None:
    await exhaust(world, Cost.KEYSTROKE)
    assert await world.suggestions("anime", "title", "death") == []


async def test_nothing_is_left_under_way(world) -> None:
    await world.run("anime", title=str(DEATH_NOTE))
    await world.run("anime", title="zzzzqqqq")
    await world.suggestions("anime", "title", "death")
    card = await world.run("anime", title=str(DEATH_NOTE))
    await world.tap(card, "Plan")
    assert world.services.turnstile.under_way == 0
