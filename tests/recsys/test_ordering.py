import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recsys.ordering import descending

FEW = st.sampled_from([-np.inf, -2.5, -0.0, 0.0, 1e-40, 1.0, np.inf])


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(0, 40)),
        elements=FEW | st.floats(width=32, allow_nan=False),
    )
)
def test_the_largest_come_first_and_equals_in_their_order(values):
    assert np.array_equal(descending(values), np.argsort(-values, axis=-1, kind="stable"))
