"""The noun of `dinosar match`: two photos, what counts as foreground on them, and which places answer each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.arrays import expect, freeze
from dinosar.data import Specimen
from dinosar.sparse.pairs import Pairs


@dataclass(frozen=True)
class Ground:
    """Where the foreground of a photo comes from.

    `method` is the masker that said so, or `pca-joint`, `pca`, `ncut`, `whole`; `evidence` is what it rests on (sign,
    votes, confidence, ...). `reasons` are why those before it in line did not, and `abstained` what they went by.
    """

    method: str
    area: float
    reasons: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    abstained: tuple[Mapping[str, Any], ...] = ()
    of_features: bool = False
    """Whether a masker said so that looks at tokens, and so knows no finer than patches."""


@dataclass(frozen=True, eq=False)
class Matched:
    """Two photos as specimens (their patches are the foreground), and what was matched, the best first.

    Of every pair of `features`: its two patches, flat grid indices; `cosine`; whether it is `mutual`, each end being
    the other's best answer; its `margin`, how much farther the best other answer of either end lies (1 - cosine), NaN
    where there is no other. A negative margin says that somebody else would have answered better.
    """

    a: Specimen
    b: Specimen
    grounds: tuple[Ground, Ground]
    features: Pairs
    patch_a: NDArray[np.int64]
    patch_b: NDArray[np.int64]
    cosine: NDArray[np.float64]
    mutual: NDArray[np.bool_]
    margin: NDArray[np.float64]
    parts: Mapping[str, str]
    sift: Pairs | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.features)
        for name, kind in (("patch_a", "i"), ("patch_b", "i"), ("cosine", "f"), ("mutual", "b"), ("margin", "f")):
            expect(f"Matched.{name}", getattr(self, name), kind, (n,))
        freeze(self)

    @property
    def methods(self) -> tuple[Pairs, ...]:
        """What was tried, side by side."""
        return (self.features,) if self.sift is None else (self.features, self.sift)
