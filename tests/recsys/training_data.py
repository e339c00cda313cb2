"""Made-up lists with a pattern to learn: people of a few tastes, anime of a few kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recsys.data.interactions import Interactions

if TYPE_CHECKING:
    from pathlib import Path

KINDS = 4


def made_up_columns(users: int = 400, anime: int = 80, seed: int = 1) -> dict[str, np.ndarray]:
    """Each person has mostly one kind (id modulo KINDS) and rates that kind higher."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, int, int, int]] = []
    for user in range(1, users + 1):
        taste = user % KINDS
        for anime_id in range(1, anime + 1):
            own = anime_id % KINDS == taste
            chance = (0.6 if own else 0.06) * (1.2 - anime_id / anime)
            if random.random() < chance:
                score = random.integers(7, 11) if own else random.integers(2, 7)
                rated = random.random() < 0.8
                rows.append((user, anime_id * 10, int(score) if rated else 0, 2))
    columns = np.array(rows, np.int32).T
    source = np.where(columns[0] % 2, "mal-2022", "bangumi-2018")
    names = ("user_id", "anime_id", "score", "status")
    return {**dict(zip(names, columns, strict=True)), "source": source}


def made_up_lists(users: int = 400, anime: int = 80, seed: int = 1) -> Interactions:
    """The same as a table."""
    columns = made_up_columns(users, anime, seed)
    table, _ = Interactions.from_columns(
        columns["user_id"],
        columns["anime_id"],
        columns["score"],
        columns["status"],
        (columns["source"] == "bangumi-2018").astype(np.int8),
        ("mal-2022", "bangumi-2018"),
    )
    return table


def write_ratings(path: Path, **columns: object) -> Path:
    """A parquet file of the given columns, or of made-up lists."""
    pq.write_table(pa.table(columns or made_up_columns()), path)
    return path
