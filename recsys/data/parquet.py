"""Reads this project's own ratings file: one row an entry of somebody's list.

Columns: user_id, anime_id (MyAnimeList), score (1 to 10; 0 not rated), and, where known, status
(MyAnimeList's numbers) and source (which sample the person comes from).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.data.interactions import Cleaning, DataError, Interactions

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

_REQUIRED = ("user_id", "anime_id", "score")
_OPTIONAL = ("status", "source")


def read_parquet(path: Path) -> tuple[Interactions, Cleaning]:
    """Reads a ratings file, one row group at a time.

    Args:
        path: a parquet file with the columns that the module names; others are not read.

    Returns:
        The table, and what was cleaned.

    Raises:
        DataError: no such file, not parquet, cut short, a column missing or not of numbers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError(f"There is no ratings file at {path}. Pass its path with --ratings.")
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _check_columns(path, file.schema_arrow)
            present = [name for name in file.schema_arrow.names if name in _REQUIRED + _OPTIONAL]
            columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in present}
            names: dict[str, int] = {}
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=present)
                for name in present:
                    columns[name].append(_column(table, name, names))
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path} is not a whole parquet file ({_first_line(error)}). Fetch it again, or pass "
            "another with --ratings."
        ) from error
    parts = {name: np.concatenate(c) if c else np.zeros(0, np.int64) for name, c in columns.items()}
    return Interactions.from_columns(
        parts["user_id"],
        parts["anime_id"],
        parts["score"],
        parts.get("status"),
        parts.get("source"),
        tuple(names) or ("",),
    )


def _check_columns(path: Path, schema: pa.Schema) -> None:
    import pyarrow.types as kinds

    missing = [name for name in _REQUIRED if name not in schema.names]
    if missing:
        raise DataError(
            f"{path} has no column {' and no column '.join(missing)}; it has "
            f"{', '.join(schema.names) or 'none'}. A ratings file has {', '.join(_REQUIRED)}, and "
            f"may have {' and '.join(_OPTIONAL)}."
        )
    for name in (*_REQUIRED, "status"):
        if name in schema.names:
            kind = schema.field(name).type
            if not (kinds.is_integer(kind) or kinds.is_floating(kind)):
                raise DataError(f"The column {name} of {path} holds {kind}, and not numbers.")


def _column(table: pa.Table, name: str, names: dict[str, int]) -> NDArray[np.generic]:
    """One column as numbers; the names of sources are numbered in the order they appear."""
    import pyarrow as pa

    if name != "source":
        # A column with gaps becomes floats with NaN; one without keeps its narrow type.
        return table.column(name).to_numpy()
    encoded = table.column(name).cast(pa.string()).dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([]).dictionary_encode()
    local = [names.setdefault(value or "", len(names)) for value in encoded.dictionary.to_pylist()]
    if len(names) > np.iinfo(np.int8).max:
        raise DataError("The column source names more than 127 samples; it should name a few.")
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if (codes < 0).any():
        local.append(names.setdefault("", len(names)))
    return np.asarray(local, np.int8)[codes]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
