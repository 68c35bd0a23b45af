"""Whether this machine is fit: what is installed, which weights are here, what can be reached and written to."""

import contextlib
import io
import platform
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from dinosar import __version__, hardware, weights
from dinosar.cache import cache_folder
from dinosar.errors import PluginError, ResourceError
from dinosar.publishing import make_folder, publish
from dinosar.registry import cards, strangers_code
from dinosar.weights.hub import endpoint, hub_problem

State = Literal["ok", "note", "broken"]
PAIR = (
    "torch and torchvision come from different builds; install both again from one place: python -m pip install "
    "--force-reinstall torch torchvision (with the --index-url that torch came from, if there was one)"
)
ROOM = 2e9
"""Bytes that should be free: a medium network, and features of some thousand photographs."""


@dataclass(frozen=True)
class Check:
    """One thing looked at. `note` = dinosar works without it; `cure` says what to do."""

    name: str
    state: State
    found: str
    cure: str = ""


def examine() -> Iterator[Check]:
    """Every check, in an order that lets the first broken one explain the later ones."""
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _parts()
    yield from _libraries()
    yield _device()
    yield _dino()
    yield _rembg_model()
    yield _hub()
    yield _cache()
    yield _room()


def _parts() -> Check:
    count = len(cards())
    found = f"{__version__}, {count} parts can be named"
    if count:
        return Check("dinosar", "ok", found)
    return Check("dinosar", "broken", found, "run in the clone: python -m pip install -e .")


def _libraries() -> Iterator[Check]:
    """Those that only some parts need; each is imported, for being installed is not enough."""
    torch = _imported("torch", "for DINO: python -m pip install torch torchvision", "")
    yield torch
    if torch.state == "ok":
        yield _torchvision()
        yield _imported("timm", "for DINO: python -m pip install timm", "python -m pip install --force-reinstall timm")
    yield _imported("rembg", 'for its masks: python -m pip install "rembg[cpu]"', 'python -m pip install "rembg[cpu]"')


def _imported(name: str, get: str, mend: str) -> Check:
    """A library that parts may need: missing is a note, there but not working is broken."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Check(name, "note", "not installed", get)
    problem = _failure(name)
    if not problem:
        return Check(name, "ok", installed)
    return Check(name, "broken", f"{installed} cannot be imported: {problem}",
                 mend or f"python -m pip install --force-reinstall {name}")  # fmt: skip


def _torchvision() -> Check:
    """Compiled against one build of torch; with another it fails at import, and so does timm."""
    check = _imported("torchvision", "timm needs it: python -m pip install torchvision", PAIR)
    if check.state != "ok":
        return check
    builds = {_build(name) for name in ("torch", "torchvision")}
    if len(builds) > 1 and all(builds):
        return Check("torchvision", "note", f"{check.found}, a build other than torch's", PAIR)
    return check


def _build(name: str) -> str:
    """`cpu` or `cu128` of `2.9.0+cpu`; empty where a version does not say."""
    return version(name).partition("+")[2]


def _failure(name: str) -> str:
    """Why a library cannot be imported; what it prints while it fails is not for the screen."""
    try:
        with strangers_code("import"), contextlib.redirect_stdout(io.StringIO()):
            import_module(name)
    except PluginError as problem:
        why = str(problem).removeprefix("import: ")
        return "it ends Python when onnxruntime is missing" if why.startswith("SystemExit") else why
    return ""


def _device() -> Check:
    try:
        with strangers_code("torch"):
            found = ", ".join(hardware.accelerators()) or "none, networks run on the processor"
            return Check("graphics", "ok", f"{found}; device auto = {hardware.device()}")
    except PluginError:
        return Check("graphics", "note", "cannot be asked without torch")


def _dino() -> Check:
    here = [m.name for m in weights.models() if m.part in ("dinov2", "dinov3") and weights.locate(m)]
    if here:
        return Check("DINO weights", "ok", ", ".join(here))
    size = weights.default("dinov3").about
    return Check("DINO weights", "note", "none here; backbone auto asks the hub, and becomes classic if it is silent",
                 f"dinosar models fetch vits16 ({size})")  # fmt: skip


def _rembg_model() -> Check:
    here = [m.name for m in weights.models() if m.part == "rembg" and weights.locate(m)]
    if here:
        return Check("rembg models", "ok", ", ".join(here))
    size = weights.default("rembg").about
    return Check(
        "rembg models", "note", "none here; masker auto becomes grabcut", f"dinosar models fetch u2net ({size})"
    )


def _hub() -> Check:
    problem = hub_problem()
    if not problem:
        return Check("hub", "ok", f"{endpoint()} answers")
    return Check("hub", "note", problem, "fetch weights on another machine, then: dinosar models import FILE")


def _cache() -> Check:
    """Really write: permissions do not tell of full or read-only disks."""
    folder = cache_folder()
    probe = folder / f".doctor-{secrets.token_hex(4)}"
    try:
        make_folder(folder)
        publish(probe, b"dinosar")
        probe.unlink()
    except (ResourceError, OSError) as problem:
        return Check("cache", "broken", str(problem), "let DINOSAR_CACHE name a folder you may write to")
    return Check("cache", "ok", str(folder))


def _room() -> Check:
    folder = next(each for each in _upwards(cache_folder()) if each.is_dir())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    if free >= ROOM:
        return Check("disk", "ok", found)
    return Check("disk", "note", found, "free some space, or let DINOSAR_CACHE name another disk (dinosar store clear "
                 "removes kept features)")  # fmt: skip


def _upwards(path: Path) -> Iterator[Path]:
    yield path.absolute()
    yield from path.absolute().parents
