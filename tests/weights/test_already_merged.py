"""Weights that hold an adapter already are told from those that do not."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dinosar.weights.already_merged import Likeness, likeness, seem_to_hold


def drawn(seed, rank=4, rows=96, columns=64, size=0.5):
    """A weight, and a change that is `size` times as large as it."""
    draw = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, columns, generator=draw, dtype=torch.double)
    change = torch.randn(rows, rank, generator=draw, dtype=torch.double) @ torch.randn(
        rank, columns, generator=draw, dtype=torch.double
    )
    return weight, change * (size * weight.norm() / change.norm())


@given(st.integers(0, 999), st.floats(0.2, 2), st.floats(-2, 2))
def test_the_part_is_what_least_squares_says(seed, size, share):
    weight, change = drawn(seed, size=size)
    found = likeness(weight + share * change, change)
    expected = torch.linalg.lstsq(change.reshape(-1, 1), (weight + share * change).reshape(-1, 1)).solution.item()
    assert found.part == pytest.approx(expected, abs=1e-9)


def test_the_noise_is_how_far_chance_goes():
    found = [likeness(*drawn(seed, size=0.3)) for seed in range(300)]
    spread = torch.tensor([each.part for each in found]).std().item()
    assert spread == pytest.approx(found[0].noise, rel=0.15)


@given(st.integers(0, 999), st.floats(0.3, 2))
def test_what_was_merged_once_is_seen(seed, size):
    weight, change = drawn(seed, size=size)
    assert seem_to_hold([likeness(weight + change, change)])
    assert not seem_to_hold([likeness(weight, change)])
    assert not seem_to_hold([likeness(weight + 2 * change, change)])


@pytest.mark.parametrize(
    ("found", "held"),
    [([], False), ([(1, 0.2)], False), ([(1, 0.05)], True), ([(1.19, 0.05), (0.81, 0.05)], True),
     ([(1.3, 0.05)], False), ([(1, 0.05), (0, 0.5)], True), ([(1, 0.05)] * 9 + [(0, 0.05)], True),
     ([(1, 0.05)] * 8 + [(0, 0.05)], False), ([(float("nan"), float("nan"))], False)],
)  # fmt: skip
def test_nearly_all_that_tell_must_agree(found, held):
    assert seem_to_hold([Likeness(*each) for each in found]) == held
