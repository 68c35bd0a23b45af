"""The bare overlay is the map, bilinear between patches, mixed with its picture pixel for pixel."""

import io
import tracemalloc

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dinosar.config import MapConfig
from dinosar.errors import UsageError
from dinosar.features import between
from dinosar.grid import Grid, fit_grid
from dinosar.render import bare_overlay
from dinosar.render.bare_overlay import overlay, palette, png_bytes, spread_out, to_ends

RANDOM = np.random.default_rng(0)


def map_of(grid, seed=0, top=1.0):
    return top * np.random.default_rng(seed).random((grid.rows, grid.columns))


def picture_of(size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def everywhere(values, grid):
    """The map at every pixel, and where it is bare."""
    return spread_out(values, grid).rows(slice(None))


def by_formula(pixels, value, look):
    """The definition in float64, with matplotlib's own look-up; not rounded."""
    colour = 255 * matplotlib.colormaps[look.colormap](value)[..., :3]
    weight = look.alpha * (value if look.alpha_mode == "proportional" else np.ones_like(value))[..., None]
    return (1 - weight) * pixels + weight * colour


@pytest.mark.parametrize("size", [(90, 64), (37, 37), (301, 5), (5, 301), (1, 1), (64, 48)])
@pytest.mark.parametrize("patches", [1, 2, 7])
def test_values_are_those_of_an_independent_bilinear_enlargement(size, patches):
    torch = pytest.importorskip("torch")
    grid = fit_grid(size, 14, fit="stretch", size=14 * patches)
    values = map_of(grid)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None, None], size=size[::-1], mode="bilinear", align_corners=False
    )[0, 0].numpy()
    found, bare = everywhere(values, grid)
    assert np.allclose(found, expected, atol=1e-5)
    assert not bare.any()


@pytest.mark.parametrize("mode", ["constant", "proportional"])
@pytest.mark.parametrize("colormap", ["hot", "viridis"])
def test_pixels_are_mixed_as_the_formula_says_to_within_one_level(mode, colormap):
    torch = pytest.importorskip("torch")
    size = (173, 131)
    grid, pixels = fit_grid(size, 14, fit="stretch", size=98), picture_of(size)
    values, look = map_of(grid), MapConfig(colormap=colormap, alpha_mode=mode, alpha=0.6)
    value = torch.nn.functional.interpolate(torch.from_numpy(values)[None, None], size=size[::-1], mode="bilinear")
    expected = by_formula(pixels, value[0, 0].numpy(), look)
    found = overlay(pixels, values, grid, look)
    assert (found.dtype, found.shape) == (np.uint8, pixels.shape)
    assert np.abs(found - expected).max() <= 1
    assert np.abs(found - expected).mean() < 0.3  # rounded, not cut off: that would be half a level off


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 120), height=st.integers(1, 120), patch=st.sampled_from([7, 14, 16]),
       fit=st.sampled_from(["letterbox", "native", "stretch"]), seed=st.integers(0, 99))  # fmt: skip
def test_values_lie_where_the_geometry_of_the_grid_puts_them(width, height, patch, fit, seed):
    """Padding of letterbox and native included: a pixel has the value of its place among the centres of patches."""
    grid = fit_grid((width, height), patch, fit=fit, size=64)
    values = map_of(grid, seed)
    random = np.random.default_rng(seed)
    pixels = np.stack([random.integers(0, width, 40), random.integers(0, height, 40)], axis=1)
    lattice = grid.to_network(pixels + 0.5) / patch - 0.5
    expected = between(values[..., None], lattice)[:, 0]
    found, bare = everywhere(values, grid)
    assert not bare.any()
    assert np.allclose(found[pixels[:, 1], pixels[:, 0]], expected, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0, 1))
def test_patches_that_are_nan_leave_the_picture_bare_and_enter_no_neighbour(seed, share):
    size = (83, 61)
    grid, pixels = fit_grid(size, 14, fit="letterbox", size=84), picture_of(size, seed)
    values = map_of(grid, seed)
    values[np.random.default_rng(seed).random(values.shape) < share] = np.nan
    found, bare = everywhere(values, grid)
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    own = grid.patch_at(grid.to_network(np.stack([x.ravel(), y.ravel()], axis=1))).reshape(size[::-1])
    assert np.array_equal(bare, np.isnan(values.ravel()[own]))
    assert np.isfinite(found).all()
    known = values[np.isfinite(values)]
    if known.size:
        assert found[~bare].min() >= known.min() - 1e-12
        assert found[~bare].max() <= known.max() + 1e-12
    drawn = overlay(pixels, values, grid, MapConfig(alpha=1))
    assert np.array_equal(drawn[bare], pixels[bare])


def test_beside_a_nan_the_others_share_its_part():
    grid = fit_grid((40, 10), 10, fit="native")
    values = np.array([[0.2, np.nan, 0.6, 1.0]])
    found, _ = everywhere(values, grid)
    assert np.allclose(found[5, :10], 0.2)
    assert np.allclose(found[5, 20:26], [0.6, 0.6, 0.6, 0.6, 0.6, 0.62])


def test_what_was_not_shown_to_the_network_stays_bare():
    grid = Grid((60, 40), (10, 5, 30, 20), (28, 14), (0, 0, 28, 14), 14)
    pixels = picture_of((60, 40))
    drawn = overlay(pixels, np.ones((1, 2)), grid, MapConfig(alpha=1))
    changed = (drawn != pixels).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 24, 10, 39)


def test_without_weight_there_is_the_picture_and_with_all_of_it_the_colours():
    grid, pixels = fit_grid((50, 30), 10, fit="native"), picture_of((50, 30))
    values = np.full((3, 5), 0.5)
    assert np.array_equal(overlay(pixels, values, grid, MapConfig(alpha=0)), pixels)
    full = overlay(pixels, values, grid, MapConfig(alpha=1))
    assert (full == np.rint(255 * np.array(matplotlib.colormaps["hot"](0.5)[:3]))).all()


def test_proportional_weights_leave_the_picture_where_nothing_mismatches():
    grid, pixels = fit_grid((50, 30), 10, fit="native"), picture_of((50, 30))
    values = np.zeros((3, 5))
    assert np.array_equal(overlay(pixels, values, grid, MapConfig(alpha_mode="proportional")), pixels)
    darker = overlay(pixels, values, grid, MapConfig(alpha_mode="constant"))
    assert darker.mean() < 0.6 * pixels.mean()


def test_values_beyond_the_ends_get_their_colours():
    grid, pixels = fit_grid((30, 10), 10, fit="native"), picture_of((30, 10))
    for values, end in (([[1.25, 1.2, 1.0]], 1.0), ([[-0.5, -0.1, 0.0]], 0.0)):
        beyond = overlay(pixels, np.array(values), grid, MapConfig())
        assert np.array_equal(beyond, overlay(pixels, np.full((1, 3), end), grid, MapConfig()))


@pytest.mark.parametrize(("look", "ends"), [
    ({"vmin": 0.2, "vmax": 0.6}, (0.2, 0.6)), ({"vmax": 2.0}, (0.0, 2.0)), ({"normalization": "none"}, (0.0, 1.0)),
    ({}, (0.0, 1.0)), ({"normalization": "per-direction"}, (0.0, 1.0)),
])  # fmt: skip
def test_absolute_values_are_drawn_between_the_ends(look, ends):
    values = np.array([[ends[0], np.mean(ends), ends[1]]])
    assert np.allclose(to_ends(values, MapConfig(**look)), [[0, 0.5, 1]])


def test_a_plain_map_has_one_value_to_the_last_bit_and_so_one_colour():
    grid = fit_grid((97, 61), 14, fit="letterbox", size=70)
    pixels = np.full((61, 97, 3), 100, np.uint8)
    for value in [*RANDOM.random(50), 0.25, 0.5, 1.0]:
        values = np.full((grid.rows, grid.columns), value)
        assert (everywhere(values, grid)[0] == value).all()
        drawn = overlay(pixels, values, grid, MapConfig())
        assert (drawn == drawn[0, 0]).all()


def test_strips_change_nothing(monkeypatch):
    grid, pixels = fit_grid((97, 61), 14, fit="letterbox", size=70), picture_of((97, 61))
    whole = overlay(pixels, map_of(grid), grid, MapConfig())
    monkeypatch.setattr(bare_overlay, "STRIP", 100)
    assert np.array_equal(overlay(pixels, map_of(grid), grid, MapConfig()), whole)


def test_a_large_picture_needs_little_more_room_than_itself():
    size = (3000, 2000)
    grid, pixels = fit_grid(size, 14, fit="stretch", size=518), np.zeros((2000, 3000, 3), np.uint8)
    tracemalloc.start()
    try:
        overlay(pixels, map_of(grid), grid, MapConfig())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < pixels.nbytes + 40 * 2**20


@pytest.mark.parametrize(("name", "said"), [
    ("hott", "did you mean 'hot'?"), ("Viridis", "did you mean 'viridis'?"), ("qqqqqqqq", "such are cividis, gray"),
    ("a\nb" * 200, "such are"),
])  # fmt: skip
def test_an_unknown_colour_map_is_told_in_one_line_with_what_is_near(name, said):
    with pytest.raises(UsageError, match="map.colormap") as told:
        palette(name)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 400


def test_a_picture_and_a_map_of_other_sizes_are_refused():
    grid = fit_grid((50, 30), 10, fit="native")
    with pytest.raises(ValueError, match="are not those of"):
        overlay(picture_of((30, 50)), np.zeros((3, 5)), grid, MapConfig())
    with pytest.raises(ValueError, match="are not those of"):
        overlay(picture_of((50, 30)), np.zeros((5, 3)), grid, MapConfig())


def test_the_file_holds_the_pixels_and_nothing_else():
    pixels = picture_of((31, 17))
    data = png_bytes(pixels)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode, image.size, image.info) == ("RGB", (31, 17), {})
        assert np.array_equal(np.asarray(image), pixels)
    assert data == png_bytes(pixels[:, :, :].copy())
