"""Nearest neighbours of the few patches that the backbone's attention or saliency singles out."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar
from dinosar.matchers.nearest import answers


class Salient(dinosar.Matcher):
    """The patches with most attention (or saliency), each with its nearest patch in the other specimen."""

    class Options(dinosar.Options):
        """How many patches ask, and how far down the list of answers to look."""

        top: int = Field(50, ge=1, le=65536, description="Patches that ask: about a quarter of a specimen at 512 px.")
        topk: int = Field(5, ge=1, le=100, description="Answers averaged for topk_mean; steadier than the single best.")
        block: int = Field(512, ge=1, le=65536, description="Patches asked at once; the full matrix is never held.")

    def match(self, a: dinosar.Specimen, b: dinosar.Specimen) -> dinosar.Matches:
        """Nearest answers, among all specimen patches of `b`, for the most salient of `a`; in the order of the grid."""
        asked = most_salient(a, self.options.top)
        tokens = a.features.flat[asked]
        best, distance, runners_up = answers(tokens, b.tokens, self.options.topk, self.options.block)
        return dinosar.Matches(asked, b.indices[best], distance, runners_up=runners_up)


def most_salient(specimen: dinosar.Specimen, count: int) -> NDArray[np.int64]:
    """Flat indices, ascending, of the `count` specimen patches with most attention or saliency; ties go to the lowest.

    Attention falls off steeply, so where only some of a specimen has any, patches without it do not fill the ranks.
    """
    features = specimen.features
    kind = features.attention_kind
    if features.focus is None:
        raise dinosar.InputError(
            f"matcher salient ranks patches by {kind}, but backbone {features.backbone} gives none; "
            "use another matcher or backbone"
        )
    focus = features.focus.ravel()[specimen.indices]
    ranked = np.argsort(-focus, kind="stable")[:count]
    chosen = ranked[focus[ranked] > 0]
    if not len(chosen):
        raise dinosar.InputError(
            f"matcher salient finds nothing to rank in '{specimen.name}': the {kind} of every specimen patch is zero"
        )
    return np.sort(specimen.indices[chosen])
