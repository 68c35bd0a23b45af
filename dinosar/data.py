"""The nouns that travel from stage to stage: Photo, Outlined, Encoding, Features, Specimen, Matches, Comparison.

All are frozen and check their own shapes; their arrays are NumPy and cannot be written to. Nothing here reads a file,
runs a network or draws a picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.errors import InputError, PluginError
from dinosar.grid import Grid
from dinosar.landmarks.points import Landmarks
from dinosar.shape.fits import moved

if TYPE_CHECKING:
    from dinosar.homology.cells import Homology
    from dinosar.scores import Score

Array = NDArray[Any]
AttentionKind = Literal["attention", "saliency"]


@dataclass(frozen=True, eq=False)
class Photo:
    """RGB pixels (height, width, 3) as the world sees them, and where they came from.

    `alpha` (height, width) is kept where the file had one: it is a mask that somebody already made.
    `notes` say what was done to the pixels on the way in, in words for the record.
    """

    pixels: NDArray[np.uint8]
    name: str
    path: Path | None = None
    sha256: str | None = None
    alpha: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expect("Photo.pixels", self.pixels, "u1", (None, None, 3))
        if self.alpha is not None:
            expect("Photo.alpha", self.alpha, "u1", self.pixels.shape[:2])
        freeze(self)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Outlined:
    """A photo with the mask of its specimen and, where somebody set them, its landmarks.

    `movement` (3, 3) takes original pixels to those of `photo`, where it was moved; `posed` says how, in words.
    """

    photo: Photo
    mask: NDArray[np.bool_]
    landmarks: Landmarks | None = None
    movement: NDArray[np.float64] | None = None
    posed: str = ""

    def __post_init__(self) -> None:
        expect("Outlined.mask", self.mask, "b", self.photo.pixels.shape[:2])
        freeze(self)


@dataclass(frozen=True, eq=False)
class Encoding:
    """What a backbone says about one image: tokens (rows, columns, depth), a summary (depth,), maps of attention.

    `attention` (maps, rows, columns) is >= 0 and named by `attention_kind`: a map that is not a network's attention is
    called saliency, everywhere. With several maps the last one is used for weighting.

    A backbone gives tokens as they are; where they have been brought to length 1, `lengths` (rows, columns) and
    `summary_length` say how long they were.
    """

    tokens: Array
    summary: Array | None = None
    attention: Array | None = None
    attention_kind: AttentionKind = "attention"
    attention_layers: tuple[int, ...] = ()
    lengths: Array | None = None
    summary_length: float | None = None

    def __post_init__(self) -> None:
        expect("Encoding.tokens", self.tokens, "f", (None, None, None))
        rows, columns, depth = self.tokens.shape
        if self.summary is not None:
            expect("Encoding.summary", self.summary, "f", (depth,))
        if self.lengths is not None:
            expect("Encoding.lengths", self.lengths, "f", (rows, columns))
        if self.attention is not None:
            expect("Encoding.attention", self.attention, "f", (None, rows, columns))
            if not np.isfinite(self.attention).all() or (self.attention < 0).any():
                raise PluginError("Encoding.attention must be finite and >= 0")
        if self.attention_kind not in get_args(AttentionKind):
            raise PluginError(f"Encoding.attention_kind must be attention or saliency, but is {self.attention_kind!r}")
        if not np.isfinite(self.tokens).all():
            raise PluginError("Encoding.tokens must be finite, but hold NaN or infinity")
        freeze(self)


@dataclass(frozen=True, eq=False)
class Features:
    """Unit tokens (rows, columns, depth) of one photo on a grid, with the name of the backbone that made them.

    A token without direction (all zero, as a black patch has among raw pixels) stays zero and is never compared.
    `lengths` and `summary_length` are those that the backbone's tokens had, where they are known.
    """

    tokens: NDArray[np.float32]
    grid: Grid
    backbone: str
    summary: NDArray[np.float32] | None = None
    attention: NDArray[np.float32] | None = None
    attention_kind: AttentionKind = "attention"
    attention_layers: tuple[int, ...] = ()
    lengths: NDArray[np.float32] | None = None
    summary_length: float | None = None

    def __post_init__(self) -> None:
        rows, columns = self.grid.rows, self.grid.columns
        expect("Features.tokens", self.tokens, "f", (rows, columns, None))
        if self.summary is not None:
            expect("Features.summary", self.summary, "f", (self.tokens.shape[2],))
        if self.attention is not None:
            expect("Features.attention", self.attention, "f", (None, rows, columns))
        if self.lengths is not None:
            expect("Features.lengths", self.lengths, "f", (rows, columns))
        freeze(self)

    @property
    def flat(self) -> NDArray[np.float32]:
        """Tokens as a list (rows * columns, depth)."""
        return self.tokens.reshape(-1, self.tokens.shape[-1])

    @property
    def directed(self) -> NDArray[np.bool_]:
        """Which patches (rows, columns) have a token with a direction."""
        return np.asarray((self.tokens != 0).any(axis=-1))

    @property
    def focus(self) -> NDArray[np.float32] | None:
        """The map of attention or saliency (rows, columns) that weights are taken from, or None."""
        return None if self.attention is None else self.attention[-1]


@dataclass(frozen=True, eq=False)
class Specimen:
    """A photo with its features, its mask at full size, and the patches (rows, columns) that count as specimen.

    Its landmarks, where it has any, lie in the pixels of `photo`. Where that was moved into another pose, `movement`
    (3, 3) says from where: it takes original pixels to those of `photo`; `posed` says how, in words.
    """

    photo: Photo
    features: Features
    mask: NDArray[np.bool_]
    patches: NDArray[np.bool_]
    share: NDArray[np.float64]
    landmarks: Landmarks | None = None
    movement: NDArray[np.float64] | None = None
    posed: str = ""

    def __post_init__(self) -> None:
        expect("Specimen.mask", self.mask, "b", self.photo.pixels.shape[:2])
        expect("Specimen.patches", self.patches, "b", self.features.tokens.shape[:2])
        expect("Specimen.share", self.share, "f", self.features.tokens.shape[:2])
        if self.movement is not None:
            expect("Specimen.movement", self.movement, "f", (3, 3))
        freeze(self)

    @property
    def name(self) -> str:
        """What figures and tables call it."""
        return self.photo.name

    @property
    def indices(self) -> NDArray[np.int64]:
        """Flat grid indices of the specimen's patches, ascending."""
        return np.flatnonzero(self.patches)

    @property
    def tokens(self) -> NDArray[np.float32]:
        """Unit tokens of the specimen's patches (n, depth), in the order of `indices`."""
        return self.features.flat[self.indices]

    def spread(self, indices: NDArray[np.int64], values: Array) -> NDArray[np.float64]:
        """Values of some patches, by flat index, as a map (rows, columns); the others are NaN."""
        whole = np.full(self.patches.size, np.nan)
        whole[indices] = values
        return whole.reshape(self.patches.shape)

    @property
    def places(self) -> NDArray[np.float64]:
        """Centres of the specimen's patches in pixels of its photo (n, 2)."""
        return self.features.grid.centres_in_photo()[self.indices]

    def originally(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (..., 2) of `photo` in the pixels of the file, from which it may have been moved."""
        return points if self.movement is None else moved(np.asarray(np.linalg.inv(self.movement), np.float64), points)


@dataclass(frozen=True, eq=False)
class Matches:
    """Which patch answers which: patch `asked[i]` of one specimen is answered by patch `answer[i]` of the other.

    Both are flat grid indices. `distance` is 1 - cosine, >= 0. `runners_up` is the mean distance of the best few
    answers where a matcher looked for them. `mutual` and `verified` mark matches that also hold the other way round,
    or that a geometric check accepted. `cost` is what a matcher went by where that is another than `distance`, and
    `cost_is` says what. `found` is how many there were before the best were kept, where some were left out.
    """

    asked: NDArray[np.int64]
    answer: NDArray[np.int64]
    distance: NDArray[np.float64]
    runners_up: NDArray[np.float64] | None = None
    mutual: NDArray[np.bool_] | None = None
    verified: NDArray[np.bool_] | None = None
    cost: NDArray[np.float64] | None = None
    cost_is: str = ""
    found: int | None = None

    def __post_init__(self) -> None:
        expect("Matches.distance", self.distance, "f", (None,))
        n = len(self.distance)
        expect("Matches.asked", self.asked, "i", (n,))
        expect("Matches.answer", self.answer, "i", (n,))
        for name, kind in (("runners_up", "f"), ("mutual", "b"), ("verified", "b"), ("cost", "f")):
            value = getattr(self, name)
            if value is not None:
                expect(f"Matches.{name}", value, kind, (n,))
        if not np.isfinite(self.distance).all() or (self.distance < 0).any():
            raise PluginError("Matches.distance must be finite and >= 0")
        freeze(self)

    def __len__(self) -> int:
        return len(self.distance)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two specimens, what was found on them, and the scores. Knows nothing of files.

    `matches` go from A to B and from B to A, where patches were compared by likeness; `homology` is there where cells
    were compared like with like. `random` are the distances of random patch pairs of the two, ascending: what chance
    would give. `parts` says in words what computed it: backbone, masker, matcher.
    """

    a: Specimen
    b: Specimen
    matches: tuple[Matches, Matches] | None
    random: NDArray[np.float64]
    scores: "dict[str, Score]"
    headline: str
    parts: Mapping[str, str]
    homology: "Homology | None" = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expect("Comparison.random", self.random, "f", (None,))
        freeze(self)

    @property
    def forward(self) -> Matches:
        """The matches from A to B."""
        return self._matched()[0]

    @property
    def backward(self) -> Matches:
        """The matches from B to A."""
        return self._matched()[1]

    def _matched(self) -> tuple[Matches, Matches]:
        if self.matches is None:
            raise InputError("patches were not compared by likeness: the mode of this comparison is tps_homology")
        return self.matches

    @property
    def distance(self) -> float:
        """The symmetric distance of the pair: the headline score, both directions given the same weight."""
        return self.scores[self.headline].require()
