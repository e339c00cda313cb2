"""Text tables (comma, semicolon or tab between fields) as blocks of columns, and their faults.

Reading is pyarrow's, one block at a time, so a file may be bigger than memory. When pyarrow gives
up, the file is read a second time, line by line, to say which line it was and what should have
been there.
"""

from __future__ import annotations

import csv
import itertools
import math
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from recsys.data.interactions import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

_DELIMITERS = (",", ";", "\t", "|")
_EMPTY = ("", "nan", "NaN", "NAN", "NA", "N/A", "null", "NULL", "None", "<NA>")
_BLOCK_BYTES = 4 << 20
# The longest field of any public set is a review of some 60,000 characters.
_LONGEST_FIELD = 1 << 20
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a text table.

    Attributes:
        path: the file.
        names: the columns, without the spaces around them.
        raw: the columns as they are written.
        delimiter: what stands between two fields.
    """

    path: Path
    names: tuple[str, ...]
    raw: tuple[str, ...]
    delimiter: str

    def __contains__(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.names

    def has(self, *names: str) -> bool:
        """Whether there are all of these columns."""
        return set(names) <= set(self.names)


def read_header(path: Path) -> Header:
    """Reads the first line.

    Raises:
        DataError: no such file, empty, or not text.
    """
    try:
        with path.open("rb") as file:
            start = file.readline(_HEADER_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not start.strip():
        what = "begins with an empty line" if start else "is empty"
        raise DataError(f"{path.name} {what}. Fetch it again, or pass another.")
    try:
        line = start.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(_not_text(path)) from error
    if "\0" in line:
        raise DataError(_not_text(path))
    if "\r" in line:
        raise DataError(
            f"The lines of {path.name} end as on old Macs, by carriage returns alone: save it with "
            "Unix or Windows line ends."
        )
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        raw = next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise DataError(
            f"line 1 of {path.name}: expected the names of the columns ({error})."
        ) from error
    return Header(path, tuple(name.strip() for name in raw), tuple(raw), delimiter)


def blocks(
    header: Header,
    numbers: Iterable[str],
    texts: Iterable[str] = (),
    *,
    long_texts: bool = False,
    gaps: bool = False,
) -> Iterator[pa.RecordBatch]:
    """The rows of a table, a few hundred thousand at a time, in the order of the file.

    Args:
        header: of the table.
        numbers: columns to read as float64; an empty field is null.
        texts: columns to read as text. Other columns are skipped.
        long_texts: whether a quoted field may run over several lines.
        gaps: whether the last field of a row is often empty, so that a file may end after a comma.

    Yields:
        Record batches with the columns in the order asked for.

    Raises:
        DataError: a row with too few or too many fields, something else where a number should be,
            a quote that never ends, not UTF-8, or cut short; with the number of the line.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    numbers, texts = tuple(numbers), tuple(texts)
    raw = dict(zip(header.names, header.raw, strict=True))
    _refuse_twice(header, numbers + texts)
    if not gaps:
        _refuse_open_end(header)
    kinds = {raw[name]: pa.float64() for name in numbers} | {raw[n]: pa.string() for n in texts}
    done = 0
    try:
        with pc.open_csv(
            header.path,
            read_options=pc.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=pc.ParseOptions(
                delimiter=header.delimiter, newlines_in_values=long_texts
            ),
            convert_options=pc.ConvertOptions(
                column_types=kinds,
                include_columns=[raw[name] for name in numbers + texts],
                null_values=list(_EMPTY),
            ),
        ) as reader:
            for batch in reader:
                yield batch
                done += batch.num_rows
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        # pyarrow counts rows only when it runs on one thread, and counts records, not lines.
        sure = 0 if long_texts else done
        _explain(header, numbers, texts, sure)
        reason = str(error).strip().splitlines()[0]
        raise DataError(
            f"{header.path.name} cannot be read as a table ({reason}). Fetch it again, or pass "
            "another."
        ) from error
    except OSError as error:
        raise DataError(f"{header.path} cannot be read: {error.strerror or error}.") from error


def _refuse_twice(header: Header, wanted: tuple[str, ...]) -> None:
    for name in wanted:
        if header.names.count(name) > 1:
            raise DataError(
                f"line 1 of {header.path.name}: the column {name} is there "
                f"{header.names.count(name)} times; keep one."
            )


def _refuse_open_end(header: Header) -> None:
    """A last line that stops right after a delimiter lost its last field on the way here."""
    with header.path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
        cut = file.read(1) == header.delimiter.encode()
    if not cut:
        return
    with header.path.open("rb") as file:
        line = sum(1 for _ in file)
    raise DataError(
        f"line {line:,} of {header.path.name}: the file stops before the field {header.names[-1]}; "
        "it seems cut short. Fetch it again."
    )


def _explain(header: Header, numbers: tuple[str, ...], texts: tuple[str, ...], sure: int) -> None:
    """Reads line by line until the fault, and names it; says nothing where all is well.

    Args:
        header: of the table.
        numbers: columns that must hold numbers.
        texts: columns that must hold text in UTF-8.
        sure: rows that were read without a fault, one a line.
    """
    longest = csv.field_size_limit(_LONGEST_FIELD)
    try:
        with header.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            for _ in itertools.islice(file, sure):
                pass
            _find_fault(header, file, numbers, texts, sure)
    finally:
        csv.field_size_limit(longest)


def _find_fault(
    header: Header, file: IO[str], numbers: tuple[str, ...], texts: tuple[str, ...], before: int
) -> None:
    """Raises a DataError at the first faulty record; `before` lines of the file are read."""
    number_at = {header.names.index(name): name for name in numbers}
    text_at = {header.names.index(name): name for name in texts}
    reader = csv.reader(file, delimiter=header.delimiter)
    if not before:
        next(reader)
    while True:
        # A record of several lines is known by its first.
        line = before + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"line {line:,} of {header.path.name}: a quoted text begins here and does not end "
                f"({error}). The file seems damaged; fetch it again."
            ) from error
        if not row:
            continue  # pyarrow skips empty lines
        if len(row) != len(header.names):
            cut = len(row) < len(header.names) and not any(rest.strip() for rest in file)
            fault = f"expected {_fields(header)} but found {len(row):,}"
            fault += "; the file seems cut short. Fetch it again" if cut else ""
        else:
            fault = _fault(row, number_at, text_at)
        if fault:
            raise DataError(f"line {line:,} of {header.path.name}: {fault}.")


def _fault(row: list[str], number_at: dict[int, str], text_at: dict[int, str]) -> str:
    """What is wrong with the fields of a row, or nothing."""
    for place, name in number_at.items():
        text = row[place].strip()
        if text not in _EMPTY and not _is_number(text):
            text = text.encode(errors="surrogateescape").decode(errors="replace")
            shown = text if len(text) <= 30 else text[:29] + "…"
            return f"expected a number for {name} but found {shown!r}"
    for place, name in text_at.items():
        if any("\udc80" <= letter <= "\udcff" for letter in row[place]):
            return f"expected text in UTF-8 for {name} but found other bytes"
    return ""


def _fields(header: Header) -> str:
    count = len(header.names)
    shown = header.names if count <= 8 else (*header.names[:5], "…", header.names[-1])
    return f"{count:,} field{'' if count == 1 else 's'} ({', '.join(shown)})"


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


def _not_text(path: Path) -> str:
    return (
        f"{path.name} is not a text file in UTF-8. A ratings file is a table in text, or parquet; "
        "an archive is unpacked first."
    )
