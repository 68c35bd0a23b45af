"""The histogram of cells shows shares of cells, plain and weighted, before random pairs."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.render.cell_histogram import LOOKS, binned_cells, homology_histogram
from dinosar.render.histogram import BINS


def shares_by_hand(values, weights, edges):
    inside = [(values >= low) & (values < high) for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return [weights[which].sum() / weights.sum() for which in inside]


def test_every_value_falls_into_a_bin_with_its_weight(by_proposal):
    found, random = by_proposal.homology, by_proposal.random
    edges, shares = binned_cells(found, random)
    assert (edges[0], len(edges)) == (0, BINS + 1)
    assert edges[-1] > max(found.values.max(), random.max())
    series = {
        "cells": (found.values, np.ones(len(found.values))),
        "covered": (found.values, found.weights),
        "elsewhere": (found.independent, np.ones(len(found.independent))),
        "random": (random, np.ones(len(random))),
    }
    assert list(shares) == list(series)
    for name, (values, weights) in series.items():
        assert shares[name].sum() == pytest.approx(1)
        assert np.allclose(shares[name], shares_by_hand(values, weights, edges))


def test_of_landmarks_that_somebody_set_there_are_no_cells_elsewhere(by_cells):
    assert list(binned_cells(by_cells.homology, by_cells.random)[1]) == ["cells", "covered", "random"]


def test_of_carried_landmarks_the_cells_are_told_that_had_no_part_in_carrying(by_proposal, stage, sheets):
    carried = replace(by_proposal, homology=replace(by_proposal.homology, source="transferred"))
    shares = binned_cells(carried.homology, carried.random)[1]
    assert np.array_equal(shares["elsewhere"], binned_cells(by_proposal.homology, by_proposal.random)[1]["elsewhere"])
    homology_histogram(stage(carried))
    words = [text.get_text() for text in sheets[0].panels[0].get_legend().get_texts()]
    assert words[-1].startswith("cells that had no part in carrying the landmarks   mean")


def test_cells_that_are_all_the_same_fall_into_the_first_bin(by_cells):
    found = by_cells.homology
    flat = replace(found, dissimilarity=np.where(found.counted, 0.0, np.nan))
    edges, shares = binned_cells(flat, np.zeros(4))
    assert (np.diff(edges) > 0).all()
    assert [share[0] for share in shares.values()] == pytest.approx([1, 1, 1])


def weighted_percentile(values, weights, q):
    """The first value at which so much of the weight is reached."""
    order = np.argsort(values)
    return values[order][np.flatnonzero(np.cumsum(weights[order]) / weights.sum() >= q)[0]]


def test_lines_stand_at_mean_and_percentile_of_each(by_proposal, stage, sheets):
    homology_histogram(stage(by_proposal))
    found = by_proposal.homology
    lines = {(line.get_color(), line.get_linestyle()): line.get_xdata()[0] for line in sheets[0].panels[0].lines}
    heavy = weighted_percentile(found.values, found.weights, 0.95)
    expected = {
        "cells": (found.values.mean(), np.percentile(found.values, 95)),
        "covered": (np.average(found.values, weights=found.weights), heavy),
        "elsewhere": (found.independent.mean(), np.percentile(found.independent, 95)),
    }
    for name, (mean, p95) in expected.items():
        colour = LOOKS[name][1]
        assert (lines[colour, "--"], lines[colour, ":"]) == pytest.approx((mean, p95))


def test_means_drawn_are_the_scores_of_the_pair(by_proposal, stage, sheets):
    homology_histogram(stage(by_proposal))
    words = [text.get_text() for text in sheets[0].panels[0].get_legend().get_texts()]
    for label, score in zip(words[1:], ("homology", "homology_covered", "homology_elsewhere"), strict=True):
        assert f"mean {by_proposal.scores[score].distance:.3f}" in label
        assert f"p95 {by_proposal.scores[score].pooled.p95:.3f}" in label


def test_what_is_drawn_is_what_is_in_the_table(by_cells, stage, sheets):
    homology_histogram(stage(by_cells))
    edges, shares = binned_cells(by_cells.homology, by_cells.random)
    drawn = [patch.get_data() for patch in sheets[0].panels[0].patches]
    for steps, name in zip(drawn, ("random", "cells", "covered"), strict=True):
        count = len(steps.values)
        assert np.array_equal(steps.values, shares[name][:count])
        assert np.array_equal(steps.edges, edges[: count + 1])
        assert not shares[name][count:].any()


def test_where_every_cell_proposed_none_is_left_and_that_is_said(by_proposal, stage, sheets):
    found = replace(by_proposal.homology, seeded=np.ones(by_proposal.homology.shape, bool))
    homology_histogram(stage(replace(by_proposal, homology=found)))
    words = [text.get_text() for text in sheets[0].panels[0].get_legend().get_texts()]
    assert "cells that had no part in proposing the landmarks: none" in words


def test_both_specimens_are_named(by_cells, stage, sheets):
    homology_histogram(stage(by_cells, names=("alba", "n" * 200)))
    said = sheets[0].panels[0].get_legend().get_title().get_text()
    assert "A alba" in said
    assert "B nnn" in said
    assert sheets[0].panels[0].get_legend().get_window_extent().x0 > 0
