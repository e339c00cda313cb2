"""`python -m recsys train`: ratings in, bundle out."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.bundle import Bundle, save_bundle
from recsys.catalog import Catalog
from recsys.cli.numbers import whole
from recsys.cli.ratings import add_ratings_option, read_ratings
from recsys.data.interactions import DataError
from recsys.data.local import joined, read_consented
from recsys.models import registry
from recsys.models.checkpoint import epochs_kept, forget
from recsys.models.device import is_first, processes, together
from recsys.models.linear import MODEL
from recsys.training.memory import peak_memory
from recsys.training.named import changed, train_named
from recsys.training.pipeline import TrainingSettings, steps, train

if TYPE_CHECKING:
    import argparse

    from recsys.data.interactions import Interactions


LOCAL = Path("artifacts/consented.jsonl.gz")


_NAMED = 5  # ids in one sentence


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    defaults = TrainingSettings()
    parser = subparsers.add_parser(
        "train",
        help="learn from a ratings file and write a bundle",
        description="Fits a model on everybody but the test people, and writes it as a bundle. "
        "The same ratings, settings and machine give the same bytes. A training that was stopped "
        "goes on from its last epoch, or from the last group of people that taught the second "
        "stage. On several GPUs: "
        "torchrun --nproc-per-node N -m recsys train --model NAME.",
    )
    add_ratings_option(parser)
    parser.add_argument(
        "--model",
        choices=(MODEL, *registry.NAMES),
        default=MODEL,
        help="which model (default: %(default)s, the two-head linear one that ships)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="changes",
        help="a setting of another model than the default one, as in --set epochs=5; repeatable",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("artifacts/bundle"),
        metavar="DIR",
        help="folder of the bundle (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=whole(0),
        default=defaults.seed,
        help="decides who is held out for testing (default: %(default)s)",
    )
    parser.add_argument(
        "--one-stage",
        action="store_true",
        help=f"leave out the second stage of {MODEL}: half the time, worse picks",
    )
    parser.add_argument(
        "--min-lists",
        type=whole(),
        default=defaults.min_lists,
        metavar="N",
        help="leave out anime on fewer lists (default: %(default)s)",
    )
    parser.add_argument(
        "--no-metrics",
        action="store_true",
        help="skip measuring the bundle on the test people",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="begin anew where a half-finished training lies beside --out",
    )
    parser.add_argument(
        "--with-local",
        type=Path,
        nargs="?",
        const=LOCAL,
        metavar="FILE",
        help="learn from the bot's own people too, of whom only those who allowed it are in the "
        f"file that scripts/consented.py writes (default: {LOCAL})",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Trains, measures, writes, and says what it took."""
    if is_first():
        return _run(options)
    # One of several processes: it computes its share, and is silent.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    refuse_unwritable(options.out)
    _refuse_settings(options)
    lists = read_ratings(options.ratings)
    if options.with_local is not None:
        lists = _with_local(lists, options.with_local)
    catalog = Catalog.load()
    if said := unknown_anime(lists, catalog):
        print(said)
    train_one = _train_linear if options.model == MODEL else _train_named
    metrics, held_out = train_one(options, lists, catalog)
    if not is_first():
        return 0
    bundle = Bundle.load(options.out)
    size = sum(entry["bytes"] for entry in bundle.manifest["files"].values())
    data = bundle.manifest["data"]
    print(
        f"{data['people']:,} people, {data['entries']:,} entries, {data['anime']:,} anime; "
        f"{held_out:,} people held out for testing."
    )
    for name, value in metrics.items():
        print(f"  {name} {value:.4f}")
    print(
        f"Bundle {bundle.version} in {options.out}: {size / 1e6:.1f} MB. "
        f"{time.perf_counter() - started:.0f} s, peak memory {peak_memory() / 2**30:.2f} GiB."
    )
    return 0


def _refuse_settings(options: argparse.Namespace) -> None:
    """Say that a setting cannot be before long files are read."""
    if options.model != MODEL:
        changed(registry.model_class(options.model).settings_type, options.changes)
    elif options.changes:
        raise DataError(
            f"--set changes the settings of another model than {MODEL}, whose settings are in "
            "`recsys.training.pipeline.TrainingSettings`. Leave it out, or name a --model."
        )


def refuse_unwritable(out: Path) -> None:
    """Say that a folder cannot be written before hours are spent, and not after.

    Raises:
        DataError: it cannot be, or it is a file.
    """
    folder = out.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise DataError(f"{folder} is a file, and the bundle is a folder: name another with --out.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DataError(
            f"Nothing can be written to {folder} ({error.strerror}): name another folder with "
            "--out."
        ) from error


def _with_local(lists: Interactions, path: Path) -> Interactions:
    local, cleaning = read_consented(path)
    print(f"{path.name}: {local.n_users:,} people who allowed it; {cleaning}")
    return joined(lists, local)


def unknown_anime(lists: Interactions, catalog: Catalog) -> str:
    """A sentence on ids that the catalog does not know; empty where it knows all."""
    unknown = [int(anime_id) for anime_id in lists.anime_ids if catalog.get(int(anime_id)) is None]
    if not unknown:
        return ""
    some = ", ".join(map(str, unknown[:_NAMED])) + (", …" if len(unknown) > _NAMED else "")
    return (
        f"{len(unknown):,} of {lists.n_items:,} anime ids are not in the catalog ({some}): what "
        "goes with them is learnt, and they are never picked. The ids are MyAnimeList's."
    )


def _train_linear(
    options: argparse.Namespace, lists: Interactions, catalog: Catalog
) -> tuple[dict[str, float], int]:
    """The model that ships: its figures, and how many people it was not shown."""
    from tqdm import tqdm

    from recsys.evaluation.protocol import summary

    if processes() > 1:
        raise DataError(
            f"The model {MODEL} is solved by one process, not learnt by several: leave torchrun "
            "out, or name a --model."
        )
    settings = replace(TrainingSettings(), seed=options.seed, min_lists=options.min_lists)
    facts = None if options.one_stage else catalog
    work = None if facts is None else _work(options)
    with tqdm(total=steps(settings, facts) + 1, unit="step", dynamic_ncols=True) as bar:

        def tell(step: str) -> None:
            bar.set_description(step)
            bar.update()

        trained = train(lists, settings, tell, facts, work)
        tell("bundle")
        metrics = {} if options.no_metrics else summary(trained)
        save_bundle(options.out, trained.model.tensors(), trained.manifest(metrics))
    if work is not None:
        forget(work)
    return metrics, int(trained.split.test.sum())


def _train_named(
    options: argparse.Namespace, lists: Interactions, catalog: Catalog
) -> tuple[dict[str, float], int]:
    """Any other model: its figures, and how many people it was not shown."""
    from tqdm import tqdm

    work = _work(options)
    bar_of = partial(tqdm, desc=options.model, unit="epoch", dynamic_ncols=True)
    with together(), bar_of(disable=not is_first()) as bar:

        def tell(done: int, total: int, note: str) -> None:
            bar.total = total
            bar.set_postfix_str(note, refresh=False)
            bar.update(done - bar.n)

        trained = train_named(
            options.model,
            lists,
            changes=options.changes,
            seed=options.seed,
            min_lists=options.min_lists,
            catalog=catalog,
            progress=tell,
            work=work,
        )
    if not is_first():
        return {}, 0
    metrics = {} if options.no_metrics else trained.summary()
    save_bundle(options.out, registry.parts(trained.model)[0], trained.manifest(metrics))
    forget(work)
    return metrics, int(trained.split.test.sum())


def _work(options: argparse.Namespace) -> Path:
    """Where a training keeps how far it is; says so where it goes on."""
    out = options.out.resolve()
    work = out.with_name(f"{out.name}.training")
    if options.fresh and is_first():
        forget(work)
    if done := epochs_kept(work):
        unit = "group" if options.model == MODEL else "epoch"
        print(
            f"{work} holds a training that was stopped after {unit} {done}: going on from there "
            "(--fresh begins anew)."
        )
    return work
