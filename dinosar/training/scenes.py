"""Pictures by scene, and how much those of one scene share: views of photographs, or photographs with depths."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dinosar.config.training import TrainConfig
from dinosar.datasets.listed import Listed
from dinosar.datasets.megadepth import SCENES, MegaDepth
from dinosar.datasets.opening import open_dataset
from dinosar.datasets.photo_files import photos_below
from dinosar.datasets.upright import header_of
from dinosar.errors import InputError
from dinosar.features import ENLARGED
from dinosar.images import load_photo
from dinosar.notices import note
from dinosar.regular_files import called
from dinosar.training.depth_labels import DepthChecks, Depths, usable
from dinosar.training.inspection import Files, Inspection, inspected
from dinosar.training.sources import Source, shares
from dinosar.training.warps import Taking, Warps


class Scenes(Protocol):
    """Pictures by scene, and how much they share."""

    @property
    def scenes(self) -> Mapping[str, Sequence[str]]:
        """The names of the pictures of every scene."""

    @property
    def source(self) -> Source:
        """What gives the pictures."""

    def look_over(self, used: Sequence[str]) -> Inspection:
        """Look at the pictures of the scenes that are used, and leave out those that cannot be had."""

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each picture of a scene each other shows (n, n)."""

    def told_by(self, name: str) -> str:
        """By what it is known how much of a picture others show, in words; once pairs were drawn."""


class WarpScenes:
    """Views of photographs; each photo is a scene."""

    def __init__(self, config: TrainConfig, patch: int) -> None:
        folder = Path(config.inputs.images)
        files = photos_below(folder, folder)
        if not files:
            raise InputError(f"{called(folder)} holds no picture; name a folder of photographs (inputs.images)")
        how = config.data.warps
        self.taking = Taking((how.sides[0], how.sides[1]), how.turn, how.jitter, how.light, how.hidden)
        self.side = config.image.size // patch * patch
        self.config = config
        self.source = self._taken_from(files)
        self.scenes = self.source.scenes

    def _taken_from(self, files: Mapping[str, Path]) -> Warps:
        views, seed = self.config.data.warps.views, self.config.train.seed
        return Warps(files, self.taking, views, self.side, seed=seed, options=self.config.image)

    def look_over(self, used: Sequence[str]) -> Inspection:
        """Look at all photographs, for scraps of any may lie on a view."""
        files = self.source.files
        read = {name: Files({name: path}, partial(load_photo, path, self.config.image)) for name, path in files.items()}
        found = inspected(read, self.side / (ENLARGED * self.taking.sides[0]))
        self.source = self._taken_from({name: path for name, path in files.items() if name not in found.broken})
        self.scenes = self.source.scenes
        return found

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much of each view each other shows."""
        names = self.scenes[scene]
        return shares(self.source, names, [(self.side, self.side)] * len(names))

    def told_by(self, name: str) -> str:
        """They were made so."""
        return "by how they were cut out"


class DepthScenes:
    """Photographs of a collection with cameras, poses and depths."""

    def __init__(self, config: TrainConfig) -> None:
        root, data = Path(config.inputs.images), config.data
        self.dataset = open_dataset(data.name, root)
        listed = self.dataset.photographs()
        known = {each.name: each for each in listed if usable(each)}
        if not known:
            raise InputError(
                f"no photograph of {called(root)} has a camera, a pose and a map of depths; learn from views of "
                "them instead (data.name: warps)"
            )
        # Of what cannot be read no camera is known either, but that is not what is wrong with it.
        self.unreadable = [each for each in listed if each.name not in known and header_of(each.path) is None]
        lacking = len(listed) - len(known) - len(self.unreadable)
        if lacking:
            note(f"{lacking} of {len(listed)} photographs lack a camera, a pose or depths: left out")
        self.listed: dict[str, Listed] = known
        checks = DepthChecks(data.depth_tolerance, data.ccth)
        self.source = Depths(known, checks, config.image.size, config.image)
        self.scenes: dict[str, list[str]] = {}
        self.reckoned: set[str] = set()
        """Scenes whose overlaps the collection does not tell."""
        for name, each in known.items():
            self.scenes.setdefault(each.scene, []).append(name)

    def look_over(self, used: Sequence[str]) -> Inspection:
        """Look at photographs and depths of the scenes that are used."""
        names = [name for scene in used for name in self.scenes[scene]]
        read = {name: self.source.files(name) for name in names}
        for each in self.unreadable:
            if each.scene in used:
                read[each.name] = Files({each.name: each.path}, partial(load_photo, each.path, self.source.options))
        found = inspected(read)
        for name in names:
            each = self.listed[name]
            pose = None if each.pose is None else each.pose.tolist()
            found.digests[f"{name} (camera and pose)"] = hashlib.sha256(repr((each.camera, pose)).encode()).hexdigest()
        kept = {scene: [name for name in self.scenes[scene] if name not in found.broken] for scene in used}
        self.scenes = {scene: names for scene, names in kept.items() if names}
        return found

    def table(self, scene: str) -> NDArray[np.float64]:
        """How much each shows of each other, as the collection tells, or as the depths do."""
        names = self.scenes[scene]
        one = self.dataset.root / SCENES / f"{scene}.npz"
        if isinstance(self.dataset, MegaDepth) and one.is_file():
            known = MegaDepth(one).table(names)
            if known is not None and (known > 0).sum() > len(names):  # more than each with itself
                return known
        places = {name: place for place, name in enumerate(names)}
        told = {
            pair: share for pair, share in self.dataset.overlaps().items() if pair[0] in places and pair[1] in places
        }
        if not told:
            self.reckoned.add(scene)
            cameras = [self.listed[name].camera for name in names]
            return shares(self.source, names, [(each.width, each.height) for each in cameras if each])
        found = np.eye(len(names))
        for (a, b), overlap in told.items():
            found[places[a], places[b]] = overlap
        return found

    def told_by(self, name: str) -> str:
        """The collection, or depths and poses."""
        return "by depth and pose" if self.listed[name].scene in self.reckoned else "by the collection"
