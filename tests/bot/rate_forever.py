"""A bot that does nothing but rate, for the test that kills it.

Prints a line for each rating after it was acknowledged: person, anime, score.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from bot.db import Database
from bot.services.profiles import Profiles
from bot.services.ratings import RatingService
from recsys.catalog import Anime, Catalog

ANIME = 50


async def rate_forever(url: str, first_person: int) -> None:
    database = await Database.open(url)
    catalog = Catalog(Anime(n, f"Anime {n}") for n in range(1, ANIME + 1))
    ratings = RatingService(database, catalog, Profiles(database))

    async def one_person(person: int) -> None:
        for n in itertools.count():
            # Each person rates each anime once, so that no later rating hides a lost one.
            who, anime_id, score = person + n // ANIME * 4, n % ANIME + 1, n % 10 + 1
            await ratings.rate(who, anime_id, score)
            sys.stdout.write(f"{who} {anime_id} {score}\n")
            sys.stdout.flush()

    await asyncio.gather(*(one_person(first_person + n) for n in range(4)))


if __name__ == "__main__":
    asyncio.run(rate_forever(sys.argv[1], int(sys.argv[2])))
