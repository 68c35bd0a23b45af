"""Tensors in a file of weights, read so that nothing in the file can run, and what is wrong with it said in one line.

The shapes in a .safetensors file are read without torch; those in a .pth file are remembered, so that torch is imported
once for each file and not once for each run.
"""

import json
import struct
import warnings
from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.hardware import memory_watched
from dinosar.weights.ledger import remembered

WRAPPERS = ("model", "state_dict", "teacher")
"""Keys under which training scripts put the weights beside other things."""
Shapes = dict[str, list[int]]


def shapes(path: Path) -> Shapes:
    """Name -> shape of every tensor in a file."""
    if kind_of(path) == "safetensors":
        return _bare({name: list(shape) for name, shape in _header(path).items()})
    found: Shapes = remembered(path, "shapes", lambda: {name: list(t.shape) for name, t in read(path).items()})
    return found


def read(path: Path) -> dict[str, Any]:
    """Name -> torch tensor, memory-mapped where the format allows."""
    if kind_of(path) == "safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return _bare(dict(load_file(path)))
        except (SafetensorError, OSError) as problem:
            raise _damaged(path, problem) from problem
    return _unwrapped(path, _load(path))


def kind_of(path: Path) -> str:
    """`safetensors`, or `torch`; by content, for names lie. Anything else is named for what it is."""
    try:
        if path.is_dir():
            raise WeightsError(f"weights '{shown(path)}' are a folder; give the file")
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as problem:
        raise WeightsError(f"weights '{shown(path)}' cannot be read: {problem.strerror or problem}") from problem
    if start.startswith(b"PK\x03\x04") or start[:1] == b"\x80":
        return "torch"
    if len(start) > 8 and start[8:9] == b"{" and struct.unpack("<Q", start[:8])[0] < path.stat().st_size:
        return "safetensors"
    raise WeightsError(f"weights '{shown(path)}' are {_mistaken_for(start)}")


def _mistaken_for(start: bytes) -> str:
    """What somebody has instead of weights, and what to do about it."""
    if not start:
        return "an empty file; download it again"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, not the file it stands for; run: git lfs pull"
    if start.lstrip()[:1] == b"<":
        return "a web page, not weights; the download needs a login or has moved"
    if not start.strip(b"\0"):
        return "a file of zeros: a download that never finished; download it again"
    return "neither a .safetensors nor a .pth file; a truncated or wrong download?"


def _header(path: Path) -> Shapes:
    """What a .safetensors file says of itself."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        found = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
        end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _damaged(path, problem) from problem
    if path.stat().st_size != 8 + length + end:
        raise _damaged(path, f"{path.stat().st_size} bytes, its header speaks of {8 + length + end}")
    return found


def _load(path: Path) -> Any:
    """A .pth file by torch, which may build tensors from it and nothing else."""
    from pickle import UnpicklingError

    import torch

    with path.open("rb") as file:
        mapped = file.read(2) == b"PK"
    try:
        with warnings.catch_warnings(), memory_watched():
            warnings.simplefilter("ignore")  # torch doubts files that newer Pythons wrote, and reads them all the same
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except UnpicklingError as problem:
        raise _refused(path, str(problem)) from problem
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as problem:
        raise _damaged(path, problem) from problem


def _refused(path: Path, why: str) -> WeightsError:
    """What to say when torch would not go on; its own words advise to read the file with everything allowed."""
    if "GLOBAL" in why or "Unsupported global" in why:
        return WeightsError(
            f"weights '{shown(path)}' hold more than tensors, and what else they hold could run code: not loaded"
        )
    return WeightsError(
        f"weights '{shown(path)}' are damaged, or hold more than tensors, which could run code: not loaded; download "
        "them again, or save their tensors alone"
    )


def _unwrapped(path: Path, found: Any) -> dict[str, Any]:
    """The table of tensors itself, out of what training scripts put around it."""
    import torch

    for _ in range(2):
        inner = [found[key] for key in WRAPPERS if isinstance(found, dict) and isinstance(found.get(key), dict)]
        found = inner[0] if inner else found
    if not isinstance(found, dict) or not found:
        raise WeightsError(f"weights '{shown(path)}' are no table of tensors by name, but a {type(found).__name__}")
    strange = [str(key) for key, value in found.items() if not isinstance(value, torch.Tensor)]
    if strange:
        raise WeightsError(f"weights '{shown(path)}' hold things that are no tensors: {shown(', '.join(strange), 120)}")
    return _bare({str(name): tensor for name, tensor in found.items()})


def _bare(found: dict[str, Any]) -> dict[str, Any]:
    """The table without what training on several cards, or inside a larger network, puts before every name."""
    for prefix in ("module.", "backbone."):
        if all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def sound(path: Path, tensors: dict[str, Any]) -> None:
    """Refuse what no training leaves behind: numbers that are none, and tables of nothing but zeros."""
    for name, tensor in tensors.items():
        what = ""
        wide = tensor.float()  # half precision overflows in a sum, and quarters have none
        if not wide.sum().isfinite():
            what = "NaN or infinity"
        elif name.endswith("weight") and tensor.ndim > 1 and not wide.any():
            what = "nothing but zeros"
        if what:
            raise WeightsError(f"weights '{shown(path)}' are damaged: {name} holds {what}; download them again")


def _damaged(path: Path, problem: object) -> WeightsError:
    """What to say of a file that began well."""
    why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    return WeightsError(f"weights '{shown(path)}' are damaged or cut short ({shown(why, 120)}); download them again")
