"""A sequence of pairs, frame by frame: its curve, the frames that stand out, flicker, and the strongest tear."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.frames.sequence import ALIKE, Flicker, Unusual, flicker, standing_out, summary
from dinosar.publishing import csv_bytes, json_bytes

Row = dict[str, Any]
Values = NDArray[np.float64]
MEASURES = ("cosine_distance", "raw_mean")
"""What frames stand out by, where it was computed. Local damage hardly moves a mean over a whole picture, but its
patches find no answer; so a sequence of distances is judged by mismatches as well."""


NAMED = ("frame", "label", "image_a", "image_b")
FOUND = ("worst", "worst_by", "step_a", "step_b", "flicker", "tearing", "tear_axis", "tear_at")


@dataclass(frozen=True, eq=False)
class Curve:
    """The rows of a sequence in order; `values` of `measure` (higher is worse) are NaN where a frame failed.

    `unusual` says for each measure which frames stand out, and above which value. `flicker` has a place for each frame,
    the first being NaN: how much farther B went from the frame before than A did.
    """

    rows: list[Row]
    measure: str
    k: float
    values: Values
    unusual: dict[str, Unusual]
    flicker: Flicker

    @property
    def worst(self) -> NDArray[np.bool_]:
        """The frames that stand out by any measure."""
        return np.asarray(np.logical_or.reduce([each.marks for each in self.unusual.values()]), dtype=np.bool_)

    @property
    def threshold(self) -> float | None:
        """The value above which frames stand out by the measure of the curve."""
        return self.unusual[self.measure].threshold

    def by(self, frame: int) -> list[str]:
        """The measures by which a frame stands out."""
        return [name for name, found in self.unusual.items() if found.marks[frame]]


def values_of(rows: list[Row], name: str) -> Values:
    """A number of every row; NaN where it could not be computed."""
    return np.array([np.nan if row.get(name) is None else row[name] for row in rows], dtype=np.float64)


def curve_of(rows: list[Row], measure: str, k: float) -> Curve:
    """The curve of a sequence."""
    there = [name for name in MEASURES if name == measure or any(name in row for row in rows)]
    return Curve(
        rows, measure, k, values_of(rows, measure), {name: standing_out(values_of(rows, name), k) for name in there},
        flicker(values_of(rows, "step_a"), values_of(rows, "step_b")),
    )  # fmt: skip


def in_numbers(curve: Curve) -> Row:
    """The sequence in few numbers; None where there is nothing to compute one from."""
    told = summary(curve.values)
    torn = sorted((row for row in curve.rows if row.get("tearing")), key=lambda row: -row["tearing"])
    names = {"label": "label", "value": "tearing", "axis": "tear_axis", "at": "tear_at"}
    strongest = {name: torn[0][own] for name, own in names.items()} if torn else None
    worst = np.flatnonzero(curve.worst).tolist()
    return {
        "measure": curve.measure, "higher_is": "worse", "frames": len(curve.rows), "judged": told.count,
        "mean": told.mean, "p95": told.p95, "worst": [curve.rows[i]["label"] for i in worst],
        "worst_by": {curve.rows[i]["label"]: curve.by(i) for i in worst},
        "thresholds": {name: found.threshold for name, found in curve.unusual.items()},
        "rule": f"above median + {curve.k:g} sigmas, by any of the measures; a sigma is 1.4826 MAD of the frames that "
                f"do not stand out, and at least {ALIKE:g} of the median",
        "flicker": {"mean": curve.flicker.mean, "steps": curve.flicker.count,
                    "meaning": "distance between successive frames of B less that of A; above 0, B flickers more"},
        "tearing": {"strongest": strongest, "meaning": "largest difference between the means of successive rows, or "
                    "columns, of the map of mismatch; at: the pixel of B where the second begins"},
    }  # fmt: skip


def curve_files(curve: Curve) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the tables of a sequence."""
    yield "sequence.json", json_bytes(in_numbers(curve))
    yield "curve.csv", csv_bytes((*NAMED, *curve.unusual, *FOUND), _lines(curve))


def _lines(curve: Curve) -> Iterator[tuple[Any, ...]]:
    places = zip(curve.rows, curve.worst.tolist(), curve.flicker.steps.tolist(), strict=True)
    for number, (row, worst, step) in enumerate(places):
        yield (number + 1, row["label"], row["image_a"], row["image_b"], *(row.get(name) for name in curve.unusual),
               int(worst), " ".join(curve.by(number)), row.get("step_a"), row.get("step_b"), step, row.get("tearing"),
               row.get("tear_axis"), row.get("tear_at"))  # fmt: skip
