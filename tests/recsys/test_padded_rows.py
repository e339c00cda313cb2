import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.csr import PaddedRows, SparseRows


@st.composite
def matrices(draw):
    """Whole numbers with many zeros, some rows empty and some longer than two blocks."""
    n, width = draw(st.integers(1, 9)), draw(st.integers(1, 50))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    filled = random.random((n, 1)) * draw(st.sampled_from([0.0, 0.3, 1.0]))
    return np.where(random.random((n, width)) < filled, random.integers(-127, 128, (n, width)), 0)


def padded(dense):
    rows, columns = np.nonzero(dense)
    values = dense[rows, columns].astype(np.float32)
    return PaddedRows(SparseRows.from_entries(rows, columns, values, dense.shape))


@given(matrices(), st.data())
def test_a_sum_of_rows_is_that_of_the_dense_matrix(dense, data):
    some = np.array(data.draw(st.lists(st.integers(0, len(dense) - 1), max_size=6)), np.intp)
    weights = np.arange(1, len(some) + 1, dtype=np.float32) / 4
    assert np.array_equal(padded(dense).row_sum(some, weights), weights @ dense[some])


@given(matrices(), st.data())
def test_rows_and_columns_cross_as_in_the_dense_matrix(dense, data):
    n, width = dense.shape
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=4)), np.intp)
    columns = np.array(
        data.draw(st.lists(st.integers(0, width - 1), max_size=9, unique=True)), np.intp
    )
    crossed = padded(dense).crossing(rows, columns)
    assert np.array_equal(crossed, dense[rows][:, columns])


@given(matrices())
def test_the_entries_make_the_dense_matrix_again(dense):
    rows, columns, values = padded(dense).entries()
    again = np.zeros_like(dense)
    again[rows, columns] = values
    assert np.array_equal(again, dense)
    assert len(rows) == np.count_nonzero(dense)
