"""`python -m recsys recommend`: picks for one person, by any bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.catalog import Catalog
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.cli.told import add_asking_options, list_of, list_told
from recsys.data.interactions import DataError

if TYPE_CHECKING:
    import argparse

    from recsys.catalog import Anime
    from recsys.picks import Pick


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "recommend",
        help="list picks for a person of the ratings, or for a list that you type",
        description="Lists what the bot's /recommend would, with the rating that each pick would "
        "get and what speaks for it. The person is one of the ratings (--user), or a list on the "
        "command line, as in: recommend “cowboy bebop = 9” “naruto = 3” bleach.",
    )
    parser.add_argument("told", nargs="*", metavar="TITLE=SCORE", help="what somebody has seen")
    parser.add_argument("--user", type=int, metavar="ID", help="a person of the ratings")
    add_ratings_option(parser)
    add_asking_options(parser)
    parser.add_argument(
        "--started", action="store_true", help="also the next of what the person has begun"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the picks."""
    from recsys.recommender import Recommender
    from recsys.titles import TitleIndex

    if options.told and options.user is not None:
        raise DataError("Name a person with --user, or type what somebody has seen; not both.")
    catalog = Catalog.load()
    recommender = Recommender.load(options.bundle, catalog)
    if options.user is None:
        profile = list_told(options.told, TitleIndex(catalog), catalog)
    else:
        profile = list_of(read_ratings(options.ratings), options.user)
    whose = f"a list of {len(profile.entries):,}, of which {len(profile.rated):,} rated"
    if not profile.entries:
        whose = "somebody who has told nothing yet"
    print(f"{recommender.model_name} {recommender.model_version}: for {whose}")
    picks = recommender.recommend(profile, options.k, started=options.started)
    for place, pick in enumerate(picks, 1):
        print(f"{place:3}. {_line(pick, catalog)}")
    if not picks:
        print("Nothing is left to pick.")
    return 0


def _line(pick: Pick, catalog: Catalog) -> str:
    would = "" if pick.predicted is None else f"  {pick.predicted:.1f}"
    reasons = ", ".join(
        f"{_title(catalog.get(one.anime_id))}{f' {one.score}' if one.score else ''}"
        for one in pick.reasons[:2]
    )
    return f"{pick.anime.title}{would}{f'  (for {reasons})' if reasons else ''}"


def _title(anime: Anime | None) -> str:
    return "?" if anime is None else anime.title
