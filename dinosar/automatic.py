"""What `auto` stands for, decided once, before anything runs, and said aloud when it is second best."""

from dinosar.config import Part
from dinosar.notices import warn
from dinosar.registry import Kind


def resolve(kind: Kind, part: Part, *, strict: bool = False) -> str:
    """The name of the part to use: its own, unless it is `auto`."""
    if part.use != "auto":
        return part.use
    return best_backbone() if kind == "backbone" else part.use


def best_backbone() -> str:
    """The best backbone within reach: this version has only `classic`, which needs no weights from outside."""
    return "classic"


def announce(asked: str, use: str) -> None:
    """Say that something else than the best was used; a person has to know before reading the numbers."""
    if asked == "auto" and use == "classic":
        warn(
            "backbone 'auto' became 'classic', the built-in descriptor without a network: its numbers are not "
            "comparable with those of DINOv2 or DINOv3 (name it with --backbone classic to silence this)"
        )
