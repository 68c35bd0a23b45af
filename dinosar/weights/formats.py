"""Files of weights as they lie on the disk: told apart by their content, and read so that nothing in them can run."""

import json
import re
import struct
import warnings
from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.hardware import memory_watched
from dinosar.weights.architecture import Shapes

BROKEN = (
    RuntimeError, EOFError, OSError, ValueError, LookupError, AssertionError, TypeError, AttributeError, ImportError,
    ArithmeticError, struct.error,
)  # fmt: skip
"""All that torch raises over a file that is not what it began as; old files are taken apart with few questions."""
INSIDE = ("adapter_model.safetensors", "adapter_model.bin", "model.safetensors", "pytorch_model.bin")
"""What libraries call the file of weights in a folder they save."""


def kind_of(path: Path) -> str:
    """`safetensors`, or `torch`; by content, for names lie. Anything else is named for what it is."""
    _refuse_parts(path)
    try:
        if path.is_dir():
            inside = next((path / name for name in INSIDE if (path / name).is_file()), None)
            which = f"give the file in it: '{shown(inside)}'" if inside else "give the file"
            raise WeightsError(f"weights '{shown(path)}' are a folder; {which}")
        if path.exists() and not path.is_file():
            raise WeightsError(f"weights '{shown(path)}' are a pipe or a device; give a file on the disk")
        with path.open("rb") as file:
            start = file.read(64)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise WeightsError(f"weights '{shown(path)}' cannot be read: {shown(why, 120)}") from problem
    # Asked for first: a header's length may begin with the byte that old files of torch begin with.
    if len(start) > 8 and start[8:9] == b"{" and struct.unpack("<Q", start[:8])[0] < path.stat().st_size:
        return "safetensors"
    if start.startswith(b"PK\x03\x04") or start[:1] == b"\x80":
        return "torch"
    raise WeightsError(f"weights '{shown(path)}' are {_mistaken_for(start)}")


def _refuse_parts(path: Path) -> None:
    """Refuse a network that was saved as several files, by the names that libraries give these."""
    shard = re.search(r"-\d{5}-of-(\d{5})\b", path.name)
    if path.name.endswith(".index.json"):
        what = "a list of several files that hold a network together"
    elif shard and int(shard[1]) > 1:
        what = f"one of {int(shard[1])} files that hold a network together"
    else:
        return
    raise WeightsError(f"weights '{shown(path)}' are {what}; save it as one file (save_pretrained: max_shard_size)")


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


def header(path: Path) -> tuple[Shapes, dict[str, Any]]:
    """Name -> shape of all that a .safetensors file holds, and what its writer said beside it; read without torch."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            found = json.loads(file.read(length))
        said = found.pop("__metadata__", None) or {}
        table = {name: [_counted(side) for side in entry["shape"]] for name, entry in found.items()}
        end = max((_counted(entry["data_offsets"][1]) for entry in found.values()), default=0)
    except (*BROKEN, RecursionError) as problem:
        raise _damaged(path, problem) from problem
    if not table:
        raise WeightsError(f"weights '{shown(path)}' hold no tensors; whoever saved the file gave it none")
    if path.stat().st_size != 8 + length + end:
        raise _damaged(path, f"{path.stat().st_size} bytes, its header speaks of {8 + length + end}")
    return table, said if isinstance(said, dict) else {}


def _counted(value: Any) -> int:
    """A length in a header, which must be one."""
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no length")
    return value


def safe_tensors(path: Path) -> dict[str, Any]:
    """Name -> tensor of all that a .safetensors file holds, memory-mapped."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(path))
    except (SafetensorError, *BROKEN) as problem:
        raise _damaged(path, problem) from problem


def unpickled(path: Path) -> Any:
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
    except BROKEN as problem:
        raise _damaged(path, problem) from problem


def _refused(path: Path, why: str) -> WeightsError:
    """What to say when torch would not go on; its own words advise to read the file with everything allowed."""
    named = re.search(r"GLOBAL ([\w.]+)", why)
    cure = (
        "save its tables of tensors alone, where they lie in it: "
        'torch.save({k: ckpt[k] for k in ("state_dict", "model") if k in ckpt}, "weights.pth")'
    )
    if named:
        return WeightsError(
            f"weights '{shown(path)}' hold more than tensors ({shown(named[1], 80)}), and what else they hold could "
            f"run code: not loaded; where you trust the file, {cure}"
        )
    return WeightsError(
        f"weights '{shown(path)}' are damaged, or hold more than tensors, which could run code: not loaded; download "
        f"them again, or {cure}"
    )


def _damaged(path: Path, problem: object) -> WeightsError:
    """What to say of a file that began well."""
    why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    return WeightsError(f"weights '{shown(path)}' are damaged or cut short ({shown(why, 120)}); download them again")
