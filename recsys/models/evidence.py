"""Which entries of a list speak for a candidate, and how those were rated.

Two views: the terms of the first stage's own sum, and nearness in the embedding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.models.person import ONE, RESIDUAL, TASTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recsys.models.linear import LinearModel
    from recsys.models.person import Person

OF_PARTS = (
    "largest part", "second part", "parts for", "parts against", "norm of parts", "parts by taste",
    "parts of liked", "parts of disliked", "taste of largest part", "residual of parts",
)  # fmt: skip
OF_NEIGHBOURS = (
    "nearest", "nearness", "near cubes", "near cubes by taste", "near liked", "near disliked",
    "residual of near", "weight of near",
)  # fmt: skip

# Added to a sum of weights before it divides: with little evidence a mean is drawn to zero.
_DOUBT = 0.05


def write_parts(
    model: LinearModel,
    rows: NDArray[np.int8],
    items: NDArray[np.intp],
    person: Person,
    candidates: NDArray[np.intp],
    out: NDArray[np.float32],
) -> None:
    """`OF_PARTS`: the terms of the sharp weights' sum.

    Args:
        model: the first stage.
        rows: int8 [m, n], the codes of the entries (`DenseWeights.rows`).
        items: [m] positions of the entries.
        person: how they rate them.
        candidates: [k] positions.
        out: float32 [OF_PARTS, k], to be written.
    """
    weights = model.presence_weights
    m = len(items)
    largest, second, speak_for, against, norm, *_, taste_of_largest, residual = out
    terms = rows.take(candidates, axis=1, mode="clip").astype(np.float32)
    terms *= weights.input_scale[items][:, None]
    terms.max(axis=0, out=largest)
    strongest = terms == largest
    many, taste_of_largest[:] = person.weights[ONE : TASTE + 1] @ strongest.astype(np.float32)
    np.matmul(person.weights[ONE:], terms, out=out[4:8])
    total = out[4].copy()
    np.matmul(person.weights[ONE], terms * terms, out=norm)
    np.sqrt(norm, out=norm)
    # Half of the sum of a number and its size is what it has above zero.
    above = person.weights[: ONE + 1] @ np.abs(terms)
    above += person.weights[: ONE + 1] @ terms
    above *= np.float32(0.5)
    of_rated, of_residual, speak_for[:] = above
    np.subtract(total, speak_for, out=against)
    np.copyto(terms, -np.inf, where=strongest)
    if m > 1:
        terms.max(axis=0, out=second)
    else:
        second[:] = 0
    tied = np.flatnonzero(many > 1)
    if len(tied):
        second[tied] = largest[tied]
        taste_of_largest[tied] = person.weights[TASTE].take(strongest[:, tied].argmax(axis=0))
    scale = weights.output_scale[candidates]
    out[:8] *= scale
    squash(out[:8])
    np.divide(of_residual * scale, of_rated * scale + np.float32(_DOUBT), out=residual)


def write_neighbours(
    model: LinearModel,
    items: NDArray[np.intp],
    person: Person,
    candidates: NDArray[np.intp],
    out: NDArray[np.float32],
) -> None:
    """`OF_NEIGHBOURS`; cubes of cosines, so that the nearest count most.

    Args:
        model: the first stage.
        items: [m] positions of the entries.
        person: how they rate them.
        candidates: [k] positions.
        out: float32 [OF_NEIGHBOURS, k], to be written.
    """
    nearest, nearness, usual, *_, residual, weight = out
    cosines = model.embeddings.take(items, axis=0) @ model.embeddings.take(candidates, axis=0).T
    cosines.max(axis=0, out=nearest)
    np.matmul(person.weights[ONE], cosines, out=nearness)
    nearness /= np.float32(len(items))
    cubes = cosines * cosines
    cubes *= cosines
    np.matmul(person.weights[ONE:], cubes, out=out[2:6])
    out[2:6] *= person.usual
    np.cbrt(usual, out=usual)
    above = person.weights[: RESIDUAL + 1] @ cubes
    above += person.weights[: RESIDUAL + 1] @ np.abs(cubes)
    above *= np.float32(0.5)
    of_rated, of_residual = above
    np.divide(of_residual, of_rated + np.float32(_DOUBT), out=residual)
    np.log1p(5 * of_rated, out=weight)


def squash(values: NDArray[np.float32]) -> None:
    """Makes values logarithmic in size, sign kept: weights span three orders of magnitude."""
    size = np.abs(values)
    size *= np.float32(20)
    np.log1p(size, out=size)
    np.copysign(size, values, out=values)
