"""Heat maps hold the numbers they claim, on scales that are named, and say when there is nothing to see."""

import io

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, features_of, scene_of, without, words_of
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from dinosar.errors import UsageError
from dinosar.render.bare_overlay import palette
from dinosar.render.frame_maps import mismatch_map, mismatch_maps, similarity_map
from dinosar.render.frame_scene import BARE

SIZES = [(200, 120), (90, 200), (48, 36), (300, 40)]
NAMES = ["甲虫 🪲.png", "a\nb\t.png", "$x_1$ and $.png", "n" * 200 + "_000123.png"]
DRAWINGS = [
    lambda scene: similarity_map(scene, "A"),
    lambda scene: mismatch_map(scene, "B"),
    mismatch_maps,
]


def drawn(sheet, number=-1):
    """The map in a panel, NaN where it is bare, and its image."""
    image = sheet.panels[number].images[-1]
    return np.ma.filled(image.get_array().astype(float), np.nan), image


@pytest.mark.parametrize("which", ["A", "B"])
def test_similarity_is_the_cosine_on_a_scale_of_its_own_values(which, sheets):
    scene = scene_of()
    similarity_map(scene, which)
    tokens = [each.flat.astype(float) for each in (scene.found.a, scene.found.b)]
    cosine = (tokens[0] @ tokens[1].T).max(axis=1 if which == "A" else 0)
    values, image = drawn(sheets[0])
    assert np.allclose(values.ravel(), cosine, atol=1e-6)
    assert image.get_clim() == pytest.approx((cosine.min(), cosine.max()), abs=1e-6)
    assert image.get_cmap().name == "viridis"
    said = words_of(sheets[0])
    assert f"Similarity of {which} to {'B' if which == 'A' else 'A'}" in said
    assert "higher: more alike" in said
    assert f"{which}  {which.lower()}.png" in said


@pytest.mark.parametrize(("look", "ends", "said"), [
    ({}, (0, 1), "x 1.25 where not mutual,\nthen 0 to 1 over A and B"),
    ({"boost": 1}, (0, 1), "mismatch: 0 to 1 over A and B"),
    ({"normalization": "per-direction"}, (0, 1.25), "0 to 1 in this picture,\nthen x 1.25 where not mutual"),
    ({"normalization": "per-direction", "boost": 2}, (0, 2), "then x 2 where not mutual"),
    ({"normalization": "none"}, (0, 1), "1 - cosine, x 1.25 where not mutual"),
    ({"vmin": 0.1, "vmax": 0.4, "boost": 1}, (0.1, 0.4), "1 - cosine\nhigher"),
    ({"colormap": "magma"}, (0, 1), "higher: less alike"),
])  # fmt: skip
def test_the_map_of_mismatch_is_the_normalised_one_on_the_scale_it_names(look, ends, said, sheets):
    scene = scene_of(**look)
    for which, expected in (("A", scene.found.map_a), ("B", scene.found.map_b)):
        mismatch_map(scene, which)
        values, image = drawn(sheets[-1])
        assert np.array_equal(values, expected)
        assert image.get_clim() == pytest.approx(ends)
        assert image.get_cmap().name == look.get("colormap", "hot")
        assert said in words_of(sheets[-1])
        assert f"Mismatch of {which} against" in words_of(sheets[-1])


def test_what_lies_beyond_set_ends_shows_as_arrows_on_the_bar(sheets):
    mismatch_map(scene_of(vmin=0.2, vmax=0.3), "B")
    mismatch_map(scene_of(vmin=0.2, vmax=50), "B")
    mismatch_map(scene_of(), "B")
    assert [drawn(sheet)[1].colorbar.extend for sheet in sheets] == ["both", "min", "neither"]


def test_the_maps_of_both_hold_bare_distances_neither_raised_nor_stretched(sheets):
    scene = scene_of(boost=3)
    mismatch_maps(scene)
    both = np.concatenate([scene.found.raw_a.ravel(), scene.found.raw_b.ravel()])
    for number, raw in enumerate((scene.found.raw_a, scene.found.raw_b)):
        values, image = drawn(sheets[0], number)
        assert np.array_equal(values, raw)
        assert image.get_clim() == pytest.approx((0, np.percentile(both, 99)))
    assert "1 - cosine; top: 99th percentile" in words_of(sheets[0])


def test_the_maps_of_both_keep_ends_that_were_set(sheets):
    mismatch_maps(scene_of(vmin=0.1, vmax=0.7))
    assert all(drawn(sheets[0], number)[1].get_clim() == (0.1, 0.7) for number in (0, 1))
    assert "on a set scale" in words_of(sheets[0])


def test_dots_lie_on_the_patches_that_are_not_mutual(sheets):
    scene = scene_of()
    mismatch_maps(scene)
    alone = 0
    for axes, side in zip(sheets[0].panels, scene.sides, strict=True):
        (dots,) = axes.lines
        asked = side.matches.asked[~side.matches.mutual]
        assert np.allclose(dots.get_xydata(), side.features.grid.centres_in_photo()[asked])
        alone += len(asked)
    assert alone > 0
    assert f"({alone} of {2 * scene.found.raw_a.size} patches)" in words_of(sheets[0])


def test_patches_without_direction_are_told_from_all_colours(sheets):
    scene = scene_of(b=without(features_of(2), (1, 2), (3, 4)))
    mismatch_map(scene, "B")
    values, _ = drawn(sheets[0])
    assert np.argwhere(np.isnan(values)).tolist() == [[1, 2], [3, 4]]
    assert to_hex(sheets[0].panels[1].get_facecolor()) == BARE
    assert np.abs(palette("hot") - 255 * np.array(to_rgb(BARE))).max(axis=1).min() > 30
    assert "not compared" in words_of(sheets[0])
    mismatch_maps(scene)
    assert "bare: not compared" in words_of(sheets[1])
    mismatch_map(scene, "A")
    assert "not compared" not in words_of(sheets[2])


@pytest.mark.parametrize("normalization", ["global", "per-direction", "none"])
def test_identical_pictures_give_one_colour_and_words(normalization, sheets):
    scene = scene_of(features_of(1), features_of(1), normalization=normalization)
    for draw in DRAWINGS:
        draw(scene)
    assert drawn(sheets[0])[1].get_clim() == pytest.approx((0.999, 1))
    for sheet in sheets:
        values, image = drawn(sheet)
        low, high = image.get_clim()
        assert high - low >= 0.9e-3
        shades = np.ptp(image.to_rgba(values).reshape(-1, 4), axis=0)
        assert shades.max() == 0
        assert "no pattern" in words_of(sheet)


def test_a_pair_with_a_pattern_says_nothing_of_none(sheets):
    for draw in DRAWINGS:
        draw(scene_of())
    assert not any("no pattern" in words_of(sheet) for sheet in sheets)


def test_one_flat_direction_of_two_is_told_for_itself(sheets):
    """Every patch of A is found again in B, which holds more than A."""
    wide = features_of(2, (320, 120), "native")
    narrow = features_of(2, (192, 120), "native")
    part = type(narrow)(wide.tokens[:, : narrow.grid.columns], narrow.grid, narrow.backbone)
    scene = scene_of(part, wide, normalization="per-direction")
    mismatch_map(scene, "A")
    mismatch_map(scene, "B")
    assert ["no pattern" in words_of(sheet) for sheet in sheets] == [True, False]


def test_map_and_photo_share_the_pixels_of_the_picture(sheets):
    scene = scene_of(features_of(1, (200, 130)), features_of(2, (200, 130)))
    similarity_map(scene, "A")
    photo, panel = sheets[0].panels
    assert photo.get_xlim() == panel.get_xlim() == (0, 200)
    assert photo.get_ylim() == panel.get_ylim() == (130, 0)
    left, right, bottom, top = panel.images[0].get_extent()
    grid = scene.a.features.grid
    columns = left + (np.arange(grid.columns) + 0.5) * (right - left) / grid.columns
    rows = top + (np.arange(grid.rows) + 0.5) * (bottom - top) / grid.rows
    centres = grid.centres_in_photo().reshape(grid.rows, grid.columns, 2)
    assert np.allclose(centres[0, :, 0], columns)
    assert np.allclose(centres[:, 0, 1], rows)
    assert panel.images[0].get_interpolation() == "nearest"
    assert f"{grid.columns} x {grid.rows} patches" in words_of(sheets[0])


def test_an_unknown_colour_map_is_a_mistake_of_usage():
    with pytest.raises(UsageError, match="did you mean 'hot'"):
        mismatch_map(scene_of(colormap="hott"), "A")


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("other", [(200, 120), (60, 200)])
def test_everything_lies_on_the_paper_whatever_the_shape(draw, size, other, sheets):
    scene = scene_of(features_of(1, size), without(features_of(2, other), (0, 0)), vmin=0.001, vmax=0.0015)
    draw(scene)
    assert beyond_the_sheet(sheets[0]) == []


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_drawn_without_a_warning_within_the_sheet(draw, name, sheets):
    scene = scene_of(names=(name, name))
    assert draw(scene).startswith(b"\x89PNG")
    assert beyond_the_sheet(sheets[0]) == []


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_same_pair_gives_the_same_bytes_with_its_footer(draw, sheets):
    scene = scene_of()
    data = draw(scene)
    assert data == draw(scene)
    assert "backbone toy-v1" in words_of(sheets[0])
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
