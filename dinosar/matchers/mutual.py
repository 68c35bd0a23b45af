"""Nearest neighbours that choose each other, stand out from the rest, and move together as a body does."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar
from dinosar.matchers.exchange import turned
from dinosar.matchers.nearest import answers, rivals
from dinosar.matchers.verification import explained


class Asked(NamedTuple):
    """What every patch of a specimen was answered: which patch, how far, and whether it may be kept."""

    best: NDArray[np.int64]
    distance: NDArray[np.float64]
    runners_up: NDArray[np.float64] | None
    distinct: NDArray[np.bool_]


class Mutual(dinosar.Matcher):
    """Patches that choose each other, the best of them checked against one movement of the whole specimen."""

    class Options(dinosar.Options):
        """What a match has to pass."""

        mutual: bool = Field(
            True, description="Keep pairs that choose each other and pass `ratio` both ways; most wrong answers do not."
        )
        ratio: float = Field(
            1.0, gt=0, le=1, description="How far the best answer may be, of how far the second best is; 1 keeps all, "
            "0.7 what stands out. Two at distance 0 are equals, and where there is no second, none stands out."
        )  # fmt: skip
        apart: int = Field(
            2, ge=1, le=100, description="Patches from the best answer to where a second best counts. Neighbours look "
            "alike: with 1, a third fewer matches pass for the same share of wrong ones."
        )  # fmt: skip
        top: int = Field(200, ge=1, le=10_000, description="Matches kept at most, the best first.")
        verify: Literal["none", "homography", "affine", "similarity"] = Field(
            "similarity", description="The movement that matches must share, never mirrored: similarity (shift, turn, "
            "scale) for bodies in much the same view; the others shear, too, for flat things seen aslant."
        )  # fmt: skip
        tolerance: float = Field(
            1.5, gt=0, le=100, description="Patch widths a match may miss by: each end is known to half a patch, "
            "which together is up to 1.41; raise it for bodies that bend."
        )  # fmt: skip
        tolerance_px: float | None = Field(
            None, gt=0, le=10_000, description="The same in network pixels, instead of `tolerance`."
        )
        topk: int = Field(5, ge=1, le=100, description="Answers averaged for topk_mean; steadier than the single best.")
        block: int = Field(512, ge=1, le=65536, description="Patches asked at once; the full matrix is never held.")

    def match(self, a: dinosar.Specimen, b: dinosar.Specimen) -> dinosar.Matches:
        """Matches from `a` to `b` in the order of the grid of `a`; if mutual, the same pairs as from `b` to `a`."""
        there = self._ask(a, b)
        kept, swapped = there.distinct, False
        if self.options.mutual:
            back = self._ask(b, a)
            kept = kept & back.distinct[there.best] & (back.best[there.best] == np.arange(len(kept)))
            swapped = turned(a, b)  # both directions must sort and fit alike, so one of them does it turned round
        asked = np.flatnonzero(kept)
        found = len(asked)
        ends = (there.best[asked], asked) if swapped else (asked, there.best[asked])
        order = np.lexsort((ends[1], ends[0], there.distance[asked]))[: self.options.top]
        asked = np.sort(asked[order])
        return dinosar.Matches(
            a.indices[asked], b.indices[there.best[asked]], there.distance[asked],
            runners_up=None if there.runners_up is None else there.runners_up[asked],
            verified=self._verified(a, b, asked, there.best[asked], swapped), found=found,
        )  # fmt: skip

    def _ask(self, a: dinosar.Specimen, b: dinosar.Specimen) -> Asked:
        """Every patch of `a`, answered by `b`."""
        options = self.options
        asking, answering = a.tokens, b.tokens
        best, distance, runners_up = answers(asking, answering, options.topk, options.block)
        distinct = np.ones(len(best), dtype=bool)
        if options.ratio < 1:
            places = np.argwhere(b.patches)
            second = rivals(asking, answering, best, places, options.apart, options.block)
            distinct = np.isfinite(second) & (second > 0) & (distance <= options.ratio * second)
        return Asked(best, distance, runners_up, distinct)

    def _verified(
        self,
        a: dinosar.Specimen,
        b: dinosar.Specimen,
        asked: NDArray[np.int64],
        answer: NDArray[np.int64],
        swapped: bool,
    ) -> NDArray[np.bool_] | None:
        """Which matches one movement explains, tried in an order that does not depend on who asks."""
        options = self.options
        if options.verify == "none":
            return None
        patch = a.features.grid.patch
        tolerance = options.tolerance if options.tolerance_px is None else options.tolerance_px / patch
        ends = [_places(a)[asked], _places(b)[answer]]
        order = np.lexsort((asked, answer) if swapped else (answer, asked))
        first, second = ends[::-1] if swapped else ends
        verified = np.zeros(len(asked), dtype=bool)
        verified[order] = explained(options.verify, first[order], second[order], tolerance)
        return verified


def _places(specimen: dinosar.Specimen) -> NDArray[np.float64]:
    """Centres of the specimen's patches in patch widths, in the photo's proportions even where it was stretched."""
    grid = specimen.features.grid
    return specimen.places * float(np.sqrt(grid.scale[0] * grid.scale[1]) / grid.patch)
