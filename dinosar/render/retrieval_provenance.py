"""What stands beneath the pictures of a ranking: who described the images, and how many were compared how."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Searched:
    """How a query was answered.

    `meaning` says in a few words what a score of the rule is; `threshold` where the minimum cosine comes from;
    `shortlist` who chose the images that were compared patch by patch, and how many of the `database`, or None where
    all were; `tiled` whether their tiles were looked at as well.
    """

    backbone: str
    head: str
    rule: str
    min_cosine: float
    database: int
    meaning: str = ""
    threshold: str = ""
    shortlist: tuple[str, int] | None = None
    tiled: bool = False


def footer(searched: Searched) -> str:
    """Two lines."""
    whence = f" ({searched.threshold})" if searched.threshold else ""
    known = not math.isnan(searched.min_cosine)
    hit = f"hit: cosine above {searched.min_cosine:.4g}" if known else "hits: not told, for no limit is known"
    return "\n".join([
        f"backbone {searched.backbone}   head {searched.head}   rule {searched.rule}   "
        f"{hit}{whence}",
        f"database: {images(searched.database)}{', whole and in parts' if searched.tiled else ''}   "
        f"{_compared(searched)}",
    ])  # fmt: skip


def _compared(searched: Searched) -> str:
    """How many images were compared patch by patch."""
    if searched.shortlist is None:
        return "no shortlist: every image was compared patch by patch"
    by, many = searched.shortlist
    return f"shortlist: the {counted(many)} nearest by {by} were compared patch by patch"


def images(many: int) -> str:
    """So many images."""
    return f"{counted(many)} image{'s' * (many != 1)}"


def counted(many: int) -> str:
    """A count with its thousands apart."""
    return f"{many:,}".replace(",", " ")


def per_cent(share: float | None) -> str:
    """A share in words; none and all are said only where they are meant."""
    if share is None:
        return "not computed"
    said = f"{share:.0%}"
    if said == "0%" and share > 0:
        return "<1%"
    return ">99%" if said == "100%" and share < 1 else said
