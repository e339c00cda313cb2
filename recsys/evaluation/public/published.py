"""Figures that others published on the clean split of ML-1M by Wang et al. (SIGIR 2023).

Only papers whose code reads these very files, tells a model the training part alone and masks
training and validation, are here. `checked` says how we know the figure: read at its source, or
quoted from memory of the paper's table, where no copy of the table could be read while this was
written. Look such a one up before relying on it.
"""

from __future__ import annotations

from dataclasses import dataclass

FOLDER = "ml-1m-clean"
DIFFREC = "Wang et al. 2023, “Diffusion Recommender Model”, SIGIR '23, arXiv 2304.04971, table 2"
CF_DIFF = "Hou et al. 2024, CF-Diff, SIGIR '24, arXiv 2404.14240, table 2"
GIFFCF = "Zhu et al. 2024, GiffCF, SIGIR '24, arXiv 2311.08744, as its repository's readme repeats"
GIFFCF_NEW = "the same readme (github.com/VinciZhu/GiffCF): newer code and weights of the authors"


@dataclass(frozen=True, slots=True)
class Published:
    """One row of somebody's table.

    Attributes:
        model: as the source names it.
        figures: Recall@10, Recall@20, NDCG@10, NDCG@20 on the test part.
        source: where it was published.
        checked: whether the figure was read at its source for this project.
    """

    model: str
    figures: tuple[float, float, float, float]
    source: str
    checked: bool


PUBLISHED = (
    Published("MF", (0.0876, 0.1503, 0.0749, 0.0966), DIFFREC, checked=False),
    Published("LightGCN", (0.0987, 0.1707, 0.0833, 0.1083), DIFFREC, checked=False),
    Published("CDAE", (0.0991, 0.1705, 0.0829, 0.1078), DIFFREC, checked=False),
    Published("MultiDAE", (0.0995, 0.1753, 0.0803, 0.1067), DIFFREC, checked=False),
    Published("MultiDAE++", (0.1009, 0.1771, 0.0815, 0.1079), DIFFREC, checked=False),
    Published("MultiVAE", (0.1007, 0.1726, 0.0825, 0.1076), DIFFREC, checked=False),
    Published("CODIGEM", (0.0972, 0.1699, 0.0837, 0.1087), DIFFREC, checked=False),
    Published("DiffRec", (0.1058, 0.1787, 0.0901, 0.1148), DIFFREC, checked=False),
    Published("L-DiffRec", (0.1060, 0.1809, 0.0868, 0.1122), DIFFREC, checked=False),
    Published("CF-Diff", (0.1077, 0.1843, 0.0912, 0.1176), CF_DIFF, checked=False),
    Published("GiffCF", (0.1251, 0.1947, 0.0962, 0.1221), GIFFCF, checked=True),
    Published("GiffCF, newer code", (0.1308, 0.2024, 0.1002, 0.1272), GIFFCF_NEW, checked=True),
)


def best() -> tuple[float, ...]:
    """The largest published figure of each metric, whoever's it is."""
    return tuple(max(column) for column in zip(*(row.figures for row in PUBLISHED), strict=True))


def of(model: str) -> Published:
    """The row of a model.

    Raises:
        KeyError: nobody published one of that name.
    """
    for row in PUBLISHED:
        if row.model == model:
            return row
    raise KeyError(model)
