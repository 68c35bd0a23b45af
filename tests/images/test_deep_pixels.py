"""How more than 8 bits become 8, and how each mode of Pillow becomes RGB, against sums done by hand."""

import colorsys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from images_corpus import ALPHA, GREY, PICTURE
from PIL import Image

from dinosar.images import LoadOptions
from dinosar.images.deep_pixels import DeepPixels, linear, to_eight_bits
from dinosar.images.files import Refused
from dinosar.images.pillow import eight_bits, judged


def scaled(values: Any, rule: Any, white: float = 65535) -> tuple[list[int], str]:
    pixels, notes = to_eight_bits(DeepPixels(np.atleast_2d(values), white), rule)
    return pixels.ravel().tolist(), " ".join(notes)


def test_full_divides_by_257_and_rounds() -> None:
    every = np.arange(65536, dtype=np.uint16)
    pixels, _ = scaled(every, "full")
    assert pixels == [(2 * value + 257) // 514 for value in range(65536)]


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32, np.float64])
def test_minmax_spreads_the_whole_picture(kind: Any) -> None:
    pixels, note = scaled(np.array([100, 151, 355, 610], kind), "minmax")
    assert pixels == [0, 26, 128, 255]
    assert "100 is black, 610 is white" in note


def test_minmax_takes_all_channels_together() -> None:
    values = np.array([[[0, 100, 200]]], np.uint16)
    pixels, _ = to_eight_bits(DeepPixels(values, 65535), "minmax")
    assert pixels.tolist() == [[[0, 128, 255]]]


def test_percentile_leaves_half_a_percent_at_either_end_to_be_clipped() -> None:
    values = np.arange(1001, dtype=np.uint16)
    values[-1] = 60000  # a hot pixel that minmax would give the whole range
    pixels, note = scaled(values, "percentile")
    assert "5 is black, 995 is white" in note
    assert pixels[:6] == [0] * 6
    assert pixels[500] in (127, 128)
    assert pixels[995:] == [255] * 6


def test_dark_pictures_are_remarked_upon_only_where_that_helps() -> None:
    assert "percentile" in scaled(np.array([0, 4095], np.uint16), "full")[1]
    assert "dark" not in scaled(np.array([0, 9000], np.uint16), "full")[1]
    assert "dark" not in scaled(np.array([0, 4095], np.uint16), "minmax")[1]
    assert "dark" not in scaled(np.array([0, 0], np.uint16), "full")[1]


@pytest.mark.parametrize("rule", ["full", "minmax", "percentile"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_refused(rule: Any, bad: float) -> None:
    with pytest.raises(Refused, match="NaN or infinite"):
        scaled(np.array([0.5, bad]), rule, 1)


@pytest.mark.parametrize("values", [[-0.01, 0.5], [0.5, 1.01]])
def test_floats_outside_nought_to_one_need_another_rule(values: list[float]) -> None:
    with pytest.raises(Refused, match="minmax"):
        scaled(np.array(values), "full", 1)
    assert scaled(np.array(values), "minmax", 1)[0] == [0, 255]


@pytest.mark.parametrize("rule", ["minmax", "percentile"])
def test_a_picture_without_contrast_cannot_be_stretched(rule: Any) -> None:
    with pytest.raises(Refused, match="contrast"):
        scaled(np.full(9, 7, np.uint16), rule)


@given(st.lists(st.integers(0, 65535), min_size=2, max_size=30), st.integers(0, 60000), st.integers(1, 5000))
def test_table_and_sum_agree_and_order_is_kept(values: list[int], low: int, width: int) -> None:
    short = linear(np.array([values], np.uint16), low, low + width)
    long = linear(np.array([values], np.int64), low, low + width)
    assert np.array_equal(short, long)
    assert (np.diff(short[0][np.argsort(values)].astype(int)) >= 0).all()


def test_pictures_of_many_rows_are_scaled_throughout() -> None:
    values = np.linspace(0, 1, 1000)[:, None]
    assert np.array_equal(linear(values, 0, 1), np.rint(values * 255))


def hsv_by_hand() -> Any:
    return np.array([[[255 * c for c in colorsys.hsv_to_rgb(*(p / 255))] for p in row] for row in PICTURE])


def unmultiplied_by_hand() -> Any:
    return np.minimum(PICTURE * (255 / np.maximum(ALPHA, 1)[..., None].astype(float)), 255)


PALETTE = Image.fromarray(PICTURE).quantize(40)
TABLE = np.array(PALETTE.getpalette()).reshape(-1, 3)
MODES = {
    "L": (Image.fromarray(GREY), np.repeat(GREY[..., None], 3, axis=2), None),
    "1": (Image.fromarray(GREY > 99), np.repeat((GREY > 99)[..., None] * 255, 3, axis=2), None),
    "RGB": (Image.fromarray(PICTURE), PICTURE, None),
    "RGBX": (Image.fromarray(PICTURE).convert("RGBX"), PICTURE, None),
    "HSV": (Image.fromarray(PICTURE, "HSV"), hsv_by_hand(), None),
    "LA": (Image.fromarray(np.dstack([GREY, ALPHA])), np.repeat(GREY[..., None], 3, axis=2), ALPHA),
    "RGBA": (Image.fromarray(np.dstack([PICTURE, ALPHA])), PICTURE, ALPHA),
    "PA": (PALETTE.convert("PA"), TABLE[np.asarray(PALETTE)], np.full_like(ALPHA, 255)),
    "RGBa": (Image.frombytes("RGBa", (32, 24), np.dstack([PICTURE, ALPHA]).tobytes()), unmultiplied_by_hand(), ALPHA),
    "La": (Image.frombytes("La", (32, 24), np.dstack([GREY, ALPHA]).tobytes()), None, ALPHA),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_pillow_becomes_rgb(mode: str) -> None:
    image, expected, alpha = MODES[mode]
    assert image.mode == mode
    pixels, found = eight_bits(image)
    assert pixels.shape == (24, 32, 3)
    assert pixels.dtype == np.uint8
    if expected is not None:
        tolerance = {"HSV": 3, "RGBa": 1}.get(mode, 0)
        seen = slice(None) if alpha is None else alpha > 0
        assert np.abs(pixels[seen].astype(float) - expected[seen]).max() <= tolerance
    assert np.array_equal(found, alpha) if alpha is not None else found is None


@pytest.mark.parametrize("value", [0, 9, 99, -1, "6", b"\6", (6,), None, 6.5, 2**40])
def test_an_absurd_orientation_counts_as_upright_and_is_noted(value: object) -> None:
    turn, notes = judged(value)
    assert turn == 1
    assert "means nothing" in notes[0]


@pytest.mark.parametrize("wrong", [{"background": "pink"}, {"bit_depth": "auto"}, {"max_megapixels": 0}, {"depth": 8}])
def test_options_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LoadOptions(**wrong)


def test_every_option_says_why() -> None:
    assert all(each.description and len(each.description) > 40 for each in LoadOptions.model_fields.values())
