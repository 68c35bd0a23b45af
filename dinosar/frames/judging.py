"""What is found of one pair of pictures: numbers for a table, and the maps behind its pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import DistanceConfig, MismatchConfig
from dinosar.data import Features
from dinosar.frames.bands import band
from dinosar.frames.mismatching import Mismatch, mismatch_between
from dinosar.frames.pooling import cosine_distance, pooled
from dinosar.frames.seeing import Frame
from dinosar.frames.sequence import tearing

PLACES = ("path_a", "path_b")
HIGHER = {
    "raw_mean": "mean over the patches of B of 1 - cosine to the best answer in A; 0 = the same, higher = worse",
    "raw_p95": "95th percentile of the same; higher = worse",
    "non_reciprocal": "share of the patches of B whose best answer has a better one of its own; higher = worse",
    "cosine_distance": "1 - cosine of the pooled embeddings; 0 = the same, higher = worse",
}
"""What numbers that can be compared between pairs mean."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A pair with what was found of it, by the names that --json gives; `maps` only where patches were compared."""

    a: Frame
    b: Frame
    found: dict[str, Any]
    maps: Mismatch | None
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """A number by its name: `judged["raw_mean"]`."""
        return self.found[name]


def names(a: Frame, b: Frame) -> dict[str, Any]:
    """Which pictures, in words that no two pairs share, and what the backbone was shown of them."""
    shown = {side: list(each.features.grid.network) for side, each in (("a", a), ("b", b))}
    return {
        "image_a": file_name(a), "image_b": file_name(b), "path_a": place(a), "path_b": place(b),
        "sha256_a": a.sha256, "sha256_b": b.sha256, "size_a": list(a.size), "size_b": list(b.size),
        "shown_a": shown["a"], "shown_b": shown["b"], "notes_a": list(a.notes), "notes_b": list(b.notes),
        "backbone": a.features.backbone,
    }  # fmt: skip


def movable(result: dict[str, Any]) -> dict[str, Any]:
    """A result without where the pictures lie: that stands in the record, and they may be moved with it."""
    return {key: value for key, value in result.items() if key not in PLACES}


def told_apart(found: dict[str, Any]) -> tuple[str, str]:
    """What A and B are called where a person reads it: file names, with their folders where those are the same."""
    a, b = found["image_a"], found["image_b"]
    if a != b or not (found["path_a"] and found["path_b"]):
        return a, b
    first, second = (Path(found[f"path_{side}"]).parts for side in "ab")
    differ = next((n for n in range(2, min(len(first), len(second)) + 1) if first[-n] != second[-n]), 1)
    return "/".join(first[-differ:]), "/".join(second[-differ:])


def file_name(frame: Frame) -> str:
    """The name of its file, without folders."""
    return frame.path.name if frame.path else frame.name


def place(frame: Frame) -> str | None:
    """Where its file lies."""
    return str(frame.path) if frame.path else None


def mismatches(maps: Mismatch) -> dict[str, Any]:
    """The mismatch of B in numbers: distances as they are, before boost and stretching."""
    values, mutual = maps.back.distance, maps.back.mutual
    assert mutual is not None
    return {
        "raw_mean": float(values.mean()), "raw_p95": float(np.percentile(values, 95)),
        "non_reciprocal": float(1 - mutual.mean()), "degenerate": maps.degenerate,
        "patches": len(values), "without_direction": int(np.isnan(maps.raw_b).sum()),
    }  # fmt: skip


def embedded(a: Features, b: Features, config: DistanceConfig, calibration: str) -> dict[str, Any]:
    """The distance of the pooled embeddings, and its word."""
    first, used = pooled(a, config.pooling)
    second, _ = pooled(b, config.pooling)
    distance = cosine_distance(first, second)
    return {
        "cosine_distance": distance, "cosine_similarity": 1 - distance, "embedding_dim": len(first), "pooling": used,
        "band": band(distance, calibration), "calibration": calibration or None,
    }  # fmt: skip


def torn(maps: Mismatch) -> dict[str, Any]:
    """The strongest discontinuity of the mismatch of B, and at which pixel of B it lies."""
    found = tearing(maps.raw_b)
    if found is not None and not found.value:
        return {"tearing": 0.0, "tear_axis": None, "tear_at": None}
    if found is None:
        return {"tearing": None, "tear_axis": None, "tear_at": None}
    place = maps.b.grid.to_photo(np.array([[found.index, found.index]], dtype=np.float64) * maps.b.grid.patch)[0]
    at = float(place[1 if found.axis == "row" else 0])
    return {"tearing": found.value, "tear_axis": found.axis, "tear_at": round(at, 1)}


def dense(maps: Mismatch) -> dict[str, Any]:
    """What VFI-Similarity says of the patches of both pictures beside the distance."""
    grid = maps.b.grid
    return {
        "grid_size": [grid.rows, grid.columns], "num_patches": grid.rows * grid.columns,
        "mean_similarity_a2b": float(1 - maps.there.distance.mean()),
        "mean_similarity_b2a": float(1 - maps.back.distance.mean()),
        "mean_mismatch_a": float(np.nanmean(maps.map_a)), "mean_mismatch_b": float(np.nanmean(maps.map_b)),
    }  # fmt: skip


def judged(a: Frame, b: Frame, config: MismatchConfig | DistanceConfig, calibration: str = "") -> Judged:
    """A pair, judged as the config says; `calibration` is what the checkpoint declares."""
    if isinstance(config, MismatchConfig):
        return judge_mismatch(a, b, config)
    return judge_distance(a, b, config, calibration)


def judge_mismatch(a: Frame, b: Frame, config: MismatchConfig) -> Judged:
    """How far B is from A, patch by patch."""
    maps = mismatch_between(a.features, b.features, config.map.scale, config.map.boost)
    found = names(a, b) | mismatches(maps) | (torn(maps) if config.inputs.frames else {})
    return Judged(a, b, found, maps)


def judge_distance(a: Frame, b: Frame, config: DistanceConfig, calibration: str) -> Judged:
    """How far B is from A as a whole; where pictures or a curve are wanted, patch by patch as well."""
    found = names(a, b) | embedded(a.features, b.features, config, calibration)
    if not (config.visualize or config.inputs.frames):
        return Judged(a, b, found, None)
    maps = mismatch_between(a.features, b.features, config.map.scale, config.map.boost)
    found |= mismatches(maps) | dense(maps) | (torn(maps) if config.inputs.frames else {})
    return Judged(a, b, found, maps)
