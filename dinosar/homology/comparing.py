"""Two specimens compared like with like: landmarks, mean shape, grid, both warps, and the tokens of every cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dinosar.config import HomologyConfig, MaskConfig
from dinosar.contracts import Matcher
from dinosar.data import Specimen
from dinosar.errors import InputError
from dinosar.homology.anchors import anchored, mean_shape
from dinosar.homology.cells import Homology, Side
from dinosar.homology.facing import Look, Turned, turned_to_meet
from dinosar.homology.lattice import lattice_around
from dinosar.homology.tokens import at_points, inside_cells
from dinosar.homology.warping import laid_over, spread_within, warp
from dinosar.masks import eroded, inner, on_mask
from dinosar.notices import warn
from dinosar.timing import a_stage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
FEW = 16
"""Cells so few that they are likely too large."""
FORGIVING = 1.0
"""Smoothing, in patches, of a warp through proposed landmarks: each is known to half a patch only."""


@dataclass(frozen=True, eq=False)
class By:
    """What cells are compared by, beside landmarks: who proposes those where nobody set any, a mean shape that was
    given, and whom to ask what the backbone makes of a turned specimen."""

    proposer: Matcher | None = None
    consensus: Array | None = None
    look: Look | None = None


@a_stage("homology")
def compare_cells(a: Specimen, b: Specimen, config: HomologyConfig, mask: MaskConfig, by: By = By()) -> Homology:
    """Compare two specimens cell by cell; an InputError says why it cannot be done.

    Which specimen is called A must not show in the last digit of a number, so they are always worked on in one order.
    """
    if _key(b) < _key(a):
        return compare_cells(b, a, config, mask, by).exchanged()
    anchors = anchored(a, b, config, by.proposer, by.consensus)
    aligned_a, aligned_b, shape = mean_shape(a, b, anchors)
    lattice = lattice_around(shape, config, a.features.grid.patch)
    smoothing = max(config.smoothing, FORGIVING if anchors.source == "proposed" else 0.0)
    sides = [
        laid_over(each, lattice, warp(each, shape, points, smoothing), (points, aligned), _countable(each, mask))
        for each, points, aligned in ((a, anchors.a, aligned_a), (b, anchors.b, aligned_b))
    ]
    facing = turned_to_meet(a, b, anchors, by.look if config.turn else None)
    counted, distance = _compared(facing, (sides[0], sides[1]), config, mask)
    seeded = np.zeros_like(counted)
    if anchors.source != "file":
        seeded = _near(a, sides[0]) | _near(b, sides[1])
    return Homology(
        anchors.names, anchors.source, shape, lattice.corners, (lattice.width, lattice.height), sides[0], sides[1],
        counted, seeded, distance, (facing[0].degrees, facing[1].degrees),
    )  # fmt: skip


def _key(specimen: Specimen) -> tuple[bytes, ...]:
    """What tells specimens apart, and gives them an order that is not that of the question."""
    points = specimen.landmarks
    where = b"" if points is None else points.places.tobytes() + points.visibility.tobytes()
    network = np.array(specimen.features.grid.network)
    return specimen.features.tokens.tobytes(), specimen.mask.tobytes(), where, network.tobytes()


def _countable(specimen: Specimen, mask: MaskConfig) -> Mask:
    """The pixels of its photo that may count."""
    return eroded(specimen.mask, mask.erode_px / min(specimen.features.grid.scale))


def _compared(
    pair: tuple[Turned, Turned], sides: tuple[Side, Side], config: HomologyConfig, mask: MaskConfig
) -> tuple[Mask, Array]:
    """Which cells count, for both specimens cover them, and the dissimilarity of each of those; NaN in the others."""
    said, there = zip(*(_tokens(each, side, config, mask) for each, side in zip(pair, sides, strict=True)), strict=True)
    covered = np.minimum(sides[0].coverage, sides[1].coverage) > config.coverage
    folded = sides[0].folded | sides[1].folded
    counted = covered & ~folded & (there[0] & there[1]).reshape(covered.shape)
    if not counted.any():
        raise InputError(f"none of {counted.size} cells lies on both specimens: {_why_none(folded, config)}")
    if (folded & covered).any():
        warn(
            f"{int((folded & covered).sum())} of {int(covered.sum())} cells on both specimens are left out: the "
            "landmarks cross there, so that the grid folds over; dinosar landmarks check FILE looks for mistakes"
        )
    distance = 0.5 * ((said[0] - said[1]) ** 2).sum(axis=1).reshape(covered.shape)
    return counted, np.where(counted, distance, np.nan)


def _tokens(facing: Turned, side: Side, config: HomologyConfig, mask: MaskConfig) -> tuple[Array, Mask]:
    """The token of every cell, and which cells have one that may be compared."""
    specimen = facing.specimen
    grid = specimen.features.grid
    allowed = inner(grid, mask.border_patches)
    if config.sample == "average":
        points = facing.there(spread_within(side.corners))
        patch = grid.patch_at(grid.to_network(points.reshape(-1, 2)))
        counted = on_mask(points, _countable(specimen, mask)) & ((patch >= 0) & allowed.ravel()[patch]).reshape(
            points.shape[:2]
        )
        return inside_cells(specimen.features, points, counted)
    centres = facing.there(side.centres.reshape(-1, 2))
    said, there = at_points(specimen.features, centres)
    patch = grid.patch_at(grid.to_network(centres))
    return said, there & (patch >= 0) & allowed.ravel()[patch]


def _near(specimen: Specimen, side: Side) -> Mask:
    """Cells whose tokens draw on a patch that proposed a landmark: their centre lies within a patch of it."""
    grid = specimen.features.grid
    centres, points = (grid.to_network(each.reshape(-1, 2)) / grid.patch for each in (side.centres, side.landmarks))
    gaps = np.abs(centres[:, None, :] - points[None, :, :]).max(axis=2)
    return np.asarray((gaps < 1).any(axis=1).reshape(side.coverage.shape))


def _why_none(folded: Mask, config: HomologyConfig) -> str:
    if folded.mean() > 0.5:
        return "the landmarks cross, so that the grid folds over; look for mistakes with dinosar landmarks check FILE"
    if folded.size <= FEW:
        return "they are larger than what the specimens have in common; make them smaller with --cell"
    return f"the masks cover no cell by more than {config.coverage:.0%} on both; lower homology.coverage"
