"""Coordinates as tables and TPS files write them: a number, or a word for a landmark that is missing."""

import math
import re

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?", re.ASCII)
MISSING_WORDS = ("", "na", "nan", "n/a")


def coordinate(text: str) -> float | None:
    """A finite number; None where the text is a word for missing; ValueError, with the reason, for all else."""
    text = text.strip()
    if text.lower() in MISSING_WORDS:
        return None
    if _DECIMAL_COMMA.fullmatch(text):
        raise ValueError(f"'{text}' has a decimal comma; write {text.replace(',', '.')}")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"expected a number, or NA for what is missing, found '{text}'")
    return float(text)


def written(value: float) -> str:
    """A number with as many digits as it needs, and no more than twelve; never with a comma."""
    return f"{value:.12g}"
