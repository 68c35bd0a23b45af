"""Scores as a histogram, and a ranking beside the truth: bins, ticks, bars and dots where the numbers are."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, words_of
from hypothesis import given, settings
from hypothesis import strategies as some
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.patches import Rectangle, StepPatch

from dinosar.evaluation.overlap_ranking import calibration, judged, shared_pairs, sharing_nothing, summary
from dinosar.evaluation.overlap_tables import Overlaps, Ranked
from dinosar.render.retrieval_histogram import FEW, GAP, scores_picture
from dinosar.render.retrieval_provenance import Searched, footer
from dinosar.render.retrieval_scores import MOST, Scored, binned_scores, scored
from dinosar.render.retrieval_scores_words import in_words
from dinosar.render.retrieval_truth import FEW as FEW_PAIRS
from dinosar.render.retrieval_truth import truth_picture
from dinosar.render.sheet import Style
from dinosar.retrieval.rules import RULES


def searched_by(rule, images=300):
    return Searched("toy-v1", "identity", rule, 0.62, images, RULES[rule].meaning, "automatic")


def style_of(kind="png", dpi=80):
    return Style(kind, dpi, footer(searched_by("maxsim")))


def scores_of(count, seed=0, best=(0.81, 0.78, 0.74, 0.735, 0.66)):
    """Scores of images that have nothing to do with the query, and of the five that do, in their order."""
    others = 0.5 + 0.03 * np.clip(np.random.default_rng(seed).normal(size=count), -3, 3)
    return np.sort(np.concatenate([others, best]))[::-1]


# what is drawn of scores


@pytest.mark.parametrize(("every", "rule", "k", "kept", "missing", "gap"), [
    ([0.9, 0.5, 0.4], "maxsim", 2, 2, 0, 0.1), ([0.9, 0.5, 0.4], "maxsim", 5, 3, 0, None),
    ([0.9, 0.5, np.nan, np.nan], "maxsim", 3, 2, 2, None), ([0.9, 0.5, 0.0, 0.0], "coverage", 3, 2, 0, 0.5),
    ([0.0, 0.0], "coverage", 1, 0, 0, None), ([0.0, -0.5], "maxsim", 1, 1, 0, 0.5), ([np.nan], "maxsim", 1, 0, 1, None),
    ([], "maxsim", 1, 0, 0, None),
])  # fmt: skip
def test_kept_are_the_k_best_that_are_answers(every, rule, k, kept, missing, gap):
    found = scored("q", np.array(every, np.float64), rule, k)
    assert (found.kept, found.missing, len(found.scores)) == (kept, missing, len(every) - missing)
    assert found.gap == (None if gap is None else pytest.approx(gap))


@settings(max_examples=300, deadline=None)
@given(some.lists(some.lists(some.floats(-50, 600), max_size=60), min_size=1, max_size=4), some.integers(1, 8))
def test_every_score_is_in_one_bin(lists, k):
    several = [scored("q", np.sort(np.array(each, np.float64))[::-1], "maxsim", k) for each in lists]
    bins = binned_scores(several)
    assert (np.diff(bins.edges) > 0).all()
    assert len(bins.best) <= 2 * MOST + 2
    assert bins.best.sum() == sum(each.kept > 0 for each in several)
    assert bins.kept.sum() == sum(max(0, each.kept - 1) for each in several)
    assert bins.others.sum() == sum(len(each.scores) - each.kept for each in several)


@settings(max_examples=300, deadline=None)
@given(some.lists(some.floats(0, 1), min_size=2, max_size=60, unique=True), some.integers(1, 8))
def test_no_bin_of_one_query_holds_both_answers_and_others(scores, k):
    each = scored("q", np.sort(np.array(scores))[::-1], "maxsim", k)
    bins = binned_scores([each])
    assert not ((bins.best + bins.kept > 0) & (bins.others > 0)).any() or each.gap is None
    for count, low, high in zip(bins.best + bins.kept + bins.others, bins.edges, bins.edges[1:], strict=False):
        inside = (each.scores >= low) & ((each.scores < high) | (high == bins.edges[-1]))
        assert inside.sum() == count


def ticks_of(strip):
    return [np.array([segment[0, 0] for segment in lines.get_segments()]) for lines in strip.collections
            if isinstance(lines, LineCollection)]  # fmt: skip


@pytest.mark.parametrize(("count", "k"), [(300, 5), (3, 2), (0, 5), (12_000, 40), (1, 1)])
def test_answers_have_ticks_with_their_ranks_and_the_gap_is_marked(count, k, sheets):
    every = scores_of(count)
    data = scores_picture([scored("query/a.jpg", every, "maxsim", k)], searched_by("maxsim"), style_of())
    (sheet,) = sheets
    assert data.startswith(b"\x89PNG")
    assert beyond_the_sheet(sheet) == []
    strip, axes = sheet.figure.axes
    _, kept = ticks_of(strip) if count else (None, ticks_of(strip)[-1])
    assert kept == pytest.approx(every[:k])
    ranks = {text.get_text(): text.get_position()[0] for text in strip.texts}
    assert {"1", str(min(k, len(every)))} <= ranks.keys()
    assert all(place == pytest.approx(every[int(rank) - 1]) for rank, place in ranks.items())
    assert strip.get_xlim() == axes.get_xlim()
    bands = [each for each in axes.patches if isinstance(each, Rectangle)]
    if k < len(every):
        (band,) = bands
        assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((every[k], every[k - 1]))
        assert f"a gap of {every[k - 1] - every[k]:.3g}" in words_of(sheet)
    else:
        assert bands == []
        assert "all are kept" in words_of(sheet)
    assert ("log scale" in words_of(sheet)) == (count > FEW)
    assert "higher is better →" in words_of(sheet)


def test_ranks_do_not_cover_each_other(sheets):
    every = np.sort(np.concatenate([np.linspace(0.5, 0.52, 38), [0.6, 0.9]]))[::-1]
    scores_picture([scored("q", every, "maxsim", 30)], searched_by("maxsim"), style_of())
    strip, renderer = sheets[0].figure.axes[0], sheets[0].figure.canvas.get_renderer()
    boxes = sorted((text.get_window_extent(renderer).x0, text.get_window_extent(renderer).x1) for text in strip.texts)
    assert len(boxes) > 3
    assert all(one[1] < other[0] for one, other in zip(boxes, boxes[1:], strict=False))


def test_answers_of_one_score_have_their_ranks_together(sheets):
    scores_picture([scored("q", np.array([0.9, 0.7, 0.7, 0.7, 0.2]), "maxsim", 4)], searched_by("maxsim"), style_of())
    assert [text.get_text() for text in sheets[0].figure.axes[0].texts] == ["1", "2–4"]


def heights_of(axes):
    return [np.nan_to_num(patch.get_data().values) for patch in axes.patches if isinstance(patch, StepPatch)]


def test_bars_are_as_high_as_there_are_images(sheets):
    each = scored("q", scores_of(300), "maxsim", 5)
    scores_picture([each], searched_by("maxsim"), style_of())
    bins, heights = binned_scores([each]), heights_of(sheets[0].figure.axes[1])
    assert np.array_equal(heights[0], bins.others)
    assert all(np.array_equal(drawn, bins.best + bins.kept) for drawn in heights[1:])


@pytest.mark.parametrize("k", [1, 5])
def test_of_many_queries_the_best_answers_stand_beside_all_others(k, sheets):
    several = [scored(f"q{i}", scores_of(60, i), "maxsim", k) for i in range(20)]
    several.append(Scored("silent", np.zeros(60), 0))
    scores_picture(several, searched_by("maxsim"), style_of())
    (sheet,) = sheets
    assert beyond_the_sheet(sheet) == []
    (axes,) = sheet.figure.axes
    bins, heights = binned_scores(several), heights_of(axes)
    expected = [part / part.sum() for part in (bins.others, bins.kept, bins.best) if part.any()]
    assert all(np.allclose(drawn, shares) for drawn, shares in zip(heights, expected, strict=False))
    assert len(heights) == (4 if k > 1 else 3)
    words = words_of(sheet)
    assert "Best scores of 20 queries beside all others" in words
    assert "best answer of each query: 20" in words
    assert (f"other kept answers: {20 * (k - 1)}" in words) == (k > 1)
    assert f"images that are not kept: {counted_others(several)}" in words
    assert "Median: 0.810 of the best answers" in words
    assert "Queries to which no image is an answer: 1." in words
    assert "comparable within its query" in words


def counted_others(several):
    return f"{sum(len(each.scores) - each.kept for each in several):,}".replace(",", " ")


def test_what_is_left_out_is_counted_in_words():
    every = np.array([0.9, 0.5, 0.0, 0.0, np.nan, np.nan, np.nan])
    told = " ".join(in_words([scored("q", every, "coverage", 1)], "coverage"))
    assert "A score of 0 says that no patch votes: 2." in told
    assert "no score could be computed: 3." in told
    assert "no patch votes" not in " ".join(in_words([scored("q", every, "maxsim", 1)], "maxsim"))


@pytest.mark.parametrize(("every", "words"), [
    ([np.nan, np.nan], "no image has a score"), ([], "no image has a score"), ([0.0] * 9, "no image is an answer"),
    ([0.5, 0.5, 0.5], "Scores of 3 images, all of them kept"),
])  # fmt: skip
def test_where_there_is_nothing_to_tell_apart_that_is_said(every, words, sheets):
    scores_picture([scored("q" * 300, np.array(every), "coverage", 3)], searched_by("coverage"), style_of())
    assert words in words_of(sheets[0])
    assert "nan" not in words_of(sheets[0]).replace("toy-v1", "")
    assert beyond_the_sheet(sheets[0]) == []


def test_the_gap_has_the_colour_of_the_legend(sheets):
    from matplotlib.colors import to_rgba

    scores_picture([scored("q", scores_of(30), "maxsim", 5)], searched_by("maxsim"), style_of())
    (band,) = [each for each in sheets[0].figure.axes[1].patches if isinstance(each, Rectangle)]
    assert band.get_facecolor() == to_rgba(GAP)


# a ranking beside the truth


def made(queries=8, images=12, ks=(1, 5), seed=0, rules=("maxsim", "coverage_sym")):
    """A result as the job gives it, and its pairs."""
    random, ranking, truth = np.random.default_rng(seed), {}, Overlaps()
    for i in range(queries):
        true = np.where(random.random(images) < 0.5, random.uniform(0.05, 1, images), 0)
        told = np.sort(np.clip(true + random.normal(0, 0.1, images), 0, 1))[::-1]
        order = np.argsort(-(true + random.normal(0, 0.3, images)))
        names = [f"d{place:04}" for place in order]
        ranking[f"q{i}"] = Ranked(names, {rule: told.tolist() for rule in rules})
        truth.shown[f"q{i}"] = {f"d{place:04}": float(share) for place, share in enumerate(true) if share}
    rows, pairs = judged(ranking, truth, ks, 0.1), shared_pairs(ranking, truth)
    off = calibration(pairs)
    off = off and {**off, "not_listed": 0, "sharing_nothing": sharing_nothing(ranking, truth)}
    return {"queries": queries, "with_an_answer": sum(row["answers"] > 0 for row in rows), "relevant": 0.1,
            "k": list(ks), "means": summary(rows), "overlap": off}, pairs  # fmt: skip


def bars_of(axes):
    return sorted((each.get_x() + each.get_width() / 2, each.get_height()) for each in axes.patches)


@pytest.mark.parametrize("ks", [(1,), (1, 5, 10), (1, 2, 3, 4, 5, 6, 8, 10)])
def test_bars_and_intervals_are_the_means_and_theirs(ks, sheets):
    result, pairs = made(ks=ks)
    truth_picture(result, pairs, style_of())
    (sheet,) = sheets
    assert beyond_the_sheet(sheet) == []
    left = sheet.figure.axes[0]
    keys = [f"{begin}{k}" for k in ks for begin in ("recall@", "share_of_best@")]
    means = [result["means"][key] for key in keys]
    assert [height for _, height in bars_of(left)] == pytest.approx([each["mean"] for each in means])
    upright = [line for line in left.lines if np.ptp(line.get_xdata()) == 0]
    ends = sorted((line.get_xdata()[0], *line.get_ydata()) for line in upright)
    assert [each[1:] for each in ends] == [tuple(each["interval"]) for each in means]
    assert [x for x, *_ in ends] == pytest.approx([x for x, _ in bars_of(left)])
    numbers = {text.get_text() for text in left.texts}
    assert numbers == {f"{100 * each['mean']:.1f}" for each in means}
    assert [label.get_text() for label in left.get_xticklabels()] == [str(k) for k in ks]


def test_dots_are_the_pairs_with_the_true_overlap_across(sheets):
    result, pairs = made()
    pairs = [pairs[0]._replace(reported=float("nan")), *pairs[1:]]
    truth_picture(result, pairs, style_of())
    right = sheets[0].figure.axes[1]
    (dots,) = [each for each in right.collections if isinstance(each, PathCollection)]
    assert np.allclose(dots.get_offsets(), [(pair.true, pair.reported) for pair in pairs[1:]])
    (diagonal,) = right.lines
    assert np.array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
    assert right.get_xlabel() == "true overlap: share of the query that the image shows"
    assert right.get_ylabel() == "reported overlap (coverage_sym)"
    assert (right.get_xlim(), right.get_ylim()) == ((0, 1), (0, 1))


def test_of_many_pairs_squares_tell_how_many(sheets):
    result, pairs = made(queries=30, images=130)
    assert len(pairs) > FEW_PAIRS
    truth_picture(result, pairs, style_of())
    (mesh,) = [each for each in sheets[0].figure.axes[1].collections if isinstance(each, QuadMesh)]
    counts = mesh.get_array().filled(0).reshape(50, 50)
    expected = np.zeros((50, 50))
    for pair in pairs:
        expected[min(int(pair.reported * 50), 49), min(int(pair.true * 50), 49)] += 1
    assert np.abs(counts - expected).sum() <= 4  # what lies on an edge, rounded
    assert counts.sum() == len(pairs)
    assert beyond_the_sheet(sheets[0]) == []
    assert [text for text in words_of(sheets[0]).split(" | ") if "mathdefault" in text] == []


def test_the_words_say_what_the_panels_show(sheets):
    result, pairs = made()
    truth_picture(result, pairs, style_of())
    off, words = result["overlap"], words_of(sheets[0]).replace(" | ", " ")
    assert (
        f"Pearson {off['pearson']:.3f} ({off['pearson_interval'][0]:.3f} to {off['pearson_interval'][1]:.3f})" in words
    )
    assert f"off by {off['mean_absolute_error']:.3f} on average" in words
    assert f"{off['pairs']} pairs of 8 queries" in words
    assert "recall over the 8 of 8 queries of which an image shows at least 0.1" in words
    assert "95 % interval" in words
    assert f"{off['sharing_nothing']['pairs']} listed pairs that share nothing" in words


def test_what_is_known_of_directions_is_said(sheets):
    result, pairs = made()
    truth_picture(result, [pair._replace(both=True) for pair in pairs], style_of())
    truth_picture(result, [pair._replace(both=i < 3) for i, pair in enumerate(pairs)], style_of())
    labels = [sheet.figure.axes[1].get_xlabel() for sheet in sheets]
    assert labels[0] == "true overlap: the smaller share of both directions"
    assert "smaller share, where both are known (3)" in labels[1]
    assert beyond_the_sheet(sheets[1]) == []


def test_where_nothing_could_be_told_no_bar_stands_and_that_is_said(sheets):
    result, pairs = made(queries=1, images=3, ks=(1, 5), rules=("maxsim",))
    truth_picture(result, pairs, style_of())
    (sheet,) = sheets
    assert len(bars_of(sheet.figure.axes[0])) == 3
    words = words_of(sheet)
    assert "not computed" in words
    assert "no pair has both overlaps" in words
    assert "of no listed pair both a reported and a true overlap are known" in words
    assert "interval" not in words.replace("intervals", "")
    assert "None" not in words


def test_an_interval_without_width_is_no_certainty(sheets):
    result, pairs = made()
    for key in ("recall@1", "recall@5"):
        result["means"][key] = {"mean": 1.0, "interval": [1.0, 1.0], "queries": 8}
    truth_picture(result, pairs, style_of())
    assert "all queries came out alike" in words_of(sheets[0])


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_bytes_twice_in_every_format(kind):
    result, pairs = made()
    several = [scored(f"甲 $x$ {i}.jpg", scores_of(40, i), "maxsim", 5) for i in range(3)]
    style = replace(style_of(), format=kind)

    def drawn():
        return (truth_picture(result, pairs, style), scores_picture(several, searched_by("maxsim"), style),
                scores_picture(several[:1], searched_by("maxsim"), style))  # fmt: skip

    first, second = drawn(), drawn()
    assert first == second
    assert all(data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]) for data in first)
