"""A sequence of pairs, frame by frame: its curve, the frames that stand out, flicker, and the strongest tear."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.frames.sequence import Flicker, flicker, standing_out, summary
from dinosar.publishing import csv_bytes, json_bytes

Row = dict[str, Any]
Values = NDArray[np.float64]
COLUMNS = ("frame", "label", "image_a", "image_b", "worst", "step_a", "step_b", "flicker", "tearing", "tear_axis",
           "tear_at")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Curve:
    """The rows of a sequence in order; `values` of `measure` (higher is worse) are NaN where a frame failed.

    `worst` marks frames above `threshold`, which is None where there are no values. `steps` has a place for each frame,
    the first being NaN: how much farther B went from the frame before than A did.
    """

    rows: list[Row]
    measure: str
    k: float
    values: Values
    worst: NDArray[np.bool_]
    threshold: float | None
    flicker: Flicker


def values_of(rows: list[Row], name: str) -> Values:
    """A number of every row; NaN where it could not be computed."""
    return np.array([np.nan if row.get(name) is None else row[name] for row in rows], dtype=np.float64)


def curve_of(rows: list[Row], measure: str, k: float) -> Curve:
    """The curve of a sequence."""
    values = values_of(rows, measure)
    found = standing_out(values, k)
    return Curve(rows, measure, k, values, found.marks, found.threshold,
                 flicker(values_of(rows, "step_a"), values_of(rows, "step_b")))  # fmt: skip


def in_numbers(curve: Curve) -> Row:
    """The sequence in few numbers; None where there is nothing to compute one from."""
    told = summary(curve.values)
    torn = sorted((row for row in curve.rows if row.get("tearing") is not None), key=lambda row: -row["tearing"])
    names = {"label": "label", "value": "tearing", "axis": "tear_axis", "at": "tear_at"}
    strongest = {name: torn[0][own] for name, own in names.items()} if torn else None
    return {
        "measure": curve.measure, "higher_is": "worse", "frames": len(curve.rows), "judged": told.count,
        "mean": told.mean, "p95": told.p95,
        "worst": [row["label"] for row, worst in zip(curve.rows, curve.worst, strict=True) if worst],
        "threshold": curve.threshold, "rule": f"median + {curve.k:g} sigmas of 1.4826 MAD, of the frames like it",
        "flicker": {"mean": curve.flicker.mean, "steps": curve.flicker.count,
                    "meaning": "distance between successive frames of B less that of A; above 0, B flickers more"},
        "tearing": {"strongest": strongest, "meaning": "largest difference between the means of successive rows, or "
                    "columns, of the map of mismatch; at: the pixel of B where the second begins"},
    }  # fmt: skip


def curve_files(curve: Curve) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the tables of a sequence."""
    yield "sequence.json", json_bytes(in_numbers(curve))
    yield "curve.csv", csv_bytes((*COLUMNS[:4], curve.measure, *COLUMNS[4:]), _lines(curve))


def _lines(curve: Curve) -> Iterator[tuple[Any, ...]]:
    places = zip(curve.rows, curve.values.tolist(), curve.worst.tolist(), curve.flicker.steps.tolist(), strict=True)
    for number, (row, value, worst, step) in enumerate(places, start=1):
        yield (number, row["label"], row["image_a"], row["image_b"], value, int(worst), row.get("step_a"),
               row.get("step_b"), step, row.get("tearing"), row.get("tear_axis"), row.get("tear_at"))  # fmt: skip
