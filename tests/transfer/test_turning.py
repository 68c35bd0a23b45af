"""A photo turned and cut: pixels, mask and matrix tell the same story."""

import numpy as np
import pytest
from drawn_sights import drawn

from dinosar.data import Photo
from dinosar.shape.fits import moved
from dinosar.transfer.turning import Pose, poses, turned


def test_poses_reach_the_turn_asked_for_in_steps_of_at_most_15_degrees():
    angles = sorted(pose.degrees for pose in poses(50, mirror=False))
    assert (angles[0], angles[-1]) == (-50, 50)
    assert max(np.diff(angles)) <= 15
    assert poses(50, mirror=False)[0] == Pose()


def test_the_pose_as_it_lies_alone_and_the_whole_circle_once():
    assert poses(0, mirror=False) == (Pose(),)
    angles = [pose.degrees % 360 for pose in poses(180, mirror=False)]
    assert len(set(angles)) == len(angles) == 24


def test_mirrored_poses_are_tried_only_when_asked_for():
    assert not any(pose.mirrored for pose in poses(45, mirror=False))
    assert sum(pose.mirrored for pose in poses(45, mirror=True)) == len(poses(45, mirror=False))


def test_as_it_lies_is_a_plain_cut():
    pixels, mask = drawn()
    found = turned(Photo(pixels, "x"), mask, Pose(), 0.06)
    left, top = (round(-n) for n in found.matrix[:2, 2])
    height, width = found.mask.shape
    np.testing.assert_array_equal(found.photo.pixels, pixels[top : top + height, left : left + width])
    np.testing.assert_array_equal(found.mask, mask[top : top + height, left : left + width])
    assert found.mask.sum() == mask.sum()


@pytest.mark.parametrize("pose", [Pose(), Pose(90), Pose(-30), Pose(180), Pose(0, True), Pose(65, True)])
def test_the_matrix_leads_from_each_pixel_to_where_it_went(pose):
    """A red dot on the specimen is found again where the matrix says, to a tenth of a pixel."""
    pixels, mask = drawn()
    pixels = np.full_like(pixels, 200)
    pixels[70:75, 120:125] = [255, 0, 0]
    found = turned(Photo(pixels, "x"), mask, pose, 0.06)
    red = 200 - found.photo.pixels[..., 1].astype(float)
    y, x = np.mgrid[: red.shape[0], : red.shape[1]] + 0.5
    centre = [(red * x).sum() / red.sum(), (red * y).sum() / red.sum()]
    np.testing.assert_allclose(moved(found.matrix, np.array([[122.5, 72.5]]))[0], centre, atol=0.1)


@pytest.mark.parametrize("degrees", [0.0, 20.0, 90.0, -137.0])
def test_the_whole_specimen_is_kept_with_its_margin(degrees):
    pixels, mask = drawn()
    found = turned(Photo(pixels, "x"), mask, Pose(degrees), 0.06)
    assert abs(found.mask.sum() / mask.sum() - 1) < 0.01
    rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    for gap in (rows[0], columns[0], found.mask.shape[0] - 1 - rows[-1], found.mask.shape[1] - 1 - columns[-1]):
        assert abs(gap - 0.06 * longer) < 3


def test_beyond_the_photo_its_border_is_repeated():
    pixels, mask = drawn()
    found = turned(Photo(pixels[:, 44:276], "x"), mask[:, 44:276], Pose(30), 0.2)
    assert (found.photo.pixels[0, 0] > 200).all()
