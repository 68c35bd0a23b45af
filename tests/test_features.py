"""A photo is shown to a backbone from its native pixels, once, and what comes back does not depend on the store."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import map_coordinates

from dinosar.config import CompareConfig, ImageConfig, Part
from dinosar.contracts import Backbone
from dinosar.data import Encoding, Photo
from dinosar.features import between, network_image, rounded, see, unit
from dinosar.grid import fit_grid
from dinosar.maskers.whole import Whole
from dinosar.notices import collected
from dinosar.parts import Seeing, build_backbone
from dinosar.specimens import specimen
from dinosar.store import Store
from dinosar.testing import toy_photo

PHOTO = toy_photo(3)
SMALL = ImageConfig(size=160)
FIELDS = ("tokens", "summary", "attention")


class Blocks(Backbone):
    """Mean and spread of the colours of each patch, with what it was shown kept for the test to look at."""

    patch = 16
    name = "test_features:Blocks"

    def __init__(self):
        super().__init__()
        self.shown = []

    def encode(self, image):
        self.shown.append(image.copy())
        rows, columns = (side // self.patch for side in image.shape[:2])
        blocks = image.reshape(rows, self.patch, columns, self.patch, 3).swapaxes(1, 2).reshape(rows, columns, -1, 3)
        tokens = np.concatenate([blocks.mean(axis=2), blocks.std(axis=2)], axis=-1)
        return Encoding(tokens, summary=tokens.mean(axis=(0, 1)), attention=tokens[..., 0][None], attention_layers=(7,))


def same_features(first, second):
    assert first.attention_kind == second.attention_kind
    assert first.attention_layers == second.attention_layers
    for name in FIELDS:
        assert np.array_equal(getattr(first, name), getattr(second, name))
        assert getattr(first, name).dtype == getattr(second, name).dtype == np.float32


@pytest.mark.parametrize("make", [Blocks, lambda: build_backbone(Part(use="classic"))], ids=["blocks", "classic"])
def test_a_cold_a_warm_and_no_store_give_identical_bits(make, tmp_path):
    store = Store(tmp_path)
    cold, warm, off = (see(PHOTO, make(), SMALL, each) for each in (store, store, None))
    same_features(cold, warm)
    same_features(cold, off)
    assert store.contents().items == 1


def test_a_photo_meets_the_network_once(tmp_path):
    backbone, store = Blocks(), Store(tmp_path)
    for _ in range(3):
        see(PHOTO, backbone, SMALL, store)
    see(replace(PHOTO, name="another name"), backbone, SMALL, store)
    assert len(backbone.shown) == 1
    see(PHOTO, backbone, ImageConfig(size=128), store)
    assert len(backbone.shown) == 2


def test_tokens_are_unit_vectors_on_the_grid():
    features = see(PHOTO, Blocks(), SMALL)
    assert features.tokens.shape == (features.grid.rows, features.grid.columns, 6)
    assert np.allclose(np.linalg.norm(features.tokens, axis=-1), 1, atol=1e-6)
    assert np.linalg.norm(features.summary) == pytest.approx(1, abs=1e-6)
    assert features.attention_layers == (7,)


def test_attention_is_passed_on_as_it_is():
    backbone = Blocks()
    features = see(PHOTO, backbone, SMALL)
    assert np.array_equal(features.attention, backbone.encode(backbone.shown[0]).attention.astype(np.float32))


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=st.floats(-1e30, 1e30)))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_unit_vectors_keep_their_direction_and_zeros_stay_zero(vectors):
    vectors[np.abs(vectors).max(axis=1) < 1e-100] = 0
    found, length = unit(vectors), np.linalg.norm(vectors, axis=1, keepdims=True)
    assert found.dtype == np.float32
    assert np.allclose(found.astype(float) * length, vectors, rtol=1e-6, atol=length.max() * 1e-6)
    assert np.array_equal(found.any(axis=1), length[:, 0] > 0)


def test_rounding_twice_is_rounding_once():
    once = rounded(Blocks().encode(np.ascontiguousarray(PHOTO.pixels[:96, :96])))
    stored = Encoding(once.tokens.astype(np.float16).astype(np.float32))
    assert np.array_equal(once.tokens, stored.tokens)


def black_on_the_left():
    pixels = PHOTO.pixels.copy()
    pixels[:, :64] = 0
    return replace(PHOTO, pixels=pixels)


def test_a_token_without_direction_stays_zero_and_is_never_compared():
    config = CompareConfig.model_validate({"inputs": {"a": "a", "b": "b"}, "image": {"size": 160, "crop": False}})
    found = specimen(black_on_the_left(), Seeing(Blocks(), Whole()), config, None)
    assert not found.features.tokens[:, :4].any()
    assert found.features.directed[:, 4:].all()
    assert np.array_equal(found.patches, found.features.directed)
    assert not set(found.indices % found.features.grid.columns) & set(range(4))


@pytest.mark.parametrize("fit", ["native", "letterbox", "stretch"])
def test_at_scale_one_the_network_sees_the_very_pixels(fit):
    size = (160, 160) if fit == "stretch" else (160, 112)
    pixels = toy_photo(1, size).pixels
    image = network_image(pixels, fit_grid(size, 16, fit=fit, size=160))
    assert np.array_equal(image, pixels)


@pytest.mark.parametrize("size", [(100, 70), (97, 33), (15, 40)])
def test_padding_repeats_the_edge_on_both_sides_and_is_less_than_a_patch(size):
    pixels = toy_photo(2, size).pixels
    grid = fit_grid(size, 16, fit="native")
    left, top, width, height = grid.content
    right, bottom = grid.network[0] - left - width, grid.network[1] - top - height
    assert max(left, right, top, bottom) <= 8
    expected = np.pad(pixels, ((top, bottom), (left, right), (0, 0)), mode="edge")
    assert np.array_equal(network_image(pixels, grid), expected)


def photo_with_fine_pattern():
    """A large grey photo with a fine pattern, one pixel black and one white, in a box of 160 x 112 pixels."""
    pixels = np.full((1200, 1600, 3), 128, dtype=np.uint8)
    y, x = np.mgrid[:112, :160]
    pixels[300:412, 700:860] = (255 * ((x + y) % 2))[..., None]
    return Photo(pixels, "fine")


def test_a_crop_is_taken_from_the_native_photo_before_it_is_resized():
    photo, backbone = photo_with_fine_pattern(), Blocks()
    see(photo, backbone, SMALL, crop=(700, 300, 160, 112))
    assert np.array_equal(backbone.shown[0], photo.pixels[300:412, 700:860])
    see(photo, backbone, SMALL)
    assert backbone.shown[1].std() < 12  # shrunk before cropping, the pattern would be grey


def test_shrinking_takes_means_and_does_not_alias():
    image = network_image(photo_with_fine_pattern().pixels[300:412, 700:860], fit_grid((160, 112), 16, size=80))
    assert image.shape == (64, 80, 3)
    assert np.abs(image.astype(float) - 127.5).max() <= 1


def test_stretching_one_side_while_shrinking_the_other_does_not_alias():
    stripes = np.repeat((255 * (np.arange(1000) % 2)).astype(np.uint8)[None, :, None], 200, axis=0).repeat(3, axis=2)
    image = network_image(stripes, fit_grid((1000, 200), 16, fit="stretch", size=500))
    assert image.std() < 40


def test_white_surroundings_hide_what_is_not_specimen_and_keep_what_is():
    backbone, mask = Blocks(), np.zeros(PHOTO.pixels.shape[:2], dtype=bool)
    mask[32:80, 48:112] = True
    see(PHOTO, backbone, SMALL.model_copy(update={"surroundings": "white"}), mask=mask)
    see(PHOTO, backbone, SMALL, mask=mask)
    white, kept = backbone.shown
    assert (white[~mask] == 255).all()
    assert np.array_equal(white[mask], PHOTO.pixels[mask])
    assert np.array_equal(kept, PHOTO.pixels)


def test_features_name_their_backbone_by_its_id():
    assert see(PHOTO, build_backbone(Part(use="classic")), SMALL).backbone.startswith("classic-v")


@pytest.mark.parametrize(("side", "told"), [(15, True), (100, False)])
def test_a_photo_that_is_enlarged_beyond_sense_is_said_to_be(side, told):
    backbone = build_backbone(Part(use="classic"))
    with collected() as warnings:
        see(toy_photo(0, (side, side)), backbone, ImageConfig(size=512))
    assert bool(warnings) == told
    assert not told or "is enlarged 34 times" in warnings[0]


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 6))
def test_tokens_between_centres_are_those_scipy_interpolates(seed, rows, columns):
    rng = np.random.default_rng(seed)
    tokens = rng.normal(size=(rows, columns, 4)).astype(np.float32)
    asked = rng.uniform(-1, 7, (5, 2))
    theirs = [map_coordinates(tokens[..., d], asked[:, ::-1].T, order=1, mode="nearest") for d in range(4)]
    np.testing.assert_allclose(between(tokens, asked), np.stack(theirs, axis=1), atol=1e-5)
