"""A brought into the pose of B: everything together, or the mask alone."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.config import AlignConfig
from dinosar.data import Outlined, Photo
from dinosar.landmarks.points import Landmarks
from dinosar.notices import collected
from dinosar.poses import posed
from dinosar.shape.fits import moved

POINTS = np.array([[40.0, 30], [90, 36], [95, 66]])


def turning(degrees, scale=1.0, shift=(0.0, 0.0)):
    angle = np.deg2rad(degrees)
    matrix = np.eye(3)
    matrix[:2, :2] = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix[:2, 2] = shift
    return matrix


def outlined(movement, size=(160, 120), marked=True):
    """A wedge with three white dots where its landmarks are, moved."""
    back = np.linalg.inv(movement)
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    places = moved(back, np.stack([x, y], axis=-1))
    u, v = places[..., 0], places[..., 1]
    mask = (u > 25) & (u < 110) & (v > 20) & (v < 20 + 0.8 * (u - 20))
    pixels = np.where(mask[..., None], np.uint8(120), np.uint8(230)) * np.ones(3, np.uint8)
    for point in POINTS:
        pixels[np.hypot(*(places - point).transpose(2, 0, 1)) < 3] = 255
    landmarks = Landmarks(("a", "b", "c"), moved(movement, POINTS), np.full(3, 2, np.int8))
    return Outlined(Photo(pixels, "wedge"), mask, landmarks if marked else None)


A, B = outlined(turning(0)), outlined(turning(14, 0.9, (30, -8)))


def test_without_a_stage_nothing_moves():
    assert posed(A, B, AlignConfig()) is A


@pytest.mark.parametrize("stage", ["image", "both"])
def test_photo_mask_and_landmarks_move_together(stage):
    found = posed(A, B, AlignConfig(stage=stage))
    np.testing.assert_allclose(found.landmarks.places, moved(found.movement, POINTS))
    scale = np.sqrt(np.linalg.det(found.movement[:2, :2]))
    assert scale == pytest.approx(1)  # nothing is resampled smaller or larger than it was taken
    towards = (B.landmarks.places - B.landmarks.places.mean(axis=0)) / 0.9
    np.testing.assert_allclose(found.landmarks.places - found.landmarks.places.mean(axis=0), towards, atol=1e-6)
    for place in found.landmarks.places:  # the dots went along
        x, y = np.floor(place).astype(int)
        assert found.photo.pixels[y, x].min() > 240
        assert found.mask[y, x]
    assert found.posed.startswith("by 3 landmarks: ")


def test_without_landmarks_the_masks_say_how():
    found = posed(replace(A, landmarks=None), replace(B, landmarks=None), AlignConfig(stage="image"))
    assert found.posed.startswith("by masks: ")
    angle = np.degrees(np.arctan2(found.movement[1, 0], found.movement[0, 0]))
    assert angle == pytest.approx(14, abs=3)
    assert found.landmarks is None


def test_the_mask_alone_moves_and_that_is_a_warning():
    with collected() as told:
        found = posed(A, B, AlignConfig(stage="mask"))
    assert found.photo is A.photo
    assert found.landmarks is A.landmarks
    assert found.movement is None
    assert (found.mask & B.mask).sum() / (found.mask | B.mask).sum() > 0.9  # photos of one size: it lies as B's does
    assert any("only the mask of wedge was moved" in line for line in told)


def test_rigid_keeps_the_size():
    similar, rigid = (posed(A, B, AlignConfig(stage="image", method=m)) for m in ("similarity", "rigid"))
    assert "resized" not in rigid.posed
    assert similar.posed != rigid.posed


def test_landmarks_that_fix_no_movement_give_way_to_the_masks_aloud():
    line = replace(A.landmarks, places=np.outer(np.arange(1.0, 4), [10, 10]))
    with collected() as told:
        found = posed(replace(A, landmarks=line), B, AlignConfig(stage="image"))
    assert any("landmarks cannot bring wedge into the pose of wedge (all 3" in each for each in told)
    assert found.posed.startswith("by masks, for the landmarks fix no movement: all 3")
    assert found.landmarks.names == line.names


def test_landmarks_that_fit_badly_are_told():
    mirrored = replace(A.landmarks, places=A.landmarks.places[[1, 0, 2]])
    with collected() as told:
        posed(replace(A, landmarks=mirrored), B, AlignConfig(stage="image"))
    assert any("of their box after alignment" in each for each in told)
    with collected() as told:
        posed(A, B, AlignConfig(stage="image"))
    assert told == []
