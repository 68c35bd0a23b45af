"""The matches drawn are the right ones, kept apart, at their places, in the colour of their distance."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import ConnectionPatch

from dinosar.render.links import APART, different_matches, most_different, similar_matches, strongest


def by_hand(matches, columns, order, count, allowed):
    """Walks down a ranking and takes what is, at both ends, far enough from all taken before."""
    taken = []
    for i in order:
        ends = np.array([divmod(int(matches.asked[i]), columns), divmod(int(matches.answer[i]), columns)])
        apart = all((np.linalg.norm(ends - others, axis=1) >= APART).all() for _, others in taken)
        if allowed[i] and apart and len(taken) < count:
            taken.append((int(i), ends))
    return [i for i, _ in taken]


def ranked(matches, sign):
    return sorted(range(len(matches)), key=lambda i: sign * matches.distance[i])


@pytest.mark.parametrize("count", [1, 2, 5, 12, 200])
def test_the_strongest_are_the_nearest_mutual_matches_that_keep_apart(comparison, count):
    forward = comparison.forward
    expected = by_hand(forward, comparison.a.patches.shape[1], ranked(forward, 1), count, forward.mutual)
    links = strongest(comparison, count)
    assert [(link.a, link.b, link.distance, link.asked_by) for link in links] == [
        (forward.asked[i], forward.answer[i], forward.distance[i], "A") for i in expected
    ]
    assert 1 <= len(links) <= count


@pytest.mark.parametrize("count", [1, 2, 5, 12, 200])
def test_the_most_different_places_are_the_worst_of_either_side(comparison, count):
    links = most_different(comparison, count)
    assert len(links) <= count
    for side, matches, specimen in (
        ("A", comparison.forward, comparison.a),
        ("B", comparison.backward, comparison.b),
    ):
        own = [link for link in links if link.asked_by == side]
        order, everyone = ranked(matches, -1), np.ones(len(matches), dtype=bool)
        expected = by_hand(matches, specimen.patches.shape[1], order, len(own), everyone)
        asked, answer = ("a", "b") if side == "A" else ("b", "a")
        assert [getattr(link, asked) for link in own] == matches.asked[expected].tolist()
        assert [getattr(link, answer) for link in own] == matches.answer[expected].tolist()
        assert [link.distance for link in own] == matches.distance[expected].tolist()


def test_both_sides_have_their_share_of_the_most_different_places(comparison):
    asked = [link.asked_by for link in most_different(comparison, 6)]
    assert asked == ["A"] * 3 + ["B"] * 3


def test_equal_distances_are_taken_in_the_order_of_the_grid(comparison):
    flat = replace(comparison.forward, distance=np.zeros(len(comparison.forward)))
    links = strongest(replace(comparison, forward=flat), 3)
    assert [link.a for link in links] == sorted(link.a for link in links)


def lines_of(sheet):
    """The lines drawn between the panels, as (start, end, style)."""
    found = sheet.figure.findobj(ConnectionPatch)
    return [(tuple(line.xy1), tuple(line.xy2), line.get_linestyle()) for line in found]


@pytest.mark.parametrize(("draw", "pick"), [(similar_matches, strongest), (different_matches, most_different)])
def test_lines_run_between_the_centres_of_the_patches_they_link(draw, pick, comparison, stage, sheets):
    draw(stage(top=6))
    places = [specimen.features.grid.centres_in_photo() for specimen in (comparison.a, comparison.b)]
    expected = [
        (tuple(places[0][link.a]), tuple(places[1][link.b]), "-" if link.asked_by == "A" else "--")
        for link in pick(comparison, 6)
    ]
    assert lines_of(sheets[0]) == expected


@pytest.mark.parametrize(("draw", "pick"), [(similar_matches, strongest), (different_matches, most_different)])
def test_ends_are_numbered_on_both_specimens_in_the_order_of_the_links(draw, pick, comparison, stage, sheets):
    draw(stage(top=6))
    places = [specimen.features.grid.centres_in_photo() for specimen in (comparison.a, comparison.b)]
    for panel, own, end in zip(sheets[0].panels, places, "ab", strict=True):
        numbered = [text for text in panel.texts if text.get_text().isdigit()]
        assert [text.get_text() for text in numbered] == [str(n) for n in range(1, len(numbered) + 1)]
        assert [tuple(text.xy) for text in numbered] == [tuple(own[getattr(x, end)]) for x in pick(comparison, 6)]


@pytest.mark.parametrize("draw", [similar_matches, different_matches])
def test_lines_do_not_run_over_the_numbers(draw, stage, sheets):
    draw(stage(top=6))
    lines = sheets[0].figure.findobj(ConnectionPatch)
    radius = sheets[0].panels[0].lines[-1].get_markersize() / 2
    assert lines
    assert all(min(line.shrinkA, line.shrinkB) >= 0.8 * radius for line in lines)


@pytest.mark.parametrize("draw", [similar_matches, different_matches])
def test_title_says_how_many_there_are_and_nothing_covers_it(draw, stage, sheets):
    draw(stage(top=4, dpi=150))
    figure = sheets[0].figure
    title, legend = figure.texts[0], figure.legends[0]
    assert "The 4 " in title.get_text()
    renderer = figure.canvas.get_renderer()
    assert not title.get_window_extent(renderer).overlaps(legend.get_window_extent(renderer))


def test_without_a_mutual_match_the_picture_says_that_there_is_none(comparison, stage, sheets):
    nobody = replace(comparison.forward, mutual=np.zeros(len(comparison.forward), dtype=bool))
    data = similar_matches(stage(replace(comparison, forward=nobody)))
    assert data.startswith(b"\x89PNG")
    assert "The 0 strongest" in sheets[0].figure.texts[0].get_text()
    assert lines_of(sheets[0]) == []


def test_the_colour_scale_is_that_of_the_dissimilarity_map(comparison, stage, sheets):
    different_matches(stage(top=6))
    similar_matches(stage(top=6))
    every = np.concatenate([comparison.forward.distance, comparison.backward.distance])
    for sheet in sheets:
        assert sheet.figure.axes[2].get_ylim() == pytest.approx((0, np.percentile(every, 99)))
