"""A backbone that looks at pictures, each of them once."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from dinosar.config import FitConfig, FramesConfig
from dinosar.contracts import Backbone
from dinosar.data import Features, Photo
from dinosar.features import see
from dinosar.images import photo_of
from dinosar.notices import note
from dinosar.parts import build_backbone
from dinosar.store import Store
from dinosar.timing import stage

ROOM = 2 * 1024**3
"""Bytes of features that are held at once; beyond, those that were not asked for longest go."""
Given = str | PathLike[str] | Photo


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture as the backbone saw it, without its pixels: those of a long sequence would not fit.

    `path` is where its file lies, whole; None for a picture that came from no file. `photo` is there as long as the one
    who asked holds on to the frame, if the file had to be read for it.
    """

    name: str
    path: Path | None
    sha256: str | None
    size: tuple[int, int]
    notes: tuple[str, ...]
    features: Features
    photo: Photo | None = None


class Viewer:
    """A backbone with the way pictures are shown to it. It meets no file twice, under whatever names it comes."""

    def __init__(self, backbone: Backbone, image: FitConfig, store: Store | None = None, room: int = ROOM) -> None:
        self.backbone, self.image, self.store, self.room = backbone, image, store, room
        self._held: OrderedDict[str, Frame] = OrderedDict()
        self._sums: dict[tuple[Path, int, int], str] = {}
        self._size = 0
        self._gone: set[str] = set()
        self._told: set[str] = set()

    @property
    def calibration(self) -> str:
        """What the checkpoint says its distances were calibrated as; empty where it says nothing."""
        return self.backbone.facts().get("calibration", "")

    def frame(self, given: Given) -> Frame:
        """A picture as the backbone sees it: all of it, no crop and no mask."""
        path = None if isinstance(given, Photo) else Path(given)
        known = self._held.get(self._sums.get(_state(path), "")) if path else None
        if path and known:
            self._held.move_to_end(str(known.sha256))
            return replace(known, name=path.stem, path=path.resolve())
        with stage("load"):
            photo = photo_of(given, self.image)
        if path is None or photo.sha256 is None:  # whose pixels may be others than those of the file it names
            return replace(self._framed(photo), photo=photo)
        self._sums[_state(path)] = photo.sha256
        known = self._held.get(photo.sha256)
        if known is None:
            known = self._framed(photo)
            self._hold(photo.sha256, known)
        return replace(known, name=photo.name, path=path.resolve(), photo=photo)

    def _framed(self, photo: Photo) -> Frame:
        """A loaded picture, shown to the backbone."""
        if photo.sha256 in self._gone and self.store is None:
            note(f"'{photo.name}' is shown to the backbone again: the store is off, and memory does not hold all")
        for words in (each for each in photo.notes if each not in self._told):
            self._told.add(words)
            note(f"'{photo.name}': {words} (of others not said again, but recorded)")
        features = see(photo, self.backbone, self.image, self.store)
        path = photo.path.resolve() if photo.path else None
        return Frame(photo.name, path, photo.sha256, photo.size, photo.notes, features)

    def _hold(self, key: str, frame: Frame) -> None:
        """Keep a frame, as long as there is room."""
        self._held[key] = frame
        self._size += frame.features.tokens.nbytes
        while len(self._held) > 1 and self._size > self.room:
            old, dropped = self._held.popitem(last=False)
            self._size -= dropped.features.tokens.nbytes
            self._gone.add(old)


def viewer_of(config: FramesConfig) -> Viewer:
    """The backbone of a config, ready to look at pictures as the config says."""
    return Viewer(build_backbone(config.backbone), config.image, Store() if config.store else None)


def _state(path: Path) -> tuple[Path, int, int]:
    """A file as it is now: when it changes it is another."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # loading will tell
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size
