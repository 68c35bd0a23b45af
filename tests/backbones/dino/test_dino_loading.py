"""Tensors that cannot be those of a trained network are refused."""

import math

import pytest
import torch
from random_weights import random_weights, saved

from dinosar import weights
from dinosar.backbones.dino.loading import load, placed, rotary_periods
from dinosar.errors import WeightsError
from dinosar.weights.recognition import recognise


def loaded(path):
    return load(path, recognise(weights.shapes(path), path.name))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused_by_name(tmp_path, bad):
    tensors = random_weights("vits16", depth=1)
    tensors["blocks.0.mlp.fc1.bias"][3] = bad
    with pytest.raises(WeightsError, match="blocks.0.mlp.fc1.bias holds NaN or infinity"):
        loaded(saved(tmp_path, tensors))


def test_a_table_of_zeros_is_refused_by_name(tmp_path):
    tensors = {key: torch.zeros_like(value) for key, value in random_weights("vits16", depth=1).items()}
    with pytest.raises(WeightsError, match=r"weight holds nothing but zeros"):
        loaded(saved(tmp_path, tensors))


def test_tensors_in_half_precision_become_float32(tmp_path):
    tensors = {key: value.bfloat16() for key, value in random_weights("vits14_reg", depth=1).items()}
    state = loaded(saved(tmp_path, tensors, "t.safetensors"))
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert torch.equal(state["norm.weight"], tensors["norm.weight"].float())


def test_in_bfloat16_only_what_is_multiplied_is_kept_in_it(tmp_path):
    state = placed(loaded(saved(tmp_path, random_weights("vits16", depth=1))), "cpu", True)
    halved = {key for key, value in state.items() if value.dtype == torch.bfloat16}
    assert halved == {key for key in state if key.endswith(("weight", "bias")) and "norm" not in key}


@pytest.mark.parametrize("head", [64, 128])
def test_wavelengths_go_from_one_to_the_base_in_even_steps(head):
    periods = rotary_periods(head)
    assert periods[0] == 1
    ratios = periods[1:] / periods[:-1]
    assert torch.allclose(ratios, ratios[0].expand_as(ratios))
    assert periods[-1] * ratios[0] == pytest.approx(100, rel=1e-5)
