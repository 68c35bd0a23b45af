"""How far vectors are from where they should be: patches that show the same near, all others far. Torch tensors."""

from typing import Any, NamedTuple

from dinosar.training.options import FitOptions

SOFT = 1e-4
"""Added to the number of cells, so that a pair without any has a loss of nothing."""


class Losses(NamedTuple):
    """Each for every pair (pairs,): what is minimised, its two parts, and mean cosines of both kinds of cell.

    A pair whose images share nothing has no cosine of that kind: it is 0 there, and not `partnered`.
    """

    total: Any
    positive: Any
    negative: Any
    positive_cosine: Any
    negative_cosine: Any
    partnered: Any


def losses(a: Any, b: Any, positive: Any, negative: Any, options: FitOptions) -> Losses:
    """The loss of each pair from unit vectors (pairs, n, depth) and cells that should be near and far (pairs, n, n)."""
    import torch

    cosines = torch.bmm(a, b.transpose(1, 2))
    near, far = positive.to(cosines.dtype), negative.to(cosines.dtype)
    if options.loss == "infonce":
        pulled, pushed = infonce(cosines, near, far, options.temperature), torch.zeros_like(cosines[:, 0, 0])
    else:
        pulled, pushed = contrastive(cosines, near, far, options.n)
    with torch.no_grad():
        alike, others = [(cosines * cells).sum((1, 2)) / cells.sum((1, 2)).clamp(min=1) for cells in (near, far)]
    return Losses(pulled + pushed, pulled, pushed, alike, others, near.sum((1, 2)) > 0)


def contrastive(cosines: Any, near: Any, far: Any, n: float) -> tuple[Any, Any]:
    """Mean of (1 - cosine)^2 over cells that should be near, and of |cosine|^n over those that should be orthogonal."""
    pulled = (near * (1 - cosines).clamp(min=0).square()).sum((1, 2)) / (near.sum((1, 2)) + SOFT)
    power = cosines.square() if n == 2 else cosines.abs().pow(n)
    pushed = (far * power).sum((1, 2)) / (far.sum((1, 2)) + SOFT)
    return pulled, pushed


def infonce(cosines: Any, near: Any, far: Any, temperature: float) -> Any:
    """How surprising each true partner is among all patches of the other image, both ways, meaned over partners."""
    counted = (near + far) > 0
    scores = (cosines / temperature).masked_fill(~counted, -1e4)
    both = scores.log_softmax(2) + scores.log_softmax(1)
    return -(near * both).sum((1, 2)) / (2 * near.sum((1, 2)) + SOFT)
