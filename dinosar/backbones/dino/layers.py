"""What the layers of a DINO network are called by everybody who trains adapters for it."""

from dinosar.backbones.adapting import Slot
from dinosar.weights.architecture import Architecture, expected
from dinosar.weights.layouts import LAYOUTS, Layout
from dinosar.weights.recognition import split

END = ".weight"


def slots(shape: Architecture) -> dict[str, Slot]:
    """Name of a layer in any layout of the family -> where its weight lies among the official tensors."""
    found: dict[str, Slot] = {}
    for layout in LAYOUTS:
        if layout.family == shape.family:
            found = _named(shape, layout) | found
    return found


def _named(shape: Architecture, layout: Layout) -> dict[str, Slot]:
    """The layers as one layout calls them."""
    found = {}
    for official, size in expected(shape).items():
        if official.endswith(END) and len(size) > 1:
            pieces, start = layout.pieces(official), 0
            for own, part in zip(pieces, split(official, size, len(pieces)), strict=True):
                found[own.removesuffix(END)] = Slot(official, part, start)
                start += part[0]
    return found
