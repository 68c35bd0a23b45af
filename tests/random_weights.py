"""toy_data/weights.py for tests, and files written from it."""

import importlib.util
from pathlib import Path

import torch

_PLACE = Path(__file__).resolve().parent.parent / "toy_data" / "weights.py"
_SPEC = importlib.util.spec_from_file_location("toy_weights", _PLACE)
toy_weights = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(toy_weights)
random_weights = toy_weights.random_weights


def saved(folder, tensors, name="weights.pth"):
    """A file with those tensors."""
    path = folder / name
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file({key: value.contiguous().clone() for key, value in tensors.items()}, path)
    else:
        torch.save(tensors, path)
    return path


def lora(tensors, layers, rank=4, seed=5):
    """Layer -> (A, B) of a random adapter for some layers of those tensors."""
    draw = toy_weights.Drawn(seed)
    sizes = {layer: tensors[f"{layer}.weight"].shape for layer in layers}
    return {
        layer: (draw(rank, *size[1:], scale=0.05), draw(size[0], rank, scale=0.05)) for layer, size in sizes.items()
    }


ENDS = {
    "peft": ("lora_A.weight", "lora_B.weight"), "named": ("lora_A.default.weight", "lora_B.default.weight"),
    "raw": ("lora_A", "lora_B"), "letters": ("A", "B"), "letter layers": ("A.weight", "B.weight"),
    "inside lora": ("lora.A", "lora.B"), "down and up": ("lora_down.weight", "lora_up.weight"),
}  # fmt: skip
"""What libraries and scripts call the two halves."""
WRAPPERS = ("", ".base_layer", ".linear", ".base", ".orig", ".original_layer")
"""What stands between a layer and its weight where an adapter was put around it."""


def adapter_file(halves, ends="peft", start="", alpha=None, base=None, wrapper=""):
    """Tensors of an adapter by one of many conventions, with the weights it belongs to if there are some."""
    found = {
        f"{layer}.{end}": half for layer, pair in halves.items() for end, half in zip(ENDS[ends], pair, strict=True)
    }
    if alpha is not None:
        found |= {f"{layer}.alpha": torch.tensor(float(alpha)) for layer in halves}
    for name, tensor in (base or {}).items():
        layer, _, end = name.rpartition(".")
        found[f"{layer}{wrapper}.{end}" if layer in halves else name] = tensor
    return {start + name: tensor for name, tensor in found.items()}
