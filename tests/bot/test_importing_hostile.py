"""Files made to harm: refused with a sentence, in bounded memory and time."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.importing import KEYS, ReadList, RefusedError, apart, read_list
from bot.importing.limits import LONGEST_TITLE, MEGABYTE, MOST_BYTES, MOST_LINES, MOST_UNPACKED
from tests.bot import lists

if TYPE_CHECKING:
    from collections.abc import Callable

MONSTER = lists.mal_xml((19, "Monster", 9, "Completed"))


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedError) as raised:
        read_list(data)
    assert raised.value.key in KEYS
    return raised.value.key


def billion_laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{"&" + before + ";" * 1}{("&" + before + ";") * 9}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return (
        f"<?xml version='1.0'?><!DOCTYPE myanimelist [{entities}]>"
        "<myanimelist><anime><series_title>&i;</series_title></anime></myanimelist>"
    ).encode()


def external_entity(what: str) -> bytes:
    return (
        f"<?xml version='1.0'?><!DOCTYPE m [<!ENTITY x SYSTEM '{what}'>]>"
        "<myanimelist><anime><series_title>&x;</series_title></anime></myanimelist>"
    ).encode()


def gzip_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(MEGABYTE)
    return b"".join(packer.compress(piece) for _ in range(size // MEGABYTE)) + packer.flush()


def lying_zip() -> bytes:
    """A zip that says of its member that it is ten bytes long."""
    data = bytearray(lists.zipped("list.csv", b"title\n" + b"x\n" * (MOST_UNPACKED // 2 + 9)))
    size = (MOST_UNPACKED // 2 + 9) * 2 + 6
    return bytes(data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))


def boasting_zip() -> bytes:
    """A zip that says of its small member that it is two gigabytes long."""
    data = lists.zipped("list.csv", b"title\n" + b"x\n" * 500)
    return data.replace((1006).to_bytes(4, "little"), (2**31).to_bytes(4, "little"))


def encrypted_zip() -> bytes:
    data = bytearray(lists.zipped("list.xml", MONSTER))
    data[6] |= 1
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    return bytes(data)


def crowded_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number}.xml", b"x")
    return target.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a billion laughs": (billion_laughs, "import_dtd"),
    "an external entity": (lambda: external_entity("file:///etc/passwd"), "import_dtd"),
    "an external address": (lambda: external_entity("http://127.0.0.1:1/"), "import_dtd"),
    "a DTD from elsewhere": (
        lambda: b"<!DOCTYPE myanimelist SYSTEM 'http://127.0.0.1:1/x.dtd'><myanimelist/>",
        "import_dtd",
    ),
    "a parameter entity": (
        lambda: b"<!DOCTYPE m [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><myanimelist/>",
        "import_dtd",
    ),
    "a gzip bomb": (lambda: gzip_bomb(256 * MEGABYTE), "import_too_large"),
    "a zip bomb": (
        lambda: lists.zipped("list.xml", bytes(MOST_UNPACKED + MEGABYTE)),
        "import_too_large",
    ),
    "a zip that lies about its size": (lying_zip, "import_archive"),
    "a zip with a password": (encrypted_zip, "import_archive"),
    "a zip of five hundred": (crowded_zip, "import_archive"),
    "a zip of nothing": (lambda: lists.zipped("readme.md", b"x"), "import_archive"),
    "a cut gzip": (lambda: gzip.compress(MONSTER * 50)[:-30], "import_archive"),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(MONSTER)), "import_nested"),
    "gzip in zip": (lambda: lists.zipped("a.xml.gz", gzip.compress(MONSTER)), "import_nested"),
    "gzip in a member called xml": (
        lambda: lists.zipped("a.xml", gzip.compress(MONSTER)),
        "import_nested",
    ),
    "a million empty gzips": (lambda: gzip.compress(b"", 9) * 200_000, "import_empty"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(50), "import_archive"),
    "a workbook": (lambda: lists.zipped("[Content_Types].xml", b"<x/>"), "import_spreadsheet"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "import_spreadsheet"),
    "deep XML": (lambda: b"<myanimelist>" + b"<a>" * 10**6, "import_xml"),
    "deep JSON": (lambda: b"[" * 10**6, "import_too_complex"),
    "deep objects": (lambda: b'{"a":' * 10**5, "import_too_complex"),
    "a JSON of empty lists": (
        lambda: b"[" + b"[]," * (5 * MEGABYTE) + b"[]]",
        "import_too_complex",
    ),
    "a number of a million digits": (lambda: b"[" + b"9" * 10**6 + b"]", "import_json"),
    "ten megabytes of one line": (lambda: b"title," + b"x" * 10 * MEGABYTE, "import_csv"),
    "ten megabytes in one cell": (
        lambda: b"title,score\n" + b"x" * 10 * MEGABYTE,
        "import_csv",
    ),
    "ten megabytes in quotes": (
        lambda: b'title,score\n"' + b"x\n" * 5 * MEGABYTE,
        "import_csv",
    ),
    "a million columns": (lambda: b"title" + b"," * 10**6 + b"\nx\n", "import_csv"),
    "a million lines": (lambda: b"title\n" + b"x\n" * 10**6, "import_too_many"),
    "a long element": (
        lambda: b"<myanimelist><anime><series_title>" + b"x" * 10 * MEGABYTE,
        "import_xml",
    ),
    "a long attribute": (lambda: b"<myanimelist a='" + b"x" * 10 * MEGABYTE, "import_xml"),
    "more than an upload": (lambda: b"x" * (MOST_BYTES + 1), "import_too_large"),
    "Shift-JIS": (lambda: "タイトル,評価\nモンスター,8\n".encode("shift_jis"), "import_encoding"),
    "Latin-1": (lambda: "título,nota\nMonster,8\n".encode("latin-1"), "import_encoding"),
    "NUL bytes": (lambda: b"title,score\nMon\0ster,8\n", "import_encoding"),
    "half a UTF-16": (lambda: "title\nMonster\n".encode("utf-16")[:-1], "import_encoding"),
    "XML in Shift-JIS": (
        lambda: '<?xml version="1.0" encoding="Shift_JIS"?><myanimelist/>'.encode("shift_jis"),
        "import_xml",
    ),
    "XML in an unknown encoding": (
        lambda: b'<?xml version="1.0" encoding="klingon"?><myanimelist/>',
        "import_xml",
    ),
    "XML in UTF-7": (
        lambda: b'<?xml version="1.0" encoding="utf-7"?><myanimelist>+ADw-</myanimelist>',
        "import_xml",
    ),
    "random bytes": (lambda: random.Random(1).randbytes(MEGABYTE), "import_unknown_file"),
    "a picture": (
        lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2" + bytes(99),
        "import_unknown_file",
    ),
    "a photograph": (
        lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1" + bytes(99),
        "import_unknown_file",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_made_to_harm_is_refused_by_its_own_sentence(name: str) -> None:
    make, key = HOSTILE[name]
    assert refusal(make()) == key


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS")
@pytest.mark.parametrize("name", HOSTILE)
def test_its_process_stays_within_its_memory(name: str) -> None:
    make, key = HOSTILE[name]
    code = (
        "import pathlib, re, sys; from bot.importing import __main__ as m;"
        "m.MOST_MEMORY = 400 << 20; m.main();"
        # Not ru_maxrss, which a process has from the one that started it.
        "status = pathlib.Path('/proc/self/status').read_text();"
        "print(re.search(r'VmHWM:\\s*(\\d+) kB', status)[1], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=make(), capture_output=True, check=True, timeout=60
    )
    assert json.loads(done.stdout)["refused"] in {key, "import_too_complex"}
    assert int(done.stderr.split()[-1]) < 400 * 1024  # kilobytes


def test_a_reference_that_is_no_character_does_not_pass() -> None:
    assert refusal(MONSTER.replace(b"Monster", b"]]>&#0;<![CDATA[")) == "import_xml"


def test_what_an_archive_claims_about_its_size_is_not_believed() -> None:
    honest = lists.zipped("list.csv", b"title\n" + b"x\n" * 500)
    assert boasting_zip() != honest
    try:
        assert len(read_list(boasting_zip()).lines) == 500
    except RefusedError as refused:
        assert refused.key == "import_archive"  # noqa: PT017 - either is right
    packed = gzip.compress(MONSTER)[:-4] + (2**31).to_bytes(4, "little")
    assert refusal(packed) == "import_archive"


def test_a_title_is_cut_and_cleared_of_what_no_database_takes() -> None:
    row = {"title": "a\u0000b\ud800c\n\u200bd" + "x" * 999, "score": 8}
    (line,) = read_list(json.dumps([row]).encode()).lines
    assert line.title.startswith("abc ")
    assert len(line.title) <= LONGEST_TITLE
    line.title.encode()


@pytest.mark.parametrize("value", ["0", "-5", "1e9", "99999999", "999999999999999999", "٣", "1.5"])
def test_an_id_that_is_none_names_no_anime(value: str) -> None:
    assert refusal(f"mal_id,score\n{value},8\n".encode()) == "import_empty"


def test_a_list_has_an_end() -> None:
    rows = b"title\n" + b"Monster\n" * (MOST_LINES + 1)
    assert refusal(rows) == "import_too_many"
    assert len(read_list(b"title\n" + b"Monster\n" * MOST_LINES).lines) == MOST_LINES


# --- a process of its own -------------------------------------------------------------------------


async def test_a_file_is_read_in_a_process_of_its_own_as_it_is_here() -> None:
    for data in lists.SAMPLES.values():
        assert await apart.Reader().read(data) == read_list(data)


async def test_what_that_process_refuses_is_refused_here_with_the_same_words() -> None:
    with pytest.raises(RefusedError) as raised:
        await apart.Reader().read(gzip_bomb(64 * MEGABYTE))
    assert raised.value.key == "import_too_large"
    assert raised.value.params == {"most": MOST_UNPACKED // MEGABYTE}


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(RefusedError, match="import_too_complex"):
        await apart.Reader(seconds=0.01).read(MONSTER)


async def test_that_process_is_told_no_secret_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSUSUME_DISCORD_TOKEN", "a.b.c")
    names = dict(apart.environment())
    assert not [name for name in names if name.startswith("OSUSUME_")]
    assert names["PATH"] == os.environ["PATH"]


async def test_the_event_loop_goes_on_while_a_file_is_read() -> None:
    data = lists.mal_xml(*((i, f"Title {i}", i % 11, "Completed") for i in range(1, 5000)))
    reading = asyncio.create_task(apart.Reader().read(data))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert len((await reading).lines) == 4999
    assert turns > 10


# --- a smaller run of benchmarks/fuzz_imports.py --------------------------------------------------

_settings = settings(max_examples=300, deadline=None)


def read_or_refuse(data: bytes) -> None:
    try:
        found: ReadList | RefusedError = read_list(data)
    except RefusedError as refused:
        found = refused
    if isinstance(found, RefusedError):
        assert found.key in KEYS
        return
    assert found.lines
    for line in found.lines:
        assert line.names_an_anime
        assert line.score is None or 1 <= line.score <= 10
        line.title.encode()


@given(st.binary(max_size=2000))
@_settings
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)


@given(st.sampled_from(sorted(lists.SAMPLES)), st.randoms(use_true_random=False))
@_settings
def test_any_damaged_list_is_read_or_refused(name: str, chance: random.Random) -> None:
    data = bytearray(lists.SAMPLES[name])
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = data[: chance.randint(1, 200)]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
        data = data or bytearray(b"x")
    read_or_refuse(bytes(data))


WORDS = re.findall(
    r"\w+",
    "anime lists entries media id idMal score status export user format version data show ids mal "
    "title name rating series_id series_type node list_status",
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(_json)
@_settings
def test_any_json_of_familiar_words_is_read_or_refused(value: object) -> None:
    read_or_refuse(json.dumps(value).encode())
