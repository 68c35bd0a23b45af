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

        save_file({key: value.contiguous() for key, value in tensors.items()}, path)
    else:
        torch.save(tensors, path)
    return path
