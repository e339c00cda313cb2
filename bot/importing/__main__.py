"""``python -m bot.importing < file``: what a list says, as JSON, within limits of memory.

The bot starts this for every file that it is given; see `bot.importing.apart`.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from bot.importing.errors import RefusedError
from bot.importing.limits import MOST_BYTES, MOST_MEMORY, MOST_SECONDS
from bot.importing.reader import read_list
from bot.importing.wire import packed, refusal


def main() -> int:
    """Read standard input and write the answer; never more than the limits allow."""
    _limit()
    answer: dict[str, object]
    try:
        answer = packed(read_list(sys.stdin.buffer.read(MOST_BYTES + 1)))
    except RefusedError as refused:
        answer = refusal(refused)
    except (MemoryError, RecursionError):
        answer = refusal(RefusedError("import_too_complex"))
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit() -> None:
    """Tell the system to refuse us more memory or time. Windows has no such call."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, int(MOST_SECONDS)),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows some of them and refuses to set them.
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            most_allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most_allowed, hard))


if __name__ == "__main__":
    sys.exit(main())
