"""What training costs as the ratings grow: made-up files of several sizes, each in its own process.

A process is told how much memory it may take, so one that needs more ends with an error and not
with a slow machine. Peak memory is the largest resident size of the process, CPU seconds are its
own and do not count those of others, the clock does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from recsys.data.interactions import DataError
from recsys.evaluation.synthetic import Shape, write_ratings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Cost:
    """One training.

    Attributes:
        rows_asked: how many ratings were asked for.
        rows: ratings in the file.
        users: people in it.
        anime: those that were learnt.
        arguments: of `python -m recsys train`, beside the file and the folder.
        seconds: by the clock, reading included.
        cpu_seconds: of the process.
        peak_gib: largest resident size.
        limit_gib: how much memory the process was allowed; None for no limit.
    """

    rows_asked: int
    rows: int
    users: int
    anime: int
    arguments: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    peak_gib: float
    limit_gib: float | None


def measure(
    shape: Shape,
    folder: Path,
    arguments: Sequence[str],
    limit_gib: float | None,
    tell: Callable[[str], object],
) -> Cost:
    """Makes a file, trains on it in another process, and says what that took.

    Args:
        shape: of the file.
        folder: where the file and the bundle are put; the file stays there, for the next time.
        arguments: of `python -m recsys train`, beside the file and the folder.
        limit_gib: the most memory that the process may take, where the system can say so.
        tell: told what is being done.

    Raises:
        DataError: the training failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"made-up-{shape.rows}-{shape.users}-{shape.anime}-{shape.seed}.csv"
    if not path.is_file():
        tell(f"writing {shape.rows:,} ratings to {path}")
        unfinished = path.with_suffix(".part")
        write_ratings(unfinished, shape)
        unfinished.replace(path)
    out = folder / f"bundle-{shape.rows}"
    command = [sys.executable, "-m", "recsys", "train", "--ratings", str(path), "--out", str(out)]
    tell(f"training on {path.name}")
    started = time.perf_counter()
    cpu, peak, status = _run([*command, *arguments], limit_gib)
    seconds = time.perf_counter() - started
    if status:
        raise DataError(
            f"Training on {shape.rows:,} ratings ended with status {status}; what it said is above."
        )
    data = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["data"]
    return Cost(
        rows_asked=shape.rows,
        rows=_count_rows(path),
        users=shape.users,
        anime=data["anime"],
        arguments=tuple(arguments),
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu, 1),
        peak_gib=round(peak / _GIB, 2),
        limit_gib=limit_gib,
    )


def kept(path: Path) -> list[Cost]:
    """The costs that a results file holds, one JSON object a line; none where there is no file.

    Raises:
        DataError: the file holds something else.
    """
    if not path.is_file():
        return []
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [Cost(**{**row, "arguments": tuple(row["arguments"])}) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} holds no results of this command: pass another file.") from error


def keep(cost: Cost, path: Path) -> None:
    """Adds a line to a results file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(asdict(cost)) + "\n")


def lines(costs: Iterable[Cost]) -> Iterator[str]:
    """A table of costs."""
    yield (
        f"{'ratings':>12}{'people':>10}{'anime':>8}{'seconds':>10}{'CPU s':>9}"
        f"{'CPU µs a rating':>17}{'peak GiB':>10}{'limit GiB':>11}  options"
    )
    for cost in sorted(costs, key=lambda cost: (cost.arguments, cost.rows)):
        limit = "none" if cost.limit_gib is None else f"{cost.limit_gib:g}"
        yield (
            f"{cost.rows:>12,}{cost.users:>10,}{cost.anime:>8,}{cost.seconds:>10,.0f}"
            f"{cost.cpu_seconds:>9,.0f}{1e6 * cost.cpu_seconds / cost.rows:>17.1f}"
            f"{cost.peak_gib:>10.2f}{limit:>11}  {' '.join(cost.arguments)}"
        )


def draw(costs: Sequence[Cost], path: Path) -> None:
    """CPU time and peak memory over the number of ratings, a line for each choice of options."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="tight")
    time_axes, memory_axes = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)
    for arguments in sorted({cost.arguments for cost in costs}):
        own = sorted((cost for cost in costs if cost.arguments == arguments), key=lambda c: c.rows)
        millions = [cost.rows / 1e6 for cost in own]
        label = " ".join(arguments) or "as it ships"
        time_axes.plot(millions, [cost.cpu_seconds / 60 for cost in own], "o-", label=label)
        memory_axes.plot(millions, [cost.peak_gib for cost in own], "o-", label=label)
    for axes, what in ((time_axes, "CPU minutes"), (memory_axes, "peak memory, GiB")):
        axes.set_xlabel("million ratings")
        axes.set_ylabel(what)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _run(command: Sequence[str], limit_gib: float | None) -> tuple[float, int, int]:
    """Runs a command: its CPU seconds, its peak memory in bytes, its exit status."""
    try:
        import resource
    except ImportError:
        # Windows says neither; the run is what matters there.
        return float("nan"), 0, subprocess.run(command, check=False).returncode  # noqa: S603
    wrapped = [sys.executable, "-c", _CHILD, str(int((limit_gib or 0) * _GIB)), *command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(wrapped, check=False).returncode  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The largest of all children so far: sizes are measured from the smallest to the largest.
    unit = 1 if sys.platform == "darwin" else 1024
    return cpu, after.ru_maxrss * unit, status


# The limit is set in the child, before it becomes the training: on data, not on addresses, of
# which libraries reserve more than they use.
_CHILD = """
import os, resource, sys
limit = int(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
os.execv(sys.argv[2], sys.argv[2:])
"""


def _count_rows(path: Path) -> int:
    """Lines of a file less its header."""
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        return sum(block.count(b"\n") for block in blocks) - 1
