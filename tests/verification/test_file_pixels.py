"""Places in files, on photographs as they are looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dinosar.datasets.upright import Header, turned_pose
from dinosar.errors import InputError
from dinosar.images import load_photo
from dinosar.notices import collected
from dinosar.verification.file_pixels import as_filed, at, to_upright, turning

ORIENTATION = 0x0112
LYING = (40, 24)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_what_the_loader_does(tmp_path, orientation):
    pixels = np.zeros((*LYING[::-1], 3), np.uint8)
    row, column = 5, 31
    pixels[row, column] = 255
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    y, x = np.argwhere(load_photo(tmp_path / "a.png").pixels[..., 0])[0]
    found = at(turning(Header(*LYING, orientation)), np.array([[column + 0.5, row + 0.5]]))
    assert found.tolist() == [[x + 0.5, y + 0.5]]


@given(st.sampled_from([3, 5, 6, 7, 8]), st.floats(0, 40), st.floats(0, 24))
def test_a_place_is_the_same_by_whatever_size_it_was_told(orientation, x, y):
    """As it lies in the file, upright, and in copies of half the size of either where that can be told."""
    header = Header(*LYING, orientation)
    upright = at(turning(header), np.array([[x, y]]))
    told = [(LYING, [x, y])]
    if orientation >= 5:
        told += [((20, 12), [x / 2, y / 2]), ((12, 20), upright[0] / 2), (header.upright, upright[0])]
    for size, place in told:
        found = at(to_upright(header, size, "a.jpg", "the file"), np.array([place]))
        np.testing.assert_allclose(found, upright, atol=1e-9)


@pytest.mark.parametrize(
    ("header", "size", "doubt"),
    [
        (Header(40, 24, 1), None, False), (Header(40, 24, 1), (40, 24), False), (Header(40, 24, 6), (40, 24), False),
        (Header(40, 24, 6), (24, 40), False), (Header(40, 24, 6), None, True), (Header(40, 24, 3), (40, 24), True),
        (Header(40, 40, 6), (40, 40), True), (Header(40, 40, 1), (40, 40), False),
        (Header(400, 401, 6), (400, 401), False), (Header(400, 401, 6), (200, 200), True),
    ],
)  # fmt: skip
def test_what_a_size_does_not_tell_is_warned_of(header, size, doubt):
    with collected() as warnings:
        move = to_upright(header, size, "a.jpg", "the file")
    assert [("does not tell whether it was turned" in line) for line in warnings] == [True] * doubt
    if doubt and size in (None, (header.width, header.height)):
        np.testing.assert_array_equal(move, turning(header))


def test_a_picture_of_another_shape_is_refused():
    for header, size in ((Header(40, 24), (24, 40)), (Header(40, 24, 6), (40, 40)), (Header(40, 24), (0, 24))):
        with pytest.raises(InputError, match=r"tells of 'a.jpg' as a picture of \d+ x \d+ px, and the photograph has"):
            to_upright(header, size, "a.jpg", "the file")


@pytest.mark.parametrize(("orientation", "quarters"), [(1, 0), (6, 1), (3, 2), (8, 3)])
def test_a_pose_goes_back_to_the_file_it_came_from(orientation, quarters):
    pose = np.eye(4)
    pose[:3, 3] = 1, 2, 3
    upright = turned_pose(pose, quarters)
    np.testing.assert_array_equal(as_filed(upright, Header(40, 24, orientation)), pose)
    np.testing.assert_array_equal(as_filed(pose, None), pose)
