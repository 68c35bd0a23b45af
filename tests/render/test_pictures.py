"""Every picture of a comparison is drawn, the same twice, with a footer that says how it came about."""

import io
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from dinosar.config import CompareConfig
from dinosar.render.pictures import footer, pictures

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
STEMS = ["dissimilarity", "histogram", "matches_similar", "matches_different", "masks", "pca", "saliency"]


def config_of(figures=None, **inputs):
    figures = {"dpi": 50, "top": 4, **(figures or {})}
    return CompareConfig.model_validate({"inputs": {"a": "a.jpg", "b": "b.jpg", **inputs}, "figures": figures})


@pytest.mark.parametrize(("kind", "again"), [("png", 7), ("svg", 7), ("pdf", 3)])
def test_every_picture_is_of_its_kind_and_byte_for_byte_the_same_twice(kind, again, comparison):
    drawn = dict(pictures(comparison, config_of({"format": kind})))
    assert list(drawn) == STEMS
    for stem, data in drawn.items():
        assert data.startswith(MAGIC[kind]), stem
        assert len(data) > 5000, stem
    for stem, data in islice(pictures(comparison, config_of({"format": kind})), again):
        assert data == drawn[stem], stem


def test_every_png_has_the_resolution_and_the_size_asked_for(comparison, sheets):
    for _, data in pictures(comparison, config_of({"dpi": 70})):
        picture = Image.open(io.BytesIO(data))
        assert picture.info["dpi"] == pytest.approx((70, 70), abs=0.02)
        assert picture.size == pytest.approx((sheets[-1].width * 70, sheets[-1].height * 70), abs=1)
        assert np.ptp(np.asarray(picture.convert("L"))) > 200


def test_every_picture_has_a_title_and_names_its_backbone_and_distance(comparison, sheets):
    for stem, _ in pictures(comparison, config_of()):
        title, foot = (text.get_text() for text in sheets[-1].figure.texts)
        assert len(title) > 10, stem
        assert "backbone toy-v1" in foot
        assert f"distance {comparison.distance:.4f}" in foot


def test_without_a_map_of_attention_none_is_drawn(comparison):
    blind = [replace(each, features=replace(each.features, attention=None)) for each in (comparison.a, comparison.b)]
    assert [stem for stem, _ in pictures(replace(comparison, a=blind[0], b=blind[1]), config_of())] == STEMS[:-1]


def test_the_footer_says_what_was_used(comparison):
    words = footer(comparison, config_of())
    parts = ("masker auto", "matcher similarity", "320 x 224 px (x 1.07)", "letterbox", "crop +6%", "patch 16 px")
    counts = (f"patches A {len(comparison.a.indices)}, B {len(comparison.b.indices)}",)
    assert [part for part in (*parts, *counts) if part not in words] == []
    assert words.count("\n") == 2


@pytest.mark.parametrize("inputs", [{}, {"a_px_per_mm": 9}, {"b_px_per_mm": 9}, {"a_px_per_mm": 9, "b_px_per_mm": 18}])
def test_specimens_that_are_not_drawn_to_one_scale_are_said_not_to_be(inputs, comparison, sheets):
    config = config_of(**inputs)
    next(pictures(comparison, config))
    panels = [panel.get_window_extent().width for panel in sheets[0].panels]
    shown = [
        width / side.features.grid.crop[2] * (inputs.get(f"{name}_px_per_mm") or float("nan"))
        for width, side, name in zip(panels, (comparison.a, comparison.b), "ab", strict=True)
    ]
    to_one_scale = shown[0] == pytest.approx(shown[1], rel=0.01)
    assert ("not to one scale" in footer(comparison, config)) != to_one_scale


def test_a_scale_bar_is_drawn_for_the_side_whose_scale_is_known(comparison, sheets):
    next(pictures(comparison, config_of(b_px_per_mm=20)))
    written = [[text.get_text() for text in panel.texts] for panel in sheets[0].panels]
    assert written[0] == []
    assert written[1][0].endswith(" mm")


def test_the_labels_say_which_specimen_is_which(comparison, sheets):
    next(pictures(comparison, config_of()))
    assert [panel.get_title(loc="left") for panel in sheets[0].panels] == ["A  toy-1", "B  toy-2"]
