"""The cells of a comparison as files: a row for each cell, the landmarks, the bins of the histogram, the arrays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config import CompareConfig
from dinosar.data import Comparison
from dinosar.homology.cells import Homology
from dinosar.landmarks.points import shared
from dinosar.publishing import csv_bytes
from dinosar.render.cell_histogram import binned_cells
from dinosar.render.cell_links import extreme_cells

REMARKS = {
    "proposed": "proposed by the features that are compared, and so not independent of them",
    "transferred": "carried there by features, and so not independent of them where those are compared",
}
CELL_COLUMNS = ("row", "column", "ax", "ay", "bx", "by", "coverage_a", "coverage_b", "dissimilarity")
LANDMARK_COLUMNS = ("landmark", "ax", "ay", "bx", "by", "consensus_x", "consensus_y", "residual_a", "residual_b")


def homology(comparison: Comparison, config: CompareConfig) -> dict[str, Any] | str:
    """What a program wants to know of the cells, or why there are none."""
    found = comparison.homology
    if found is None:
        return f"not computed: {comparison.scores['homology'].not_computed}"
    width, height = found.cell
    patch = comparison.a.features.grid.patch
    rows, columns = found.shape
    return {
        "landmarks": found.source,
        **({"remark": REMARKS[found.source]} if found.source in REMARKS else {}),
        **({"file": Path(config.inputs.keypoints).name} if config.inputs.keypoints else {}),
        "names": list(found.names),
        "used": len(found.names),
        "not_shared": _not_shared(comparison),
        "cell": {"network_px": [width, height], "patches": [width / patch, height / patch]},
        "rows": rows,
        "columns": columns,
        "cells": rows * columns,
        "counted": int(found.counted.sum()),
        "share_of_specimen": {
            "a": found.share(found.a, comparison.a.mask),
            "b": found.share(found.b, comparison.b.mask),
        },
        "folded": int((found.a.folded | found.b.folded).sum()),
        "seeded": int((found.seeded & found.counted).sum()),
        "sampled": config.homology.sample,
        "turned_by_degrees": {"a": found.facing[0], "b": found.facing[1]},
        "consensus": "of the two specimens" if config.inputs.consensus is None else Path(config.inputs.consensus).name,
    }


def _not_shared(comparison: Comparison) -> list[str]:
    """Landmarks of the file that one of the specimens lacks."""
    a, b = comparison.a.landmarks, comparison.b.landmarks
    if a is None or b is None:
        return []
    both = set(shared(a, b)[0])
    return [name for name in dict.fromkeys((*a.names, *b.names)) if name not in both]


def homology_tables(found: Homology, comparison: Comparison, top: int) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every table of cells."""
    yield "cells.csv", cells_csv(found, comparison)
    yield "cells_shown.csv", cells_shown_csv(found, top)
    yield "landmarks.csv", landmarks_csv(found, comparison)
    edges, shares = binned_cells(found, comparison.random)
    rows = zip(edges[:-1].tolist(), edges[1:].tolist(), *(each.tolist() for each in shares.values()), strict=True)
    yield "homology_histogram.csv", csv_bytes(("bin_low", "bin_high", *shares), rows)


def cells_csv(found: Homology, comparison: Comparison) -> bytes:
    """One row for each cell that was compared: its centre on both specimens, in the pixels of the files."""
    row, column = np.nonzero(found.counted)
    sides = ((comparison.a, found.a), (comparison.b, found.b))
    places = [specimen.originally(side.centres[row, column]) for specimen, side in sides]
    coverage = [side.coverage[row, column] for _, side in sides]
    table = zip(row.tolist(), column.tolist(), *(each.tolist() for each in (*places, *coverage)),
                found.dissimilarity[row, column].tolist(), strict=True)  # fmt: skip
    return csv_bytes(CELL_COLUMNS, ((r, c, *a, *b, *rest) for r, c, a, b, *rest in table))


def cells_shown_csv(found: Homology, top: int) -> bytes:
    """The numbers in the pictures of the most similar and the most different cells, and which cells they are."""
    pictures = zip(("homology_similar", "homology_different"), extreme_cells(found, top), strict=True)
    rows = [(name, number, cell.row, cell.column, cell.dissimilarity)
            for name, cells in pictures for number, cell in enumerate(cells, 1)]  # fmt: skip
    return csv_bytes(("picture", "number", "row", "column", "dissimilarity"), rows)


def landmarks_csv(found: Homology, comparison: Comparison) -> bytes:
    """One row for each landmark that was used; residuals are distances to the mean shape, in network pixels."""
    a, b = (specimen.originally(side.landmarks).tolist()
            for specimen, side in ((comparison.a, found.a), (comparison.b, found.b)))  # fmt: skip
    misses = [np.hypot(*(side.aligned - found.consensus).T).tolist() for side in (found.a, found.b)]
    rows = zip(found.names, a, b, found.consensus.tolist(), *misses, strict=True)
    return csv_bytes(LANDMARK_COLUMNS, ((name, *p, *q, *mean, *rest) for name, p, q, mean, *rest in rows))


def homology_arrays(found: Homology) -> dict[str, NDArray[Any]]:
    """The arrays behind the pictures of cells, by name; places are pixels of the photos that were compared."""
    arrays: dict[str, NDArray[Any]] = {
        "cell_dissimilarity": found.dissimilarity, "cell_counted": found.counted, "cell_seeded": found.seeded,
        "consensus_shape": found.consensus, "consensus_lattice": found.lattice,
    }  # fmt: skip
    for name, side in (("a", found.a), ("b", found.b)):
        arrays |= {
            f"cell_corners_{name}": side.corners, f"cell_centres_{name}": side.centres,
            f"cell_coverage_{name}": side.coverage, f"cell_folded_{name}": side.folded,
            f"landmarks_{name}": side.landmarks, f"landmarks_aligned_{name}": side.aligned,
        }  # fmt: skip
    return arrays
