"""True overlaps as a square matrix without names, as `gt_score_<scene>.npy` has them, read back."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import InputError, shown
from dinosar.evaluation.overlap_tables import Overlaps, Ranked
from dinosar.notices import note
from dinosar.regular_files import called, read_regular_file

UNKNOWN = -1
"""What stands in such a matrix for what nobody worked out: it tells of no overlap."""


def read_matrix(path: Path, ranking: Mapping[str, Ranked]) -> Overlaps:
    """Row i, column j: the share of image i that image j shows; the images are those of a registration, by name.

    The diagonal is not read: no image is an answer to itself.
    """
    names = sorted(ranking)
    matrix = _square(path, len(names))
    strange = next((image for each in ranking.values() for image in each.images if image not in ranking), None)
    if strange is not None:
        raise InputError(
            f"{called(path)} has no names, so it can only be that of a registration, in which every image asks; "
            f"'{shown(strange, 80)}' answers and does not ask: name a table of query, image, overlap"
        )
    known = np.where(np.eye(len(names), dtype=bool), 0.0, matrix)
    wrong = np.argwhere(~(((known >= 0) & (known <= 1)) | (known == UNKNOWN)))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise InputError(
            f"{called(path)}: an overlap lies between 0 and 1, and [{row}, {column}] is {known[row, column]:g}; give "
            "shares, with -1 for what is not known"
        )
    note(f"{called(path)}: rows and columns are taken for the {len(names)} images in the order of their names")
    found = Overlaps()
    for row, column in np.argwhere(known > 0).tolist():
        found.shown.setdefault(names[row], {})[names[column]] = float(known[row, column])
    if not found.shown:
        raise InputError(f"{called(path)} tells of no overlap: no image shows anything of another")
    return found


def _square(path: Path, count: int) -> NDArray[np.float64]:
    """The matrix, of so many rows and columns."""
    try:
        loaded: Any = np.lib.format.read_array(io.BytesIO(read_regular_file(path, lambda facts: None)))
    except (ValueError, EOFError, MemoryError) as problem:
        raise InputError(f"{called(path)} is no NPY of numbers ({shown(problem, 80)}); name a matrix") from None
    if loaded.shape != (count, count) or loaded.dtype.kind not in "fiub":
        raise InputError(
            f"{called(path)} is of shape {loaded.shape} and type {loaded.dtype}, and the ranking asks {count} images; "
            f"name a matrix of {count} x {count} numbers, or the registration of just its images"
        )
    return np.asarray(loaded, dtype=np.float64)
