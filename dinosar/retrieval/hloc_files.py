"""Files that hloc reads and writes: lists of pairs, global features, keypoints and matches.

hloc measures keypoints from the centre of the first pixel, and here pixels are measured along their edges: half a pixel
is added when keypoints are read, and taken off when they are written. hloc looks at a photograph as it lies in its
file, whatever its EXIF data say; its older versions looked at it upright. The size that stands with the keypoints is
that of the picture it looked at.
"""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.datasets.hdf5_files import array_at, kind_at, members_of, reading, writing
from dinosar.datasets.lists import text_lines
from dinosar.errors import InputError, shown
from dinosar.regular_files import called

HALF = 0.5
MOST = np.iinfo(np.int16).max
GLOBAL, KEYPOINTS, SIZE, MATCHES = "global_descriptor", "keypoints", "image_size", "matches0"
Points = NDArray[np.float64]
Pair = tuple[str, str]


def read_pairs(path: Path, known: Collection[str] | None = None) -> list[Pair]:
    """The pairs (query, database) of a list, in its order; where `known` is given, every name must be in it."""
    names, pairs = None if known is None else set(known), []
    for number, line in text_lines(path, "list of pairs"):
        words = line.split()
        if len(words) != 2:
            raise InputError(
                f"{called(path)}, line {number}: expected two names with a blank between them, found {len(words)} "
                f"('{shown(line, 80)}'); correct that line"
            )
        strange = [word for word in words if names is not None and word not in names]
        if strange:
            raise InputError(
                f"{called(path)}, line {number}: no image is called '{shown(strange[0], 120)}'; names are relative to "
                "the root of the collection, with forward slashes"
            )
        pairs.append((words[0], words[1]))
    return pairs


def pairs_bytes(pairs: Iterable[Pair]) -> bytes:
    """A list of pairs as hloc reads it; a name that its reader would break in two is refused."""
    listed = list(pairs)
    for name in (name for pair in listed for name in pair):
        if name.split() != [name]:
            raise InputError(
                f"'{shown(name, 120)}' cannot stand in a list of pairs, for hloc splits lines at blanks; rename the "
                "photograph (tables keep its name)"
            )
    text = "".join(f"{query} {database}\n" for query, database in listed)
    if _by_hlocs_rule(text) != [list(pair) for pair in listed]:
        raise InputError("the list of pairs would not be read back as it was written; rename photographs whose names "
                         "hold unusual characters")  # fmt: skip
    return text.encode("utf-8")


def _by_hlocs_rule(text: str) -> list[list[str]]:
    """What hloc makes of a list: lines end as in any text, and each is split at whatever is blank."""
    lines = io.StringIO(text, newline=None).read().rstrip("\n").split("\n")
    return [line.split() for line in lines if line]


def write_global(path: Path, vectors: Iterable[tuple[str, NDArray[np.floating]]]) -> None:
    """Global features in hloc's layout: for each image a group with its vector in half precision."""
    with writing(path) as file:
        for name, vector in vectors:
            file.create_group(name).create_dataset(GLOBAL, data=np.asarray(vector, dtype=np.float16))


def read_global(path: Path) -> dict[str, NDArray[np.float32]]:
    """The global features of a file in hloc's layout, by name."""
    with reading(path) as file:
        names = _holding(file, GLOBAL)
        found = {name: array_at(file, f"{name}/{GLOBAL}", (None,)).astype(np.float32) for name in names}
    if not found:
        raise InputError(f"{called(path)} holds no {GLOBAL} of any image; it is no file of global features of hloc")
    lengths = {len(vector) for vector in found.values()}
    if len(lengths) > 1 or not all(np.isfinite(vector).all() for vector in found.values()):
        raise InputError(
            f"{called(path)} holds vectors that cannot be compared (of several lengths, or not finite); make it anew"
        )
    return found


def _holding(file: Any, key: str) -> list[str]:
    """The names of the groups that hold numbers under a key, sorted."""
    found, below = [], members_of(file)
    while below:
        name = below.pop()
        if kind_at(file, name) != "group":
            continue
        if kind_at(file, f"{name}/{key}") == "array":
            found.append(name)
        below += [f"{name}/{each}" for each in members_of(file, name)]
    return sorted(found)


@dataclass(frozen=True, eq=False)
class MatchFiles:
    """Keypoints and matches of hloc, open."""

    features: Any
    matches: Any

    def points(self, name_a: str, name_b: str) -> tuple[Points, Points] | None:
        """Matched points (n, 2) on both images in pixels; None where the pair was not matched."""
        key, turned = self._key(name_a, name_b)
        if key is None:
            return None
        of = array_at(self.matches, f"{key}/{MATCHES}", (None,)).astype(np.int64)
        chosen = np.flatnonzero(of >= 0)
        rows, columns = (of[chosen], chosen) if turned else (chosen, of[chosen])
        a, b = self._keypoints(name_a), self._keypoints(name_b)
        first, second = (b, a) if turned else (a, b)
        if len(of) != len(first) or of.max(initial=-1) >= len(second):
            raise InputError(
                f"the matches of '{shown(name_a, 80)}' and '{shown(name_b, 80)}' in '{shown(self.matches.filename)}' "
                f"are not of the keypoints in '{shown(self.features.filename)}'; give the files of one run"
            )
        return a[rows], b[columns]

    def size(self, name: str) -> tuple[int, int] | None:
        """Width and height of the picture whose pixels the keypoints are told in; None where that is not noted."""
        key = f"{name}/{SIZE}"
        if kind_at(self.features, key) != "array":
            return None
        width, height = array_at(self.features, key, (2,)).astype(np.int64).tolist()
        return width, height

    def _keypoints(self, name: str) -> Points:
        if kind_at(self.features, name) == "group":
            return np.asarray(array_at(self.features, f"{name}/{KEYPOINTS}", (None, 2)), dtype=np.float64) + HALF
        raise InputError(
            f"'{shown(self.features.filename)}' holds no keypoints of '{shown(name, 120)}'; give the features that "
            "were matched"
        )

    def _key(self, a: str, b: str) -> tuple[str | None, bool]:
        """The group of a pair, and whether it stands there the other way round; older files join names by _."""
        for separator in ("/", "_"):
            for turned, names in ((False, (a, b)), (True, (b, a))):
                key = pair_key(*names, separator)
                if kind_at(self.matches, f"{key}/{MATCHES}") == "array":
                    return key, turned
        return None, False


@contextmanager
def open_matches(features: Path, matches: Path) -> Iterator[MatchFiles]:
    """hloc's files of keypoints and of matches; an InputError where they are something else, or exchanged."""
    with reading(features) as first, reading(matches) as second:
        if not _any_holds(first, KEYPOINTS):
            exchanged = _any_holds(first, MATCHES) and _any_holds(second, KEYPOINTS)
            raise InputError(
                f"{called(features)} holds no {KEYPOINTS} of any image, but "
                + (f"matches, and {called(matches)} holds keypoints; exchange the two files" if exchanged
                   else "something else; name the file of local features that hloc matched")
            )  # fmt: skip
        if not _any_holds(second, MATCHES):
            raise InputError(
                f"{called(matches)} holds no {MATCHES} of any pair; name the file of matches that hloc wrote"
            )
        yield MatchFiles(first, second)


def _any_holds(file: Any, key: str) -> bool:
    """Whether some group of a file holds numbers under a key; looks no further than the first."""
    below = members_of(file)[::-1]
    while below:
        name = below.pop()
        if kind_at(file, name) != "group":
            continue
        if kind_at(file, f"{name}/{key}") == "array":
            return True
        below += [f"{name}/{each}" for each in members_of(file, name)[::-1]]
    return False


def pair_key(a: str, b: str, separator: str = "/") -> str:
    """What hloc calls the group of a pair."""
    return separator.join(name.replace("/", "-") for name in (a, b))


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Places (n, 2) on one image in pixels, its width and height, and how many pixels a place may be off."""

    points: Points
    size: tuple[int, int]
    uncertainty: float = 1.0


@dataclass(frozen=True, eq=False)
class PairMatches:
    """Which keypoint of the first image answers which of the second: for each of the first a number, or -1; scores."""

    names: Pair
    answers: NDArray[np.integer]
    scores: NDArray[np.floating]


def write_keypoints(path: Path, images: Mapping[str, Keypoints]) -> None:
    """Keypoints in hloc's layout; in single precision, for half of it steps by whole pixels beyond 2048."""
    with writing(path) as file:
        for name, each in images.items():
            group = file.create_group(name)
            group.create_dataset(KEYPOINTS, data=(each.points - HALF).astype(np.float32))
            group[KEYPOINTS].attrs["uncertainty"] = float(each.uncertainty)
            group.create_dataset(SIZE, data=np.asarray(each.size, dtype=np.int64))


def write_matches(path: Path, pairs: Iterable[PairMatches]) -> None:
    """Matches in hloc's layout."""
    with writing(path) as file:
        for pair in pairs:
            if len(pair.answers) > MOST or pair.answers.max(initial=-1) > MOST:
                raise InputError(
                    f"'{shown(pair.names[0], 80)}' and '{shown(pair.names[1], 80)}' have more than {MOST} keypoints, "
                    "which files of hloc cannot number; show photos smaller"
                )
            key = pair_key(*pair.names)
            if key in file:
                raise InputError(
                    f"two pairs are called '{shown(key, 160)}' in files of hloc, which writes - for /; rename a folder"
                )
            group = file.create_group(key)
            group.create_dataset(MATCHES, data=pair.answers.astype(np.int16))
            group.create_dataset("matching_scores0", data=pair.scores.astype(np.float16))
