"""`python -m bot.picking [BUNDLE]`: answers what `bot.picking.running` asks, until that ends.

Questions come on the standard input and answers go to the standard output, in the same order; see
`bot.picking.wire`. The first message says which bundle answers, or why none does.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bot.memory import set_aside
from bot.picking.wire import LENGTH, pack, unpack
from recsys.bundle import BundleError
from recsys.catalog import Catalog, CatalogError
from recsys.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str]) -> int:
    """Answer until the other side is gone."""
    # Ctrl-C and the stop of a service reach every process. The bot still wants answers then; when
    # it is over, so is the input.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints would be taken for answers
    gc.disable()  # a start makes hundreds of thousands of objects that stay
    try:
        catalog = Catalog.load()
        recommender = Recommender.load(Path(arguments[0]) if arguments else None, catalog)
    except (BundleError, CatalogError) as error:
        _send(answers, ok=False, said=str(error))
        return 1
    set_aside()
    _send(answers, ok=True, said=recommender.model_version)
    while head := questions.read(LENGTH.size):
        (length,) = LENGTH.unpack(head)
        ask: Callable[[Recommender], Any] = unpack(questions.read(length), catalog)
        try:
            said = ask(recommender)
        except Exception as error:  # noqa: BLE001 - the one who asked handles it
            _fail(answers, error)
        else:
            _send(answers, ok=True, said=said)
    return 0


def _send(answers: BinaryIO, *, ok: bool, said: object) -> None:
    answers.write(pack((ok, said)))
    answers.flush()


def _fail(answers: BinaryIO, error: Exception) -> None:
    error.add_note("".join(traceback.format_exception(error)))
    try:
        _send(answers, ok=False, said=error)
    except Exception:  # noqa: BLE001 - not every exception can be packed
        _send(answers, ok=False, said=RuntimeError(repr(error)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
