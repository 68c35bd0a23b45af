"""The first principal axis of the tokens of one picture, or of several at once: along it, patches get scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dinosar.foreground.views import Array, View
from dinosar.principal import principal

NOTHING = 1e-9
"""A variance below this is the rounding of unit tokens, and no axis."""
LONG = 4.0
"""Median absolute deviations above the median beyond which a token is too long: networks keep notes in such patches."""


def scores(views: Sequence[View]) -> list[Array] | None:
    """Scores (rows, columns) of each view's patches on the first principal axis of all of them.

    Their variance over all views is 1 and their mean 0; patches that do not count are NaN. None where all patches are
    alike. The sign is the solver's and means nothing.
    """
    tokens = [view.tokens[view.counted].astype(np.float64) for view in views]
    middle = np.concatenate(tokens).mean(axis=0)
    held = [middle + (each - middle) * hold(view)[:, None] for each, view in zip(tokens, views, strict=True)]
    together = np.concatenate(held)
    found = principal(together, 1)
    if len(together) < 2 or found.variances[0] < NOTHING:
        return None
    values = found.of(together)[:, 0]
    parts = np.split(values / values.std(), np.cumsum([len(each) for each in held])[:-1])
    return [view.spread(part) for view, part in zip(views, parts, strict=True)]


def hold(view: View) -> NDArray[np.float64]:
    """By how much each counted token's way from the mean is shortened: by as much as the token is too long.

    A few tokens of the ground, many times as long as the others and alike, else make an axis of their own.
    """
    if view.lengths is None:
        return np.ones(int(view.counted.sum()))
    lengths = view.lengths[view.counted].astype(np.float64)
    middle = np.median(lengths)
    limit = middle + LONG * np.median(np.abs(lengths - middle))
    return np.asarray(np.minimum(1.0, np.divide(limit, lengths, out=np.ones_like(lengths), where=lengths > 0)))
