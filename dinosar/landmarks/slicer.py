"""3D Slicer's markups (.mrk.json) of a flat photo: one list of points, one file for each photo."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dinosar.errors import shown
from dinosar.landmarks.json_text import is_number, kind_of, list_at, parse_json
from dinosar.landmarks.points import MISSING, SEEN
from dinosar.landmarks.sheets import Sheet, landmarks_from
from dinosar.landmarks.source import Source
from dinosar.publishing import json_bytes

ENDING = ".mrk.json"
CENTRE = 0.5
"""Slicer counts from the CENTRE of the first pixel, we from its edge: x of ours = x of Slicer (LPS) + 0.5."""
_SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
    "markups-schema-v1.0.3.json#"
)
_POINT_LISTS = ("Fiducial", "PointList")
_SIGNS = {"LPS": 1.0, "RAS": -1.0, "1": 1.0, "0": -1.0}
"""Pixels run along L and P, so RAS has both the other way round; old files write 0 for RAS and 1 for LPS."""
_THERE = {"defined": SEEN, "undefined": MISSING, "missing": MISSING, "preview": MISSING}
_FLAT = 1e-3
"""By how much z of points in one plane may differ: rounding."""


def parse_slicer(source: Source) -> Sheet:
    """The landmarks of the photo that the file is named after, in pixels: the photo was loaded with a spacing of 1."""
    markups = list_at(source, parse_json(source), "markups")
    if len(markups) != 1 or not isinstance(markups[0], dict):
        raise source.wrong("markups", f"expected one list of points, found {len(markups)} entries; save one a file")
    markup = markups[0]
    if markup.get("type") not in _POINT_LISTS:
        raise source.wrong(
            "markups[0].type", f"expected Fiducial, a list of points, found {kind_of(markup.get('type'))}"
        )
    system = markup.get("coordinateSystem")
    if str(system) not in _SIGNS or isinstance(system, bool):
        raise source.wrong("markups[0].coordinateSystem", f"expected LPS or RAS, found {kind_of(system)}")
    points = list_at(source, markup, "controlPoints", "markups[0].")
    names = _labels(source, points)
    raw = [_point(source, f"markups[0].controlPoints[{i}]", point) for i, point in enumerate(points)]
    places = np.array(raw, dtype=np.float64).reshape(-1, 3)
    depths = places[~np.isnan(places[:, 2]), 2]
    if depths.size and np.ptp(depths) > _FLAT:
        i = int(np.nanargmax(np.abs(places[:, 2] - np.median(depths))))
        where = f"markups[0].controlPoints[{i}].position[2]"
        raise source.wrong(
            where, f"expected all points in one plane, found z from {depths.min():g} to {depths.max():g}"
        )
    flat = places[:, :2] * _SIGNS[str(system)] + CENTRE
    visibility = np.where(np.isnan(flat[:, 0]), MISSING, SEEN).astype(np.int8)
    return Sheet(source.path.name[: -len(ENDING)], landmarks_from(names, flat, visibility), where=source.at(""))


def _labels(source: Source, points: list[Any]) -> list[str]:
    """The labels of the points; where nobody gave any, their positions."""
    labels = []
    for i, point in enumerate(points):
        if not isinstance(point, dict):
            raise source.wrong(f"markups[0].controlPoints[{i}]", f"expected an object {{...}}, found {kind_of(point)}")
        label = point.get("label", "")
        if not isinstance(label, str):
            raise source.wrong(f"markups[0].controlPoints[{i}].label", f"expected text, found {kind_of(label)}")
        labels.append(label.strip())
    if not any(labels):
        return [str(i) for i in range(1, len(labels) + 1)]
    for i, label in enumerate(labels):
        where = f"markups[0].controlPoints[{i}].label"
        if not label:
            raise source.wrong(where, "expected a label as the other points have one, found nothing")
        if label in labels[:i]:
            raise source.wrong(where, f"'{shown(label)}' is the label of controlPoints[{labels.index(label)}], too")
    return labels


def _point(source: Source, at: str, point: dict[str, Any]) -> tuple[float, float, float]:
    """The position of a point; NaN where it has none."""
    status = point.get("positionStatus", "defined")
    if not isinstance(status, str) or status not in _THERE:
        raise source.wrong(f"{at}.positionStatus", f"expected defined, undefined or missing, found {kind_of(status)}")
    if _THERE[status] == MISSING:
        return np.nan, np.nan, np.nan
    position = list_at(source, point, "position", f"{at}.")
    if len(position) != 3:
        raise source.wrong(f"{at}.position", f"expected three numbers, found {len(position)}")
    for i, value in enumerate(position):
        if not is_number(value):
            raise source.wrong(f"{at}.position[{i}]", f"expected a number, found {kind_of(value)}")
    return float(position[0]), float(position[1]), float(position[2])


def slicer_bytes(sheet: Sheet) -> bytes:
    """One upright sheet as Slicer's markups, in LPS."""
    points = [
        {"id": str(i), "label": name, "position": _position(place), "positionStatus": "defined" if there else "missing"}
        for i, (name, place, there) in enumerate(
            zip(sheet.landmarks.names, sheet.landmarks.places.tolist(), sheet.landmarks.there, strict=True), 1
        )
    ]
    markup = {"type": "Fiducial", "coordinateSystem": "LPS", "coordinateUnits": "mm", "controlPoints": points}
    return json_bytes({"@schema": _SCHEMA, "markups": [markup]})


def _position(place: Sequence[float]) -> list[float]:
    x, y = place
    return [0.0, 0.0, 0.0] if np.isnan(x) else [x - CENTRE, y - CENTRE, 0.0]
