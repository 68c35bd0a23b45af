"""One's own pairs of pictures with files of landmarks, as pairs of keypoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from dinosar.data import Photo
from dinosar.errors import InputError, UsageError, shown
from dinosar.evaluation.keypoint_pairs import Box, KeypointPair, Picture
from dinosar.frames.listing import Pair, read_pairs
from dinosar.images import load_photo
from dinosar.landmarks.beside import beside
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.reading import landmarks_of, read_landmarks
from dinosar.landmarks.sheets import LandmarkFile
from dinosar.publishing import sha256_of

CATEGORY = "own pairs"
"""What all of them are under: a list names no categories."""
KEPT = 16
"""Decoded pictures kept at hand; lists mostly name a picture several times in a row."""


@dataclass(frozen=True)
class OwnPairs:
    """The pairs of a list by their labels, and the files of landmarks that name their pictures."""

    listed: dict[str, Pair]
    files: tuple[LandmarkFile, ...]

    @classmethod
    def read(cls, pairs: str, landmarks: Sequence[str] | None) -> "OwnPairs":
        """Read a list and its files of landmarks; without any, COCO keypoints beside the pictures are looked for."""
        listed = _by_label(read_pairs(pairs, folders=False))
        names = [Path(each) for each in landmarks or []] or [_beside(list(listed.values()))]
        return cls(listed, tuple(read_landmarks(each) for each in names))

    @property
    def named(self) -> list[str]:
        """The files of landmarks."""
        return [str(file.path) for file in self.files]

    def pair(self, label: str) -> KeypointPair:
        """A pair with the landmarks that both of its pictures have."""
        pair = self.listed[label]
        if pair.problem:
            raise InputError(pair.problem)
        photos = _loaded(pair.a), _loaded(pair.b)
        a, b = (self._landmarks(path, photo) for path, photo in zip((pair.a, pair.b), photos, strict=True))
        shared = [name for name in a.names if name in b.names and name not in (*a.missing, *b.missing)]
        if not shared:
            raise InputError(f"'{shown(pair.a)}' and '{shown(pair.b)}' have no landmark in common")
        left, right = (each.places[[each.names.index(name) for name in shared]] for each in (a, b))
        box = _box(b)
        if not max(box[2] - box[0], box[3] - box[1]) > 0:
            raise InputError(f"the landmarks of '{shown(pair.b)}' span no box, of which right would be a share")
        source, target = _picture(pair.a, photos[0]), _picture(pair.b, photos[1])
        return KeypointPair(label, CATEGORY, source, target, tuple(shared), left, right, box)

    def _landmarks(self, path: Path, photo: Photo) -> Landmarks:
        """The landmarks of a picture, from the first file that has some."""
        for file in self.files:
            found = landmarks_of(file, path, photo.size)
            if found is not None:
                return found
        files = ", ".join(f"'{shown(file.path)}'" for file in self.files)
        raise InputError(f"'{shown(path)}' has no landmarks in {files}")


def _by_label(pairs: Sequence[Pair]) -> dict[str, Pair]:
    """Pairs by the labels they were given; where one has none, or another has the same, by that of its place."""
    given = [pair.given for pair in pairs]
    return {pair.given if pair.given and given.count(pair.given) == 1 else pair.label: pair for pair in pairs}


def _beside(pairs: Sequence[Pair]) -> Path:
    """The file of landmarks beside the pictures."""
    named = [path for pair in pairs if not pair.problem for path in (pair.a, pair.b)]
    photos = list(dict.fromkeys(path for path in named if path.is_file()))  # what is missing is told with its pair
    found = beside(photos) if photos else None
    if found is None:
        raise UsageError("no COCO keypoints beside the pictures name them all; give their files with --landmarks FILE")
    return found


def _box(landmarks: Landmarks) -> Box:
    """The box around all landmarks of a picture."""
    known = landmarks.places[landmarks.there]
    (left, top), (right, bottom) = known.min(axis=0).tolist(), known.max(axis=0).tolist()
    return left, top, right, bottom


@lru_cache(maxsize=KEPT)
def _loaded(path: Path) -> Photo:
    return load_photo(path)


def _picture(path: Path, photo: Photo) -> Picture:
    return Picture(str(path), photo.size, partial(_loaded, path), partial(sha256_of, path))
