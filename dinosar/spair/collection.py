"""A collection of pairs with known keypoints, by their names."""

import re
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, UsageError, shown
from dinosar.evaluation.keypoint_pairs import KeypointPair, Picture
from dinosar.notices import note
from dinosar.spair.annotation import Annotation, parse
from dinosar.spair.lists import SPLITS, Size, Split, category_of, is_whole, list_file, number_of, pair_file, read_list
from dinosar.spair.members import Members
from dinosar.spair.opening import open_members
from dinosar.spair.pictures import digest, object_mask, photo, photo_file

_NUMBER = re.compile(r"[0-9]{1,18}")


class Collection:
    """SPair-71k as a folder or an archive. Lists, pairs and pixels are read when they are asked for.

    `with` may be used and need not be: no file stays open between two readings, so pictures of a pair can be loaded
    when the block is left.
    """

    def __init__(self, members: Members) -> None:
        self.members = members
        self._digests: dict[str, str] = {}

    @classmethod
    def open(cls, root: str | Path) -> "Collection":
        """The collection at a path: its folder, one that holds it, or its zip or tar, packed or not."""
        return cls(open_members(Path(root)))

    def __enter__(self) -> "Collection":
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing is open."""

    @property
    def root(self) -> Path:
        """The collection's own folder, or its archive."""
        return self.members.root

    def pair_ids(self, split: Split = "test", size: Size = "large") -> list[str]:
        """The whole names of the pairs of a split, in the order of its list."""
        return read_list(self.members, split, size)

    def annotation(self, split: Split, pair_id: str) -> Annotation:
        """What the file of a pair says, checked."""
        if not is_whole(pair_id):
            raise UsageError(f"'{shown(pair_id, 80)}' is not the whole name of a pair, "
                             "<number>-<source>-<target>:<category>")  # fmt: skip
        file = pair_file(split, pair_id)
        called = self.members.called(file)
        found = parse(self.members.read(file), called)
        if found.category != category_of(pair_id):
            expected, category = (f"'{shown(each, 40)}'" for each in (category_of(pair_id), found.category))
            raise InputError(f"{called}, category: expected {expected} as in the pair's name, found {category}; "
                             "take the file from the collection again")  # fmt: skip
        return found

    def pair(self, split: Split, pair_id: str) -> KeypointPair:
        """A pair with the keypoints that both pictures have; its photographs are not read yet."""
        known = self.annotation(split, pair_id)
        if known.dropped:
            of = known.dropped + len(known.names)
            note(f"pair '{shown(pair_id, 80)}': {known.dropped} of {of} keypoints are null on one side and left out")
        source, target = (self._picture(known.category, *each) for each in zip(known.files, known.sizes, strict=True))
        return KeypointPair(pair_id, known.category, source, target, known.names, known.a, known.b, known.box,
                            known.flags)  # fmt: skip

    def find(self, name: str) -> KeypointPair:
        """A pair of any split by its whole name or its number; `test/...` before it says of which split."""
        splits, wanted = _asked(name)
        if is_whole(wanted):
            found = [(split, wanted) for split in splits if self.members.has(pair_file(split, wanted))]
        else:
            found = [(split, each) for split in splits for each in self._known(split) if _is_number(wanted, each)]
        if len(found) > 1:
            several = ", ".join(f"{split}/{each}" for split, each in found[:4])
            raise UsageError(f"'{shown(name, 80)}' is the name of {len(found)} pairs; say which: {several}")
        if not found:
            raise InputError(f"{self._called} has no pair '{shown(name, 80)}'{self._nearest(wanted, splits)}")
        return self.pair(*found[0])

    def object_mask(self, pair: KeypointPair, picture: Picture) -> NDArray[np.bool_]:
        """Which pixels (height, width) of one of a pair's pictures are of its category."""
        return object_mask(self.members, pair.category, picture.name.rpartition("/")[2], picture.size)

    @property
    def _called(self) -> str:
        return f"'{shown(self.root)}'"

    def _picture(self, category: str, name: str, size: tuple[int, int]) -> Picture:
        file = photo_file(category, name)
        return Picture(
            f"{category}/{name}", size, partial(photo, self.members, file, size), partial(self._digest, file)
        )

    def _digest(self, file: str) -> str:
        """SHA-256 of a photograph, which stands in dozens of pairs."""
        if file not in self._digests:
            self._digests[file] = digest(self.members, file)
        return self._digests[file]

    def _known(self, split: Split) -> list[str]:
        """The names of a split's pairs; none where the collection lacks the split."""
        there = self.members.has(list_file(split, "large")) or self.members.listed(f"PairAnnotation/{split}")
        return self.pair_ids(split) if there else []

    def _nearest(self, wanted: str, splits: tuple[Split, ...]) -> str:
        """A pair that might be meant: the nearest number, or a name much like it."""
        known = [each for split in splits for each in self._known(split)]
        if not known:
            return ", nor any other"
        if _NUMBER.fullmatch(wanted):
            numbers = {number_of(each) for each in known}
            return f"; its numbers go from {min(numbers)} to {max(numbers)}"
        from difflib import get_close_matches

        alike = [each for each in known if each.partition("-")[0] == wanted.partition("-")[0]] or known
        near = get_close_matches(wanted, alike, n=1, cutoff=0.6)
        return f"; did you mean '{near[0]}'?" if near else f"; a name is like '{known[0]}'"


def _asked(name: str) -> tuple[tuple[Split, ...], str]:
    """The splits that a name leaves open, and the name without its split and without the end of a file's name."""
    wanted = name.strip().removesuffix(".json")
    for split in SPLITS:
        if wanted.startswith(f"{split}/"):
            return (split,), wanted.removeprefix(f"{split}/")
    return SPLITS, wanted


def _is_number(wanted: str, pair_id: str) -> bool:
    return _NUMBER.fullmatch(wanted) is not None and int(wanted) == number_of(pair_id)
