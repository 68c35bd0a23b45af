"""Which devices torch can use here, and which of them know bfloat16; remembered, so that torch is not asked every run.

A comparison whose features are kept needs no network and must not pay for importing torch, yet the record says on what
device and in which precision the features were made. What torch answered holds for one machine, one version of torch
and one set of graphics cards.
"""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from dinosar.cache import cache_folder
from dinosar.errors import ResourceError, UsageError
from dinosar.publishing import make_folder, publish

OUT_OF_MEMORY = ("out of memory", "not enough memory", "allocate memory", "could not create a primitive")
"""The last is how oneDNN, which computes on processors, says it."""
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]


def device(asked: str = "auto") -> str:
    """`cpu`, `cuda` or `mps`: the one asked for, or the fastest that is there."""
    if asked == "cpu":
        return asked
    there = _devices()
    if asked == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if name in there)
    if asked not in there:
        raise UsageError(f"device '{asked}' is not on this machine; there is: {', '.join(there)} (see: dinosar doctor)")
    return asked


def bfloat16(name: str) -> bool:
    """Whether a device computes in bfloat16 natively, so that it is faster there than float32."""
    return bool(_devices()[name]["bfloat16"])


def precision(asked: str, name: str) -> str:
    """`float32` or `bfloat16`: the one asked for, or what suits the device."""
    return asked if asked != "auto" else "bfloat16" if bfloat16(name) else "float32"


@contextmanager
def memory_watched() -> Iterator[None]:
    """Whatever torch calls it when memory gives out becomes a MemoryError, which the command line understands."""
    try:
        yield
    except RuntimeError as problem:
        if any(words in str(problem).lower() for words in OUT_OF_MEMORY):
            raise MemoryError(str(problem)) from problem
        raise


def accelerators() -> list[str]:
    """Graphics cards and their like, in words."""
    return [entry["title"] for name, entry in _devices().items() if name != "cpu"]


def _devices() -> dict[str, dict[str, Any]]:
    """Device -> what torch says of it."""
    machine = _machine()
    file = cache_folder() / "hardware-v1.json"
    try:
        kept = json.loads(file.read_bytes())
    except (OSError, ValueError):
        kept = {}
    if isinstance(kept, dict) and kept.get("machine") == machine:
        return dict(kept["devices"])
    found = _ask_torch()
    try:
        make_folder(file.parent)
        publish(file, json.dumps({"machine": machine, "devices": found}).encode())
    except ResourceError:
        pass  # torch will be asked again next time; the answer is as good
    return found


def _machine() -> list[str]:
    """What the answer depends on, found without torch."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = ""
    cards = sorted(path.name for path in Path("/dev").glob("*") if path.name.startswith(("nvidia", "kfd")))
    visible = [os.environ.get(name, "-") for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")]
    return [torch, platform.node(), platform.platform(), *visible, *cards]


def _ask_torch() -> dict[str, dict[str, Any]]:
    import torch

    found: dict[str, dict[str, Any]] = {"cpu": {"title": "cpu", "bfloat16": _processor_knows_bfloat16()}}
    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        found["cuda"] = {"title": f"cuda: {torch.cuda.get_device_name()}", "bfloat16": native}
    if torch.backends.mps.is_available():
        found["mps"] = {"title": "mps: Apple graphics", "bfloat16": False}  # emulated on many, and no faster
    return found


def _processor_knows_bfloat16() -> bool:
    """Tile or vector units for bfloat16 that torch's oneDNN makes use of."""
    import torch

    if not torch.backends.mkldnn.is_available():
        return False
    asked = getattr(torch.cpu, "get_capabilities", None)
    units: dict[str, Any] = asked() if asked else {}
    if units:
        return any(bool(units.get(name)) for name in ("amx_bf16", "avx512_bf16", "arm_bf16", "bf16"))
    older = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(older and older())
