"""GloVe against the notebook's own loops, on lists small enough to count by hand."""

import math

import numpy as np
import pytest

from recsys.data.interactions import DataError, Interactions
from recsys.models.glove import GloveSettings, cooccurrence, liked, loss

torch = pytest.importorskip("torch")


def lists_of(*lists):
    """Lists as {anime: score}, for people 1, 2, 3 ..."""
    rows = [(u, a, s) for u, own in enumerate(lists, 1) for a, s in own.items()]
    return Interactions.from_columns(*np.array(rows).T)[0]


def test_cleaning_keeps_what_people_recommend_and_people_who_know_enough_but_not_all():
    lists = lists_of(
        {10: 9, 11: 9, 12: 2},  # two above the mean
        {10: 9, 11: 8, 13: 9, 14: 1},  # three, of which 13 is theirs alone
        {10: 10, 15: 0, 12: 3},  # one: too few
        {10: 9, 11: 9, 12: 9, 13: 9, 14: 9},  # five: too many
    )
    left, mean = liked(lists, GloveSettings(fewest=2, most=4))
    assert mean == pytest.approx(np.mean([9, 9, 2, 9, 8, 9, 1, 10, 3, 9, 9, 9, 9, 9]))
    assert left.anime_ids.tolist() == [10, 11]
    assert left.n_users == 2
    assert left.lengths.tolist() == [2, 2]


def test_cleaning_that_leaves_nobody_says_which_limits_to_widen():
    with pytest.raises(DataError, match="widen the limits"):
        liked(lists_of({1: 9, 2: 3}, {1: 8, 2: 2}), GloveSettings())


def test_cooccurrence_counts_people_as_a_double_loop_does():
    rng = np.random.default_rng(3)
    own = [dict.fromkeys(rng.permutation(9)[: rng.integers(2, 7)] + 1, 9) for _ in range(20)]
    lists = lists_of(*own)
    counted = cooccurrence(lists)
    dense = counted.toarray()
    ids = lists.anime_ids.tolist()
    for i, one in enumerate(ids):
        for j, other in enumerate(ids):
            together = sum(one in mine and other in mine for mine in own)
            assert dense[i, j] == (together if i != j else 0)
    assert (counted.data > 0).all()


def test_loss_is_that_of_the_notebook_pair_by_pair():
    rng = np.random.default_rng(1)
    n, d = 5, 3
    counts = np.triu(rng.integers(1, 300, (n, n)), 1).astype(np.float32)
    counts += counts.T
    tables = {
        "wi": rng.normal(size=(n, d)),
        "wj": rng.normal(size=(n, d)),
        "bi": rng.normal(size=n),
        "bj": rng.normal(size=n),
    }
    settings = GloveSettings()
    total, pairs = 0.0, []
    for i in range(n):
        for j in range(n):
            if i != j:
                x = float(counts[i, j])
                weight = min((x / 100) ** 0.75, 1)
                product = sum(tables["wi"][i, k] * tables["wj"][j, k] for k in range(d))
                off = product + tables["bi"][i] + tables["bj"][j] - math.log(x)
                total += weight * off**2
                pairs.append((i, j))
    first, second = torch.tensor(pairs).T
    ours = loss(
        {name: torch.from_numpy(table) for name, table in tables.items()},
        first,
        second,
        torch.from_numpy(counts)[first, second],
        settings,
    )
    assert float(ours) == pytest.approx(total / len(pairs), rel=1e-5)
