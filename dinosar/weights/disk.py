"""Where a published file of weights lies on this machine: looked up in folders, without network or heavy libraries.

Files given by hand lie in dinosar's own cache. Beside it the cache of the Hugging Face hub and the folders of rembg are
looked into, so that what another program has fetched is found.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dinosar.cache import cache_folder
from dinosar.weights.catalogue import Model

Source = Literal["imported", "hub", "rembg"]
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Located:
    """A file of weights on this machine. `revision` is the commit of the hub it came from, empty for other files."""

    path: Path
    revision: str
    source: Source


def locate(model: Model, revision: str | None = None) -> Located | None:
    """Where a model lies, or None. With a `revision` only that snapshot of the hub will do."""
    return next(places(model, revision), None)


def places(model: Model, revision: str | None = None) -> Iterator[Located]:
    """Every place where a model lies, the one to use first."""
    if not revision:
        source: Source = "imported" if model.on_hub else "rembg"
        yield from (Located(path, "", source) for path in own_files(model) if path.is_file())
    if model.on_hub:
        yield from _in_hub_cache(model, revision)


def target(model: Model) -> Path:
    """Where a file of this model belongs that did not come from the hub."""
    return own_files(model)[0]


def own_files(model: Model) -> tuple[Path, ...]:
    """Where files of a model may lie outside the hub's cache: what rembg looks at, or dinosar's own folder."""
    if model.part == "rembg":
        return rembg_home() / "models" / model.name / model.file, _legacy_home() / model.file
    folder = cache_folder() / "weights" / model.part / model.name
    stem = model.file.removesuffix(".safetensors")
    return folder / model.file, folder / f"{stem}.pth"


def hub_cache() -> Path:
    """The folder in which huggingface_hub keeps what it fetched."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return _expanded(named)
    home = os.environ.get("HF_HOME")
    if home:
        return _expanded(home) / "hub"
    return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def rembg_home() -> Path:
    """The folder in which rembg keeps its models."""
    if os.environ.get("U2NET_HOME"):
        return _legacy_home()
    data = os.environ.get("XDG_DATA_HOME")
    return _home(os.environ.get("REMBG_HOME", str(Path(data) / "rembg") if data else "~/.rembg"))


def _legacy_home() -> Path:
    """The folder in which older versions of rembg kept their models, and newer ones still find them."""
    return _home(os.environ.get("U2NET_HOME", str(Path(os.environ.get("XDG_DATA_HOME", "~")) / ".u2net")))


def _home(name: str) -> Path:
    return Path(os.path.expanduser(name))  # noqa: PTH111 (as rembg does: a home that is not known is left alone)


def _expanded(name: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(name)))  # noqa: PTH111 (as huggingface_hub does)


def _in_hub_cache(model: Model, revision: str | None) -> Iterator[Located]:
    """Snapshots of a model's repository that hold its file; without a revision that of `main` comes first."""
    folder = hub_cache() / f"models--{model.repo.replace('/', '--')}"
    for commit in _commits(folder, revision):
        path = folder / "snapshots" / commit / model.file
        if path.is_file():
            yield Located(path, commit, "hub")


def _commits(folder: Path, revision: str | None) -> list[str]:
    """The commits to look for, the likeliest first."""
    if revision and COMMIT.fullmatch(revision):
        return [revision]
    named = _ref(folder, revision or "main")
    if revision:
        return named
    try:
        others = [(each.stat().st_mtime_ns, each.name) for each in (folder / "snapshots").iterdir()]
    except OSError:
        others = []
    return list(dict.fromkeys([*named, *(name for _, name in sorted(others, reverse=True) if COMMIT.fullmatch(name))]))


def _ref(folder: Path, name: str) -> list[str]:
    """The commit that a branch or tag stood for when it was last asked for."""
    if ".." in Path(name).parts or Path(name).is_absolute():
        return []
    try:
        commit = (folder / "refs" / name).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return []
    return [commit] if COMMIT.fullmatch(commit) else []
