"""`python -m recsys evaluate`: how good a bundle is, on people it has not seen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import PRETRAINED, Bundle
from recsys.cli.ratings import add_ratings_option, ratings_path, read_ratings
from recsys.data.interactions import DataError
from recsys.evaluation.report import lines, people_for
from recsys.models.linear import LinearModel

if TYPE_CHECKING:
    import argparse

    from recsys.evaluation.league.work import League, Opened

CACHE = Path(".evaluation")
TRIALS = 6


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a bundle beside popularity and EASE, or with --all beside the whole field",
        description="Ranks for the test people, whom the bundle has not seen: Recall@20, "
        "Recall@50 and NDCG@100 of the bundle, of popularity and of EASE, by source and with few "
        "known anime, and the error of predicted ratings. With --all, tunes, fits and measures "
        "every published and every earlier system too, and writes the league table. What is "
        "finished is kept in --cache: stopped at any point, the same command goes on.",
    )
    add_ratings_option(parser)
    parser.add_argument(
        "--bundle",
        type=Path,
        default=PRETRAINED,
        metavar="DIR",
        help="the bundle to measure (default: the one that ships)",
    )
    league = parser.add_argument_group("the league table")
    league.add_argument("--all", action="store_true", help="write the league table")
    add_cache_option(league)
    league.add_argument(
        "--out",
        type=Path,
        default=Path("docs") / "evaluation",
        metavar="DIR",
        help="where the table and its plots go (default: %(default)s)",
    )
    league.add_argument(
        "--trials",
        type=int,
        default=TRIALS,
        metavar="N",
        help="settings tried of every system (default: %(default)s)",
    )
    league.add_argument(
        "--only",
        nargs="*",
        metavar="NAME",
        help="work on these systems alone; with no name, only write the table of what is there",
    )
    league.add_argument(
        "--without", nargs="+", default=[], metavar="NAME", help="leave these systems out"
    )
    parser.set_defaults(run=run)


def add_cache_option(parser: argparse._ActionsContainer) -> None:
    """Adds --cache."""
    parser.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        metavar="DIR",
        help="where finished work is kept (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints the report; what is being done goes to the error stream."""
    if options.all:
        return _league(options)
    bundle = Bundle.load(options.bundle)
    model = LinearModel.load(bundle)
    people = people_for(bundle.manifest, read_ratings(options.ratings), model)
    print(f"Bundle {bundle.version} in {options.bundle}.")
    for line in lines(people, model, lambda step: print(f"… {step}", file=sys.stderr)):
        print(line)
    return 0


def _league(options: argparse.Namespace) -> int:
    """Does what is left of the league's work, then writes its page."""
    from recsys.evaluation.league.page import write_page
    from recsys.evaluation.league.work import League

    names = _chosen(options)
    league = League(
        ratings=ratings_path(options.ratings),
        cache=options.cache,
        bundle=options.bundle,
        trials=options.trials,
    )
    opened = league.open()
    failed = _work(league, opened, names)
    for line in write_page(league, opened, options.out):
        print(line)
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


def _chosen(options: argparse.Namespace) -> list[str]:
    from recsys.evaluation.league.ours import WHOLE
    from recsys.evaluation.league.roster import BY_NAME

    everybody = [*BY_NAME, WHOLE]
    for name in [*(options.only or []), *options.without]:
        if name not in everybody:
            raise DataError(f"No system is called “{name}”. There are: {', '.join(everybody)}.")
    names = everybody if options.only is None else options.only
    return [name for name in names if name not in options.without]


def _work(league: League, opened: Opened, names: list[str]) -> list[str]:
    """Does every step that is left; one that fails is told of, and the others go on."""
    from tqdm import tqdm

    from recsys.evaluation.league.apart import do
    from recsys.evaluation.league.ours import WHOLE
    from recsys.evaluation.league.roster import BY_NAME
    from recsys.evaluation.league.work import is_timed, left

    steps = [
        (name, step)
        for name in names
        if name in BY_NAME
        for step in left(league, opened.field, BY_NAME[name])
    ]
    if WHOLE in names and not is_timed(league, opened.field):
        steps.append((WHOLE, "train"))
    failed: dict[str, str] = {}
    with tqdm(steps, unit="step", dynamic_ncols=True) as bar:
        for name, step in bar:
            if name in failed:
                continue
            bar.set_description(f"{name}: {step}")
            try:
                do(league, name, step, bar.set_postfix_str)
            except DataError as error:
                failed[name] = str(error)
    return list(failed.values())
