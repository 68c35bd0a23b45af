"""Ranked pairs held against geometry, one after the other: matches, the pose they give, and how far it is off."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera
from dinosar.errors import InputError, PluginError, ResourceError, shown
from dinosar.folders import RunFolder
from dinosar.journal import Entry
from dinosar.progress import steps
from dinosar.retrieval.dumping import fitted
from dinosar.sparse.geometry import fundamental, homography
from dinosar.sparse.pairs import Agreement
from dinosar.timing import stage
from dinosar.verification.correspondences import Source
from dinosar.verification.ground_truth import Collection
from dinosar.verification.photo_shelf import PhotoShelf
from dinosar.verification.pose_errors import PoseError, between, pose_error
from dinosar.verification.relative_pose import THRESHOLD, Estimator, Found, NotFound, relative_pose
from dinosar.verification.sift_points import Matches

Row = dict[str, Any]
Pair = tuple[str, str]
TOLERANCE = 3.0
MODELS = {"fundamental": "one epipolar geometry", "homography": "one homography"}
"""What needs no intrinsics; the first is what a rigid scene has, of whatever shape."""
OF_THE_PAIR = (InputError, ResourceError, PluginError)
"""What may be wrong with one pair and leave the others as they are."""
NUMBERS = ("matches", "inliers", "rotation_error", "translation_error", "pose_error")
FAILED, NO_INTRINSICS, NO_TRUE_POSE, ONE_PLACE = LEFT_OUT = ("failed", "no_intrinsics", "no_true_pose", "one_place")
"""Why a pair has no error of a pose: it could not be looked at, or nothing is known that an error could be told by. A
pose that was looked for and not found is no reason: its error is infinite."""


@dataclass(frozen=True)
class Asked:
    """What is asked of every pair: by which estimator within how many pixels, and how far models may miss."""

    estimator: Estimator = "auto"
    threshold: float = THRESHOLD
    tolerance: float = TOLERANCE
    models: bool = True


@dataclass
class Judging:
    """Pairs (query, database) in the order of ranks, what is known of their photographs, and who matches them.

    `options` is a hash of all that a row depends on beside the photographs. `rows` fills up.
    """

    pairs: Sequence[Pair]
    known: Collection
    photos: PhotoShelf
    source: Source
    asked: Asked
    options: str = ""
    rows: list[Row] = field(default_factory=list)
    again: int = 0

    @property
    def failed(self) -> list[Row]:
        """The rows of pairs that could not be looked at."""
        return [row for row in self.rows if row["status"] == "failed"]

    def run(self, output: RunFolder) -> None:
        """Judge every pair. What the output's journal holds is not done again."""
        ranks: dict[str, int] = {}
        with steps(len(self.pairs), "pairs") as told:
            for pair in self.pairs:
                ranks[pair[0]] = ranks.get(pair[0], 0) + 1
                row = {"query": pair[0], "database": pair[1], "rank": ranks[pair[0]], **self._row(pair, output)}
                self.rows.append(row)
                told(in_words(row))

    def _row(self, pair: Pair, output: RunFolder) -> Row:
        try:
            key = self._key(pair)
            done = output.journal.known(key)
            if done is not None:
                self.again += 1
                return done.found
            row = self.looked_at(*pair)
        except OF_THE_PAIR as problem:
            return failure(str(problem))
        output.journal.add(Entry(key, row, {}))
        return row

    def _key(self, pair: Pair) -> str:
        """What a row depends on, as one name."""
        told: list[Any] = [self.options]
        for name in pair:
            camera, pose = self.known.cameras.get(name), self.known.poses.get(name)
            told += [name, self.photos.digest(name) if name in self.photos.files else None, self.source.facts(name)]
            told += [None if camera is None else camera.as_dict(), None if pose is None else pose.tolist()]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def looked_at(self, a: str, b: str) -> Row:
        """What is found of a pair."""
        matches = self.source.matches(a, b)
        if matches is None:
            raise InputError("the file of matches does not hold this pair")
        with stage("geometry"):
            plane, scene = self._models(matches)
            cameras = self.camera(a), self.camera(b)
            unknown = self._unknown(a, b, cameras)
            pose = None if None in cameras else self.pose(matches, cameras)
        row = {**failure(""), "status": "done", "matches": len(matches.a), "homography": plane, "fundamental": scene,
               "sought": pose is not None, "left_out": next(iter(unknown), "")}  # fmt: skip
        if isinstance(pose, Found):
            row["inliers"] = int(pose.inliers.sum())
        whys = [*unknown.values(), pose.why if isinstance(pose, NotFound) else ""]
        if isinstance(pose, Found) and pose.translation is None:
            whys.append("the matches show no parallax, so the camera turned as far as they tell")
        if pose is not None and not unknown:
            error = self._error(pose, a, b)
            row |= {"left_out": "" if error.pose is not None else ONE_PLACE,
                    "rotation_error": _finite(error.rotation), "translation_error": _finite(error.translation),
                    "pose_error": _finite(error.pose)}  # fmt: skip
            whys += [] if error.pose is not None else ["both were taken at one place, so no direction is true"]
        return {**row, "why": "; ".join(filter(None, whys))}

    def pose(self, matches: Matches, cameras: Sequence[Camera | None]) -> Found | NotFound:
        """The relative pose that matches give."""
        first, second = cameras
        assert first is not None
        assert second is not None
        return relative_pose(
            matches.a, matches.b, first, second, estimator=self.asked.estimator, threshold=self.asked.threshold
        )

    def camera(self, name: str) -> Camera | None:
        """The camera of a photograph, for its picture as it is stored."""
        camera = self.known.cameras.get(name)
        if camera is None or name not in self.photos.files:
            return camera
        return fitted(camera, self.photos.photo(name).size, name)

    def _error(self, pose: Found | NotFound, a: str, b: str) -> PoseError:
        truth = between(self.known.poses[a], self.known.poses[b])
        if isinstance(pose, NotFound):
            return pose_error(None, None, truth)
        return pose_error(pose.rotation, pose.translation, truth)

    def _unknown(self, a: str, b: str, cameras: Sequence[Camera | None]) -> dict[str, str]:
        """What of both is not known that an error needs: why the pair is left out, and that in words."""
        without = [shown(name, 80) for name, camera in zip((a, b), cameras, strict=True) if camera is None]
        unplaced = [shown(name, 80) for name in (a, b) if name not in self.known.poses]
        return {
            key: f"no {what} of {' and '.join(dict.fromkeys(names))}"
            for key, what, names in (
                (NO_INTRINSICS, "intrinsics", without), (NO_TRUE_POSE, "true pose", unplaced),
            )
            if names
        }  # fmt: skip

    def _models(self, matches: Matches) -> tuple[Row, Row]:
        """How many matches one plane explains, and how many one epipolar geometry, and what chance gives."""
        if not self.asked.models:
            return _agreed(Agreement(None)), _agreed(Agreement(None))
        tolerance = self.asked.tolerance
        return (_agreed(homography(matches.a, matches.b, tolerance)),
                _agreed(fundamental(matches.a, matches.b, tolerance)))  # fmt: skip


def failure(why: str) -> Row:
    """A row without numbers, and why. `sought`: whether a pose was looked for; `left_out`: why no error is told."""
    nothing = _agreed(Agreement(None))
    return {"status": "failed", "sought": False, "left_out": FAILED, **dict.fromkeys(NUMBERS), "homography": nothing,
            "fundamental": nothing, "why": why}  # fmt: skip


def judged(row: Row) -> bool:
    """Whether the pose of a pair could be held against a true one, found or not."""
    return not row["left_out"]


def errors_of(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Errors of the rows that could be judged: infinite where no pose was found."""
    errors = (row["pose_error"] for row in rows if judged(row))
    return np.array([np.inf if error is None else error for error in errors], dtype=np.float64)


def best_of_each(rows: Sequence[Row]) -> list[Row]:
    """Of every query the judged pair whose pose most matches agree with, of equals the one that ranks higher."""
    best: dict[str, Row] = {}
    for row in rows:
        if judged(row) and (row["query"] not in best or _inliers(row) > _inliers(best[row["query"]])):
            best[row["query"]] = row
    return list(best.values())


def in_words(row: Row) -> str:
    """What became of a pair, in a few words."""
    pair = f"{row['query']} {row['database']}"
    if row["status"] == "failed":
        return f"{pair} failed: {row['why']}"
    if row["inliers"] is not None:
        error = "" if row["pose_error"] is None else f", {row['pose_error']:.1f}° off"
        return f"{pair} {row['inliers']} of {row['matches']} matches agree with a pose{error}"
    if row["sought"]:
        return f"{pair} no pose found in {row['matches']} matches"
    held_by = [f", {row[name]['held']} on {words}" for name, words in MODELS.items() if row[name]["held"] is not None]
    return f"{pair} {row['matches']} matches{''.join(held_by[:1])}"


def _inliers(row: Row) -> int:
    return int(row["inliers"] or 0)


def _agreed(agreement: Agreement) -> Row:
    return {"held": agreement.count, "chance": agreement.chance}


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
