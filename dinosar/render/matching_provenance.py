"""What stands beneath the pictures of a match: which network, who matched, what was shown, how far a match may miss."""

from dinosar.config import MatchConfig
from dinosar.sparse.matched import Matched


def footer(matched: Matched, config: MatchConfig) -> str:
    """Two lines."""
    grids = [("A", matched.a.features.grid), ("B", matched.b.features.grid)]
    sizes = [f"{side} {g.network[0]} x {g.network[1]} px (x {max(g.scale):.2f})" for side, g in grids]
    patch = grids[0][1].patch
    parts = [f"{slot} {words}" for slot, words in matched.parts.items()]
    grounds = [f"foreground of {side}: {each.method}" for side, each in zip("AB", matched.grounds, strict=True)]
    return "\n".join([
        "   ".join([*parts, *grounds]),
        f"shown to it: {', '.join(sizes)}, patch {patch} px; {config.image.fit}   "
        f"geometry forgives {config.geometry.tolerance or patch:g} network px",
    ])  # fmt: skip
