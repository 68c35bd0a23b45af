"""The way of landmarks from references to a target, told in order: pose, matches, expectation, places, confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.config import TransferSection
from dinosar.features import between, unit
from dinosar.landmarks.points import MISSING, SEEN, UNCERTAIN, Landmarks
from dinosar.masks import off_mask
from dinosar.shape.fits import turn_of
from dinosar.timing import a_stage
from dinosar.transfer.confidence import FAR, Evidence, apart, right
from dinosar.transfer.matching import matched
from dinosar.transfer.precision import expected_error
from dinosar.transfer.prior import expectation, penalty, scatter
from dinosar.transfer.refinement import WINDOW, peak, spread
from dinosar.transfer.turning import Pose, poses
from dinosar.transfer.views import Sight, View
from dinosar.transfer.voting import shared_error, voted

Points = NDArray[np.float64]
Floats = NDArray[np.float64]
FINER = 5.0
"""Degrees to which the best pose is turned further: a descriptor does not feel less, and a view is used again."""

AROUND = 40.0
"""Units from where it is expected within which a landmark that lies beside the mask is looked for: some patches."""


DIGITS = 4
"""Of a confidence: what is written is what decided."""


@dataclass(frozen=True, eq=False)
class Carried:
    """Landmarks on a target, how likely each is right (K,), and the pose each reference was turned to.

    A landmark that is missing although its confidence is a number was lost; NaN means that no reference has it.
    `errors` (K,) are pixels of the target: where the pose is right two in three are nearer to the truth. They
    are NaN for landmarks that are missing, and where matches share no movement.
    """

    landmarks: Landmarks
    confidence: Floats
    poses: tuple[Pose, ...]
    errors: Floats


class Answer(NamedTuple):
    """What one reference says: its pose, places (K, 2) in units of the target, and how good they are."""

    pose: Pose
    places: Points
    evidence: Evidence
    errors: Floats


def carry(reference: Sight, landmarks: Landmarks, target: Sight, how: TransferSection) -> Carried:
    """Carry the landmarks of one reference to a target."""
    return carry_all([(reference, landmarks)], target, how)


@a_stage("transfer")
def carry_all(references: Sequence[tuple[Sight, Landmarks]], target: Sight, how: TransferSection) -> Carried:
    """Carry the landmarks of several references, all that any of them has, to a target; the references vote."""
    names = tuple(dict.fromkeys(name for _, landmarks in references for name in landmarks.names))
    count = len(references), len(names)
    places, sure, errors = np.full((*count, 2), np.nan), np.full(count, np.nan), np.full(count, np.nan)
    found_in: list[Pose] = []
    for i, (reference, landmarks) in enumerate(references):
        answer = answered(reference, landmarks.places[landmarks.there], target, how)
        slots = [names.index(name) for name, there in zip(landmarks.names, landmarks.there, strict=True) if there]
        places[i, slots], sure[i, slots], errors[i, slots] = answer.places, right(answer.evidence), answer.errors
        found_in.append(answer.pose)
    place, confidence = voted(places, sure)
    confidence = confidence.round(DIGITS)
    visibility = np.select([confidence >= how.certain, confidence >= how.lost], [SEEN, UNCERTAIN], MISSING)
    expected = np.where(visibility == MISSING, np.nan, shared_error(places, errors, place))
    view = target.view(Pose(), fine(target, how))
    place = np.clip(view.to_photo(place), 0, target.photo.size)
    named = any(landmarks.named for _, landmarks in references)
    landmarks = Landmarks(names, place, visibility.astype(np.int8), named, carried=True)
    return Carried(landmarks, confidence, tuple(found_in), expected / view.scale)


def answered(reference: Sight, places: Points, target: Sight, how: TransferSection) -> Answer:
    """Where places (K, 2) of the reference's photo are on the target, and what speaks for it."""
    pose = best_pose(reference, target, how)
    left, right_ = reference.view(pose, fine(reference, how)), target.view(Pose(), fine(target, how))
    source = left.from_photo(places)
    common = matched(left, right_)
    warp = expectation(common)
    expected = None if warp is None else warp(source)
    found, wide = located(left, source, right_, expected)
    if expected is not None:  # what neither was cropped to has no descriptor; it is where the matches say
        unseen = ~left.holds(source) & ~(left.shows(source) & right_.shows(expected))
        found[unseen], wide[unseen] = expected[unseen], WINDOW / 2
    back, _ = located(right_, found, left, None)
    stray = np.full(len(found), FAR) if expected is None else np.linalg.norm(expected - found, axis=1)
    cycle, others = np.linalg.norm(back - source, axis=1), apart(source, found)
    bare = off_mask(right_.to_photo(found), target.mask) * right_.scale - off_mask(places, reference.mask) * left.scale
    evidence = Evidence(cycle, stray, others, common.agreement, np.maximum(bare, 0))
    around = np.full(len(found), np.nan) if warp is None else scatter(common, warp, source)
    return Answer(pose, found, evidence, expected_error(wide, around, np.where(np.isnan(others), stray, others)))


def best_pose(reference: Sight, target: Sight, how: TransferSection) -> Pose:
    """The pose in which most of the reference moves as one onto the target, turned by what matches still ask for."""
    aim = target.view(Pose(), target.image.size)
    tried = [(pose, matched(reference.view(pose, reference.image.size), aim)) for pose in poses(how.turn, how.mirror)]
    pose, best = max(tried, key=lambda each: each[1].agreement)  # the first of equals
    if how.turn == 0 or best.movement is None:
        return pose
    return pose._replace(degrees=pose.degrees + FINER * round(turn_of(best.movement) / FINER))


def located(asking: View, source: Points, answering: View, expected: Points | None) -> tuple[Points, Floats]:
    """Where the descriptors of places (K, 2) of one view are found in the other, and how widely they might be.

    Near where they are expected, and on the specimen; those that lie beside the mask, as the tip of an antenna may,
    also beside it.
    """
    queries = unit(between(asking.features.tokens, asking.lattice(source)))
    cosines = np.asarray(queries @ answering.features.flat.T, np.float64)
    places, scores = answering.places, cosines.copy()
    allowed = np.tile(answering.near.ravel(), (len(scores), 1))
    if expected is not None:
        distance = np.linalg.norm(places[None] - expected[:, None], axis=2)
        scores -= penalty(distance)
        allowed |= ~asking.holds(source)[:, None] & (distance <= AROUND)
    scores[~allowed] = -np.inf
    lattice = [peak(each.reshape(answering.near.shape)) for each in scores]
    found = answering.units(np.array(lattice).reshape(-1, 2))
    return found, spread(cosines, places, found)


def fine(sight: Sight, how: TransferSection) -> int:
    """Long side in px of the image in which places are found."""
    return round(sight.image.size * how.detail)
