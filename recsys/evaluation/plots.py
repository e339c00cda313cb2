"""Pictures of what a model has learnt. They need the extra that brings matplotlib and scikit-learn.

Drawn without pyplot, so nothing global is touched and no display is asked for. The ending of the
file's name decides the format: png, svg or pdf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

# t-SNE's usual perplexity, which it wants well below the number of points.
_PERPLEXITY = 30.0


def tsne(vectors: NDArray[np.float32], *, seed: int = 123) -> NDArray[np.float32]:
    """Vectors in the plane, neighbours by cosine near each other: float32 [n, 2].

    van der Maaten & Hinton 2008, "Visualizing Data using t-SNE", with the settings of the GloVe
    notebook (`recsys.models.glove`).

    Raises:
        ValueError: fewer than two vectors.
    """
    from sklearn.manifold import TSNE

    if len(vectors) < 2:
        raise ValueError("A map needs at least two anime.")
    perplexity = min(_PERPLEXITY, (len(vectors) - 1) / 3)
    fitted = TSNE(metric="cosine", random_state=seed, perplexity=max(perplexity, 0.5))
    return np.asarray(fitted.fit_transform(vectors), np.float32)


def embedding_map(
    vectors: NDArray[np.float32],
    titles: Sequence[str],
    path: Path,
    *,
    first: int = 300,
    seed: int = 123,
) -> NDArray[np.float32]:
    """Draws the first anime of a model by t-SNE, each with its title.

    Args:
        vectors: float32 [n, d], in the order of MyAnimeList ids, as the notebook has them.
        titles: [n].
        path: of the picture.
        first: how many.
        seed: of t-SNE.

    Returns:
        float32 [first, 2], where each was drawn.
    """
    places = tsne(vectors[:first], seed=seed)
    figure, axes = _figure(14, 14)
    axes.scatter(places[:, 0], places[:, 1], color="steelblue", s=12)
    for (x, y), title in zip(places.tolist(), titles, strict=False):
        # A dollar sign would begin a formula.
        label = axes.annotate(title.replace("$", r"\$"), (x, y), alpha=0.7, fontsize=7)
        # Or the longest title would decide how much room is left for the map.
        label.set_in_layout(False)
    axes.set_title(f"t-SNE of {len(places)} anime by cosine")
    _save(figure, path)
    return places


def rating_distribution(predicted: NDArray[np.float32], path: Path, *, whose: str) -> None:
    """Draws how the predicted ratings of all anime are distributed for one person.

    Args:
        predicted: float32 [n], 1 to 10.
        path: of the picture.
        whose: for the title, as in "person 1".
    """
    figure, axes = _figure(9, 5)
    axes.hist(predicted, bins=np.linspace(1, 10, 46).tolist(), color="steelblue")
    axes.axvline(float(predicted.mean()), color="black", linewidth=1)
    axes.set_xlim(1, 10)
    axes.set_xlabel("predicted rating (the line is the mean)")
    axes.set_ylabel("anime")
    axes.set_title(f"Predicted ratings of {len(predicted):,} anime for {whose}")
    _save(figure, path)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of a size in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="tight")
    return figure, figure.add_subplot()


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
