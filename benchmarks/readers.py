"""Reads a file of the 2020 set's shape, ours beside pandas, each in a process of its own.

    python benchmarks/readers.py --rows 4000000 14000000

Ours gives sorted, cleaned lists; `pandas.read_csv` alone gives only a table in memory, so it is
shown by itself and with what training needs (the last of repeated pairs, sorted lists, positions
for ids). Peak memory is that of the whole process, imports included. Linux and macOS.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PEOPLE, ANIME = 310_000, 17_000
_BLOCK = 1_000_000
_CONTENDERS = ("ours", "pandas.read_csv", "pandas.read_csv + lists")


def write_set(path: Path, rows: int, *, lists: bool) -> None:
    """Writes ratings (or whole lists) of so many rows: people in order, few anime on most lists."""
    import pyarrow as pa
    import pyarrow.csv as pc

    rng = np.random.default_rng(0)
    names = ["user_id", "anime_id", "rating"]
    if lists:
        names += ["watching_status", "watched_episodes"]
    schema = pa.schema([(name, pa.int32()) for name in names])
    people = min(PEOPLE, max(rows // 150, 1))
    with pc.CSVWriter(path, schema) as writer:
        for start in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - start)
            columns = [
                (np.arange(start, start + count) * people // rows),
                (ANIME * rng.random(count) ** 2).astype(int) + 1,
                rng.integers(0 if lists else 1, 11, count),
            ]
            if lists:
                columns += [rng.choice([1, 2, 3, 4, 6], count), rng.integers(0, 26, count)]
            arrays = [pa.array(column.astype(np.int32)) for column in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def read(contender: str, path: Path) -> dict[str, float]:
    """Reads the file in this process; seconds, seconds of CPU, and bytes at the peak."""
    if contender == "ours":
        from recsys.data.readers import read_ratings

        importlib.import_module("pyarrow.csv")  # what importing takes is not measured
        start, busy = time.perf_counter(), time.process_time()
        read_ratings(path)
    else:
        import pandas as pd

        start, busy = time.perf_counter(), time.process_time()
        frame = pd.read_csv(path)
        if contender.endswith("lists"):
            pair = ["user_id", "anime_id"]
            frame = frame.drop_duplicates(pair, keep="last").sort_values(pair)
            for name in pair:
                frame[name] = pd.factorize(frame[name], sort=True)[0]
            people = frame["user_id"].to_numpy()
            np.searchsorted(people, np.arange(people[-1] + 2))
    seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"seconds": seconds, "cpu": cpu, "peak": peak}


def main() -> None:
    """Writes each file, reads it with every contender, prints a table."""
    parser = argparse.ArgumentParser(
        description="Reads a file of the 2020 set's shape, ours beside pandas."
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[4_000_000, 14_000_000])
    parser.add_argument("--lists", action="store_true", help="animelist.csv: five columns")
    parser.add_argument("--only-ours", action="store_true", help="for files beyond this memory")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(read(arguments.child[0], Path(arguments.child[1]))))
        return
    heads = ("rows", "reader", "seconds", "rows/s", "CPU seconds", "peak MB")
    print(f"| {' | '.join(heads)} | time × ours | CPU × ours | memory × ours |")
    print("|---" * (len(heads) + 3) + "|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.csv"
        for rows in arguments.rows:
            write_set(path, rows, lists=arguments.lists)
            ours: dict[str, float] = {}
            for contender in _CONTENDERS[:1] if arguments.only_ours else _CONTENDERS:
                command = [sys.executable, __file__, "--child", contender, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                result = json.loads(done.stdout)
                ours = ours or result
                ratios = [result[key] / ours[key] for key in ("seconds", "cpu", "peak")]
                print(
                    f"| {rows:,} | {contender} | {result['seconds']:.1f} "
                    f"| {rows / result['seconds']:,.0f} | {result['cpu']:.1f} "
                    f"| {result['peak'] / 2**20:,.0f} "
                    f"| {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
