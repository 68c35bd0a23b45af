"""Ties join the right places in the colour of the place on A, and say what geometry says of them."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import words_of
from drawn_matches import colour_at, matched_of, pairs_of, scene_of, specimen_of
from matplotlib.patches import ConnectionPatch

from dinosar.render.match_links import in_words, links_picture, title_of
from dinosar.render.match_ties import judged_by, place_colours, tie_key
from dinosar.sparse.pairs import Agreement

A, B = specimen_of(1), specimen_of(2)


def ties(sheet):
    return [each for each in sheet.figure.artists if isinstance(each, ConnectionPatch)]


def drawn(sheet):
    """The ends and the colour of every tie, and whether it is a firm line."""
    return {(tuple(t.xy1), tuple(t.xy2)): (t.get_edgecolor()[:3], t.get_linestyle()) for t in ties(sheet)}


def labels(pairs, shown=50):
    return [entry.get_label() for entry in tie_key(pairs, shown)]


@pytest.mark.parametrize("shown", [1, 10, 24, 50])
def test_the_best_are_tied_at_their_places_in_the_colour_of_their_place_on_a(shown, sheets):
    matched = matched_of(A, B, 24)
    links_picture(scene_of(matched, shown), matched.features)
    found, pairs = drawn(sheets[0]), matched.features
    n = min(shown, 24)
    assert len(found) == n
    colours = place_colours(pairs.a, A)
    for i in range(n):
        colour, line = found[tuple(pairs.a[i]), tuple(pairs.b[i])]
        assert np.allclose(colour, colours[i])
        assert (line == "-") == bool(pairs.fundamental.held[i])


def test_a_disc_lies_at_both_ends(sheets):
    matched = matched_of(A, B, 9)
    data = links_picture(scene_of(matched, dpi=150), matched.features)
    colours = place_colours(matched.features.a, A)
    for i, held in enumerate(matched.features.fundamental.held):
        for axes, point in zip(sheets[0].panels, (matched.features.a[i], matched.features.b[i]), strict=True):
            expected = colours[i] if held else np.ones(3)
            assert np.allclose(colour_at(data, sheets[0], axes, point), expected, atol=0.05)


def test_colours_tell_left_from_right_and_top_from_bottom():
    low, high = A.places.min(axis=0), A.places.max(axis=0)
    corners = np.array([low, [high[0], low[1]], [low[0], high[1]], high])
    colours = place_colours(corners, A)
    apart = np.abs(colours[:, None] - colours[None]).max(axis=2)
    assert apart[~np.eye(4, dtype=bool)].min() > 0.25
    assert np.array_equal(place_colours(corners - 1000, A)[3], colours[0])
    assert place_colours(np.zeros((0, 2)), A).shape == (0, 3)


def test_the_key_counts_what_is_drawn():
    pairs = pairs_of(A, B, 24)
    assert labels(pairs) == ["fits one epipolar geometry: 18 of the 24 drawn", "does not fit it: 6"]
    assert labels(pairs, 10) == ["fits one epipolar geometry: 4 of the 10 drawn", "does not fit it: 6"]
    assert labels(pairs_of(A, B, 3)) == ["not judged, for no geometry was found: 3"]
    assert labels(pairs_of(A, B, 0)) == []


def test_a_solid_scene_is_asked_before_a_flat_one():
    both = pairs_of(A, B, 24, flat=True)
    alone = replace(both, fundamental=Agreement(None))
    assert judged_by(both)[0] == "epipolar geometry"
    assert judged_by(alone) == ("homography", alone.homography)
    assert labels(alone)[0] == "fits one homography: 18 of the 24 drawn"


@pytest.mark.parametrize(("count", "shown", "title"), [
    (0, 50, "Features: no match"),
    (1, 50, "Features: 1 match"),
    (5, 50, "Features: all 5 matches"),
    (24, 50, "Features: all 24 matches; 18 fit one geometry (by chance 2.4)"),
    (24, 10, "Features: the 10 best of 24 matches; 18 fit one geometry (by chance 2.4)"),
])  # fmt: skip
def test_the_title_says_how_many_of_how_many_and_how_many_geometry_bears_out(count, shown, title):
    assert title_of(pairs_of(A, B, count), shown) == title


def test_the_words_tell_each_model_and_what_was_not_found():
    both, none = pairs_of(A, B, 24, flat=True), pairs_of(A, B, 3)
    assert in_words(both, 50)[1] == (
        "One epipolar geometry fits 18 of 24 (by chance 2.4). One homography fits 18 of 24 (by chance 1.5)."
    )
    assert in_words(none, 50)[1].startswith("No epipolar geometry and no homography was found")
    assert (
        in_words(both, 3)[0]
        == f"Matched by toy-v1, mutual; order: 1 - cosine, 0.1 to {both.distance[2]:.3g} in what is drawn."
    )
    assert in_words(pairs_of(A, B, 1), 3)[0].endswith("order: 1 - cosine, 0.1 in what is drawn.")
    assert in_words(pairs_of(A, B, 0), 3) == ["Matched by toy-v1, mutual; order: 1 - cosine."]


def test_where_nothing_matches_that_is_said_on_both_photos(sheets):
    matched = matched_of(A, B, 0)
    links_picture(scene_of(matched), matched.features)
    assert words_of(sheets[0]).count("no match") == 3
    assert ties(sheets[0]) == []
