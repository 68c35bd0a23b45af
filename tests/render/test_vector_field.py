"""Arrows start on their patches and end where, on B, their answers lie; all are drawn unless asked otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, features_of, scene_of, without, words_of
from matplotlib.colors import to_rgba
from matplotlib.quiver import Quiver

from dinosar.data import Features
from dinosar.features import unit
from dinosar.grid import fit_grid
from dinosar.render.frame_scene import ALARM, CALM
from dinosar.render.vector_field import vector_field, vectors


def shifted(features, right, down):
    """The same tokens, moved by whole patches; they come in again at the other side."""
    return replace(features, tokens=np.roll(features.tokens, (down, right), axis=(0, 1)))


def arrows_of(axes):
    """Starts, ways and colour of every set of arrows in a panel."""
    return [(each.get_offsets(), np.stack([each.U, each.V], axis=1), tuple(each.get_facecolor()[0][:3]))
            for each in axes.collections if isinstance(each, Quiver)]  # fmt: skip


@pytest.mark.parametrize(("stride", "count"), [(1, 37 * 37), (4, 100), (36, 4), (37, 1), (1000, 1)])
def test_every_so_many_rows_and_columns_have_an_arrow(stride, count):
    tokens = unit(np.random.default_rng(0).normal(size=(37, 37, 8)))
    features = Features(tokens, fit_grid((300, 200), 14, fit="stretch", size=518), "toy-v1")
    field = vectors(scene_of(features, features), stride)
    assert len(field.starts) == count
    assert field.left_out == 0


def test_an_arrow_goes_from_a_patch_to_the_same_place_as_its_answer_has_on_b():
    a = features_of(1, (200, 120))
    scene = scene_of(a, features_of(2, (90, 260)))
    field, there = vectors(scene, 1), scene.found.there
    for i, (asked, answer) in enumerate(zip(there.asked, there.answer, strict=True)):
        start = scene.found.a.grid.centres_in_photo()[asked]
        end = scene.found.b.grid.centres_in_photo()[answer]
        assert np.allclose(field.starts[i], start)
        assert np.allclose(field.answers[i], end)
        assert np.allclose(field.tips[i], end / (90, 260) * (200, 120))
    assert np.array_equal(field.mutual, there.mutual)


def test_a_picture_moved_by_whole_patches_has_parallel_arrows():
    a = features_of(1, (320, 192), "native")
    scene = scene_of(a, shifted(a, 3, 1))
    field = vectors(scene, 1)
    row, column = np.divmod(scene.found.there.asked, a.grid.columns)
    inner = (column < a.grid.columns - 3) & (row < a.grid.rows - 1)
    assert np.allclose(field.moved[inner], [3, 1])
    assert np.allclose((field.tips - field.starts)[inner], [48, 16])
    assert field.mutual.all()


def test_identical_pictures_are_a_field_of_dots(sheets):
    a = features_of(1)
    vector_field(scene_of(a, a), stride=1)
    left, right = sheets[0].panels
    assert arrows_of(left) == []
    dots = np.concatenate([line.get_xydata() for line in left.lines])
    assert sorted(map(tuple, dots)) == sorted(map(tuple, a.grid.centres_in_photo()))
    assert f"in the same place ({a.grid.rows * a.grid.columns} of" in words_of(sheets[0])
    ends = np.concatenate([each.get_offsets() for each in right.collections])
    assert len(ends) == a.grid.rows * a.grid.columns


def test_pictures_of_other_sizes_that_agree_are_dots_too():
    """The same place on a grid of other patches is the same place, as far as patches can tell."""
    tokens = unit(np.random.default_rng(1).normal(size=(10, 10, 8)))
    for fit, sizes in (("stretch", ((300, 200), (77, 500))), ("letterbox", ((160, 150), (160, 160)))):
        pair = [Features(tokens, fit_grid(size, 16, fit=fit, size=160), "toy-v1") for size in sizes]
        field = vectors(scene_of(*pair), 1)
        assert field.stays.all()
    assert np.abs(field.moved).max() > 0.2


def test_all_arrows_are_drawn_unless_only_mutual_ones_are_wanted(sheets):
    scene = scene_of()
    mutual = int(scene.found.there.mutual.sum())
    every = len(scene.found.there)
    assert 0 < mutual < every
    for show in ("all", "reciprocal"):
        vector_field(scene, 1, show)
    for sheet, count in zip(sheets, (every, mutual), strict=True):
        left, _ = sheet.panels
        drawn = sum(len(starts) for starts, _, _ in arrows_of(left)) + sum(len(line.get_xdata()) for line in left.lines)
        assert drawn == count
    assert f"mutual: {mutual}" in words_of(sheets[0])
    assert f"not mutual: {every - mutual} " in words_of(sheets[0]) + " "
    assert f"not mutual: {every - mutual}, left out" in words_of(sheets[1])


def test_colour_and_form_tell_mutual_from_others_on_both_panels(sheets):
    scene = scene_of()
    vector_field(scene, 1)
    left, right = sheets[0].panels
    field = vectors(scene, 1)
    colours = {tuple(to_rgba(CALM)[:3]): True, tuple(to_rgba(ALARM)[:3]): False}
    for each in left.collections:
        assert (each.angles, each.scale_units, each.scale) == ("xy", "xy", 1)  # so that tips lie where they should
    for starts, ways, colour in arrows_of(left):
        which = (field.mutual == colours[colour]) & ~field.stays
        assert np.allclose(starts, field.starts[which])
        assert np.allclose(ways, (field.tips - field.starts)[which])
    for ends in right.collections:
        mutual = len(ends.get_facecolor()) > 0
        assert colours[tuple(ends.get_edgecolor()[0][:3])] == mutual
        places, shared = np.unique(field.answers[field.mutual == mutual], axis=0, return_counts=True)
        assert np.allclose(ends.get_offsets(), places)
        assert np.allclose(ends.get_sizes(), 14 * np.minimum(shared, 4))


def test_no_arrow_at_all_is_said_in_words(sheets):
    """Only the first patch is drawn, and it is not mutual."""
    scene = scene_of()
    there = scene.found.there
    found = replace(scene.found, there=replace(there, mutual=np.zeros(len(there), bool)))
    vector_field(replace(scene, found=found), 1000, "reciprocal")
    assert "no arrow: none of 1 patches is mutual" in words_of(sheets[0])


def test_patches_without_direction_have_no_arrow():
    a = without(features_of(1), (0, 0), (4, 4))
    field = vectors(scene_of(a), 4)
    centres = a.grid.centres_in_photo().reshape(a.grid.rows, a.grid.columns, 2)[[0, 4], [0, 4]]
    assert not (np.abs(field.starts[:, None] - centres[None]).max(axis=2) < 1e-6).any()


@pytest.mark.parametrize("sizes", [((200, 120), (90, 200)), ((40, 300), (40, 300)), ((64, 48), (300, 30))])
@pytest.mark.parametrize("name", ["a.png", "甲虫 🪲.png", "n" * 200 + "_7.png", "$x$\n"])
def test_everything_lies_on_the_paper(sizes, name, sheets):
    scene = scene_of(*(features_of(i, size) for i, size in enumerate(sizes)), (name, name))
    data = vector_field(scene)
    assert beyond_the_sheet(sheets[0]) == []
    assert data == vector_field(scene)
