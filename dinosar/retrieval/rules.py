"""How votes become the score of an image: every rule by its name.

Most rules look at one image at a time. Three weigh a query patch by how rare its hits are among all candidates; they
are settled when all of these were seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import UsageError, shown, suggestion
from dinosar.retrieval.tally import Tally

EPSILON = 1e-5
"""The original's, which keeps a patch without hits from dividing by zero."""


class Census(NamedTuple):
    """What all candidates of a query say of its patches (n,): hits in all, images with a hit; and how many they are."""

    hits: NDArray[np.int64]
    images: NDArray[np.int64]
    candidates: int


@dataclass(frozen=True)
class Rule:
    """`alone` gives the score of one image; or `weights` the weight (n,) of each query patch, by the census.

    With weights, an image gets the weighted sum over the query patches of what they `give`: the sum of the cosines of
    their hits, or 1 where there is any. For every rule a higher score is the better one. `silent` says that 0 means
    that no patch voted: such an image is no answer.
    """

    meaning: str
    alone: Callable[[Tally], float] | None = None
    weights: Callable[[Census], NDArray[np.float64]] | None = None
    give: Literal["cosines", "one"] = "cosines"
    needs_min_cosine: bool = True
    silent: bool = True


def maxsim(tally: Tally) -> float:
    """The mean over the query patches of their largest cosine, in [-1, 1]."""
    return float(np.clip(tally.best.mean(dtype=np.float64), -1, 1))  # single precision errs a little beyond


def coverage(tally: Tally) -> float:
    """The share of the query patches with a hit."""
    return len(tally.hits.rows) / len(tally.query)


def coverage_back(tally: Tally) -> float:
    """The share of the image's patches that are hit."""
    return tally.hits.answering / len(tally.image)


def coverage_sym(tally: Tally) -> float:
    """The smaller of the two shares: what is reported as overlap."""
    return min(coverage(tally), coverage_back(tally))


def mutual_nn(tally: Tally) -> float:
    """The share of the query patches whose best answer is a hit and has no better answer than them."""
    return tally.mutual / len(tally.query)


def any_hit(tally: Tally) -> float:
    """1 where any patch hits, else 0."""
    return float(len(tally.hits.rows) > 0)


def first_hit(tally: Tally) -> float:
    """The cosine of the hit listed first: lowest query patch, then lowest patch of the image."""
    return tally.hits.first


def count(tally: Tally) -> float:
    """The number of hits."""
    return float(tally.hits.counts.sum())


def total(tally: Tally) -> float:
    """The sum of the cosines of all hits."""
    return float(tally.hits.sums.sum())


def same_place(tally: Tally) -> float:
    """The largest cosine of two patches at the same place of grids of one shape, without any search."""
    return tally.same_place


def tfidf(census: Census) -> NDArray[np.float64]:
    """A patch counts by its share of hits, and by how few of the candidates it hits; never less than nothing."""
    return np.maximum(0.0, census.hits / len(census.hits) * rarity(census))


def inverse(census: Census) -> NDArray[np.float64]:
    """A patch counts the less, the more hits it has."""
    weight = 1 / (census.hits + EPSILON)
    return np.asarray(weight / weight.max())


def idf(census: Census) -> NDArray[np.float64]:
    """A patch counts by how few of the candidates it hits; all of them together count 1.

    A patch without hits counts as one that hits a single image. NaN where none is rare, as with one candidate.
    """
    weight = np.maximum(0.0, rarity(census._replace(images=np.maximum(census.images, 1))))
    whole = weight.sum()
    return weight / whole if whole > 0 else np.full(len(weight), np.nan)


def rarity(census: Census) -> NDArray[np.float64]:
    """ln(N / N_p): of N candidates, N_p have a hit of the patch."""
    return np.asarray(np.log(census.candidates / (census.images + EPSILON)))


_SUM = Rule("sum of the cosines of all hits (the original's unweighted score)", total)
_COUNT = Rule("number of hits", count)
_TFIDF = Rule("sum of the cosines of all hits, each query patch weighted by TF-IDF over the candidates", weights=tfidf)
RULES: dict[str, Rule] = {
    "maxsim": Rule("mean of the largest cosine of each query patch; knows no least cosine", maxsim,
                   needs_min_cosine=False, silent=False),
    "coverage": Rule("share of the query patches with a hit", coverage),
    "coverage_back": Rule("share of the image's patches that are hit", coverage_back),
    "coverage_sym": Rule("the smaller share of the two: the overlap, in [0, 1]", coverage_sym),
    "idf_coverage": Rule("share of the query patches with a hit, rare ones counting more", weights=idf, give="one"),
    "mutual_nn": Rule("share of the query patches with a hit that is the best answer both ways", mutual_nn),
    "vop.sum": _SUM,
    "vop.tfidf": _TFIDF,
    "vop.count": _COUNT,
    "vop.0": Rule("1 where any patch hits", any_hit),
    "vop.1": Rule("cosine of the hit listed first", first_hit),
    "vop.2": _COUNT,
    "vop.3": _SUM,
    "vop.4": _TFIDF,
    "vop.5": Rule("sum of the cosines of all hits, each query patch weighted by 1 / its hits", weights=inverse),
    "vop.6": Rule("largest cosine of two patches at the same place, without any search", same_place,
                  needs_min_cosine=False, silent=False),
}  # fmt: skip


def rules_named(names: Sequence[str]) -> dict[str, Rule]:
    """The rules of these names, each once, in their order."""
    for name in names:
        if name not in RULES:
            raise UsageError(f"'{shown(name)}' is no voting rule{suggestion(name, RULES)}")
    return {name: RULES[name] for name in names}
