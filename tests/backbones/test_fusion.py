"""Several layers become one, and layers that are not there are told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.backbones.fusion import chosen, fused
from dinosar.errors import UsageError


def test_layers_count_from_both_ends_and_keep_their_order():
    assert chosen([-1, 0, 9], 12, "layers") == [11, 0, 9]
    assert chosen([], 12, "attn_layers") == []


@given(st.integers(1, 40), st.integers(-99, 99))
def test_a_layer_that_is_not_there_is_an_error_and_not_another_layer(depth, layer):
    if -depth <= layer < depth:
        assert chosen([layer], depth, "layers") == [layer % depth]
    else:
        with pytest.raises(UsageError, match=f"layers: there is no layer {layer}; this network has {depth}"):
            chosen([layer], depth, "layers")


def test_a_layer_named_twice_would_count_twice():
    with pytest.raises(UsageError, match="layer 11 is named twice"):
        chosen([-1, 11], 12, "layers")


def test_one_layer_is_left_as_it_is():
    layer = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    assert fused([layer], "median") is layer


@pytest.mark.parametrize(("how", "together"), [("mean", np.mean), ("median", np.median)])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_several_are_brought_to_unit_length_first(how, together, count):
    random = np.random.default_rng(count)
    layers = [random.normal(size=(7, 5)).astype(np.float32) * 10.0**i for i in range(count)]
    unit = [layer / np.sqrt((layer**2).sum(axis=-1))[:, None] for layer in layers]
    assert np.allclose(fused(layers, how), together(unit, axis=0), atol=1e-6)
    assert fused(layers, how).dtype == np.float32


def test_the_median_forgives_one_layer_that_is_odd():
    random = np.random.default_rng(1)
    same = random.normal(size=(6, 8)).astype(np.float32)
    odd = random.normal(size=(6, 8)).astype(np.float32)
    unit = same / np.linalg.norm(same, axis=-1, keepdims=True)
    assert np.allclose(fused([same, odd, same], "median"), unit, atol=1e-6)
    assert not np.allclose(fused([same, odd, same], "mean"), unit, atol=1e-2)
