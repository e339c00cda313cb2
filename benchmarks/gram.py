"""Co-occurrence of made-up lists: ours beside dense blocks alone and SciPy's sparse product.

`python benchmarks/gram.py --rows 200000` makes lists with the shape of the 2020 set (17,000 anime)
and multiplies them in three ways; CPU seconds, and as multiples of ours.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.rows import Rows
from recsys.evaluation.synthetic import Shape, blocks
from recsys.models import gram as module
from recsys.models.gram import gram, matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from recsys.data.interactions import Interactions


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 200_000])
    options = parser.parse_args()
    print(f"{'ratings':>10}{'anime':>8}  {'way':28}{'CPU s':>8}{'× ours':>8}")
    for count in options.rows:
        rows = Rows()
        for block in blocks(Shape.of_rows(count)):
            rows.add(*block)
        lists, _ = rows.table()
        ways: dict[str, Callable[[Interactions], NDArray[np.float32]]] = {
            "ours": gram,
            "dense blocks alone": _all_dense,
            "SciPy, sparse and then dense": _scipy,
        }
        reference, ours = np.zeros((0, 0), np.float32), 0.0
        for name, way in ways.items():
            started = time.process_time()
            product = way(lists)
            seconds = time.process_time() - started
            if name == "ours":
                reference, ours = product, seconds
            elif any(
                not np.allclose(product[i, : i + 1], reference[i, : i + 1])
                for i in range(len(reference))
            ):
                raise SystemExit(f"{name} gives another matrix.")
            print(
                f"{len(lists):>10,}{lists.n_items:>8,}  {name:28}{seconds:>8.1f}"
                f"{seconds / ours:>8.2f}",
                flush=True,
            )


def _all_dense(lists: Interactions) -> NDArray[np.float32]:
    """What ours does with long lists, for all of them."""
    n = lists.n_items
    return module._add_dense(np.zeros((n, n), np.float32, order="F"), matrix(lists))


def _scipy(lists: Interactions) -> NDArray[np.float32]:
    X = matrix(lists)
    return (X.T.tocsr() @ X).toarray()


if __name__ == "__main__":
    main()
