"""Tensors that no training leaves behind are refused by name."""

import pytest
import torch
from random_weights import saved

from dinosar import weights
from dinosar.errors import WeightsError
from dinosar.weights.soundness import sound, usable
from dinosar.weights.tensors import read

PLAIN = {"a.weight": torch.randn(8, 6), "b": torch.ones(4), "c": torch.arange(3.0)}


def test_half_and_quarter_precision_are_judged_by_their_values_and_not_by_their_sums(tmp_path):
    loud = torch.full((64, 64), 100.0)
    for kind in (torch.float16, torch.float8_e4m3fn):
        sound(tmp_path / "t.pth", {"a.weight": loud.to(kind)})
    with pytest.raises(WeightsError, match="a.weight holds NaN or infinity"):
        sound(tmp_path / "t.pth", {"a.weight": torch.full((2, 2), torch.inf, dtype=torch.float16)})


def strange(kind):
    """A tensor that is no plain table of floating-point numbers."""
    plain = torch.ones(4, 6)
    made = {
        "sparse": lambda: plain.to_sparse(), "rows": lambda: plain.to_sparse_csr(),
        "quantised": lambda: torch.quantize_per_tensor(plain, 0.1, 0, torch.qint8),
        "meta": lambda: torch.empty(4, 6, device="meta"), "complex": lambda: plain.to(torch.complex64),
        "int8": lambda: plain.to(torch.int8), "bool": lambda: plain > 0, "int64": lambda: plain.long(),
        "nested": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    }  # fmt: skip
    return made[kind]()


@pytest.mark.filterwarnings(
    "ignore:Sparse", "ignore:The PyTorch API of nested", "ignore:.*quantize", "ignore:.*TypedSt"
)
@pytest.mark.parametrize(
    "kind", ["sparse", "rows", "quantised", "meta", "complex", "int8", "bool", "int64", "nested"]
)  # fmt: skip
def test_what_are_no_numbers_of_floating_point_is_refused_by_name(tmp_path, kind):
    tensor = strange(kind)
    with pytest.raises(WeightsError, match="a.weight holds ") as problem:
        usable(tmp_path / "t.pth", {"b": PLAIN["b"], "a.weight": tensor})
    assert "\n" not in str(problem.value)
    path = saved(tmp_path, {**PLAIN, "a.weight": tensor})
    with pytest.raises(WeightsError, match="weights.pth.*(a.weight holds|more than tensors|damaged)"):
        read(path)
    pair = {"x.lora_A": torch.ones(2, 6), "x.lora_B": torch.ones(4, 2), "x.alpha": torch.tensor(4)}
    assert weights.adapter(saved(tmp_path, pair)).tensors().keys() == {"x.lora_A", "x.lora_B"}
    if kind in ("int8", "bool", "complex"):
        for half in ("x.lora_A", "x.lora_B"):
            with pytest.raises(WeightsError, match=f"{half} holds "):
                weights.adapter(saved(tmp_path, {**pair, half: pair[half].to(tensor.dtype)}))
