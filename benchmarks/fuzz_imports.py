"""Feed damaged and cobbled-together files to the reader of lists; count what becomes of them.

    python benchmarks/fuzz_imports.py [--inputs 100000] [--seed 1]

Every input must be read or refused with one of the known sentences; anything else is a crash and
is written to ``artifacts/fuzz``. The inputs are, in equal parts: lists of every format with bytes
changed, cut, doubled and moved; two lists spliced; JSON whose values were exchanged for others;
CSV and XML put together from their own parts; archives with their insides damaged; random bytes.
Prints how many were read, refused (by sentence) and crashed, the slowest input and the largest
memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot.importing import KEYS, RefusedError, read_list  # noqa: E402
from tests.bot import lists  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

CRASHES = ROOT / "artifacts" / "fuzz"

_SCALARS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10, 11, 10**30, 1.5, -0.0, 1e308, "", "x", "19", "\0", "\ud800",
    "٣", [], {}, [[]], {"a": {}}, "completed", "CURRENT", 5114,
)  # fmt: skip
_XML_PARTS = (
    b"<myanimelist>", b"</myanimelist>", b"<anime>", b"</anime>", b"<manga>", b"<myinfo>",
    b"<series_animedb_id>19</series_animedb_id>", b"<my_score>9</my_score>",
    b"<my_status>Completed</my_status>", b"<user_export_type>1</user_export_type>", b"<![CDATA[",
    b"]]>", b"&amp;", b"&x;", b"&#0;", b"<!-- -->", b"<?xml version='1.0' encoding='utf-8'?>",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<!DOCTYPE x>", b"<a b='", b"'>", b"\0", b"\xff",
)  # fmt: skip
_CSV_PARTS = (
    "title", "mal_id", "score", "score/5", "rating (1-100)", "status", "year", "url", "id", ",",
    ",", ";", "\t", "|", "\n", "\n", "\r\n", '"', '""', "Monster", "19", "8", "4/5", "85%", "=1+1",
    "\ufeff", "タイトル", "\u202e", "sep=;\n", "x" * 300,
)  # fmt: skip


def byte(chance: random.Random) -> int:
    """Mostly a readable one: others are refused before anything is parsed."""
    return chance.randrange(256) if chance.random() < 0.1 else chance.randrange(32, 127)


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Some bytes of a file changed, cut, doubled or moved."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 10)):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.randint(1, 60))
        match chance.randrange(6):
            case 0 if at < len(found):
                found[at] = byte(chance)
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end] * chance.randint(1, 5)
            case 3:
                found[at:at] = bytes(byte(chance) for _ in range(chance.randint(1, 9)))
            case 4:
                del found[at:]
            case _:
                start = chance.randrange(len(found) + 1)
                found[at:end] = found[start : start + 40]
    return bytes(found)


def spliced(chance: random.Random, samples: list[bytes]) -> bytes:
    """The beginning of one list and the end of another."""
    one, other = chance.choice(samples), chance.choice(samples)
    return one[: chance.randrange(len(one))] + other[chance.randrange(len(other)) :]


def exchanged(chance: random.Random, value: Any) -> Any:
    """A JSON value with some of its parts exchanged for others."""
    if chance.random() < 0.08:
        return chance.choice(_SCALARS)
    if isinstance(value, dict):
        kept = {key: exchanged(chance, one) for key, one in value.items() if chance.random() > 0.05}
        if chance.random() < 0.05:
            kept[chance.choice(("lists", "entries", "anime", "score", "status", "media"))] = (
                chance.choice(_SCALARS)
            )
        return kept
    if isinstance(value, list):
        return [exchanged(chance, one) for one in value] * chance.randint(0, 2)
    return value


def inputs(chance: random.Random) -> Callable[[], bytes]:
    """A source of inputs without end."""
    samples = list(lists.SAMPLES.values())
    documents = [json.loads(data) for data in samples if data[:1] in b"{["]
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: damaged(chance, chance.choice(samples)),
        lambda: damaged(chance, chance.choice(samples)),
        lambda: spliced(chance, samples),
        lambda: json.dumps(exchanged(chance, chance.choice(documents))).encode(),
        lambda: b"".join(chance.choices(_XML_PARTS, k=chance.randint(1, 40))),
        lambda: "".join(chance.choices(_CSV_PARTS, k=chance.randint(1, 60))).encode(
            chance.choice(("utf-8", "utf-8", "utf-16", "utf-8-sig")), "replace"
        ),
        lambda: gzip.compress(damaged(chance, chance.choice(samples)), 1),
        lambda: lists.zipped(chance.choice(("a.xml", "b.json")), damaged(chance, samples[0])),
        lambda: chance.randbytes(chance.randint(0, 400)),
    )

    def make() -> bytes:
        return chance.choice(makers)()

    return make


def try_one(data: bytes) -> str:
    """What becomes of one input: "read", the key of its refusal, or "crash: ..."."""
    try:
        found = read_list(data)
        for line in found.lines:
            line.title.encode()  # as a database will
            if not line.names_an_anime or (line.score is not None and not 1 <= line.score <= 10):
                return f"crash: {line}"
    except RefusedError as refused:
        return refused.key if refused.key in KEYS else f"crash: unknown key {refused.key}"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"crash: {type(error).__name__}: {error}"
    return "read"


def main() -> int:
    """Feed it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make = inputs(random.Random(options.seed))
    became: Counter[str] = Counter()
    slowest, slowest_size = 0.0, 0
    began = time.perf_counter()
    for _ in range(options.inputs):
        data = make()
        start = time.process_time()
        outcome = try_one(data)
        took = time.process_time() - start
        if took > slowest:
            slowest, slowest_size = took, len(data)
        if outcome.startswith("crash"):
            CRASHES.mkdir(parents=True, exist_ok=True)
            (CRASHES / f"{became['crash']:04}").write_bytes(data)
            print(outcome)
            outcome = "crash"
        became[outcome] += 1
    refused = sum(count for outcome, count in became.items() if outcome not in {"read", "crash"})
    print(f"{options.inputs} inputs in {time.perf_counter() - began:.0f} s, seed {options.seed}")
    print(f"read {became['read']}, refused {refused}, crashes {became['crash']}")
    for outcome, count in became.most_common():
        if outcome not in {"read", "crash"}:
            print(f"  {outcome} {count}")
    print(f"slowest {slowest * 1000:.1f} ms of processor time, of {slowest_size} bytes")
    if sys.platform != "win32":
        import resource

        print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 1 if became["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
