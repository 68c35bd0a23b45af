"""The histogram shows shares of patches, both ways, before random pairs, with the lines where they belong."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.render.histogram import A_COLOUR, B_COLOUR, BINS, binned, histogram


def test_every_value_falls_into_a_bin_and_shares_sum_to_one(comparison):
    edges, shares = binned(comparison)
    assert (edges[0], len(edges)) == (0, BINS + 1)
    series = (comparison.forward.distance, comparison.backward.distance, comparison.random)
    assert edges[-1] > max(values.max() for values in series)
    for share, values in zip(shares, series, strict=True):
        assert share.sum() == pytest.approx(1)
        counts = [((values >= low) & (values < high)).sum() for low, high in zip(edges[:-1], edges[1:], strict=True)]
        assert np.allclose(share * len(values), counts)


def test_values_that_are_all_zero_fall_into_the_first_bin(comparison):
    nothing = replace(comparison.forward, distance=np.zeros(len(comparison.forward)))
    flat = replace(comparison, matches=(nothing, nothing), random=np.zeros(4))
    edges, shares = binned(flat)
    assert (np.diff(edges) > 0).all()
    assert [share[0] for share in shares] == [1, 1, 1]


def test_lines_stand_at_the_mean_and_the_percentile_of_each_direction(comparison, stage, sheets):
    histogram(stage())
    axes = sheets[0].panels[0]
    found = {(line.get_color(), line.get_linestyle()): line.get_xdata()[0] for line in axes.lines}
    for colour, values in ((A_COLOUR, comparison.forward.distance), (B_COLOUR, comparison.backward.distance)):
        assert found[colour, "--"] == pytest.approx(np.mean(values))
        assert found[colour, ":"] == pytest.approx(np.percentile(values, 95))


def test_what_is_drawn_is_what_is_in_the_table(comparison, stage, sheets):
    histogram(stage())
    edges, shares = binned(comparison)
    drawn = [patch.get_data() for patch in sheets[0].panels[0].patches]
    for steps, share in zip(drawn, (shares[2], shares[0], shares[1]), strict=True):
        assert np.array_equal(steps.values, share)
        assert np.array_equal(steps.edges, edges)


def test_axes_and_legend_say_what_is_shown(comparison, stage, sheets):
    histogram(stage())
    axes = sheets[0].panels[0]
    words = " ".join(text.get_text() for text in axes.get_legend().get_texts())
    assert "1 - cosine" in axes.get_xlabel()
    assert axes.get_ylabel() == "share of patches"
    assert "random patch pairs" in words
    for side, values in (("A to B: toy-1", comparison.forward), ("B to A: toy-2", comparison.backward)):
        assert side in words
        assert f"mean {values.distance.mean():.3f}" in words


@pytest.mark.parametrize("name", ["甲虫", "a\nb", "$x_1$ and $", "n" * 200, "🪲\t"])
def test_strange_names_are_drawn_without_a_warning_within_the_sheet(stage, sheets, name):
    assert histogram(stage(names=(name, name))).startswith(b"\x89PNG")
    legend = sheets[0].panels[0].get_legend()
    box = legend.get_window_extent()
    assert box.x0 > 0
    assert box.x1 < sheets[0].figure.bbox.width
    assert not any("\n" in text.get_text() for text in legend.get_texts())
