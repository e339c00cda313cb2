"""From the bytes of an upload to the bytes of the list in it, never more than a cap.

What an archive declares about its sizes is not believed: it is unpacked piece by piece, and given
up as soon as there is too much.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

from bot.importing.errors import RefusedError
from bot.importing.limits import MEGABYTE, MOST_MEMBERS, MOST_UNPACKED

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_OTHER_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd")
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_STEP = 1 << 16

# Members of a zip that may be the list, those that are surely meant first.
_ENDINGS = ("simklbackup.json", "gdpr_data.json", ".xml", ".json", ".csv", ".tsv")


def unpack(data: bytes) -> bytes:
    """The list in an upload: itself, or what is packed by gzip or in a zip archive.

    Raises:
        RefusedError: it is no archive that can be read, holds another one, or holds too much.
    """
    if data.startswith(_GZIP):
        inner = _gunzip(data)
    elif data.startswith(_ZIP):
        inner = _unzip(data)
    else:
        _refuse_what_is_never_a_list(data)
        return data
    if inner.startswith((_GZIP, _ZIP, *_OTHER_ARCHIVES)):
        raise RefusedError("import_nested")
    _refuse_what_is_never_a_list(inner)
    return inner


def _refuse_what_is_never_a_list(data: bytes) -> None:
    if data.startswith(_OTHER_ARCHIVES) or data.startswith(b"PK"):
        raise RefusedError("import_archive")
    if data.startswith(_OLD_SPREADSHEET):
        raise RefusedError("import_spreadsheet")


def _gunzip(data: bytes) -> bytes:
    unpacked = bytearray()
    rest = data
    # A gzip file may be several, one after the other; what follows the last is padding.
    for _ in range(MOST_MEMBERS):
        if not rest.startswith(_GZIP):
            break
        decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            while not decoder.eof:
                piece = decoder.decompress(rest, _STEP)
                rest = decoder.unconsumed_tail
                unpacked += piece
                _check(len(unpacked))
                if not piece and not rest and not decoder.eof:
                    raise RefusedError("import_archive")  # cut off
        except zlib.error:
            raise RefusedError("import_archive") from None
        rest = decoder.unused_data
    return bytes(unpacked)


def _unzip(data: bytes) -> bytes:
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            archive.open(_the_list(archive.namelist())) as member,
        ):
            return _read(member)
    except RefusedError:
        raise
    except Exception:  # noqa: BLE001 - zipfile raises whatever its parts do
        # BadZipFile, zlib.error, NotImplementedError, RuntimeError for a password, EOFError,
        # struct.error, UnicodeDecodeError, OSError …
        raise RefusedError("import_archive") from None


def _the_list(names: list[str]) -> str:
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise RefusedError("import_spreadsheet")
    if len(names) > MOST_MEMBERS:
        raise RefusedError("import_archive")
    for ending in _ENDINGS:
        for name in names:
            hidden = name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
            if name.casefold().endswith(ending) and not hidden:
                return name
    if any(name.casefold().endswith((".gz", ".zip")) for name in names):
        raise RefusedError("import_nested")
    raise RefusedError("import_archive")


def _read(member: IO[bytes]) -> bytes:
    unpacked = bytearray()
    while piece := member.read(_STEP):
        unpacked += piece
        _check(len(unpacked))
    return bytes(unpacked)


def _check(size: int) -> None:
    if size > MOST_UNPACKED:
        raise RefusedError("import_too_large", most=MOST_UNPACKED // MEGABYTE)
