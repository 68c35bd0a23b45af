"""The images that the protocols show: sizes, padding, filters, and where the photo's pixels went."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dinosar.errors import PluginError, UsageError
from dinosar.evaluation.protocols import PROTOCOLS, protocol

NAMES = sorted(PROTOCOLS)
SIZES = [(50, 37), (37, 50), (40, 40), (500, 375), (61, 200)]


def noise(size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, size=(size[1], size[0], 3), dtype=np.uint8)


def ramp(size):
    """Red grows to the right, green downwards, both linearly; blue is the same everywhere."""
    width, height = size
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    red, green = np.broadcast_arrays(x[None, :], y[:, None])
    return np.round(np.stack([20 + 200 * red, 20 + 200 * green, np.full_like(red, 100)], axis=-1)).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_what_the_grid_says_of_a_pixel_is_what_the_image_shows_there(name, size):
    shown = protocol(name).shown(ramp(size), 14, 280)
    assert shown.image.shape == (280, 280, 3)
    y, x = np.mgrid[:280, :280].reshape(2, -1)
    places = shown.grid.to_photo(np.stack([x, y], axis=1) + 0.5)
    step = 2 / np.array(shown.grid.scale) + 2
    well_inside = ((places > step) & (places < np.array(size) - step)).all(axis=1)
    assert well_inside.sum() > 3000
    expected = 20 + 200 * places[well_inside] / size
    seen = shown.image[y[well_inside], x[well_inside]].astype(float)
    assert np.abs(seen[:, :2] - expected).max() <= 1.3  # steps of a ramp in 8 bits, and what the filters make of them
    assert (seen[:, 2] == 100).all()


@pytest.mark.parametrize(
    ("name", "patch", "side"),
    [("sd_dino", 14, 840), ("sd_dino", 16, 832), ("dift", 16, 768), ("dift", 14, 756), ("probe3d", 16, 800),
     ("probe3d", 14, 798), ("probe3d", 8, 800)],
)  # fmt: skip
def test_the_side_is_the_protocols_own_lowered_to_whole_patches(name, patch, side):
    assert protocol(name).side(patch) == side
    shown = protocol(name).shown(noise((30, 20)), patch)
    assert shown.grid.network == (side, side)
    assert shown.grid.rows == shown.grid.columns == side // patch


@pytest.mark.parametrize("name", NAMES)
def test_another_size_is_lowered_as_well_and_less_than_a_patch_is_refused(name):
    assert protocol(name).side(14, 100) == 98
    assert protocol(name).side(14, 14) == 14
    with pytest.raises(UsageError, match=f"protocol {name}: 13 px are less than a patch of 14 px; give 14 or more"):
        protocol(name).shown(noise((30, 20)), 14, 13)


def test_sd_dino_keeps_the_aspect_with_lanczos_in_the_middle_of_black():
    wide = noise((100, 41))
    shown = protocol("sd_dino").shown(wide, 10, 200)
    assert shown.grid.content == (0, 59, 200, 82)
    lanczos = np.asarray(Image.fromarray(wide).resize((200, 82), Image.Resampling.LANCZOS))
    assert (shown.image[59:141] == lanczos).all()
    assert not shown.image[:59].any()
    assert not shown.image[141:].any()
    assert (np.asarray(Image.fromarray(wide).resize((200, 82), Image.Resampling.BICUBIC)) != lanczos).any()
    tall = protocol("sd_dino").shown(np.swapaxes(wide, 0, 1), 10, 200)
    assert tall.grid.content == (59, 0, 82, 200)
    assert not tall.image[:, :59].any()
    assert not tall.image[:, 141:].any()


def test_an_odd_pixel_of_black_goes_below_and_a_half_is_rounded_to_even():
    assert protocol("sd_dino").shown(noise((100, 60)), 5, 85).grid.content == (0, 17, 85, 51)
    assert protocol("sd_dino").shown(noise((100, 59)), 5, 85).grid.content == (0, 17, 85, 50)
    assert protocol("sd_dino").shown(noise((100, 51)), 5, 50).grid.content == (0, 12, 50, 26)
    assert protocol("sd_dino").shown(noise((100, 53)), 5, 50).grid.content == (0, 12, 50, 26)


def test_dift_squashes_bicubically():
    pixels = noise((50, 37))
    shown = protocol("dift").shown(pixels, 16, 64)
    assert (shown.image == np.asarray(Image.fromarray(pixels).resize((64, 64), Image.Resampling.BICUBIC))).all()
    assert shown.grid.content == (0, 0, 64, 64)


@pytest.mark.parametrize("size", [(50, 37), (37, 50)])
def test_probe3d_pads_with_white_and_then_resizes_bicubically(size):
    pixels = noise(size)
    shown = protocol("probe3d").shown(pixels, 16, 64)
    square = Image.new("RGB", (50, 50), "white")
    square.paste(Image.fromarray(pixels), (0, 0))
    assert (shown.image == np.asarray(square.resize((64, 64), Image.Resampling.BICUBIC))).all()
    assert shown.grid.scale == (64 / 50, 64 / 50)
    last = shown.image[-10:] if size[0] > size[1] else shown.image[:, -10:]
    assert (last == 255).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (2000, 1)])
def test_the_thinnest_photo_can_be_shown(name, size):
    assert protocol(name).shown(noise(size), 14, 140).image.shape == (140, 140, 3)


@pytest.mark.parametrize("pixels", [noise((9, 9)).astype(float), noise((9, 9))[..., :1], noise((9, 9))[..., 0]])
def test_other_than_rgb_in_8_bits_is_refused(pixels):
    with pytest.raises(PluginError):
        protocol("dift").shown(pixels, 4, 8)


def test_the_callers_photo_stays_as_it_was_and_the_image_cannot_be_written():
    pixels = noise((64, 64))
    before = pixels.copy()
    shown = protocol("dift").shown(pixels, 16, 64)
    assert (pixels == before).all()
    assert pixels.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        shown.image[0, 0] = 1


@given(
    st.sampled_from(NAMES), st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
)  # fmt: skip
def test_there_and_back_is_where_one_was(name, size, share):
    grid = protocol(name).shown(noise(size), 7, 70).grid
    point = np.array([share]) * size
    inside = grid.to_network(point)
    assert (inside >= 0).all()
    assert (inside < 70).all()
    assert grid.to_photo(inside) == pytest.approx(point, abs=1e-9)
