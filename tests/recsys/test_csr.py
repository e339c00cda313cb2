"""Our sparse rows do what SciPy's do, and serving does without SciPy."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from recsys.csr import ShortRows, SparseRows


@st.composite
def entries(draw):
    """Rows, columns and values of a matrix, some places twice, and its shape."""
    n, width = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    m = draw(st.integers(0, 40))
    rows = draw(arrays(np.intp, m, elements=st.integers(0, n - 1)))
    columns = draw(arrays(np.intp, m, elements=st.integers(0, width - 1)))
    values = draw(arrays(np.float32, m, elements=st.integers(-8, 8)))
    return rows, columns, values, (n, width)


def both(given_entries):
    rows, columns, values, shape = given_entries
    ours = SparseRows.from_entries(rows, columns, values, shape)
    return ours, csr_array((values, (rows, columns)), shape=shape)


@given(entries())
def test_entries_of_one_place_are_added_up(given_entries):
    ours, theirs = both(given_entries)
    assert np.array_equal(ours.toarray(), theirs.toarray())
    assert len(ours) == theirs.shape[0]
    columns = np.split(ours.indices, ours.indptr[1:-1])
    assert all((np.diff(of_row) > 0).all() for of_row in columns)


@given(entries(), st.data())
def test_rows_and_columns_are_taken_as_scipy_takes_them(given_entries, data):
    ours, theirs = both(given_entries)
    n, width = ours.shape
    rows = data.draw(arrays(np.intp, st.integers(0, 8), elements=st.integers(0, n - 1)))
    columns = np.unique(data.draw(arrays(np.intp, 5, elements=st.integers(0, width - 1))))
    assert np.array_equal(ours[rows].toarray(), theirs[rows].toarray())
    assert np.array_equal(ours[:, columns].toarray(), theirs[:, columns].toarray())


@given(entries(), st.data())
def test_a_product_and_a_sum_of_rows_are_scipys(given_entries, data):
    ours, theirs = both(given_entries)
    n, width = ours.shape
    vector = data.draw(arrays(np.float32, width, elements=st.integers(-8, 8)))
    assert np.array_equal(ours @ vector, theirs @ vector)
    rows = data.draw(arrays(np.intp, st.integers(1, 8), elements=st.integers(0, n - 1)))
    weights = data.draw(arrays(np.float32, len(rows), elements=st.integers(-8, 8)))
    short = ShortRows(ours)
    assert np.array_equal(short.row_sum(rows, weights), weights @ theirs[rows].toarray())
    assert np.array_equal(short.dense(rows), theirs[rows].toarray())


def test_a_matrix_of_more_rows_than_sixteen_bits_hold():
    rows = np.array([70_000, 3, 70_000, 65_536])
    ours = SparseRows.from_entries(rows, np.arange(4), np.ones(4, np.float32), (80_000, 4))
    assert ours[np.array([70_000, 65_536, 4])].toarray().tolist() == [
        [1, 0, 1, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 0],
    ]


def test_what_serves_needs_no_scipy():
    # It takes 22 MB and a fifth of a second of every start.
    code = """
import sys
import bot.client, bot.services
from recsys.profile import Entry, Profile
from recsys.recommender import Recommender

recommender = Recommender.load()
assert recommender.recommend(Profile((Entry(1, 9), Entry(5114, 10))), k=3)
assert recommender.similar([1], k=3)
print([name for name in sys.modules if name.startswith("scipy")])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "[]", ran.stderr
