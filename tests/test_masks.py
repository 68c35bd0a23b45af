"""A mask is cleaned as plain definitions say, counted on the grid of patches, and never silently wrong or empty."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from dinosar.config import MaskConfig
from dinosar.contracts import Masker
from dinosar.errors import Abstained, InputError, PluginError
from dinosar.grid import fit_grid
from dinosar.masks import (
    asked_together,
    clean,
    count_patches,
    eroded,
    filled,
    find_mask,
    inner,
    largest,
    off_mask,
    on_mask,
)
from dinosar.notices import collected
from dinosar.store import Store
from dinosar.testing import toy_photo

often = settings(max_examples=150, deadline=None, derandomize=True)
PHOTO = toy_photo()
SHAPE = PHOTO.pixels.shape[:2]
AS_IT_IS = MaskConfig(components=0, fill_holes=False)


@st.composite
def masks(draw):
    """Random masks, from specks to blobs."""
    height, width, seed = draw(st.integers(1, 24)), draw(st.integers(1, 24)), draw(st.integers(0, 10**6))
    grain = draw(st.sampled_from((0.0, 0.8, 1.5)))
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((height, width)), grain)
    return noise > np.quantile(noise, draw(st.sampled_from((0.2, 0.5, 0.8, 0.95))))


class Given(Masker):
    """Gives what it was given."""

    name = "given"

    def __init__(self, mask):
        super().__init__()
        self.given = mask

    def mask(self, photo, features):
        return self.given


class Asked(Given):
    """Remembers what it was shown."""

    name = "asked"

    def mask(self, photo, features):
        self.asked = photo, features
        return self.given


class Looks(Asked):
    """Needs features."""

    needs_features = True


def box(left, top, width, height, shape=SHAPE):
    mask = np.zeros(shape, dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


@given(mask=masks(), count=st.integers(1, 4))
@often
def test_the_largest_pieces_are_kept_and_equal_ones_from_the_top(mask, count):
    labels, number = ndimage.label(mask, np.ones((3, 3)))  # numbered in the order in which a reader meets them
    areas = [(labels == i).sum() for i in range(1, number + 1)]
    kept = sorted(range(number), key=lambda i: -areas[i])[:count]
    assert np.array_equal(largest(mask, count), np.isin(labels, [i + 1 for i in kept]))


@given(mask=masks())
@often
def test_holes_are_what_does_not_reach_the_border(mask):
    assert np.array_equal(filled(mask), ndimage.binary_fill_holes(mask))


@given(mask=masks(), radius=st.sampled_from((0.0, 0.5, 1.0, 1.5, 2.0, 3.7)))
@often
def test_erosion_takes_off_what_is_near_an_edge_but_not_near_the_border_of_the_photo(mask, radius):
    distance = np.where(mask.all(), np.inf, ndimage.distance_transform_edt(mask))
    assert np.array_equal(eroded(mask, radius), mask if radius == 0 else distance > radius)


@given(mask=masks(), components=st.integers(0, 3), fill=st.booleans())
@often
def test_cleaning_drops_pieces_and_then_fills_holes(mask, components, fill):
    expected = largest(mask, components) if components else mask
    expected = ndimage.binary_fill_holes(expected) if fill else expected
    assert np.array_equal(clean(mask, MaskConfig(components=components, fill_holes=fill)), expected)


def test_of_two_equal_specks_the_one_nearer_the_top_is_kept():
    specks = box(8, 0, 1, 1) | box(0, 1, 1, 1)
    assert np.array_equal(largest(specks, 1), box(8, 0, 1, 1))


def test_a_pin_and_a_label_are_dropped_and_a_highlight_is_filled():
    specimen, label, highlight = box(40, 30, 60, 50), box(130, 5, 20, 12), box(60, 45, 6, 6)
    found = find_mask(PHOTO, [Given((specimen | label) & ~highlight)], MaskConfig())
    assert np.array_equal(found, specimen)


GRID = fit_grid((160, 112), 16, size=160)


@pytest.mark.parametrize(("pixels", "counts"), [(128, False), (129, True), (256, True), (0, False)])
def test_a_patch_counts_when_strictly_more_than_the_share_is_specimen(pixels, counts):
    mask = np.zeros(SHAPE, dtype=bool)
    block = np.arange(256).reshape(16, 16) < pixels  # row 1, column 2
    mask[16:32, 32:48] = block
    share, patches = count_patches(mask, GRID, MaskConfig(share=0.5))
    assert share[1, 2] == pytest.approx(pixels / 256)
    assert patches[1, 2] == counts
    assert patches.sum() == counts


def test_at_share_zero_every_patch_with_a_pixel_of_specimen_counts():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[50, 70] = True
    share, patches = count_patches(mask, GRID, MaskConfig(share=0))
    assert np.argwhere(patches).tolist() == [[3, 4]]
    assert np.argwhere(share > 0).tolist() == [[3, 4]]


@pytest.mark.parametrize("rings", [0, 1, 2, 3, 4, 9, 50])
def test_border_rings_never_count(rings):
    y, x = np.mgrid[: GRID.rows, : GRID.columns]
    ring = np.minimum.reduce([y, x, GRID.rows - 1 - y, GRID.columns - 1 - x])
    assert np.array_equal(inner(GRID, rings), ring >= rings)
    _, patches = count_patches(np.ones(SHAPE, dtype=bool), GRID, MaskConfig(border_patches=rings))
    assert np.array_equal(patches, ring >= rings)


def test_erosion_is_told_in_pixels_of_the_network():
    mask = box(16, 16, 96, 64)
    half = fit_grid((160, 112), 16, size=80)
    share, _ = count_patches(mask, half, MaskConfig(erode_px=2))
    expected, _ = count_patches(eroded(mask, 4), half, MaskConfig())
    assert np.array_equal(share, expected)


def test_what_is_transparent_is_not_specimen():
    alpha = np.zeros(SHAPE, dtype=np.uint8)
    alpha[20:60, 30:90], alpha[20:60, 90:] = 128, 127
    photo = replace(PHOTO, alpha=alpha)
    found = find_mask(photo, [Given(np.ones(SHAPE, dtype=bool))], MaskConfig())
    assert np.array_equal(found, box(30, 20, 60, 40))


def test_a_masker_is_given_the_features_of_the_photo():
    masker = Looks(box(0, 0, 9, 9))
    find_mask(PHOTO, [masker], AS_IT_IS, "features")
    assert masker.asked == (PHOTO, "features")


def test_features_made_for_one_masker_are_not_shown_to_another_that_needs_none():
    looks, given = Looks(box(0, 0, 9, 9)), Asked(box(0, 0, 9, 9))
    find_mask(PHOTO, [looks, given], AS_IT_IS, "features")
    assert (looks.asked, given.asked) == ((PHOTO, "features"), (PHOTO, None))


def test_an_empty_mask_names_the_photo_and_a_next_step():
    photo = replace(PHOTO, path=Path("photos") / "bee.jpg")
    with pytest.raises(InputError, match=r"masker 'given' found no specimen in '.*bee\.jpg'") as caught:
        find_mask(photo, [Given(np.zeros(SHAPE, dtype=bool))], MaskConfig())
    assert caught.value.exit_code == 3
    assert "--masker whole" in str(caught.value)


def test_a_photo_that_is_transparent_all_over_is_told_as_such():
    photo = replace(PHOTO, alpha=np.zeros(SHAPE, dtype=np.uint8))
    with pytest.raises(InputError, match="'toy-0' is transparent all over"):
        find_mask(photo, [Given(np.ones(SHAPE, dtype=bool))], MaskConfig())


def test_an_empty_mask_of_a_photo_without_a_file_is_told_by_its_name():
    with pytest.raises(InputError, match="'toy-0'"):
        find_mask(PHOTO, [Given(np.zeros(SHAPE, dtype=bool))], MaskConfig())


LEFT, RIGHT = box(10, 10, 60, 40), box(50, 20, 60, 40)


@pytest.mark.parametrize(("combine", "expected"), [("intersection", LEFT & RIGHT), ("union", LEFT | RIGHT)])
def test_two_maskers_must_agree_or_either_will_do(combine, expected):
    config = MaskConfig(combine=combine)
    for first, second in ((LEFT, RIGHT), (RIGHT, LEFT)):
        assert np.array_equal(find_mask(PHOTO, [Given(first), Asked(second)], config), expected)


@given(masks=st.integers(0, 10**6), combine=st.sampled_from(("intersection", "union")), fill=st.booleans())
@often
def test_masks_are_combined_before_they_are_cleaned(masks, combine, fill):
    random = np.random.default_rng(masks)
    one, other = (ndimage.gaussian_filter(random.random(SHAPE), 3) > level for level in (0.49, 0.5))
    config = MaskConfig(combine=combine, components=2, fill_holes=fill)
    joined = one & other if combine == "intersection" else one | other
    assert np.array_equal(find_mask(PHOTO, [Given(one), Asked(other)], config), clean(joined, config))


def test_what_is_transparent_is_not_specimen_whatever_two_maskers_say():
    alpha = np.zeros(SHAPE, dtype=np.uint8)
    alpha[20:60, 30:90] = 255
    whole = np.ones(SHAPE, dtype=bool)
    found = find_mask(replace(PHOTO, alpha=alpha), [Given(whole), Asked(whole)], MaskConfig(combine="union"))
    assert np.array_equal(found, box(30, 20, 60, 40))


@pytest.mark.parametrize("combine", ["intersection", "union"])
def test_two_maskers_that_find_nothing_together_are_named_with_what_each_found(combine):
    first = box(0, 0, 40, 28) if combine == "intersection" else box(0, 0, 0, 0)
    second = box(80, 56, 80, 28) if combine == "intersection" else box(0, 0, 0, 0)
    shares = ("6.25%", "12.50%") if combine == "intersection" else ("0.00%", "0.00%")
    photo = replace(PHOTO, path=Path("photos") / "bee.jpg")
    with pytest.raises(InputError) as caught:
        find_mask(photo, [Given(first), Asked(second)], MaskConfig(combine=combine))
    line = str(caught.value)
    assert line.isprintable()
    assert f"masker 'given' ({shares[0]} of it) and masker 'asked' ({shares[1]} of it)" in line
    assert "bee.jpg" in line
    assert ("mask.combine=union" in line) == (combine == "intersection")


def test_one_of_two_maskers_that_finds_nothing_is_said_aloud_where_the_other_is_enough():
    nothing = box(0, 0, 0, 0)
    with collected() as warnings:
        found = find_mask(PHOTO, [Given(nothing), Asked(LEFT)], MaskConfig(combine="union"))
        find_mask(PHOTO, [Given(RIGHT), Asked(LEFT)], MaskConfig(combine="union"))
    assert np.array_equal(found, LEFT)
    assert warnings == ["masker 'given' found no specimen in 'toy-0'; its mask is that of the other masker"]


WRONG = {
    "uint8": np.ones(SHAPE, dtype=np.uint8),
    "float": np.ones(SHAPE),
    "another size": np.ones((9, 9), dtype=bool),
    "turned": np.ones(SHAPE[::-1], dtype=bool),
    "with a channel": np.ones((*SHAPE, 1), dtype=bool),
    "nothing": None,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_masker_that_gives_another_kind_of_array_is_told_so_in_words(wrong):
    with pytest.raises(PluginError, match=r"masker 'given' must give a bool array of shape \(112, 160\), but gave"):
        find_mask(PHOTO, [Given(wrong)], MaskConfig())
    with pytest.raises(PluginError, match="masker 'given' must give a bool array"):
        find_mask(PHOTO, [Asked(LEFT), Given(wrong)], MaskConfig())


class Weighted(Given):
    """A masker that computes with weights, and counts how often."""

    calls = 0

    def mask(self, photo, features):
        Weighted.calls += 1
        return super().mask(photo, features)

    def facts(self):
        return {"id": "weighted", "weights_sha256": "00"}


def test_a_mask_made_with_weights_is_made_once_for_the_same_pixels(tmp_path):
    store = Store(tmp_path)
    word = np.random.default_rng(3).random(SHAPE) > 0.5
    masker = Weighted(word)
    masker.name = f"{__name__}:Weighted"
    Weighted.calls = 0
    first, second = (find_mask(PHOTO, [masker], AS_IT_IS, None, store) for _ in range(2))
    assert Weighted.calls == 1
    assert np.array_equal(first, word)
    assert np.array_equal(second, word)
    other = replace(PHOTO, pixels=255 - PHOTO.pixels)
    find_mask(other, [masker], AS_IT_IS, None, store)
    assert Weighted.calls == 2
    assert store.contents().by_backbone == {"weighted": 2}


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (64, 33)])
def test_a_kept_mask_comes_back_as_it_was(shape, tmp_path):
    mask = np.random.default_rng(0).random(shape) > 0.5
    Store(tmp_path).put_mask("m", "ab" + "0" * 62, mask)
    found = Store(tmp_path).get_mask("m", "ab" + "0" * 62)
    assert found.dtype == bool
    assert np.array_equal(found, mask)
    file = Store(tmp_path).path("m", "ab" + "0" * 62)
    file.write_bytes(file.read_bytes()[:-1])
    assert Store(tmp_path).get_mask("m", "ab" + "0" * 62) is None


def test_outside_the_photo_nothing_is_covered():
    mask = np.ones((4, 6), dtype=bool)
    points = np.array([[-0.01, 1], [0, 0], [5.99, 3.99], [6, 1], [2, 4], [1e12, 2]])
    assert on_mask(points, mask).tolist() == [False, True, True, False, False, False]


BLOCK = np.zeros((8, 10), bool)
BLOCK[2:5, 3:7] = True


@pytest.mark.parametrize(
    ("point", "distance"),
    [((4.5, 3.5), 0), ((3, 2), 0), ((7, 5), 0), ((9, 3), 2), ((4, 0.5), 1.5), ((10, 9), 5), ((-1, 3), 4)],
)
def test_the_distance_from_a_mask_is_measured_from_the_edges_of_pixels(point, distance):
    assert off_mask(np.array([point], float), BLOCK)[0] == pytest.approx(distance)


@given(st.integers(0, 10_000))
def test_the_nearest_of_all_pixels_counts(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 12)) < 0.2
    mask[4, 5] = True
    points = rng.uniform(-5, 17, (6, 2))
    low = np.argwhere(mask)[:, ::-1].astype(float)
    nearest = np.clip(points[:, None], low, low + 1)
    brute = np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1)
    np.testing.assert_allclose(off_mask(points, mask), brute, atol=1e-12)


def test_from_centre_to_centre_the_distance_is_scipys_to_half_a_pixel_diagonal():
    mask = np.random.default_rng(1).random((30, 40)) < 0.01
    y, x = np.mgrid[:30, :40]
    ours = off_mask(np.stack([x.ravel(), y.ravel()], axis=1) + 0.5, mask).reshape(30, 40)
    theirs = ndimage.distance_transform_edt(~mask)
    assert (ours <= theirs).all()
    assert (ours >= theirs - np.sqrt(0.5) - 1e-9).all()
    assert ((ours == 0) == (theirs == 0)).all()


def test_no_points_have_no_distance():
    assert off_mask(np.empty((0, 2)), BLOCK).shape == (0,)


class Shy(Masker):
    """Cannot tell."""

    name = "shy"

    def mask(self, photo, features):
        raise Abstained("masker 'shy' abstained: it is too dark")


class Pairwise(Masker):
    """Sees photos together, and can tell only the first."""

    name = "pairwise"
    needs_features = True

    def mask(self, photo, features):
        raise NotImplementedError

    def masks(self, photos, features):
        self.shown = list(features)
        return [box(0, 0, 9, 9), *(Abstained(f"nothing beside {photos[0].name}") for _ in photos[1:])]


def test_whoever_abstains_gives_way_aloud_and_nobody_to_nobody():
    mask = box(4, 4, 20, 10)
    with collected() as told:
        found = find_mask(PHOTO, [Shy()], AS_IT_IS, fallback=Given(mask))
    assert np.array_equal(found, mask)
    assert len(told) == 1
    assert "too dark" in told[0]
    assert "masker 'given'" in told[0]
    with pytest.raises(Abstained, match="too dark.*--fallback-masker"):
        find_mask(PHOTO, [Shy()], AS_IT_IS)
    assert np.array_equal(find_mask(PHOTO, [Given(mask), Shy()], AS_IT_IS, fallback=Given(mask)), mask)
    with pytest.raises(Abstained, match="too dark"):
        find_mask(PHOTO, [Given(mask), Shy()], AS_IT_IS, fallback=Shy())


def test_photos_are_shown_to_a_masker_together():
    masker = Pairwise()
    first, second = asked_together([PHOTO, PHOTO], masker, ["one", "two"])
    assert masker.shown == ["one", "two"]
    assert np.array_equal(first, box(0, 0, 9, 9))
    assert str(second) == f"nothing beside {PHOTO.name}"
    assert isinstance(asked_together([PHOTO], Shy(), [None])[0], Abstained)
    with pytest.raises(PluginError, match="bool array"):
        asked_together([PHOTO], Given(np.ones((3, 3))), [None])
    masker.masks = lambda photos, features: [box(0, 0, 9, 9)]
    with pytest.raises(PluginError, match="must give 2 masks, but gave 1"):
        asked_together([PHOTO, PHOTO], masker, [None, None])
