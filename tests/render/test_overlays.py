"""Values are painted on the patches they belong to, on one scale for both specimens."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dinosar.components import joint_colours
from dinosar.render.overlays import (
    ceiling,
    cut_off,
    dissimilarity_map,
    dissimilarity_maps,
    focus_map,
    focus_maps,
    mask_map,
    pca_map,
    scale_label,
)

DRAWINGS = [dissimilarity_map, focus_map, mask_map, pca_map]


def boxes_of_words(sheet):
    """Where each piece of writing on a sheet lies, in pixels."""
    figure, axes = sheet.figure, sheet.figure.axes
    renderer = figure.canvas.get_renderer()
    artists = [*figure.texts, *figure.legends, *(each._left_title for each in axes if each._left_title.get_text())]
    artists += [axes[-1].yaxis.label] if axes[-1].get_ylabel() else []
    return {str(artist): artist.get_window_extent(renderer) for artist in artists}


def test_the_maps_hold_the_distance_of_each_patch(comparison, stage):
    pair = (comparison.a, comparison.forward), (comparison.b, comparison.backward)
    for values, (specimen, matches) in zip(dissimilarity_maps(stage()), pair, strict=True):
        assert np.array_equal(values[specimen.patches], matches.distance)
        assert np.isnan(values[~specimen.patches]).all()


def test_the_colour_scale_starts_at_zero_and_ends_at_the_percentile_it_names(comparison, stage, sheets):
    dissimilarity_map(stage())
    both = np.concatenate([comparison.forward.distance, comparison.backward.distance])
    for panel in sheets[0].panels:
        assert panel.images[1].get_clim() == pytest.approx((0, np.percentile(both, 99)))
    assert "99th percentile" in sheets[0].figure.axes[2].get_ylabel()
    assert "1 - cosine" in sheets[0].figure.axes[2].get_ylabel()


def test_identical_specimens_are_painted_on_a_scale_that_is_not_empty(comparison, stage, sheets):
    same = replace(comparison.forward, distance=np.zeros(len(comparison.forward)))
    other = replace(comparison.backward, distance=np.zeros(len(comparison.backward)))
    dissimilarity_map(stage(replace(comparison, matches=(same, other))))
    low, high = sheets[0].panels[0].images[1].get_clim()
    assert low < high


def test_a_scale_says_what_is_true_of_its_top():
    """All 0; a few above 0.01, where the 99th percentile lies beneath; none above the 99th percentile."""
    zero, few, same = (np.zeros(500), np.where(np.arange(500) < 2, 0.3, 0.001), np.full(500, 0.2))
    told = [(scale_label(values).split("; ")[1], ceiling(values), cut_off(values)) for values in (zero, few, same)]
    assert told == [("all 0", 0.01, False), ("top: 0.01", 0.01, True), ("top: 99th percentile", 0.2, False)]


@pytest.mark.parametrize(("factor", "said", "arrow"), [(0, "all 0", "neither"), (1e-4, "top: 0.01", "neither"),
                                                       (1, "top: 99th percentile", "max")])  # fmt: skip
def test_the_colour_bar_claims_no_percentile_where_it_ends_elsewhere(factor, said, arrow, comparison, stage, sheets):
    pair = tuple(replace(each, distance=factor * each.distance) for each in comparison.matches)
    dissimilarity_map(stage(replace(comparison, matches=pair)))
    bar = sheets[0].figure.axes[2]
    assert bar.get_ylabel().endswith(f"; {said}")
    assert sheets[0].panels[1].images[1].colorbar.extend == arrow


def test_attention_is_drawn_under_its_own_name_from_the_map_that_weights(comparison, stage, sheets):
    focus_map(stage())
    focus = comparison.b.features.attention[-1]
    assert np.allclose(sheets[0].panels[1].images[1].get_array(), focus / focus.max())
    assert "Saliency of toy-v1" in sheets[0].figure.texts[0].get_text()
    assert sheets[0].figure.axes[2].get_ylabel().startswith("saliency")


def test_each_layer_of_attention_has_a_picture_of_its_own(comparison, stage, sheets):
    layered = [replace(each, features=replace(each.features, attention_kind="attention", attention_layers=(9, 11)))
               for each in (comparison.a, comparison.b)]  # fmt: skip
    drawings = focus_maps(layered[0].features)
    assert list(drawings) == ["attention_layer09", "attention_layer11"]
    for number, draw in enumerate(drawings.values()):
        draw(stage(replace(comparison, a=layered[0], b=layered[1])))
        for panel, specimen in zip(sheets[-1].panels, layered, strict=True):
            values = specimen.features.attention[number]
            assert np.allclose(panel.images[1].get_array(), values / values.max())
        assert f"Attention of toy-v1, layer {(9, 11)[number]}" in sheets[-1].figure.texts[0].get_text()


def test_the_mask_map_veils_exactly_the_patches_that_were_not_compared(comparison, stage, sheets):
    mask_map(stage())
    for panel, specimen in zip(sheets[0].panels, (comparison.a, comparison.b), strict=True):
        assert np.array_equal(np.ma.getmaskarray(panel.images[1].get_array()), specimen.patches)
        assert len(panel.collections[0].get_segments()) == specimen.patches.sum()


def test_components_are_painted_opaque_on_the_patches_compared_alone(comparison, stage, sheets):
    pca_map(stage())
    both = (comparison.a, comparison.b)
    for panel, specimen, rgb in zip(sheets[0].panels, both, joint_colours(*both), strict=True):
        painted = panel.images[1].get_array()
        assert np.allclose(painted[..., :3], rgb)
        assert np.array_equal(painted[..., 3] == 1, specimen.patches)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_words_neither_overlap_nor_run_off_the_sheet(draw, stage, sheets):
    draw(stage(names=("fulgora-alba_i1_p1", "fulgora-fusca_i1_p1"), dpi=150))
    boxes, figure = boxes_of_words(sheets[0]), sheets[0].figure
    for (one, first), (two, second) in itertools.combinations(boxes.items(), 2):
        assert not first.overlaps(second), (one, two)
    for words, box in boxes.items():
        assert box.x0 >= 0, words
        assert box.y0 >= 0, words
        assert box.x1 <= figure.bbox.width, words
        assert box.y1 <= figure.bbox.height, words


FORMS = {"wide": (900, 90), "tall": (90, 900), "square": (300, 300)}


@pytest.mark.parametrize("size", FORMS.values(), ids=FORMS)
def test_wide_and_tall_photos_give_a_sheet_of_a_height_one_can_read(size, compared, stage, sheets):
    dissimilarity_map(stage(compared(size=size, crop=(0, 0, *size))))
    (sheet,) = sheets
    assert 3 <= sheet.height <= 7.5
    for panel in sheet.panels:
        box = panel.get_window_extent()
        assert max(box.width, box.height) / sheet.figure.dpi > 3


@pytest.mark.parametrize("size", FORMS.values(), ids=FORMS)
def test_a_photo_is_never_distorted(size, compared, stage, sheets):
    pca_map(stage(compared(size=size, crop=(0, 0, *size))))
    for panel in sheets[0].panels:
        box = panel.get_window_extent()
        assert box.width / box.height == pytest.approx(size[0] / size[1], rel=0.02)
