"""A step of the work in a process of its own.

So the peak of memory is that of one fit, a library that dies takes one step with it, and what a
step leaves in memory slows no other.
"""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

from recsys.bundle import BundleError
from recsys.catalog import CatalogError
from recsys.data.interactions import DataError
from recsys.evaluation.league.work import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from recsys.evaluation.league.work import League


def do(league: League, name: str, step: str, tell: Callable[[str], object]) -> None:
    """Does one step, in a process of its own where the league says so.

    Args:
        league: the league.
        name: of the system.
        step: one of `recsys.evaluation.league.work.STEPS`.
        tell: told in a few words how it goes, where it runs in this process.

    Raises:
        DataError: the step could not be done; the message says why.
    """
    if not league.isolated:
        STEPS[step](league, league.open(), name, tell)
        return
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(league, name, step, sender), daemon=True)
    child.start()
    sender.close()
    while True:
        try:
            kind, text = receiver.recv()
        except EOFError:
            break
        if kind == "error":
            child.join()
            raise DataError(text)
        tell(text)
    child.join()
    if child.exitcode:
        raise DataError(
            f"{name}: the step “{step}” ended with status {child.exitcode}; run the command again "
            "to go on, and leave the system out with --without if it keeps failing."
        )


class _OrphanedError(Exception):
    """The run that this process works for is gone."""


def _in_child(league: League, name: str, step: str, sender: Any) -> None:  # noqa: ANN401 -- a pipe
    parent = multiprocessing.parent_process()

    def tell(text: str) -> None:
        if parent is not None and not parent.is_alive():
            raise _OrphanedError
        sender.send(("said", text))

    try:
        STEPS[step](league, league.open(), name, tell)
    except (DataError, BundleError, CatalogError) as error:
        sender.send(("error", f"{name}: {error}"))
    except ModuleNotFoundError as error:
        needs = f"{name} needs {error.name}, which the extra “evaluation” brings"
        sender.send(("error", f'{needs}: pip install "osusume[evaluation]"'))
    except (_OrphanedError, BrokenPipeError, KeyboardInterrupt):
        return
    finally:
        sender.close()
