"""Filters as options and in a form, saved sets, dials, what is planned, and adult titles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.services.guilds import GuildSettings
from tests.discord.test_picks import picked
from tests.discord.world import MONSTER, World, labels, shown, text


def genres_of(world: World, answer: object) -> list[set[str]]:
    catalog = world.services.catalog
    return [{*catalog[i].genres, *catalog[i].tags} for i in picked(answer)]


async def test_options_narrow_by_several_genres_unwanted_ones_studio_and_members(
    world: World,
) -> None:
    await world.rate_some()
    page = await world.run(
        "recommend", genre="drama, sci-fi", without="Mecha", members=50_000, finished=True
    )
    assert "Drama, Sci-Fi · without Mecha" in text(page)
    assert "at least 50,000 people have it · finished" in text(page)
    for labels_of in genres_of(world, page):
        assert {"Drama", "Sci-Fi"} <= labels_of
        assert "Mecha" not in labels_of
    page = await world.run("recommend", studio="kyoto animation")
    assert all("Kyoto Animation" in world.services.catalog[i].studios for i in picked(page))
    page = await world.run("recommend", country="china")
    assert all("Chinese Animation" in one for one in genres_of(world, page))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"genre": "Drama, Basketweaving"}, "“Basketweaving” is not a genre here."),
        ({"studio": "Nobody"}, "“Nobody” is not a studio here."),
        ({"episodes": 3, "min-episodes": 9}, "Nothing has both 9 or more and 3 or fewer"),
        ({"saved": "never saved"}, "You have no set of filters of that name."),
        ({"save-as": "empty"}, "There are no filters to save here."),
        ({"genre": "Drama", "save-as": "\u200b"}, "A name needs at least one visible character"),
    ],
)
async def test_options_that_cannot_hold_get_a_sentence(
    world: World, options: dict[str, object], said: str
) -> None:
    assert text(await world.run("recommend", **options)).startswith(said)


async def test_genres_are_suggested_after_a_comma_with_what_stands_before_it(
    world: World,
) -> None:
    names = [c["name"] for c in await world.suggestions("recommend", "genre", "Drama, sci")]
    assert names[0] == "Drama, Sci-Fi"
    names = [c["name"] for c in await world.suggestions("recommend", "studio", "kyoto")]
    assert "Kyoto Animation" in names


async def test_a_form_narrows_the_list_in_its_place_and_says_what_it_does_not_know(
    world: World,
) -> None:
    await world.rate_some()
    page = await world.run("recommend", **{"from": 2000})
    form = await world.choose(page, "filters")
    answer = await world.aki.submit_modal(
        form,
        {
            "types": ["Movie", "TV"],
            "genres": "drama、 Dramma",
            "any_genres": "School, Military",
            "without": "Ecchi",
            "studios": "",
        },
    )
    assert shown(answer).id == shown(page).id
    assert "“Dramma” is not known here and was left out. Did you mean Drama?" in text(page)
    query = (await world.stored(page)).query
    assert query.filters.types == {"Movie", "TV"}
    assert query.filters.year_from == 2000
    for labels_of in genres_of(world, page):
        assert "Drama" in labels_of
        assert {"School", "Military"} & labels_of


async def test_a_form_that_was_open_while_the_bot_restarted_is_not_lost(world: World) -> None:
    page = await world.run("recommend")
    form = await world.choose(page, "filters")
    await world.restart()
    await world.aki.submit_modal(form, {"genres": "Romance"})
    assert all("Romance" in one for one in genres_of(world, page))
    assert not world.client._connection._view_store._modals


async def test_the_command_opens_the_form_and_the_list_it_began_with_was_never_shown(
    world: World,
) -> None:
    form = await world.run("recommend", more=True, genre="Drama")
    answer = await world.aki.submit_modal(form, {"genres": "Drama, Romance"})
    assert shown(answer).ephemeral
    assert all({"Drama", "Romance"} <= one for one in genres_of(world, answer))
    found = await world.stored(answer)
    assert found.shown == 3
    begun = await world.services.picks.list(found.list_id - 1)
    assert begun is not None
    assert begun.shown == 0


async def test_a_set_is_saved_used_deleted_and_brought_back(world: World) -> None:
    page = await world.run("recommend", genre="Romance", **{"save-as": "Cosy  evenings"})
    assert "saved as **Cosy evenings**" in text(page)
    form = await world.choose(await world.run("recommend", genre="Horror"), "save")
    saved = await world.aki.submit_modal(form, {"name": "Spooky"})
    assert "saved as **Spooky**" in text(saved)
    names = [c["name"] for c in await world.suggestions("recommend", "saved", "co")]
    assert names == ["Cosy evenings"]
    page = await world.run("recommend", saved="cosy evenings", type="Movie")
    assert all("Romance" in one for one in genres_of(world, page))
    sets = await world.run("filters")
    assert "**Cosy evenings** · Romance" in text(sets)
    await world.restart()
    await world.choose(sets, "Spooky", nth=1)
    assert "**Spooky** is deleted." in text(sets)
    await world.tap(sets, "Undo")
    assert "**Spooky** · Horror" in text(sets)
    await world.choose(sets, "Spooky")
    assert all("Horror" in one for one in genres_of(world, sets))


async def test_dials_turn_the_list_at_once_and_are_remembered(world: World) -> None:
    await world.rate_some()
    page = await world.run("recommend", niche="far_right")
    assert "Very niche" in text(page)
    catalog = world.services.catalog

    async def members(answer: object) -> float:
        ids = (await world.stored(answer)).anime_ids
        return sum(catalog[i].members for i in ids) / len(ids)

    niche = await members(page)
    remembered = await world.run("recommend")
    assert (await world.stored(remembered)).query.dials.niche == 1
    await world.choose(remembered, "dials")
    await world.choose(remembered, "far_left", nth=0)
    assert "New among your picks" in text(remembered)
    await world.restart()
    await world.tap(remembered, "Back")
    assert text(remembered).startswith("### Picked for you")
    assert await members(remembered) > 2 * niche
    assert (await world.services.preferences.get(world.aki.id)).dials.niche == -1


async def test_what_is_planned_is_picked_where_the_person_wants_it(world: World) -> None:
    await world.rate_some()
    page = await world.run("recommend")
    planned = picked(page)[0]
    await world.tap(page, "Plan")
    assert planned not in (await world.stored(await world.run("recommend"))).anime_ids
    again = await world.run("recommend", planned=True)
    assert planned in picked(again)
    assert "with what you plan" in text(again)
    assert "✓ On your plan" in text(again)


async def test_adult_titles_are_picked_only_where_all_three_allow_it(world: World) -> None:
    await world.rate_some()

    async def adult() -> bool:
        page = await world.run("recommend", genre="Hentai")
        return bool(picked(page))

    assert not await adult()
    await world.services.preferences.change(world.aki.id, adult=True)
    assert not await adult()
    world.client.get_channel(world.channel.id).nsfw = True
    assert not await adult()
    settings = await world.services.guilds.get(world.guild.id)
    await world.services.guilds.save(world.guild.id, replace(settings, adult=True))
    assert await adult()
    page = await world.run("recommend", genre="Hentai")
    world.client.get_channel(world.channel.id).nsfw = False
    assert text(await world.tap(page, "Next")).startswith("That is an adult title.")
    assert GuildSettings().adult is False


async def test_next_goes_on_with_what_was_liked_and_nothing_else(world: World) -> None:
    empty = await world.run("next")
    assert "Nothing is left to go on with" in text(empty)
    await world.services.ratings.rate(world.aki.id, 16498, 10)  # Shingeki no Kyojin
    page = await world.run("next")
    assert text(page).startswith("### Go on with what you liked")
    (anime_id,) = picked(page)
    assert anime_id == 25777  # Season 2
    await world.tap(page, "Not interested")
    assert "Nothing is left" in text(await world.run("next"))


async def test_which_model_answered_is_said_when_it_is_not_the_shipped_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await world.run("similar", title=f"id:{MONSTER}")
    assert "another model" not in text(page)
    monkeypatch.setattr(world.services.picks, "_shipped", "0" * 12)
    version = world.services.picks._recommender.model_version
    page = await world.run("similar", title=f"id:{MONSTER}")
    assert f"These picks come from another model than the one that ships: edlae {version}" in text(
        page
    )
    assert "Share" in labels(page)
