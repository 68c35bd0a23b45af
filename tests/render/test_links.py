"""The matches drawn are the right ones, kept apart, at their places, in the colour of their distance."""

from dataclasses import replace
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch
from matplotlib.text import Text

from dinosar.data import Matches
from dinosar.matches import mark_mutual
from dinosar.render.links import APART, different_matches, most_different, similar_matches, strongest

NOBODY = replace(Matches(np.empty(0, int), np.empty(0, int), np.empty(0)), mutual=np.empty(0, bool))


def matched(comparison, **others):
    """The comparison with other matches forward or backward."""
    pair = {"forward": comparison.forward, "backward": comparison.backward} | others
    return replace(comparison, matches=(pair["forward"], pair["backward"]))


def by_hand(pairs, columns, count):
    """Walks down rankings of (place on A, place on B, asker), in turn, taking what is far enough from all taken."""
    taken, rankings = [], [list(ranking) for ranking in pairs]
    while any(rankings) and len(taken) < count:
        ranking = rankings.pop(0)
        while ranking:
            link = ranking.pop(0)
            ends = np.array([divmod(link[0], columns[0]), divmod(link[1], columns[1])])
            if all((np.linalg.norm(ends - others, axis=1) >= APART).all() for _, others in taken):
                taken.append((link, ends))
                break
        rankings.append(ranking)
    return [link for link, _ in taken]


def links_of(matches, asker, order):
    """One direction's matches in an order, as (place on A, place on B, distance, asker)."""
    pairs = [(int(matches.asked[i]), int(matches.answer[i])) for i in order]
    return [(*(pair if asker == "A" else pair[::-1]), matches.distance[i], asker)
            for pair, i in zip(pairs, order, strict=True)]  # fmt: skip


def columns_of(comparison):
    return [specimen.patches.shape[1] for specimen in (comparison.a, comparison.b)]


def told(links):
    return [(link.a, link.b, link.distance, link.asked_by) for link in links]


def verifying(comparison, share=0.5, seed=0):
    """The comparison as a matcher that verifies would give it: some of its matches, mutual or not, are verified."""
    verified = np.random.default_rng(seed).random(len(comparison.forward)) < share
    return matched(comparison, forward=replace(comparison.forward, verified=verified))


def ranked(matches, sign):
    return sorted(range(len(matches)), key=lambda i: sign * matches.distance[i])


def nearer_half(matches, order):
    """Those of an order that are no farther than the median of them."""
    middle = median(matches.distance[i] for i in order)
    return [i for i in order if matches.distance[i] <= middle]


@pytest.mark.parametrize("count", [1, 2, 5, 12, 200])
def test_the_strongest_are_the_nearest_mutual_matches_that_keep_apart(comparison, count):
    forward = comparison.forward
    order = nearer_half(forward, [i for i in ranked(forward, 1) if forward.mutual[i]])
    links = strongest(comparison, count)
    assert told(links) == by_hand([links_of(forward, "A", order)], columns_of(comparison), count)
    assert 1 <= len(links) <= count


@pytest.mark.parametrize("count", [1, 5, 200])
def test_the_strongest_of_a_matcher_that_verifies_are_verified(comparison, count):
    checked = verifying(comparison)
    order = nearer_half(checked.forward, [i for i in ranked(checked.forward, 1) if checked.forward.verified[i]])
    links = strongest(checked, count)
    assert told(links) == by_hand([links_of(checked.forward, "A", order)], columns_of(comparison), count)
    assert links


def test_where_none_is_verified_none_is_the_strongest(comparison):
    assert strongest(verifying(comparison, 0), 12) == []


@pytest.mark.parametrize("count", [1, 2, 5, 12, 200])
def test_the_most_different_places_are_the_worst_of_either_side_in_turn(comparison, count):
    forward, backward = comparison.forward, comparison.backward
    middle = median([*forward.distance, *backward.distance])
    rankings = [
        links_of(matches, asker, [i for i in ranked(matches, -1) if matches.distance[i] >= middle])
        for asker, matches in (("A", forward), ("B", backward))
    ]
    links = most_different(comparison, count)
    assert told(links) == by_hand(rankings, columns_of(comparison), count)
    assert 1 <= len(links) <= count


def test_no_place_that_is_more_alike_than_most_is_called_different(comparison):
    """All places of A are nearer to B than any of B to A, so that those of B alone are shown."""
    near = replace(comparison.forward, distance=comparison.forward.distance * 1e-3)
    links = most_different(matched(comparison, forward=near), 12)
    assert {link.asked_by for link in links} == {"B"}
    assert min(link.distance for link in links) >= median([*near.distance, *comparison.backward.distance])


def test_both_sides_have_their_share_of_the_most_different_places(comparison):
    assert [link.asked_by for link in most_different(comparison, 6)] == ["A", "B"] * 3


def test_no_two_numbers_lie_on_each_other_where_both_sides_hold_the_same_pairs(comparison):
    mutual = comparison.forward.mutual
    there = Matches(*(getattr(comparison.forward, name)[mutual] for name in ("asked", "answer", "distance")))
    both = mark_mutual(there, Matches(there.answer, there.asked, there.distance))
    back = mark_mutual(Matches(there.answer, there.asked, there.distance), both)
    same = replace(comparison, matches=(both, back))
    links = most_different(same, 12)
    assert {link.asked_by for link in links} == {"A", "B"}
    for end, columns in zip("ab", columns_of(comparison), strict=True):
        places = [np.array(divmod(getattr(link, end), columns)) for link in links]
        assert all(np.linalg.norm(p - q) >= APART for p, q in combinations(places, 2))


@pytest.mark.parametrize("silent", ["forward", "backward"])
def test_a_side_without_a_match_leaves_the_places_to_the_other(comparison, silent):
    quiet = matched(comparison, **{silent: NOBODY})
    asker, matches = ("B", comparison.backward) if silent == "forward" else ("A", comparison.forward)
    ranking = links_of(matches, asker, ranked(matches, -1))
    assert told(most_different(quiet, 5)) == by_hand([ranking], columns_of(comparison), 5)


def test_equal_distances_are_taken_in_the_order_of_the_grid(comparison):
    flat = replace(comparison.forward, distance=np.zeros(len(comparison.forward)))
    links = strongest(matched(comparison, forward=flat), 3)
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
        numbered = [text for text in marks(sheets[0], Text) if text.get_transform() is panel.transData]
        assert [text.get_text() for text in numbered] == [str(n) for n in range(1, len(numbered) + 1)]
        assert [text.get_position() for text in numbered] == [tuple(own[getattr(x, end)]) for x in pick(comparison, 6)]


def test_who_asks_has_a_disc_with_a_white_edge_and_who_answers_a_ring(comparison, stage, sheets):
    different_matches(stage(top=6))
    for panel, side in zip(sheets[0].panels, "AB", strict=True):
        discs = [each for each in marks(sheets[0], Line2D) if each.get_transform() is panel.transData]
        filled = [isinstance(each.get_markeredgecolor(), str) for each in discs]
        assert filled == [link.asked_by == side for link in most_different(comparison, 6)]


def marks(sheet, kind):
    """The discs or numbers at the ends of the links."""
    return [each for each in sheet.figure.get_children() if type(each) is kind and each.get_zorder() >= 5]


@pytest.mark.parametrize("draw", [similar_matches, different_matches])
def test_lines_do_not_run_over_discs_and_numbers_whosever_they_are(draw, stage, sheets):
    draw(stage(top=6))
    lines = sheets[0].figure.findobj(ConnectionPatch)
    discs, numbers = (marks(sheets[0], kind) for kind in (Line2D, Text))
    assert len(discs) == len(numbers) == 2 * len(lines) > 0
    above = max(line.get_zorder() for line in lines)
    assert all(above < disc.get_zorder() < number.get_zorder() for disc, number in zip(discs, numbers, strict=True))


@pytest.mark.parametrize("draw", [similar_matches, different_matches])
def test_title_says_how_many_there_are_and_nothing_covers_it(draw, stage, sheets):
    draw(stage(top=4, dpi=150))
    figure = sheets[0].figure
    title, legend = figure.texts[0], figure.legends[0]
    assert "The 4 " in title.get_text()
    renderer = figure.canvas.get_renderer()
    assert not title.get_window_extent(renderer).overlaps(legend.get_window_extent(renderer))


def title_of(sheet):
    return sheet.figure.texts[0].get_text()


def test_without_a_mutual_match_the_picture_says_that_there_is_none(comparison, stage, sheets):
    nobody = replace(comparison.forward, mutual=np.zeros(len(comparison.forward), dtype=bool))
    data = similar_matches(stage(matched(comparison, forward=nobody)))
    assert data.startswith(b"\x89PNG")
    assert title_of(sheets[0]) == f"None of the {len(nobody)} matches is mutual"
    assert lines_of(sheets[0]) == []


def test_without_a_verified_match_the_picture_says_that_there_is_none(comparison, stage, sheets):
    similar_matches(stage(verifying(comparison, 0)))
    assert title_of(sheets[0]) == f"None of the {len(comparison.forward)} matches is verified"
    assert lines_of(sheets[0]) == []


def test_the_title_says_how_many_of_how_many(comparison, stage, sheets):
    checked = verifying(comparison)
    similar_matches(stage(top=4))
    similar_matches(stage(checked, top=3))
    mutual, verified = int(comparison.forward.mutual.sum()), int(checked.forward.verified.sum())
    assert title_of(sheets[0]) == f"The 4 strongest mutual matches (of {mutual}), at least 3 patches apart"
    assert title_of(sheets[1]) == (
        f"The 3 strongest verified matches ({verified} of {len(comparison.forward)} verified), at least 3 patches apart"
    )


def test_the_most_different_of_some_places_are_not_called_those_of_all(comparison, stage, sheets):
    few = Matches(*(getattr(comparison.forward, name)[::2] for name in ("asked", "answer", "distance")))
    different_matches(stage(top=4))
    different_matches(stage(matched(comparison, forward=mark_mutual(few, comparison.backward)), top=4))
    assert [title_of(sheet) for sheet in sheets] == [
        "The 4 most different places, at least 3 patches apart",
        "The 4 most different matches found, at least 3 patches apart",
    ]


def test_where_all_places_are_the_same_none_is_called_more_different(comparison, stage, sheets):
    pair = (replace(each, distance=np.zeros(len(each))) for each in comparison.matches)
    different_matches(stage(replace(comparison, matches=tuple(pair)), top=4))
    assert title_of(sheets[0]) == "All places differ by 0; 4 of them, at least 3 patches apart"


def test_one_place_is_not_said_to_keep_its_distance(stage, sheets):
    different_matches(stage(top=1))
    similar_matches(stage(top=1))
    assert title_of(sheets[0]) == "The most different place"
    assert title_of(sheets[1]).startswith("The strongest mutual match (of ")
    assert "apart" not in title_of(sheets[1])


@pytest.mark.parametrize("draw", [similar_matches, different_matches])
def test_a_direction_without_a_match_is_drawn(draw, comparison, stage, sheets):
    assert draw(stage(matched(comparison, forward=NOBODY))).startswith(b"\x89PNG")
    assert (title_of(sheets[0]) == "No patch of A found a match in B") == (draw is similar_matches)


def test_the_colour_scale_is_that_of_the_dissimilarity_map(comparison, stage, sheets):
    different_matches(stage(top=6))
    similar_matches(stage(top=6))
    every = np.concatenate([comparison.forward.distance, comparison.backward.distance])
    for sheet in sheets:
        assert sheet.figure.axes[2].get_ylim() == pytest.approx((0, np.percentile(every, 99)))
