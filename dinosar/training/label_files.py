"""Labels that somebody worked out before: lists of pairs, and the original's HDF5 files of tables (patches, patches).

A list has lines of `picture picture overlap`. A table is found under both names, their slashes turned to underscores
and joined by one; it counts the patches of square pictures, padded at the right and at the bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Photo
from dinosar.datasets.hdf5_files import array_at, reading
from dinosar.datasets.lists import text_lines
from dinosar.errors import InputError, shown
from dinosar.images import LoadOptions, load_photo
from dinosar.notices import warn
from dinosar.regular_files import called
from dinosar.retrieval.blocks import Block
from dinosar.training.augmentation import Augmentation
from dinosar.training.inspection import Files
from dinosar.training.labels import Landing
from dinosar.training.pairs import Pair
from dinosar.training.sampling import Cells, PairSampler
from dinosar.training.showing import SquareShower

DEPTH, ROMA = "gt_labels", "gt_labels_roma"
BELOW = ("", "Undistorted_SfM")
"""Folders of the collection in which pictures of a list may lie."""


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a list, in its order."""
    found = []
    lines = [(number, line) for number, line in text_lines(path, "list of pairs") if not line.startswith("#")]
    for number, line in lines:
        words = line.split()
        try:
            a, b, overlap = words[0], words[1], float(words[2])
        except (IndexError, ValueError):
            a, b, overlap = "", "", -1.0
        if len(words) != 3 or not 0 <= overlap <= 1:
            raise InputError(
                f"{called(path)}, line {number}: expected 'picture picture overlap' with an overlap from 0 to 1, found "
                f"'{shown(line, 80)}'; correct that line"
            )
        found.append(Pair(a, b, overlap))
    if not found:
        raise InputError(f"{called(path)} lists no pair; name a list of pairs to learn from")
    return found


@dataclass(frozen=True)
class LabelFile:
    """An HDF5 file of labels. `roma` takes those that the matcher RoMa gave, `combine` what both kinds say."""

    path: Path
    roma: bool = False
    combine: bool = False

    def table(self, pair: Pair) -> NDArray[np.bool_]:
        """Which patches (of the first, of the second) show the same."""
        kinds = (DEPTH, ROMA) if self.combine else (ROMA,) if self.roma else (DEPTH,)
        group = "_".join(name.replace("/", "_") for name in (pair.a, pair.b))
        with reading(self.path) as file:
            if group not in file:
                raise InputError(
                    f"{called(self.path)} has no labels of '{shown(pair.a, 80)}' and '{shown(pair.b, 80)}' (group "
                    f"'{shown(group, 160)}'); take the pair from the list, or name the file that has them"
                )
            tables = [self._of(file, f"{group}/{kind}") for kind in kinds]
        if len({table.shape for table in tables}) > 1:
            raise InputError(f"{called(self.path)}: tables of group '{shown(group, 160)}' are of unequal size")
        return np.asarray(np.logical_and.reduce(tables))

    def _of(self, file: Any, key: str) -> NDArray[np.bool_]:
        """One table, with or without the axis of length 1 in front that the original gives it."""
        found = np.squeeze(array_at(file, key, (None,) * self._axes(file, key)))
        if found.ndim != 2:
            raise InputError(f"{called(self.path)} at '{shown(key, 160)}' is no table of patches; take another file")
        return np.asarray(found > 0)

    @staticmethod
    def _axes(file: Any, key: str) -> int:
        return len(file[key].shape) if key in file and hasattr(file[key], "shape") else 2


class Listed:
    """Pictures by their names in a list, below the folder of the collection.

    One that is not there is looked for, and missed, where most of the others of `names` lie.
    """

    def __init__(self, root: Path, options: LoadOptions, names: Sequence[str] = ()) -> None:
        self.root, self.options, self.usual = root, options, BELOW[0]
        known = [self._below(name) for name in names]
        self.usual = max(BELOW, key=known.count)  # of equals the first

    def photo(self, name: str) -> Photo:
        """A picture."""
        path = self._path(name)
        photo = load_photo(path, self.options)
        return Photo(photo.pixels, name, path, photo.sha256, notes=photo.notes)

    def files(self, name: str) -> Files:
        """The file of a picture."""
        return Files({name: self._path(name)}, partial(self.photo, name))

    def _path(self, name: str) -> Path:
        below = self._below(name)
        return self.root / (self.usual if below is None else below) / name

    def _below(self, name: str) -> str | None:
        """The folder in which a picture lies; None where it is in none."""
        return next((below for below in BELOW if (self.root / below / name).is_file()), None)

    def landing(self, a: str, b: str) -> Landing:
        """Nobody knows: the labels are known instead."""
        raise InputError(f"where '{shown(a)}' and '{shown(b)}' show the same is known by patches only")


class Labelled(PairSampler):
    """Labels from a file, for the pairs of a list. `shower` shows squares."""

    drawn_as = 12

    def __init__(self, pairs: list[Pair], labels: LabelFile, shower: SquareShower, seed: int,
                 look: Augmentation | None = None, *, same: bool = False) -> None:  # fmt: skip
        super().__init__(lambda epoch: pairs, shower, seed, look, same=same)
        self.labels, self.patches = labels, shower.patches
        self._tables: dict[Pair, NDArray[np.int32]] = {}

    def look_up(self) -> None:
        """Read the labels of all pairs now: what is missing or empty is told before anything is learned."""
        overlapping = [pair for pair in self.pairs(0) if pair.overlap]
        empty = [pair for pair in overlapping if not len(self._table(pair))]
        if not empty:
            return
        first = f"'{shown(empty[0].a, 80)}' and '{shown(empty[0].b, 80)}'"
        if len(empty) == len(overlapping):
            raise InputError(
                f"{called(self.labels.path)}: the tables of all pairs that overlap ({len(empty)}) are empty (the first "
                f"is that of {first}); name a file of labels that holds some"
            )
        warn(
            f"{called(self.labels.path)}: the tables of {len(empty)} of {len(overlapping)} pairs that overlap are "
            f"empty (the first is that of {first}); what they share is taken for different"
        )
        self.told |= set(empty)

    def _cells(self, pair: Pair, blocks: tuple[Block, Block], flips: tuple[bool, bool]) -> Cells:
        return _in_blocks(_mirrored(self._table(pair).astype(np.int64), blocks, flips), *blocks)

    def _table(self, pair: Pair) -> NDArray[np.int32]:
        """Cells (n, 2) of flat patches that show the same, in a table that must count the patches that are shown."""
        if pair not in self._tables:
            table = self.labels.table(pair)
            if table.shape != (self.patches, self.patches):
                side = round(np.sqrt(table.shape[0])) * self.shower.backbone.patch
                raise InputError(
                    f"{called(self.labels.path)} has labels of {table.shape[0]} x {table.shape[1]} patches; the "
                    f"backbone sees {self.patches} x {self.patches}; set image.size to {side}"
                )
            self._tables[pair] = np.argwhere(table).astype(np.int32)
        return self._tables[pair]


def _mirrored(cells: NDArray[np.int64], blocks: tuple[Block, Block], flips: tuple[bool, bool]) -> NDArray[np.int64]:
    """Cells (n, 2) of flat patches, those of mirrored pictures counted from the other end of their row."""
    found = cells.copy()
    for side, (block, flipped) in enumerate(zip(blocks, flips, strict=True)):
        if flipped:
            columns = block.grid.columns
            row, column = np.divmod(cells[:, side], columns)
            found[:, side] = row * columns + columns - 1 - column
    return found


def _in_blocks(cells: NDArray[np.int64], a: Block, b: Block) -> NDArray[np.int64]:
    """Cells of flat patches as positions within the blocks; those of patches without a vote are left out."""
    kept = np.isin(cells[:, 0], a.patches) & np.isin(cells[:, 1], b.patches)
    rows, columns = cells[kept].T
    return np.stack([np.searchsorted(a.patches, rows), np.searchsorted(b.patches, columns)], axis=1)
