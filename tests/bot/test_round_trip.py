"""What `/privacy export` writes, `/import` reads: the same list, in each format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recsys.profile import Status
from tests.bot.builders import CLANNAD, COWBOY_BEBOP, DEATH_NOTE, MONSTER, STEINS_GATE, TORADORA
from tests.bot.test_services_privacy import LARGE

if TYPE_CHECKING:
    from bot.services import Services

AKI, MIO, SAN = 987654321098765432, 876543210987654321, 765432109876543210
FILES = ("osusume.json", "osusume.csv", "myanimelist.xml")

# MyAnimeList has words for these; the other two formats have words for all.
SCORES = {STEINS_GATE: 10, COWBOY_BEBOP: 1, DEATH_NOTE: 6}
STATUSES = {
    MONSTER: Status.WATCHING,
    DEATH_NOTE: Status.DROPPED,
    CLANNAD: Status.PLANNED,
    TORADORA: Status.ON_HOLD,
}


async def entries(services: Services, user_id: int) -> dict[int, tuple[int | None, Status]]:
    profile = await services.ratings.profile(user_id)
    return {entry.anime_id: (entry.score, entry.status) for entry in profile.entries}


async def export(services: Services, user_id: int, limit: int = LARGE) -> dict[str, bytes]:
    messages = await services.privacy.export(user_id, limit)
    return {file.name: file.content for message in messages for file in message}


async def bring(services: Services, user_id: int, data: bytes) -> None:
    job_id = await services.imports.bring_file(user_id, data)
    status = await services.imports.status(user_id, job_id)
    while status.is_running:
        await services.imports.wait(job_id, 5)
        status = await services.imports.status(user_id, job_id)
    await services.imports.apply(user_id, job_id, file_wins=True)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "compressed"])
async def test_import_export_import_gives_the_same_list(
    services: Services, name: str, packed: bool
) -> None:
    for anime_id, score in SCORES.items():
        await services.ratings.rate(AKI, anime_id, score)
    for anime_id, status in STATUSES.items():
        await services.ratings.set_status(AKI, anime_id, status)
    if name != "myanimelist.xml":
        await services.ratings.set_status(AKI, 1000, Status.NOT_INTERESTED)
    wanted = await entries(services, AKI)
    assert len(wanted) >= 6

    # So little room that every file is compressed, and none has to be cut.
    files = await export(services, AKI, 3000 if packed else LARGE)
    await bring(services, MIO, files[f"{name}.gz" if packed else name])
    assert await entries(services, MIO) == wanted

    again = await export(services, MIO)
    await bring(services, SAN, again[name])
    assert await entries(services, SAN) == wanted
    await services.imports.close()
