"""The landmarks and masks of photographs as one COCO keypoints file."""

from __future__ import annotations

from typing import Any

import numpy as np

from toy_data.anatomy import LANDMARKS, SKELETON
from toy_data.photograph import Photograph


def run_lengths(mask: np.ndarray) -> dict[str, Any]:
    """Uncompressed COCO run lengths of a mask: column by column, starting with a run of background."""
    flat = np.concatenate([[0], mask.astype(np.uint8).ravel(order="F")])
    changes = np.flatnonzero(np.diff(flat)) if len(flat) else np.array([], int)
    edges = np.concatenate([[0], changes, [len(flat) - 1]])
    return {"size": [int(n) for n in mask.shape], "counts": [int(n) for n in np.diff(edges)]}


def _annotation(number: int, shot: Photograph) -> dict[str, Any]:
    """The annotation of one photograph."""
    rows, columns = np.flatnonzero(shot.mask.any(axis=1)), np.flatnonzero(shot.mask.any(axis=0))
    keypoints: list[float] = []
    for name in LANDMARKS:
        x, y, visible = shot.landmarks[name]
        keypoints += [round(x, 2), round(y, 2), 2 if visible else 1]
    return {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "keypoints": keypoints,
        "num_keypoints": len(LANDMARKS),
        "bbox": [int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1],
        "area": int(shot.mask.sum()),
        "segmentation": run_lengths(shot.mask),
        "iscrowd": 0,
    }


class LandmarksFile:
    """Collects photographs one by one, so that their pixels need not be kept."""

    def __init__(self, seed: int, difference: float) -> None:
        """Start an empty file for the pictures of a seed."""
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._info = {"description": "Drawn planthoppers, not real specimens", "seed": seed, "difference": difference}

    def add(self, shot: Photograph) -> None:
        """Add a photograph."""
        number = len(self._images) + 1
        height, width = shot.mask.shape
        self._images.append({"id": number, "file_name": f"{shot.name}.jpg", "width": width, "height": height})
        self._annotations.append(_annotation(number, shot))

    def content(self) -> dict[str, Any]:
        """The whole file, ready for JSON."""
        names = list(LANDMARKS)
        skeleton = [[names.index(first) + 1, names.index(second) + 1] for first, second in SKELETON]
        category = {"id": 1, "name": "specimen", "keypoints": names, "skeleton": skeleton}
        return {
            "info": self._info,
            "licenses": [],
            "images": self._images,
            "annotations": self._annotations,
            "categories": [category],
        }
