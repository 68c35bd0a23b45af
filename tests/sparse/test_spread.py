"""How far matches spread is a plain count of patches near one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.data import Features, Photo, Specimen
from dinosar.features import unit
from dinosar.grid import fit_grid
from dinosar.sparse.spread import spread


def specimen_of(mask, patches=None, patch=16):
    """A specimen whose photo is its own network image."""
    mask = np.asarray(mask, bool)
    photo = Photo(np.zeros((*mask.shape, 3), np.uint8), "drawn")
    grid = fit_grid(photo.size, patch, fit="native")
    if patches is None:
        patches = np.add.reduceat(np.add.reduceat(mask, np.arange(0, len(mask), patch), 0),
                                  np.arange(0, mask.shape[1], patch), 1) > patch**2 / 2  # fmt: skip
    features = Features(unit(np.ones((grid.rows, grid.columns, 3), np.float32)), grid, "drawn-v1")
    return Specimen(photo, features, mask, patches, patches.astype(float))


def ellipse(centre=(200, 100), axes=(150, 70), size=(320, 400)):
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    return ((x - centre[0]) / axes[0]) ** 2 + ((y - centre[1]) / axes[1]) ** 2 < 1


def plainly(places, specimen, share):
    """Patch by patch, place by place."""
    rows, columns = np.nonzero(specimen.mask)
    side = max(rows.max() - rows.min(), columns.max() - columns.min()) + 1
    near = [any(((x - u) ** 2 + (y - v) ** 2) ** 0.5 <= share * side for u, v in places) for x, y in specimen.places]
    return sum(near) / len(near)


many = st.lists(st.tuples(st.floats(-50, 450), st.floats(-50, 370)), min_size=1, max_size=30).map(np.array)
often = settings(max_examples=40, deadline=None, derandomize=True)


@given(places=many, share=st.floats(0, 1))
@often
def test_it_is_a_count_of_patches_near_a_place(places, share):
    specimen = specimen_of(ellipse())
    assert spread(places, specimen, share) == plainly(places, specimen, share)


@given(places=many, more=many, share=st.floats(0, 0.5), wider=st.floats(0, 0.5))
@often
def test_more_places_and_a_wider_radius_never_cover_less(places, more, share, wider):
    specimen = specimen_of(ellipse())
    covered = spread(places, specimen, share)
    assert covered <= spread(np.vstack([places, more]), specimen, share)
    assert covered <= spread(places, specimen, share + wider)


def test_a_place_on_every_patch_covers_all_and_none_covers_nothing():
    specimen = specimen_of(ellipse())
    assert spread(specimen.places, specimen, 0.0) == 1
    assert spread(np.empty((0, 2)), specimen) == 0
    assert spread(specimen.places[:1], specimen, 0.0) == 1 / len(specimen.places)


def test_what_lies_at_the_radius_counts_and_a_hair_beyond_does_not():
    mask = np.zeros((160, 320), bool)
    mask[16:80, 0:320] = True  # the box is 320 px long: a tenth is 32, two patches
    specimen = specimen_of(mask)
    assert specimen.patches.sum() == 4 * 20
    centre = np.array([[168.0, 40.0]])  # patches up to two away along an axis, one along a diagonal
    assert spread(centre, specimen) * 80 == 12  # the fifth row of its 13 is no specimen
    assert spread(centre, specimen, 0.1 - 1e-9) * 80 == 9
    assert spread(centre - [0, 1e-9], specimen) * 80 == 11  # the one straight below is out


def test_the_radius_goes_by_the_box_around_the_foreground_and_not_by_the_photo():
    small = specimen_of(ellipse(axes=(75, 35)))
    tall = specimen_of(ellipse(centre=(200, 160), axes=(40, 150)))
    for specimen, side in ((small, 150), (tall, 300)):
        at = specimen.places[:1]
        near = np.hypot(*(specimen.places - at).T) <= 0.1 * side
        assert spread(at, specimen) == near.mean()


def test_in_a_photo_that_was_squeezed_near_is_what_is_near_in_the_photo():
    photo = Photo(np.zeros((160, 640, 3), np.uint8), "drawn")
    grid = fit_grid(photo.size, 16, fit="stretch", size=160)
    features = Features(unit(np.ones((10, 10, 3), np.float32)), grid, "drawn-v1")
    specimen = Specimen(photo, features, np.ones((160, 640), bool), np.ones((10, 10), bool), np.ones((10, 10)))
    assert spread(np.array([[288.0, 72.0]]), specimen) == pytest.approx((9 + 2) / 100)  # patches are 64 px by 16


def test_without_patches_there_is_no_share():
    nothing = specimen_of(ellipse(), np.zeros((20, 25), bool))
    assert spread(np.array([[1.0, 1.0]]), nothing) is None
