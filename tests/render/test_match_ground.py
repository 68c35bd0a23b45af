"""A foreground is shown as it is, and its words say what it rests on, and no more."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import EVIDENCE, GROUND, colour_at, matched_of, scene_of, specimen_of
from matplotlib.colors import to_rgb

from dinosar.render.match_ground import ground_in_words, ground_picture
from dinosar.render.panels import OUTLINE
from dinosar.sparse.matched import Ground


def said(ground):
    return " ".join(ground_in_words(ground, specimen_of(1)))


def test_method_sign_votes_confidence_and_area_are_told():
    specimen = specimen_of(1)
    first, second = ground_in_words(GROUND, specimen)
    assert first == (
        "Foreground: first principal component of the tokens of both photos together, "
        "sign + (what the border of the photo has less of)."
    )
    assert second == (
        f"23.4% of the photo, {specimen.patches.sum()} of {specimen.patches.size} patches; "
        "votes for this side: border +0.98, saliency +0.55, skewness -0.20; confidence 0.58; separability 0.71."
    )


def test_a_vote_that_was_not_asked_is_no_number():
    votes = {"border": 0.5, "attention": None, "skewness": 0.0}
    words = said(replace(GROUND, evidence={**EVIDENCE, "votes": votes, "attention_kind": None, "confidence": None}))
    assert "border +0.50, attention not asked, skewness +0.00; separability 0.71." in words
    assert "confidence" not in words


@pytest.mark.parametrize(("ground", "method"), [
    (Ground("grabcut", 0.2), "Foreground: masker grabcut."),
    (Ground("whole", 1.0), "Foreground: the whole photo, nothing left out."),
    (Ground("ncut", 0.3, (), {"votes": {"border": None}, "sign": None}), "Foreground: normalised cut"),
])  # fmt: skip
def test_other_maskers_are_named_and_nothing_is_made_up_for_them(ground, method):
    words = said(ground)
    assert words.startswith(method)
    assert not any(word in words for word in ("votes", "sign", "confidence", "Asked before", "None"))


def test_why_others_could_not_tell_is_said_once():
    ground = Ground(
        "ncut", 0.3, ("the masks differ.",), {"method": "ncut", "reasons": ["not sure", "the masks differ."]}
    )
    assert said(ground).endswith("Asked before, without a result: the masks differ; not sure.")


@pytest.mark.parametrize("letter", ["A", "B"])
def test_the_outline_lies_on_the_edge_of_the_patches(letter, sheets):
    scene = scene_of(dpi=100)
    data = ground_picture(scene, letter)
    specimen, (axes,) = scene.side(letter)[0].specimen, sheets[0].panels
    grid = specimen.features.grid
    row = grid.rows // 2
    column = int(np.flatnonzero(specimen.patches[row])[0])
    (left,) = grid.to_photo(np.array([[column, row + 0.5]]) * float(grid.patch))
    assert np.allclose(colour_at(data, sheets[0], axes, left), to_rgb(OUTLINE), atol=0.25)
    assert f"{letter}  toy-" in words_of(sheets[0])
    assert f"The foreground of {letter}" in words_of(sheets[0])


@pytest.mark.parametrize("size", [(240, 160), (517, 300), (61, 47)])
def test_an_edge_of_the_mask_is_drawn_where_it_is_not_that_of_the_patches(size, sheets):
    whole = specimen_of(1, size)
    inner = whole.mask.copy()
    y, x = np.argwhere(inner)[0]
    inner[y, x] = False
    for specimen in (whole, replace(whole, mask=inner)):
        ground_picture(scene_of(matched_of(specimen)), "A")
    assert "edge of the mask" not in words_of(sheets[0])
    assert "edge of the mask" in words_of(sheets[1])
