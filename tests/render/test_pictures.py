"""Every picture of a comparison is drawn, the same twice, with a footer that says how it came about."""

import io
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from dinosar.config import CompareConfig
from dinosar.render.pictures import drawings, footer, pictures
from dinosar.scores import Score

CELLS = [f"homology_{name}" for name in ("dissimilarity", "histogram", "similar", "different", "grid", "consensus")]
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
STEMS = ["dissimilarity", "histogram", "matches_similar", "matches_different", "masks", "pca", "saliency"]


def config_of(figures=None, mode="similarity", **inputs):
    figures = {"dpi": 50, "top": 4, **(figures or {})}
    inputs = {"a": "a.jpg", "b": "b.jpg", **inputs}
    return CompareConfig.model_validate({"inputs": inputs, "figures": figures, "mode": mode})


def of_cells_alone(comparison):
    """The comparison as it is in mode tps_homology."""
    scores = {name: score for name, score in comparison.scores.items() if name.startswith("homology")}
    parts = {**comparison.parts, "matcher": "tps_homology"}
    return replace(comparison, matches=None, scores=scores, headline="homology", parts=parts)


@pytest.mark.parametrize(("kind", "again"), [("png", 7), ("svg", 7), ("pdf", 3)])
def test_every_picture_is_of_its_kind_and_byte_for_byte_the_same_twice(kind, again, comparison):
    drawn = dict(pictures(comparison, config_of({"format": kind})))
    assert list(drawn) == STEMS
    for stem, data in drawn.items():
        assert data.startswith(MAGIC[kind]), stem
        assert len(data) > 5000, stem
    for stem, data in islice(pictures(comparison, config_of({"format": kind})), again):
        assert data == drawn[stem], stem


@pytest.mark.parametrize(("kind", "again"), [("png", 6), ("svg", 6), ("pdf", 2)])
def test_every_picture_of_cells_is_of_its_kind_and_the_same_twice(kind, again, by_proposal):
    alone, config = of_cells_alone(by_proposal), config_of({"format": kind, "cell_numbers": True}, "tps_homology")
    drawn = dict(pictures(alone, config))
    assert list(drawn) == [*CELLS, *STEMS[4:]]
    for stem, data in drawn.items():
        assert data.startswith(MAGIC[kind]), stem
        assert len(data) > 5000, stem
    for stem, data in islice(pictures(alone, config), again):
        assert data == drawn[stem], stem


def test_what_was_compared_is_drawn(by_cells):
    assert list(drawings(by_cells)) == [*STEMS[:4], *CELLS, *STEMS[4:]]
    assert list(drawings(of_cells_alone(by_cells))) == [*CELLS, *STEMS[4:]]


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


def test_the_footer_says_how_cells_were_compared(by_cells):
    first, second, third, fourth = footer(by_cells, config_of(mode="both", keypoints="x/set by me.json")).split("\n")
    found, score = by_cells.homology, by_cells.scores["homology"]
    assert f"distance {by_cells.distance:.4f} (foreground; 0 = identical" in first
    assert f"distance {score.distance:.4f} (homology, {score.of_random:.2f} of random patch pairs)" in second
    assert f"{found.counted.sum()} of {found.shape[0]} x {found.shape[1]} cells, 16 px = 1 patch wide" in second
    assert "6 landmarks from set by me.json" in second
    assert third.startswith("mode both   backbone toy-v1")
    assert "patch 16 px" in fourth


def test_the_footer_of_cells_alone_says_nothing_of_likeness(by_cells):
    words = footer(of_cells_alone(by_cells), config_of(mode="tps_homology", keypoints="a.json"))
    assert words.count("\n") == 2
    assert words.startswith(f"distance {by_cells.scores['homology'].distance:.4f} (homology; 0 = identical")
    assert [word for word in ("foreground", "matcher", "patches A") if word in words] == []


def test_the_footer_says_that_landmarks_were_proposed_and_that_a_mean_shape_was_given(by_cells, by_proposal):
    assert "6 landmarks proposed" in footer(by_proposal, config_of(mode="both"))
    given = footer(by_cells, config_of(mode="both", keypoints="a.json", consensus="x/mean.npz"))
    assert "mean shape from mean.npz" in given


def test_the_footer_says_that_landmarks_were_carried_and_from_where(by_cells):
    carried = replace(by_cells, homology=replace(by_cells.homology, source="transferred"))
    assert (
        footer(carried, config_of(mode="both", keypoints="x/T.json"))
        .split("\n")[1]
        .endswith("6 landmarks carried, from T.json")
    )


@pytest.mark.parametrize(("cell", "said"), [((24.0, 24.0), "24 px = 1.5 patches wide"),
                                            ((32.0, 20.0), "32 x 20 px = 2 x 1.25 patches")])  # fmt: skip
def test_the_footer_says_how_large_a_cell_is(cell, said, by_cells):
    assert said in footer(replace(by_cells, homology=replace(by_cells.homology, cell=cell)), config_of(mode="both"))


def test_the_footer_says_how_both_were_turned_where_they_were(by_cells):
    turned = replace(by_cells, homology=replace(by_cells.homology, facing=(10.0, -15.0)))
    assert "turned" not in footer(by_cells, config_of(mode="both"))
    assert "mode both (for cells A turned by 10°, B by -15°)" in footer(turned, config_of(mode="both"))


def test_the_footer_says_why_cells_were_not_compared(by_cells):
    scores = by_cells.scores | {"homology": Score("homology", "", not_computed="the landmarks lie on one line")}
    words = footer(replace(by_cells, homology=None, scores=scores), config_of(mode="both"))
    assert "homology was not computed: the landmarks lie on one line" in words


@pytest.mark.parametrize(("movement", "said"), [(np.eye(3), "(moved into the pose of B)"),
                                                (None, "(mask alone moved into the pose of B)")])  # fmt: skip
@pytest.mark.parametrize("name", ["toy-1", "n" * 200])
def test_that_a_specimen_was_moved_is_said_however_long_its_name(movement, said, name, comparison, sheets):
    photo = replace(comparison.a.photo, name=name)
    moved = replace(comparison, a=replace(comparison.a, photo=photo, movement=movement, posed="by masks"))
    next(pictures(moved, config_of()))
    labels = [panel.get_title(loc="left") for panel in sheets[0].panels]
    assert labels[0].startswith("A  " + name[:5])
    assert labels[0].endswith(said)
    assert labels[1] == "B  toy-2"


def test_pictures_in_svg_keep_the_blanks_between_words(comparison):
    (_, data), *_ = pictures(comparison, config_of({"format": "svg"}))
    assert data.count(b"<text ") == data.count(b'<text xml:space="preserve" ') > 0
