"""What networks and weights do in few steps is what plain formulas say."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.models.list_network import HOLES, MEANS, ListNetwork, mixed, shares
from recsys.models.low_rank import LowRankWeights, as_bytes
from recsys.models.network import CLIP, Network
from recsys.moments import deviation, moments

SEEDS = st.integers(0, 2**32 - 1)


def made_up(random, widths):
    """A network whose features lie far from zero, and features of which some are beyond `CLIP`."""
    mean = random.normal(50, 20, widths[0]).astype(np.float32)
    scale = random.uniform(0.01, 9, widths[0]).astype(np.float32)
    layers = tuple(
        (
            random.standard_normal((m, n)).astype(np.float32) / np.float32(np.sqrt(m)),
            random.standard_normal(n).astype(np.float32),
        )
        for m, n in pairwise(widths)
    )
    features = mean + 3 * scale * random.standard_normal((9, widths[0]))
    return Network(mean, scale, layers), features.astype(np.float32)


def hidden(values):
    return values / (1 + np.exp(-values))


def standardised(network, features):
    return np.clip((features - network.mean) / network.scale, -CLIP, CLIP)


@given(SEEDS, st.lists(st.integers(1, 7), max_size=3))
def test_a_network_answers_as_its_formula_says(seed, units):
    network, features = made_up(np.random.default_rng(seed), [5, *units, 2])
    values = standardised(network, features)
    for weights, bias in network.layers[:-1]:
        values = hidden(values @ weights + bias)
    weights, bias = network.layers[-1]
    assert network(features) == pytest.approx(values @ weights + bias, abs=2e-3)


@given(SEEDS, st.lists(st.integers(1, 7), min_size=1, max_size=3))
def test_a_network_of_lists_reads_the_means_in_its_second_layer_and_in_its_gate(seed, units):
    random = np.random.default_rng(seed)
    outputs = len(HOLES) + 2
    alone, features = made_up(random, [5, *units, outputs])
    read = len(MEANS) * units[0]
    around = random.standard_normal((read, [*units, outputs][1])).astype(np.float32)
    gate, _ = made_up(random, [read, 4, len(HOLES)])
    network = ListNetwork(alone, around, gate.layers)
    (weights, bias), *layers = alone.layers
    values = hidden(standardised(alone, features) @ weights + bias)
    k = len(features)
    means = (shares(np.arange(k), np.ones(k, np.float32)) @ values).reshape(-1)
    for place, (weights, bias) in enumerate(layers):
        values = (hidden(values) if place else values) @ weights + bias
        values += 0 if place else means @ around
    (weights, bias), (last, last_bias) = gate.layers
    holes = hidden(means @ weights + bias) @ last + last_bias
    wanted = mixed(values.astype(np.float32), holes.astype(np.float32))
    assert network(features) == pytest.approx(wanted, abs=5e-3)


@given(SEEDS, st.integers(1, 40), st.integers(1, 6), st.integers(0, 6))
def test_smooth_weights_of_bytes_multiply_as_the_dense_matrix(seed, n, d, m):
    random = np.random.default_rng(seed)
    factors = random.standard_normal((n, d)).astype(np.float32)
    root = random.uniform(0.5, 9, n).astype(np.float32)
    weights = LowRankWeights.from_tensors({**as_bytes(factors), "root": root})
    dense = weights.factors @ weights.factors.T * root / root[:, None]
    items = random.permutation(n)[:m]
    values = random.standard_normal(len(items)).astype(np.float32)
    place = weights.place(items, values)
    assert weights.of_place(place) == pytest.approx(values @ dense[items], abs=1e-3)
    assert weights.at(place, items) == pytest.approx((values @ dense[items])[items], abs=1e-3)
    assert weights.columns(items, np.arange(n)) == pytest.approx(dense[items].T, abs=1e-3)
    assert (weights.tensors()["codes"] == weights.codes).all()


@given(st.lists(st.floats(-1000, 1000, width=32), max_size=30))
def test_mean_and_deviation_are_numpys(values):
    array = np.array(values, np.float32)
    plain = (array.mean(), array.std()) if values else (0, 0)
    assert moments(array) == pytest.approx(plain, abs=1e-2)
    assert deviation(array) == moments(array)[1]
