"""A brought into the pose of B: the movement that is found, and photo, mask and landmarks moved by it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn_outlines import beetle, similarity

from dinosar.alignment import LARGEST, aligned, by_landmarks, by_masks, moved_mask, overlap
from dinosar.data import Photo
from dinosar.errors import InputError
from dinosar.shape.fits import moved, scale_of, turn_of

BODY = np.array([[10.0, 20.0], [90.0, 25.0], [60.0, 80.0], [30.0, 70.0]])
QUARTER = similarity(1, 90, 0, 0).round()


def painted(size=(60, 40), seed=0, **given):
    """A photo of noise, in which every pixel is known again."""
    pixels = np.random.default_rng(seed).integers(0, 256, size=(*size[::-1], 3), dtype=np.uint8)
    return Photo(pixels, "moth", **given)


def everything(photo):
    """A mask of the whole photo."""
    return np.ones(photo.pixels.shape[:2], dtype=bool)


def shift(x, y):
    """A movement by x and y."""
    return similarity(1, 0, x, y)


def carried(mask, movement, size):
    """A mask after a movement, pixel by pixel: each looks where it came from."""
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    back = np.floor(moved(np.linalg.inv(movement), np.stack([x, y], axis=-1))).astype(int)
    inside = (back >= 0).all(axis=-1) & (back < mask.shape[::-1]).all(axis=-1)
    found = np.zeros(size[::-1], dtype=bool)
    found[inside] = mask[back[inside][:, 1], back[inside][:, 0]]
    return found


def test_landmarks_are_laid_on_landmarks():
    truth = similarity(1.7, 33, 12, -40)
    np.testing.assert_allclose(by_landmarks(BODY, moved(truth, BODY)), truth, atol=1e-9)
    rigid = by_landmarks(BODY, moved(truth, BODY), "rigid")
    assert scale_of(rigid) == pytest.approx(1)
    assert turn_of(rigid) == pytest.approx(33)
    sheared = np.array([[1.2, 0.3, 5.0], [0.1, 0.8, -2.0], [0, 0, 1]])
    np.testing.assert_allclose(by_landmarks(BODY, moved(sheared, BODY), "affine"), sheared, atol=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "kind", "said"),
    [
        (BODY[:2], BODY[:2], "similarity", "landmarks of A fix no movement: 2 shared landmarks"),
        (BODY, BODY[[0, 1, 1, 3]], "similarity", "landmarks of B fix no movement: '2' and '3' lie on the same place"),
        (BODY * [1, 0], BODY, "rigid", "landmarks of A fix no movement"),
        (BODY, BODY * [-1, 1], "affine", "only mirrored"),
    ],
)
def test_landmarks_that_fix_no_movement_are_refused(a, b, kind, said):
    with pytest.raises(InputError, match=said):
        by_landmarks(a, b, kind)


def test_landmarks_are_called_by_their_names():
    with pytest.raises(InputError, match="'eye' and 'tip' lie on the same place"):
        by_landmarks(BODY[[0, 1, 2, 0]], BODY, names=["eye", "wing", "leg", "tip"])


@pytest.mark.parametrize(
    ("scale", "degrees", "x", "y", "size"),
    [
        (1, 10, 230, 170, (400, 300)),  # shifted by 30 and 20
        (1, 22, 200, 150, (400, 300)),
        (1.3, 10, 200, 150, (400, 300)),
        (1, 180, 200, 150, (400, 300)),  # turned by 170 degrees
        (0.5, -70, 100, 125, (200, 250)),
        (3, 45, 700, 600, (1500, 1200)),
        (1.3, -150, 300, 250, (640, 480)),
    ],
)
def test_a_known_movement_of_a_mask_is_found(scale, degrees, x, y, size):
    a, b = beetle(similarity(scale, degrees, x, y), size), beetle(similarity(1, 10, 200, 150))
    for one, two in ((a, b), (b, a)):
        found = by_masks(one, two)
        assert overlap(carried(one, found, two.shape[::-1]), two) >= 0.95
    assert (turn_of(by_masks(a, b)) - 10 + degrees + 180) % 360 - 180 == pytest.approx(0, abs=1)


def test_a_mask_that_touches_the_border_is_aligned_nearly_as_well():
    a, b = beetle(similarity(1, 10, 60, 150)), beetle(similarity(1, 40, 200, 150))
    assert a[:, 0].any()
    assert overlap(carried(a, by_masks(a, b), (400, 300)), b) >= 0.9


def test_a_single_pixel_has_a_place_and_a_size():
    dot = np.zeros((50, 60), dtype=bool)
    dot[3, 4] = True
    b = beetle(similarity(1, 10, 200, 150))
    for a, other in ((dot, b), (b, dot), (dot, dot)):
        found = by_masks(a, other)
        assert scale_of(found) == pytest.approx(np.sqrt(other.sum() / a.sum()))
        centre = (np.argwhere(a).mean(axis=0) + 0.5)[::-1]
        apart = moved(found, centre) - (np.argwhere(other).mean(axis=0) + 0.5)[::-1]
        assert np.hypot(*apart) <= 0.25 * np.sqrt(other.sum())


@pytest.mark.parametrize("side", ["A", "B"])
def test_an_empty_mask_is_refused(side):
    masks = [np.zeros((5, 5), dtype=bool), np.ones((5, 5), dtype=bool)]
    with pytest.raises(InputError, match=f"mask of {side} is empty"):
        by_masks(*(masks if side == "A" else masks[::-1]))


def test_overlap_is_intersection_over_union():
    a, b = np.array([[True, True, False]]), np.array([[False, True, True]])
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, a) == 1
    with pytest.raises(ValueError, match="empty"):
        overlap(~a & a, ~a & a)


def test_no_movement_changes_no_bit():
    photo = painted(path=Path("moth.png"), sha256="ab", notes=("cut",))
    mask = np.random.default_rng(1).random((40, 60)) < 0.5
    found = aligned(photo, mask, np.eye(3), photo.size)
    np.testing.assert_array_equal(found.photo.pixels, photo.pixels)
    np.testing.assert_array_equal(found.mask, mask)
    np.testing.assert_array_equal(found.movement, np.eye(3))
    assert (found.photo.name, found.photo.path, found.photo.sha256) == ("moth", Path("moth.png"), "ab")
    assert found.photo.notes[0] == "cut"


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_quarter_turn_is_exact(turns):
    photo = painted(alpha=np.random.default_rng(2).integers(0, 256, size=(40, 60), dtype=np.uint8))
    mask = np.random.default_rng(1).random((40, 60)) < 0.5
    mask[0] = mask[-1] = mask[:, 0] = mask[:, -1] = True
    turn = np.linalg.matrix_power(QUARTER, turns)
    low = moved(turn, np.array([[0, 0], [60, 40]])).min(axis=0)
    frame = (60, 40) if turns == 2 else (40, 60)
    found = aligned(photo, mask, shift(*-low) @ turn, frame)
    # y points down, so a positive angle is clockwise, and NumPy's rot90 is not.
    np.testing.assert_array_equal(found.photo.pixels, np.rot90(photo.pixels, -turns))
    np.testing.assert_array_equal(found.photo.alpha, np.rot90(photo.alpha, -turns))
    np.testing.assert_array_equal(found.mask, np.rot90(mask, -turns))


def test_a_shift_is_exact_and_what_comes_in_has_the_borders_colour():
    photo = painted()
    mask = np.zeros((40, 60), dtype=bool)
    mask[10:20, 20:30] = True
    found = aligned(photo, mask, shift(7, -3), photo.size)
    np.testing.assert_array_equal(found.photo.pixels[:37, 7:], photo.pixels[3:, :53])
    np.testing.assert_array_equal(found.mask[7:17, 27:37], True)
    assert found.mask.sum() == mask.sum()
    border = np.concatenate([photo.pixels[0], photo.pixels[-1], photo.pixels[:, 0], photo.pixels[:, -1]])
    np.testing.assert_allclose(found.photo.pixels[-1, 0], np.median(border, axis=0), atol=0.5)
    assert (found.photo.pixels[37:] == found.photo.pixels[-1, 0]).all()
    assert f"{1 - 37 * 53 / 2400:.1%}" in found.photo.notes[-1]


def test_the_canvas_grows_to_hold_the_whole_mask():
    photo = painted()
    found = aligned(photo, everything(photo), shift(-15, 25), photo.size)
    assert found.photo.size == (75, 65)
    np.testing.assert_array_equal(found.movement, shift(0, 25))
    np.testing.assert_array_equal(found.photo.pixels[25:, :60], photo.pixels)
    assert found.mask.sum() == 2400


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_it_keeps_its_resolution(scale):
    photo = painted((80, 60))
    mask = np.zeros((60, 80), dtype=bool)
    mask[20:40, 30:50] = True
    found = aligned(photo, mask, similarity(scale, 0, 0, 0), (round(80 * scale), round(60 * scale)))
    np.testing.assert_array_equal(found.photo.pixels, photo.pixels)
    assert scale_of(found.movement) == pytest.approx(1)
    assert f"x {1 / scale:.3g} " in found.photo.notes[-1]


@pytest.mark.parametrize("movement", [similarity(1, 33, 50, 10), similarity(1.7, -120, 200, 210),
                                      np.array([[1.1, 0.3, 0.0], [0.0, 0.9, 5.0], [0, 0, 1]])])  # fmt: skip
def test_a_landmark_lands_on_its_painted_dot(movement):
    place = np.array([83.4, 61.7])
    y, x = np.mgrid[:120, :160] + 0.5
    dot = np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / 18)
    photo = Photo(np.repeat((dot * 255).round().astype(np.uint8)[..., None], 3, axis=2), "dot")
    mask = np.zeros((120, 160), dtype=bool)
    mask[50:75, 70:100] = True
    found = aligned(photo, mask, movement, (300, 300))
    weight = found.photo.pixels[..., 0].astype(float)
    y, x = np.mgrid[: weight.shape[0], : weight.shape[1]] + 0.5
    centre = [(x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum()]
    np.testing.assert_allclose(centre, moved(found.movement, place), atol=0.1)
    where = (np.argwhere(found.mask).mean(axis=0) + 0.5)[::-1]
    np.testing.assert_allclose(where, moved(found.movement, [85, 62.5]), atol=0.1)


def test_what_was_done_is_told():
    photo = painted((200, 200))
    told = aligned(photo, everything(photo), similarity(1.25, 12.3, 0, 0), (250, 250), like="B.jpg").photo.notes[-1]
    assert told.startswith("turned by 12.3 degrees and shifted")
    assert "to lie as B.jpg" in told
    sheared = np.array([[1.5, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    assert "sheared by 1.5 to 1" in aligned(photo, everything(photo), sheared, (300, 200)).photo.notes[-1]


def test_of_a_much_larger_view_only_what_the_photo_reaches_is_kept():
    photo = painted((60, 40))
    mask = np.zeros((40, 60), dtype=bool)
    mask[10:30, 10:50] = True
    found = aligned(photo, mask, shift(1000, 500), (4000, 3000))
    assert found.photo.size == (60, 40)
    np.testing.assert_array_equal(found.photo.pixels, photo.pixels)
    np.testing.assert_array_equal(found.mask, mask)


def test_a_pose_that_needs_too_large_a_canvas_is_refused():
    photo = painted((400, 10))
    turned = similarity(1, 45, 0, 0)
    assert LARGEST * 4000 < 410**2 / 2
    with pytest.raises(InputError, match="'moth' in its new pose would take more than 4 times"):
        aligned(photo, everything(photo), turned, photo.size)


@pytest.mark.parametrize("movement", [np.diag([1.0, 0.0, 1.0]), np.full((3, 3), np.nan)])
def test_a_movement_that_flattens_is_refused(movement):
    photo = painted()
    with pytest.raises(InputError, match="flattens"):
        aligned(photo, everything(photo), movement, photo.size)


def test_an_empty_mask_cannot_be_moved():
    photo = painted()
    with pytest.raises(InputError, match="empty"):
        aligned(photo, ~everything(photo), np.eye(3), photo.size)


def test_the_mask_alone_is_moved_within_its_photo():
    mask = beetle(similarity(1, 10, 200, 150))
    truth = similarity(1, 30, 30, -60)
    np.testing.assert_array_equal(moved_mask(mask, shift(20, 10), (400, 300), (400, 300))[10:, 20:], mask[:-10, :-20])
    found = moved_mask(mask, truth, (400, 300), (400, 300))
    assert overlap(found, carried(mask, truth, (400, 300))) > 0.99


def test_the_other_frame_is_fitted_into_its_own():
    mask = np.zeros((300, 400), dtype=bool)
    mask[100:200, 150:250] = True
    # B is 200 x 600: half of it fills the height of 300, 100 wide, with 150 left on either side.
    found = moved_mask(mask, shift(0, 0), (400, 300), (200, 600))
    expected = np.zeros_like(mask)
    expected[50:100, 225:275] = True
    np.testing.assert_array_equal(found, expected)


def test_a_mask_that_leaves_its_photo_is_refused():
    with pytest.raises(InputError, match="nothing of the moved mask"):
        moved_mask(np.ones((30, 40), dtype=bool), shift(500, 0), (40, 30), (40, 30))


def test_nothing_of_opencv_is_loaded_by_importing():
    code = "import sys, dinosar.alignment, dinosar.shape.outlines; print('cv2' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
