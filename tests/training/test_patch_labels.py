"""Labels of patches: counted and chosen as plain loops do it, and mirrored with the pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.grid import Grid, fit_grid
from dinosar.retrieval.blocks import Block
from dinosar.training.examples import Example, example_of
from dinosar.training.homography_labels import homography_landing
from dinosar.training.labels import landing_counts, mirrored, one_to_one, pixel_centres

WIDE, TALL = fit_grid((101, 67), 8, size=48), fit_grid((50, 80), 8, size=44)
tables = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 4, np.random.default_rng(seed).integers(1, 7, 2))
)


def chosen_by_loops(counts):
    """A column for each row by its largest count, then a row for each column among those that are left."""
    rows, columns = counts.shape
    kept = {}
    for p in range(rows):
        best = 0
        for q in range(columns):
            if counts[p][q] > best:
                best, kept[p] = counts[p][q], q
    found = np.zeros(counts.shape, dtype=bool)
    for q in range(columns):
        asking = [p for p in range(rows) if kept.get(p) == q]
        if asking:
            found[max(asking, key=lambda p: (counts[p][q], -p)), q] = True
    return found


def counted_by_loops(a, b, landing):
    """Pixel by pixel."""
    found = np.zeros((a.rows * a.columns, b.rows * b.columns), dtype=int)
    left, top, width, height = a.content
    for row in range(top, top + height):
        for column in range(left, left + width):
            here = np.array([[column + 0.5, row + 0.5]])
            (place,), (seen,) = landing(a.to_photo(here))
            x, y, wide, high = b.crop
            if not seen or not (x <= place[0] < x + wide and y <= place[1] < y + high):
                continue
            there = b.to_network(place[None])[0] + 1e-9
            patch = int(there[1] // b.patch) * b.columns + int(there[0] // b.patch)
            found[row // a.patch * a.columns + column // a.patch, patch] += 1
    return found


def askew(seed):
    """A homography between the two photos that shows much of each on the other, and a mask."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(-0.4, 0.4)
    rotation = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    homography = np.array([[1, 0, 25], [0, 1, 40], [0, 0, 1.0]]) @ rotation @ np.diag([0.7, 0.9, 1.0])
    homography = homography @ np.array([[1, 0, -48], [0, 1, -32], [0, 0, 1.0]])
    homography[2, :2] = rng.uniform(-0.002, 0.002, 2)
    return homography, rng.random((67, 101)) < 0.2


@given(tables, st.integers(0, 2**32 - 1))
def test_each_chooses_one_and_both_ways_agree(counts_ab, seed):
    counts_ba = np.random.default_rng(seed).integers(0, 4, counts_ab.T.shape)
    found = one_to_one(counts_ab, counts_ba)
    np.testing.assert_array_equal(found, chosen_by_loops(counts_ab) & chosen_by_loops(counts_ba).T)
    assert found.sum(axis=0).max() <= 1
    assert found.sum(axis=1).max() <= 1


def test_a_pair_whose_only_patch_is_the_first_has_it():
    counts = np.zeros((4, 4), dtype=int)
    counts[0, 0] = 1
    assert np.argwhere(one_to_one(counts, counts)).tolist() == [[0, 0]]


def test_nothing_in_common_gives_nothing():
    assert not one_to_one(np.zeros((3, 5), dtype=int), np.zeros((5, 3), dtype=int)).any()
    assert one_to_one(np.zeros((0, 5), dtype=int), np.zeros((5, 0), dtype=int)).shape == (0, 5)


@pytest.mark.parametrize("seed", range(4))
def test_pixels_are_counted_as_by_loops(seed):
    homography, hidden = askew(seed)
    landing = homography_landing(homography, hidden)
    found = landing_counts(WIDE, TALL, landing)
    np.testing.assert_array_equal(found, counted_by_loops(WIDE, TALL, landing))
    assert 0 < found.sum() < len(pixel_centres(WIDE))


def test_nothing_lands_on_what_is_hidden_in_the_other():
    grid = fit_grid((48, 40), 8, size=48)
    hidden = np.zeros((40, 48), dtype=bool)
    hidden[8:16, 16:24] = True  # the third patch of the second row
    counts = landing_counts(grid, grid, homography_landing(np.eye(3), None, hidden))
    assert counts[:, 8].sum() == 0
    assert counts.sum() == 40 * 48 - 64


def test_a_picture_lands_on_itself():
    grid = fit_grid((48, 40), 8, size=48)
    counts = landing_counts(grid, grid, homography_landing(np.eye(3)))
    np.testing.assert_array_equal(counts, np.diag(np.full(grid.rows * grid.columns, 64)))


def test_padding_lands_nowhere_and_is_landed_on_by_nothing():
    grid = Grid((40, 40), (0, 0, 40, 40), (48, 48), (0, 0, 40, 40), 8)
    counts = landing_counts(grid, grid, homography_landing(np.eye(3)))
    beyond = [p for p in range(36) if p % 6 == 5 or p // 6 == 5]
    assert counts.sum() == 1600
    assert not counts[beyond].any()
    assert not counts[:, beyond].any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_labels_of_mirrored_pictures_are_those_of_the_mirrored_map(seed, flip_a, flip_b):
    homography, hidden = askew(seed)
    mirror_a = np.array([[-1, 0, 101], [0, 1, 0], [0, 0, 1.0]]) if flip_a else np.eye(3)
    mirror_b = np.array([[-1, 0, 50], [0, 1, 0], [0, 0, 1.0]]) if flip_b else np.eye(3)
    # What a person would get who mirrors the pictures by hand and works the homography out anew.
    anew = homography_landing(mirror_b @ homography @ mirror_a, hidden[:, ::-1] if flip_a else hidden)
    followed = mirrored(homography_landing(homography, hidden), 101 if flip_a else None, 50 if flip_b else None)
    expected = counted_by_loops(WIDE, TALL, anew)
    found = landing_counts(WIDE, TALL, followed)
    # Of thousands of pixels one or two lie so near to an edge that rounding decides.
    assert np.abs(found - expected).sum() <= 4
    assert found.sum() > 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_mirrored_twice_is_as_it_was(seed):
    homography, hidden = askew(seed)
    plain = homography_landing(homography, hidden)
    twice = mirrored(mirrored(plain, 101, 50), 101, 50)
    points = np.random.default_rng(seed).uniform(1, 60, (200, 2))
    for one, other in zip(plain(points), twice(points), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_where_the_content_fills_the_grid_mirrored_labels_are_mirrored_columns():
    grid = fit_grid((48, 48), 8, size=48)
    shift = homography_landing(np.array([[1, 0, 8], [0, 1, 0], [0, 0, 1.0]]))
    both = landing_counts(grid, grid, mirrored(shift, 48, 48)).reshape(6, 6, 6, 6)
    np.testing.assert_array_equal(both, landing_counts(grid, grid, shift).reshape(6, 6, 6, 6)[:, ::-1, :, ::-1])


def test_only_patches_that_vote_are_chosen_among():
    tokens = np.eye(4, dtype=np.float32)
    grid = fit_grid((16, 16), 8, size=16)
    a = Block("a", tokens[:3], np.array([0, 1, 3]), grid)
    b = Block("b", tokens[:2], np.array([1, 2]), grid)
    counts = np.zeros((4, 4), dtype=int)
    counts[0, 0], counts[0, 1], counts[3, 2], counts[2, 2] = 9, 2, 3, 8
    found = example_of(a, b, counts, counts.T)
    # Patch 0 of a would choose patch 0 of b, which has no vote; patch 2 of a has none itself.
    assert found.positives.tolist() == [[0, 0], [2, 1]]


def test_an_example_names_patches_that_are_there():
    grid = fit_grid((16, 16), 8, size=16)
    a = Block("a", np.eye(4, dtype=np.float32), np.arange(4), grid)
    with pytest.raises(ValueError, match="not there"):
        Example(a, a, np.array([[0, 4]]))
