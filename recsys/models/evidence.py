"""Which entries of a list speak for a candidate, and how those were rated.

Two views: the terms of the first stage's own sum, and nearness in the embedding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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


def parts(
    model: LinearModel,
    rows: NDArray[np.int8],
    items: NDArray[np.intp],
    person: Person,
    candidates: NDArray[np.intp],
) -> tuple[NDArray[np.floating], ...]:
    """`OF_PARTS`, [k] each: the terms of the sharp weights' sum.

    Args:
        model: the first stage.
        rows: int8 [m, n], the codes of the entries (`DenseWeights.rows`).
        items: [m] positions of the entries.
        person: how they rate them.
        candidates: [k] positions.
    """
    weights = model.presence_weights
    k, m = len(candidates), len(items)
    # One candidate's terms lie together, so that a maximum over them runs along memory.
    terms = np.ascontiguousarray(rows.take(candidates, axis=1).T).astype(np.float32)
    terms *= weights.input_scale[items]
    scale = weights.output_scale[candidates]
    each = np.arange(k)
    strongest = terms.argmax(axis=1)
    largest = terms[each, strongest]
    ones = np.ones_like(person.taste)
    by_taste, liked, disliked, total = (
        terms @ np.stack([person.taste, person.liked, person.disliked, ones], axis=1)
    ).T
    norm = np.sqrt(np.einsum("ij,ij->i", terms, terms))
    terms[each, strongest] = -np.inf
    second = terms.max(axis=1) if m > 1 else np.zeros(k, np.float32)
    terms[each, strongest] = largest
    support = np.maximum(terms, 0, out=terms)
    speak_for, rated, residual = (
        support @ np.stack([ones, person.rated, person.residuals], axis=1)
    ).T
    return (
        squashed(largest * scale),
        squashed(second * scale),
        squashed(speak_for * scale),
        squashed((total - speak_for) * scale),
        squashed(norm * scale),
        squashed(by_taste * scale),
        squashed(liked * scale),
        squashed(disliked * scale),
        person.taste[strongest],
        residual * scale / (rated * scale + _DOUBT),
    )


def neighbours(
    model: LinearModel, items: NDArray[np.intp], person: Person, candidates: NDArray[np.intp]
) -> tuple[NDArray[np.floating], ...]:
    """`OF_NEIGHBOURS`, [k] each; cubes of cosines, so that the nearest count most."""
    m = len(items)
    cosines = model.embeddings[candidates] @ model.embeddings[items].T
    cubes = cosines * cosines
    cubes *= cosines
    usual, by_taste, liked, disliked = (
        cubes
        @ np.stack(
            [
                np.full(m, 1 / m, np.float32),
                person.taste / np.float32(m**0.5),
                person.liked / np.float32(max(float(person.liked.sum()), 1.0)),
                person.disliked / np.float32(max(float(person.disliked.sum()), 1.0)),
            ],
            axis=1,
        )
    ).T
    np.maximum(cubes, 0, out=cubes)
    rated, residual = (cubes @ np.stack([person.rated, person.residuals], axis=1)).T
    return (
        cosines.max(axis=1),
        cosines @ np.full(m, 1 / m, np.float32),
        np.cbrt(usual),
        by_taste,
        liked,
        disliked,
        residual / (rated + _DOUBT),
        np.log1p(5 * rated),
    )


def squashed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithmic in size, sign kept: weights span three orders of magnitude."""
    return np.copysign(np.log1p(20 * np.abs(values)), values)
