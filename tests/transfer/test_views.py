"""Places of tokens, in units and in pixels of the photo."""

import numpy as np
import pytest
from drawn_sights import PLACES, drawn, sight

from dinosar.config import ImageConfig, MaskConfig
from dinosar.errors import InputError
from dinosar.transfer.turning import Pose
from dinosar.transfer.views import SIDE, touching


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
@pytest.mark.parametrize("pose", [Pose(), Pose(40, True)])
def test_units_lattice_and_photo_lead_back_to_where_they_came_from(fit, pose):
    view = sight(image=ImageConfig(size=256, fit=fit)).view(pose, 256)
    np.testing.assert_allclose(view.to_photo(view.from_photo(PLACES)), PLACES, atol=1e-9)
    units = view.from_photo(PLACES)
    np.testing.assert_allclose(view.units(view.lattice(units)), units, atol=1e-9)


def test_the_centre_of_a_token_lies_on_its_column_and_row():
    view = sight().view(Pose(), 256)
    rows, columns = view.inside.shape
    y, x = np.divmod(np.arange(rows * columns), columns)
    np.testing.assert_allclose(view.lattice(view.places), np.stack([x, y], axis=1), atol=1e-9)


def test_a_specimen_is_about_512_units_long_in_every_photo():
    for size in ((320, 220), (640, 440)):
        scale = np.diag([size[0] / 320, size[1] / 220, 1.0])
        ends = sight(scale, size).view(Pose(), 256).from_photo(np.array([[0, 0], [size[0], 0.0]]))
        np.testing.assert_allclose(np.ptp(ends[:, 0]), SIDE * 320 / (229 * 1.12), rtol=0.03)


def test_each_view_is_made_once():
    seen = sight()
    assert seen.view(Pose(15), 256) is seen.view(Pose(15), 256)
    assert seen.view(Pose(15), 128) is not seen.view(Pose(15), 256)


def test_tokens_inside_are_mask_and_near_ones_surround_them():
    view = sight().view(Pose(), 256)
    assert view.near[view.inside].all()
    assert 0 < view.inside.sum() < view.near.sum() < view.near.size


def test_touching_is_the_dilation_by_one():
    from scipy.ndimage import binary_dilation

    cells = np.random.default_rng(0).random((9, 13)) < 0.1
    np.testing.assert_array_equal(touching(cells), binary_dilation(cells, np.ones((3, 3))))


def test_a_mask_too_small_for_any_patch_is_told():
    tiny = sight()
    tiny.mask = np.zeros_like(drawn()[1])
    tiny.mask[50:52, 50:52] = True
    tiny.counting = MaskConfig(border_patches=40)
    with pytest.raises(InputError, match="no patch of 'blob' counts as specimen"):
        tiny.view(Pose(), 64)


@pytest.mark.parametrize("pose", [Pose(), Pose(40, True)])
def test_the_scale_is_units_in_a_pixel(pose):
    view = sight().view(pose, 256)
    gap = np.linalg.norm(view.from_photo(PLACES[1:]) - view.from_photo(PLACES[:-1]), axis=1)
    np.testing.assert_allclose(gap, view.scale * np.linalg.norm(np.diff(PLACES, axis=0), axis=1))
