"""Nearest neighbours by cosine: every patch of one specimen is answered by the most similar patch of the other."""

from pydantic import Field

import dinosar
from dinosar.matchers.nearest import answers


class Similarity(dinosar.Matcher):
    """Nearest patch by cosine, blockwise; with the mean of the best few beside it."""

    class Options(dinosar.Options):
        """How far down the list of answers to look, and how much memory to use."""

        topk: int = Field(5, ge=1, le=100, description="Answers averaged for topk_mean; steadier than the single best.")
        block: int = Field(512, ge=1, le=65536, description="Patches asked at once; the full matrix is never held.")

    def match(self, a: dinosar.Specimen, b: dinosar.Specimen) -> dinosar.Matches:
        """Nearest answers in `b` for every specimen patch of `a`."""
        best, distance, runners_up = answers(a.tokens, b.tokens, self.options.topk, self.options.block)
        return dinosar.Matches(a.indices, b.indices[best], distance, runners_up=runners_up)
