"""Whatever a library calls a layer, it is one place among the official tensors."""

import pytest
from random_weights import random_weights

from dinosar.backbones.dino.layers import _named, slots
from dinosar.weights.architecture import expected
from dinosar.weights.layouts import LAYOUTS
from dinosar.weights.recognition import recognise


@pytest.mark.parametrize("name", ["vits14", "vits14_reg", "vits16", "vitsplus16"])
def test_no_name_means_two_places_and_every_place_is_covered(name):
    shape = recognise({k: list(v.shape) for k, v in random_weights(name, depth=2).items()}, "f").shape
    found = {}
    for layout in LAYOUTS:
        if layout.family == shape.family:
            for own, slot in _named(shape, layout).items():
                assert found.setdefault(own, slot) == slot, own
    assert slots(shape) == found
    sizes = expected(shape)
    for slot in found.values():
        assert slot.start + slot.shape[0] <= sizes[slot.tensor][0]
        assert slot.shape[1:] == sizes[slot.tensor][1:]
    assert {slot.tensor for slot in found.values()} == {
        key for key, size in sizes.items() if key.endswith(".weight") and len(size) > 1
    }
