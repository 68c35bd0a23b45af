"""The landmarks that somebody set: which file they come from, and what it says of both photos."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dinosar.config import CompareConfig, HomologyConfig, ScoreConfig
from dinosar.data import Photo
from dinosar.errors import InputError, UsageError, shown
from dinosar.landmarks.beside import beside
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.reading import landmarks_of_all, read_landmarks
from dinosar.notices import note

Pair = tuple[Landmarks, Landmarks]


def settled(config: CompareConfig, photos: Sequence[Photo]) -> CompareConfig:
    """The config with the file of landmarks named, or with `proposed` where there is none to be had.

    So a record says what was used, and a rerun does not come upon a file that was laid there later.
    """
    _tell_idle(config)
    if config.homology.landmarks == "proposed" and config.inputs.keypoints:
        raise UsageError("homology.landmarks is proposed, but a file of landmarks is given, too; leave out one of them")
    if not wanted(config) or config.homology.landmarks == "proposed":
        return config
    file = config.inputs.keypoints or _found_beside(photos)
    if file is None and config.homology.landmarks == "file":
        raise UsageError("homology.landmarks is file, but no file beside the photos names both; give --keypoints FILE")
    inputs = config.inputs.model_copy(update={"keypoints": file})
    homology = config.homology.model_copy(update={"landmarks": "file" if file else "proposed"})
    return config.model_copy(update={"inputs": inputs, "homology": homology})


def wanted(config: CompareConfig) -> bool:
    """Whether anything is done with landmarks."""
    return config.mode != "similarity" or config.align.stage != "none"


def _tell_idle(config: CompareConfig) -> None:
    """Say which settings have no effect in this mode; whoever gave them expected one."""
    idle = []
    if config.mode == "similarity" and config.homology != HomologyConfig():
        idle.append("homology")
    if config.inputs.keypoints and not wanted(config):
        idle.append("inputs.keypoints")
    if config.inputs.consensus and config.mode == "similarity":
        idle.append("inputs.consensus")
    if config.mode == "tps_homology":
        idle += [name for name, given, usual in (
            ("matcher", config.matcher.use, CompareConfig.model_fields["matcher"].default.use),
            ("scores.mode", config.scores.mode, ScoreConfig().mode),
        ) if given != usual]  # fmt: skip
    if config.mode != "similarity" and (config.homology.rows or config.homology.columns):
        usual = HomologyConfig()
        idle += [f"homology.{key}" for key in ("cell", "snap") if getattr(config.homology, key) != getattr(usual, key)]
    if idle:
        note(f"no effect in mode {config.mode}: {', '.join(idle)}")


def _found_beside(photos: Sequence[Photo]) -> str | None:
    """A COCO file that lies beside the photos and names them; said aloud, for nobody named it."""
    paths = [photo.path for photo in photos if photo.path is not None]
    found = beside(paths) if len(paths) == len(photos) else None
    if found is None:
        return None
    note(f"landmarks of '{shown(found)}', which lies beside the photos and names both")
    return str(found)


def read_pair(config: CompareConfig, photos: Sequence[Photo]) -> Pair | None:
    """The landmarks of both photos, or None where the config names no file."""
    if config.inputs.keypoints is None or not wanted(config):
        return None
    file = read_landmarks(Path(config.inputs.keypoints))
    found = landmarks_of_all(file, [(photo.path or Path(photo.name), photo.size) for photo in photos])
    lacking = [photo.path or photo.name for photo, points in zip(photos, found, strict=True) if points is None]
    if lacking:
        raise UsageError(
            f"'{shown(config.inputs.keypoints)}' has no landmarks of '{shown(lacking[0])}'; give a file that has those "
            "of both photos, or leave --keypoints out and the features propose some"
        )
    a, b = (replace(points, carried=file.carried) for points in found if points is not None)
    return a, b


def read_consensus(name: str, count: int) -> NDArray[np.float64]:
    """A mean shape (K, 2) from an NPZ: its array `consensus_shape`, or its first."""
    path = Path(name)
    try:
        arrays = np.load(path, allow_pickle=False)
        if isinstance(arrays, np.ndarray):
            raise ValueError("it holds one array without a name; write it with numpy.savez(FILE, consensus_shape=...)")
        with arrays:
            key = "consensus_shape" if "consensus_shape" in arrays else next(iter(arrays), None)
            shape = None if key is None else np.asarray(arrays[key], dtype=np.float64)
    except FileNotFoundError:
        raise InputError(f"there is no mean shape at '{shown(path)}'; correct the name") from None
    except (OSError, ValueError, TypeError) as problem:
        raise InputError(f"'{shown(path)}' is no NPZ of a mean shape: {shown(problem, 120)}") from None
    if shape is None or shape.shape != (count, 2) or not np.isfinite(shape).all():
        found = "there is nothing" if shape is None else f"is an array of shape {shape.shape}"
        if shape is not None and shape.shape == (count, 2):
            found = f"{int((~np.isfinite(shape)).any(axis=1).sum())} of them are not"
        raise InputError(f"the mean shape in '{shown(path)}' must be {count} finite places, but {found}")
    return shape
