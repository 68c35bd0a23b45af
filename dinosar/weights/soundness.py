"""Whether tensors can be what a training left behind: floating-point numbers, all of them numbers, not all zero."""

from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown

UNUSUAL = {
    "is_sparse": "a sparse table", "is_sparse_csr": "a sparse table", "is_quantized": "quantised numbers",
    "is_nested": "tables of unequal sizes", "is_meta": "no numbers, only a shape", "is_complex": "complex numbers",
}  # fmt: skip
"""What torch asks a tensor, and what it is then."""


def usable(path: Path, tensors: dict[str, Any]) -> dict[str, Any]:
    """The same tensors, if each is a plain table of floating-point numbers. Whole numbers are no weights: what they
    stand for (a scale, a zero) lies elsewhere, and by themselves they give another network."""  # noqa: D205, D209
    for name, tensor in tensors.items():
        if what := _unusual(tensor):
            raise WeightsError(
                f"weights '{shown(path)}' are not read: {shown(name, 120)} holds {what}; save plain tensors of "
                "float32, float16 or bfloat16"
            )
    return tensors


def _unusual(tensor: Any) -> str:
    """What a tensor is that is no plain table of floating-point numbers; empty if it is one."""
    for question, what in UNUSUAL.items():
        asked = getattr(tensor, question)
        if asked() if callable(asked) else asked:
            return what
    return "" if tensor.dtype.is_floating_point else f"numbers of type {str(tensor.dtype).removeprefix('torch.')}"


def sound(path: Path, tensors: dict[str, Any]) -> None:
    """Refuse what no training leaves behind: numbers that are none, and tables of nothing but zeros."""
    finite(path, tensors)
    for name, tensor in tensors.items():
        if name.endswith("weight") and tensor.ndim > 1 and not tensor.float().any():
            raise _damaged(path, name, "nothing but zeros")


def finite(path: Path, tensors: dict[str, Any]) -> None:
    """Refuse numbers that are none."""
    for name, tensor in tensors.items():
        if not tensor.float().sum().isfinite():  # half precision overflows in a sum, and quarters have none
            raise _damaged(path, name, "NaN or infinity")


def _damaged(path: Path, name: str, what: str) -> WeightsError:
    return WeightsError(f"weights '{shown(path)}' are damaged: {shown(name, 120)} holds {what}; download them again")
