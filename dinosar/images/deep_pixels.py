"""Brings pixels of more than 8 bits to 8, by a rule that is told and recorded."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.images.files import Refused

Rule = Literal["full", "minmax", "percentile"]
_PERCENT = (0.5, 99.5)
_ROWS = 256  # rows scaled at a time, so that a large picture is never held as float64


@dataclass(frozen=True)
class DeepPixels:
    """Stored values (height, width) or (height, width, 3), and the value that means white."""

    values: NDArray[Any]
    white: float
    alpha: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()


def to_eight_bits(deep: DeepPixels, rule: Rule) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The pixels in 8 bits, and the notes that say by which numbers they were scaled."""
    values = deep.values
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise Refused("has pixels that are NaN or infinite; replace them before the picture is used")
    low, high = _limits(deep, rule)
    note = f"{values.dtype} pixels scaled to 8 bits by bit_depth '{rule}': {low:.10g} is black, {high:.10g} is white"
    return linear(values, low, high), (note, *_too_dark(deep, rule))


def linear(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Values from `low` to `high` spread over 0 to 255, rounded; what lies outside is clipped."""
    if values.dtype == np.uint16:
        table = _spread(np.arange(65536), low, high)
        return np.asarray(table[values], dtype=np.uint8)
    out = np.empty(values.shape, np.uint8)
    for row in range(0, len(values), _ROWS):
        out[row : row + _ROWS] = _spread(values[row : row + _ROWS], low, high)
    return out


def _spread(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    share = (values.astype(np.float64) - low) / (high - low)
    return np.asarray(np.rint(np.clip(share, 0, 1) * 255), dtype=np.uint8)


def _limits(deep: DeepPixels, rule: Rule) -> tuple[float, float]:
    values = deep.values
    if rule == "full":
        _check_range(values, deep.white)
        return 0.0, deep.white
    low, high = (values.min(), values.max()) if rule == "minmax" else np.percentile(values, _PERCENT)
    if not high > low:
        raise Refused(f"has no contrast to stretch ({rule} {low:.10g} to {high:.10g}); choose another bit_depth")
    return float(low), float(high)


def _check_range(values: NDArray[Any], white: float) -> None:
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > white:
        raise Refused(
            f"has pixels from {low:.10g} to {high:.10g} where bit_depth 'full' expects 0 to {white:.10g}; "
            "choose bit_depth 'minmax' or 'percentile'"
        )


def _too_dark(deep: DeepPixels, rule: Rule) -> tuple[str, ...]:
    """12-bit data in a 16-bit file is the usual case: nearly black, and nobody would know why."""
    brightest = float(deep.values.max())
    if rule != "full" or not 0 < brightest < deep.white / 8:
        return ()
    found = f"its brightest value is {brightest:.10g} of {deep.white:.10g}"
    return (f"dark picture: {found}; bit_depth 'percentile' would show more",)
