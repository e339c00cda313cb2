"""/import: a file or a user name, the preview, the questions, one tap in and one tap out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.importing import Source
from bot.locales import languages, strings
from bot.services.imports import ImportService, ImportStatus
from bot.ui.cards import Look
from bot.ui.importing import import_view
from recsys.profile import Status
from tests.bot import lists
from tests.bot.sites import CLIENT_ID, FakeSites, anilist_entry, failing
from tests.discord.limits import COMPONENTS_V2, check_message
from tests.discord.world import (
    DEATH_NOTE,
    FULLMETAL,
    MONSTER,
    STEINS_GATE,
    STRING,
    World,
    custom_ids,
    labels,
    shown,
    text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from simcord import InteractionResult

LIST = lists.mal_xml(
    (MONSTER, "Monster", 9, "Completed"),
    (STEINS_GATE, "Steins;Gate", 10, "Completed"),
    (DEATH_NOTE, "Death Note", 0, "Plan to Watch"),
)


@pytest_asyncio.fixture
async def fake(world: World) -> AsyncIterator[FakeSites]:
    """Sites on this computer, which the bot asks instead of the real ones."""
    sites = FakeSites()
    await sites.start()
    services = world.services
    services.imports = ImportService(
        services.database, services.catalog, services.titles, sites.sites(CLIENT_ID)
    )
    yield sites
    await services.imports.close()
    await sites.close()


async def bring(world: World, data: bytes = LIST, name: str = "animelist.xml") -> InteractionResult:
    return await world.run("import", file=(name, data))


async def bring_nothing(world: World) -> InteractionResult:
    """A message with buttons, of an anime."""
    return await world.run("anime", title="monster")


async def test_a_file_is_previewed_to_the_person_alone_and_applied_by_one_tap(
    world: World,
) -> None:
    preview = await bring(world)
    assert shown(preview).ephemeral
    assert "Your list from MyAnimeList" in text(preview)
    assert "**3** new · **0** differ from your list · **0** the same" in text(preview)
    assert labels(preview) == ["Import", "Cancel"]
    assert await world.scores() == {}
    done = await world.tap(preview, "Import")
    assert "3 anime imported" in text(done)
    assert await world.scores() == {MONSTER: 9, STEINS_GATE: 10, DEATH_NOTE: None}


async def test_after_an_import_one_tap_recommends_and_one_takes_all_of_it_back(
    world: World,
) -> None:
    await world.services.ratings.rate(world.aki.id, FULLMETAL, 7)
    done = await world.tap(await bring(world), "Import")
    assert labels(done) == ["Recommend", "Undo the import"]
    picks = await world.tap(done, "Recommend")
    assert "Picked for you" in text(picks)
    assert "Predicted" in text(picks)
    undone = await world.tap(done, "Undo the import")
    assert "3 lines of your list are what they were before" in text(undone)
    assert await world.scores() == {FULLMETAL: 7}


@pytest.mark.parametrize(
    ("label", "score"), [("Import, the file wins", 9), ("Import, mine stays", 4)]
)
async def test_where_the_lists_differ_the_person_chooses_which_wins(
    world: World, label: str, score: int
) -> None:
    await world.services.ratings.rate(world.aki.id, MONSTER, 4)
    preview = await bring(world)
    assert "**2** new · **1** differ" in text(preview)
    await world.tap(preview, label)
    assert (await world.scores())[MONSTER] == score


async def test_the_same_list_again_has_nothing_to_import(world: World) -> None:
    await world.tap(await bring(world), "Import")
    again = await bring(world)
    assert "your list says the same already" in text(again)
    assert labels(again) == ["Cancel"]


async def test_a_doubtful_title_is_asked_for_and_the_answer_is_imported(world: World) -> None:
    data = lists.anime_planet(("Monster", 4.5, "watched"), ("Hunter x Hunter", 5, "watched"))
    preview = await bring(world, data, "export-anime-aki.json")
    assert "**1** title may mean several anime" in text(preview)
    question = await world.tap(preview, "Which is it? (1)")
    assert "Which anime is “Hunter x Hunter”?" in text(question)
    offered = [label for label in labels(question) if label.startswith("Hunter")]
    assert len(offered) >= 2
    preview = await world.tap(question, offered[0])
    assert "**2** new" in text(preview)
    await world.tap(preview, "Import")
    found = await world.scores()
    assert found[MONSTER] == 9
    (other,) = set(found) - {MONSTER}
    assert world.services.catalog[other].title.startswith("Hunter x Hunter")
    assert found[other] == 10


async def test_a_question_can_be_skipped_and_what_is_unclear_is_left_out(world: World) -> None:
    data = lists.anime_planet(("Monster", 4.5, "watched"), ("Hunter x Hunter", 5, "watched"))
    question = await world.tap(await bring(world, data, "x.json"), "Which is it? (1)")
    preview = await world.tap(question, "Back")
    done = await world.tap(preview, "Import")
    assert "1 unclear title was left out" in text(done).replace("*", "")
    assert await world.scores() == {MONSTER: 9}


async def test_a_list_attached_to_a_message_is_imported_from_its_menu(world: World) -> None:
    message = await world.aki.send(world.channel, "my list", attachments=[("list.xml", LIST)])
    preview = await world.aki.context_menu(world.channel, "Import this list", message)
    await world.tap(preview, "Import")
    assert len(await world.scores()) == 3
    plain = await world.aki.send(world.channel, "hello")
    answer = await world.aki.context_menu(world.channel, "Import this list", plain)
    assert "Nothing is attached to that message" in text(answer)


async def test_a_public_list_is_imported_by_user_name(world: World, fake: FakeSites) -> None:
    fake.anilist["aki"] = [[anilist_entry(1, MONSTER, 85)], [anilist_entry(2, STEINS_GATE, 100)]]
    preview = await world.run("import", site="anilist", name="https://anilist.co/user/aki/")
    assert "aki's list on AniList" in text(preview)
    assert "**2** new" in text(preview)
    await world.tap(preview, "Import")
    assert await world.scores() == {MONSTER: 9, STEINS_GATE: 10}


async def test_with_every_site_down_the_bot_says_to_use_a_file_and_all_else_works(
    world: World, fake: FakeSites
) -> None:
    for site in ("anilist", "kitsu"):  # a third would be too many questions at once
        fake.trouble = [failing(503)] * 4
        answer = await world.run("import", site=site, name="aki")
        assert "does not answer at the moment" in text(answer)
        assert "export your list on that site as a file" in text(answer)
    await world.tap(await bring(world), "Import")
    assert len(await world.scores()) == 3


async def test_a_private_or_unknown_list_gets_its_sentence(world: World, fake: FakeSites) -> None:
    private = {"errors": [{"message": "Private User", "status": 404}], "data": None}
    fake.trouble = [failing(404, private)]
    answer = await world.run("import", site="anilist", name="aki")
    assert "is private" in text(answer)
    answer = await world.run("import", site="kitsu", name="nobody")
    assert "knows nobody called “nobody”" in text(answer)


async def test_myanimelist_by_name_without_a_client_id_points_to_the_file(world: World) -> None:
    answer = await world.run("import", site="myanimelist", name="aki")
    assert "Export your list there" in text(answer)
    assert "/import" in text(answer)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("state", "total"), [("fetching", None), ("fetching", 900), ("matching", 9)]
)
async def test_progress_says_how_far_it_is_and_has_a_way_to_look_again(
    world: World, language: str, state: str, total: int | None
) -> None:
    status = ImportStatus(7, Source.KITSU, "aki", state, read=450, total=total)
    look = Look(strings(language), "off", world.services.catalog)
    view = import_view(status, look, owner_id=world.aki.id)
    check_message({"components": view.to_components(), "flags": COMPONENTS_V2})
    found = str(view.to_components())
    assert "450" in found
    assert f"o1:impshow:{world.aki.id}:7" in found


async def test_a_list_that_was_being_read_goes_on_at_a_tap_after_a_restart(
    world: World, fake: FakeSites
) -> None:
    fake.mal["aki"] = [(n, 7, "completed") for n in range(1, 2501)]
    imports = world.services.imports
    job_id = await imports.bring_account(world.aki.id, Source.MYANIMELIST, "aki")
    await imports.close()
    any_message = await bring_nothing(world)
    shown_again = await world.raw_tap(any_message, f"o1:impshow:{world.aki.id}:{job_id}")
    assert "**2500** new" in text(shown_again).replace(",", "")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html></html>", "That is a web page"),
        (LIST[:300], "damaged or cut off"),
        (b"", "There is no anime in that file"),
        (b"\x00" * 5000, "not in UTF-8"),
        (b"hello", "no list that I know"),
    ],
)
async def test_what_is_no_list_gets_a_sentence_and_changes_nothing(
    world: World, data: bytes, sentence: str
) -> None:
    answer = await bring(world, data)
    assert sentence in text(answer)
    assert shown(answer).ephemeral
    assert await world.scores() == {}


async def test_a_file_that_says_it_is_too_large_is_not_even_fetched(world: World) -> None:
    answer = await bring(world, b"x" * (21 << 20))
    assert "a list can have 20 MB" in text(answer)


@pytest.mark.parametrize(
    "options",
    [{}, {"site": "anilist"}, {"name": "aki"}, {"name": "aki", "file": ("x", LIST)}],
)
async def test_half_a_question_is_answered_with_what_is_needed(
    world: World, options: dict[str, object]
) -> None:
    answer = await world.run("import", **options)
    assert "either a file, or a site together with your user name" in text(answer)


async def test_a_forged_site_or_name_gets_a_sentence(world: World) -> None:
    answer = await world.raw_slash(
        "import", ("site", STRING, "http://127.0.0.1"), ("name", STRING, "aki")
    )
    assert "not one of the choices" in text(answer)
    answer = await world.run("import", site="anilist", name="../../etc")
    assert "cannot be a user name" in text(answer)


async def test_a_forged_owner_or_number_imports_nothing(world: World) -> None:
    preview = await bring(world)
    (custom_id,) = custom_ids(preview, "Import")
    forged = custom_id.replace(str(world.aki.id), str(world.mio.id))
    assert "belong to" in text(await world.raw_tap(preview, forged))
    other = await bring(world)
    verb, owner, _, wins = custom_id.rsplit(":", 3)
    forged = f"{verb}:{owner}:999999:{wins}"
    assert "was replaced by a newer one" in text(await world.raw_tap(other, forged))
    assert await world.scores() == {}
    assert await world.scores(world.mio) == {}


async def test_a_button_of_an_import_that_is_over_gets_a_sentence(world: World) -> None:
    first = await bring(world)
    await bring(world)
    assert "was replaced by a newer one" in text(await world.tap(first, "Import"))
    third = await bring(world)
    assert "Nothing was imported" in text(await world.tap(third, "Cancel"))


async def test_after_a_restart_the_buttons_still_work(world: World) -> None:
    preview = await bring(world)
    await world.restart()
    done = await world.tap(preview, "Import")
    assert "3 anime imported" in text(done)
    await world.restart()
    await world.tap(done, "Undo the import")
    assert await world.scores() == {}


async def test_a_status_comes_along_and_titles_with_markdown_are_harmless(world: World) -> None:
    data = b'title,status\n"**[x](https://evil.example)** @everyone",dropped\nMonster,dropped\n'
    preview = await bring(world, data, "list.csv")
    assert "[x](https" not in text(preview)
    await world.tap(preview, "Import")
    entry = await world.services.ratings.entry(world.aki.id, MONSTER)
    assert entry is not None
    assert entry.status is Status.DROPPED
