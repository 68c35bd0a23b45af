"""Parts of a photograph that a library holds beside the whole, so that a detail finds the picture it is a detail of.

A query that shows a quarter of a photograph's breadth shows every thing four times as large, and no patch of the whole
is like one of it. Parts half as broad halve that difference.
"""

from functools import lru_cache
from typing import NamedTuple

from dinosar.config import FitConfig
from dinosar.errors import UsageError
from dinosar.grid import Box, Fit, Grid, fit_grid

VIEWS = ("whole", "top left", "top right", "bottom left", "bottom right", "middle")
"""What views of a photograph are called, by their number."""
STARTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 0.5))
"""Where the tiles begin, across and down: in shares of the room that they leave."""
BEST_VIEW = BEST, VIEW, HIT = "best view", "view", "hit in the best view"
"""What is told of an image held in tiles beside its scores by rule: the best score of all its views, the number of the
view that has it, and the share of the query's patches with a hit in that view."""


class View(NamedTuple):
    """The photograph or a tile of it: what its features are called in the store, and its grid."""

    item: str
    grid: Grid


def tile_boxes(photo: tuple[int, int]) -> list[Box]:
    """The boxes of the tiles of a photograph of (width, height) px: its quarters, and as much of its middle."""
    width, height = photo[0] // 2, photo[1] // 2
    rest = photo[0] - width, photo[1] - height
    return [(round(x * rest[0]), round(y * rest[1]), width, height) for x, y in STARTS]


def tile_grids(whole: Grid, image: FitConfig) -> list[Grid]:
    """The grids of the tiles of a photograph; none of one so small that a tile would be less than a patch."""
    return list(_grids(whole.photo, whole.patch, image.fit, image.size))


@lru_cache(maxsize=1024)  # asked for every view of every image, and photographs of a collection are of few sizes
def _grids(photo: tuple[int, int], patch: int, fit: Fit, size: int) -> tuple[Grid, ...]:
    boxes = tile_boxes(photo) if min(photo) // 2 >= patch else []
    return tuple(fit_grid(photo, patch, fit=fit, size=size, crop=box) for box in boxes)


def check_tiles(image: FitConfig) -> None:
    """Complain where tiles would show nothing that the whole does not."""
    if image.fit == "native":
        raise UsageError("--tiles shows parts of a photo larger than --fit native does; use letterbox or stretch")
