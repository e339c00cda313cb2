"""`python -m recsys compare A B`: whether B beats A, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import MANIFEST, PRETRAINED
from recsys.cli.evaluate import TRIALS, add_cache_option
from recsys.cli.ratings import add_ratings_option, ratings_path
from recsys.data.interactions import DataError
from recsys.evaluation.report import FEW

if TYPE_CHECKING:
    import argparse

    from recsys.evaluation.league.standing import Row
    from recsys.evaluation.league.work import League, Opened

_FOLDS = {"all": "all", **{str(known): str(known) for known in FEW}, "new": "new", "alone": "alone"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser(
        "compare",
        help="say whether B beats A, with p-values",
        description="Compares two systems on the test people, metric by metric: the mean "
        "difference, its 95 %% interval by a paired bootstrap over people, and the p-value of a "
        "paired randomisation test. A and B are folders of bundles, or names of systems of the "
        "league that `python -m recsys evaluate --all` has measured; “shipped” is the bundle that "
        "ships.",
    )
    parser.add_argument("a", metavar="A", help="the one to beat")
    parser.add_argument("b", metavar="B", help="the challenger")
    add_ratings_option(parser)
    add_cache_option(parser)
    parser.add_argument(
        "--told",
        choices=list(_FOLDS),
        default="all",
        help="how much of each list is told: 80 %% (all), so many entries, 80 %% without the "
        "franchises told of (new), or 80 %% of the samples reported on their own (alone) "
        "(default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints a sentence a metric."""
    from recsys.evaluation.compare import TEST, verdicts
    from recsys.evaluation.league.standing import Standing
    from recsys.evaluation.league.work import League

    league = League(ratings_path(options.ratings), options.cache, PRETRAINED, trials=TRIALS)
    opened = league.open()
    a, b = (_row(league, opened, text) for text in (options.a, options.b))
    standing = Standing(opened.field, [a, b])
    found = list(verdicts(standing, a, b, options.told))
    if not found:
        raise DataError(
            f"{a.title} and {b.title} have no figure in common: one ranks and the other only "
            "predicts ratings. Choose two that do the same."
        )
    for verdict in found:
        print(verdict.sentence(a.title, b.title))
    wins = [sum(v.winner == who for v in found) for who in ("B", "A")]
    print(
        f"{b.title} is better in {wins[0]} of {len(found)} figures, {a.title} in {wins[1]} (p < "
        f"0.05; {TEST})."
    )
    return 0


def _row(league: League, opened: Opened, text: str) -> Row:
    """What a person named, measured now where it has not been."""
    from recsys.evaluation.league.ours import WHOLE
    from recsys.evaluation.league.page import row_of
    from recsys.evaluation.league.roster import BY_NAME
    from recsys.evaluation.league.standing import Row
    from recsys.evaluation.league.work import measure_bundle

    if text in BY_NAME:
        row = row_of(league, opened.field, BY_NAME[text])
        if row is None:
            raise DataError(
                f"{text} has not been measured on these ratings: run `python -m recsys evaluate "
                f'--all --only "{text}"`.'
            )
        return row
    path = PRETRAINED if text == "shipped" else Path(text)
    if not (path / MANIFEST).is_file():
        raise DataError(
            f"“{text}” is neither a folder with a bundle nor a system of the league. Systems: "
            f"{', '.join(BY_NAME)}, shipped."
        )
    stores = measure_bundle(
        league, opened, path, lambda step: print(f"… {step}", file=sys.stderr), only=WHOLE
    )
    store = stores[WHOLE]
    return Row(text, text, "ours", "ours", store.cost or {}, store.measured or {})
