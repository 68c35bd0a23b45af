"""Where a photograph was taken, in the world of a model of COLMAP: its matches with database images, and their points.

A match is lifted to the point whose observation in the database image lies nearest to it. Of several matches that say
the same (one pixel of the query, one point) one counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose, pose_of, quaternion_of
from dinosar.errors import InputError, ResourceError, UsageError, shown
from dinosar.timing import stage
from dinosar.verification.correspondences import Source
from dinosar.verification.pose_errors import rotation_angle
from dinosar.verification.scene_model import SceneModel

Points = NDArray[np.float64]
OF_THE_PAIR = (InputError, ResourceError)
CONFIDENCE = 0.99999


@dataclass(frozen=True)
class Placing:
    """Pixels from a match to an observation, pixels by which a point may miss, and how many points must agree."""

    reach: float = 3.0
    threshold: float = 12.0
    least: int = 12


@dataclass(frozen=True, eq=False)
class Placed:
    """What came of a query: its pose, or why there is none; points that were matched, and those that agree.

    `problems` are what was wrong with some of its pairs.
    """

    name: str
    pose: Pose | None
    why: str = ""
    points: int = 0
    inliers: int = 0
    pairs: int = 0
    problems: tuple[str, ...] = ()


def by_query(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The database images of every query, both in the order of the list."""
    found: dict[str, list[str]] = {}
    for query, image in pairs:
        found.setdefault(query, []).append(image)
    return found


def localised(asked: Mapping[str, Sequence[str]], cameras: Mapping[str, Camera], source: Source, model: SceneModel,
              placing: Placing = Placing()) -> Iterator[Placed]:  # fmt: skip
    """Every query in turn, placed by what it shares with its database images."""
    for query, images in asked.items():
        camera = cameras.get(query)
        if camera is None:
            yield Placed(query, None, f"no intrinsics of {shown(query, 80)}", pairs=len(images))
            continue
        pixels, places, problems = _gathered(query, images, source, model, placing)
        if len(problems) == len(images):
            yield Placed(query, None, "none of its pairs can be used", pairs=len(images), problems=tuple(problems))
            continue
        with stage("geometry"):
            pose, inliers = absolute_pose(pixels, places, camera, placing.threshold)
        agreed = int(inliers.sum())
        enough = pose is not None and agreed >= placing.least
        why = "" if enough else _too_few(agreed, len(pixels), placing)
        yield Placed(query, pose if enough else None, why, len(pixels), agreed, len(images), tuple(problems))


def _too_few(agreed: int, points: int, placing: Placing) -> str:
    """Why a query has no place, and which flags have a say in it."""
    if not points:
        return f"no match lies within {placing.reach:g} px (--reach) of where a point of the model is seen"
    return (
        f"{agreed} of {points} matched points agree within {placing.threshold:g} px (--threshold), and "
        f"{placing.least} (--least) are asked for"
    )


def _gathered(query: str, images: Sequence[str], source: Source, model: SceneModel,
              placing: Placing) -> tuple[Points, Points, list[str]]:  # fmt: skip
    """Pixels of the query and the points that they show, over all of its database images."""
    rows: list[Points] = []
    problems = []
    for image in images:
        if image not in model.observed:
            problems.append(f"{shown(image, 80)} is not in the model")
            continue
        try:
            matches = source.matches(query, image)
            if matches is None:
                raise InputError(f"the file of matches does not hold {shown(query, 80)} with {shown(image, 80)}")
            which, numbers, places = model.lifted(image, matches.b, placing.reach)
        except OF_THE_PAIR as problem:
            problems.append(str(problem))
            continue
        rows.append(np.column_stack([matches.a[which], numbers, places]))
    every = np.unique(np.vstack([np.empty((0, 6)), *rows]), axis=0)
    return every[:, :2], every[:, 3:], problems


def absolute_pose(pixels: Points, places: Points, camera: Camera,
                  threshold: float) -> tuple[Pose | None, NDArray[np.bool_]]:  # fmt: skip
    """The pose, world to camera, under which most places (n, 3) are seen at their pixels (n, 2), and which they are."""
    pycolmap = _pycolmap()
    if len(pixels) < 4:
        return None, np.zeros(len(pixels), dtype=bool)
    options = pycolmap.AbsolutePoseEstimationOptions()
    options.ransac.max_error = threshold
    options.ransac.confidence = CONFIDENCE
    options.ransac.random_seed = 0
    found = pycolmap.estimate_and_refine_absolute_pose(pixels, places, pycolmap.Camera(**camera.as_dict()), options)
    if found is None:
        return None, np.zeros(len(pixels), dtype=bool)
    moved = np.asarray(found["cam_from_world"].matrix(), dtype=np.float64)
    return pose_of(moved[:, :3], moved[:, 3]), np.asarray(found["inlier_mask"], dtype=bool)


def _pycolmap() -> Any:
    try:
        import pycolmap
    except ImportError:
        raise UsageError("places are found with pycolmap; install it with: pip install 'dinosar[colmap]'") from None
    return pycolmap


def place_error(pose: Pose, truth: Pose) -> tuple[float, float]:
    """How far a camera's place is off, in units of the model, and its rotation, in degrees."""
    centres = [-each[:3, :3].T @ each[:3, 3] for each in (pose, truth)]
    return float(np.linalg.norm(centres[0] - centres[1])), rotation_angle(pose[:3, :3], truth[:3, :3])


def poses_txt(placed: Sequence[Placed]) -> bytes:
    """The poses that were found as hloc writes them: name, quaternion wxyz, translation, world to camera."""
    lines = []
    for each in placed:
        if each.pose is not None:
            numbers = [*quaternion_of(each.pose[:3, :3]), *each.pose[:3, 3]]
            lines.append(f"{each.name} {' '.join(repr(float(number)) for number in numbers)}\n")
    return "".join(lines).encode("utf-8")
