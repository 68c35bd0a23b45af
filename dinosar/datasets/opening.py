"""Collections by name: those that are built in, and one's own as `module:Class`."""

import importlib
from pathlib import Path
from types import ModuleType

from dinosar.datasets.colmap import Colmap
from dinosar.datasets.eth3d import ETH3D
from dinosar.datasets.inloc import InLoc
from dinosar.datasets.listed import Dataset, Listed
from dinosar.datasets.megadepth import MegaDepth
from dinosar.datasets.phototourism import PhotoTourism
from dinosar.datasets.plain import Plain
from dinosar.errors import PluginError, UsageError, shown, suggestion
from dinosar.registry import AT_WORK, strangers_code

BUILT_IN: dict[str, type[Dataset]] = {
    "plain": Plain, "inloc": InLoc, "megadepth": MegaDepth, "eth3d": ETH3D, "phototourism": PhotoTourism,
    "colmap": Colmap,
}  # fmt: skip
NAMES = tuple(BUILT_IN)


def open_dataset(name: str, root: Path) -> Dataset:
    """The collection of that kind below a folder; nothing of it is read yet."""
    check_name(name)
    return BUILT_IN[name](root) if name in BUILT_IN else Own(name, root)


def check_name(name: str) -> None:
    """A UsageError where no collection is called so; nothing is imported for one's own."""
    if name not in BUILT_IN and ":" not in name:
        raise UsageError(f"no dataset named '{shown(name)}'{suggestion(name, NAMES)} (one's own is 'module:Class')")


class Own(Dataset):
    """Somebody's own class of collections: called with care, and what it gives is looked at."""

    def __init__(self, target: str, root: Path) -> None:
        super().__init__(root)
        self.target = target
        made = _class_of(target)
        with strangers_code(f"dataset '{shown(target)}' cannot be made"):
            self.dataset = made(root)

    def photographs(self) -> list[Listed]:
        """Its photographs, put in order; a PluginError where they are none."""
        with strangers_code(f"dataset '{shown(self.target)}' failed", AT_WORK):
            found = list(self.dataset.photographs())
            strange = [each for each in found if not isinstance(each, Listed)]
            if strange:
                raise TypeError(
                    f"photographs must return dinosar.datasets.Listed, but gave {type(strange[0]).__name__}"
                )
            names = [photo.name for photo in found]
            twice = next((name for name in sorted(names) if names.count(name) > 1), None) if _repeats(names) else None
            if twice is not None:
                raise ValueError(f"two photographs are called '{twice}'")
        return sorted(found, key=lambda photo: photo.name)

    def overlaps(self) -> dict[tuple[str, str], float]:
        """What it says of overlaps."""
        with strangers_code(f"dataset '{shown(self.target)}' failed", AT_WORK):
            return dict(self.dataset.overlaps())


def _repeats(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _class_of(target: str) -> type[Dataset]:
    module, _, attribute = target.partition(":")
    if not module.replace(".", "").isidentifier() or not attribute.isidentifier():
        raise UsageError(
            f"dataset '{shown(target)}' is neither one of {', '.join(NAMES)} nor of the form 'module:Class'"
        )
    loaded = _module(module, target)
    with strangers_code(f"dataset '{shown(target)}' did not load"):
        found = getattr(loaded, attribute, None)
    if found is None:
        own = [key for key, each in vars(loaded).items() if isinstance(each, type) and issubclass(each, Dataset)]
        near = suggestion(attribute, [key for key in own if key != "Dataset"])
        raise UsageError(f"dataset '{shown(target)}': there is no {shown(attribute)} in '{shown(module)}'{near}")
    if not (isinstance(found, type) and issubclass(found, Dataset)):
        raise PluginError(f"dataset '{shown(target)}' is not a dinosar.datasets.listed.Dataset: it is {found!r}")
    return found


def _module(name: str, target: str) -> ModuleType:
    """The module of somebody's class; a UsageError where there is none of that name, and not where it is broken."""
    try:
        with strangers_code(f"dataset '{shown(target)}' did not load"):
            return importlib.import_module(name)
    except PluginError as problem:
        missing = problem.__cause__
        if not isinstance(missing, ModuleNotFoundError) or not f"{name}.".startswith(f"{missing.name}."):
            raise
        raise UsageError(
            f"dataset '{shown(target)}': no module '{shown(missing.name)}' can be imported; check how it is spelt, and "
            "that it is installed or lies on PYTHONPATH"
        ) from problem
