"""The histogram of mismatches shows shares of each picture's patches, mutual and not, and lines where they belong."""

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, features_of, scene_of, words_of

from dinosar.render.mismatch_histogram import BINS, binned_mismatch, mismatch_histogram


def steps_of(axes):
    """Shares as drawn, without the areas beneath them."""
    return [patch.get_data() for patch in axes.patches if not patch.get_fill()]


def test_every_patch_falls_into_a_bin_of_its_picture_and_kind():
    found = scene_of(b=features_of(2, (90, 200))).found
    edges, shares = binned_mismatch(found)
    assert (edges[0], len(edges)) == (0, BINS + 1)
    assert list(shares) == ["a_mutual", "a_not_mutual", "b_mutual", "b_not_mutual"]
    for letter, matches in (("a", found.there), ("b", found.back)):
        for kind, which in (("mutual", matches.mutual), ("not_mutual", ~matches.mutual)):
            values = matches.distance[which]
            bins = zip(edges[:-1], edges[1:], strict=True)
            counts = [((values >= low) & (values < high)).sum() for low, high in bins]
            assert np.allclose(shares[f"{letter}_{kind}"] * len(matches), counts)
        assert shares[f"{letter}_mutual"].sum() + shares[f"{letter}_not_mutual"].sum() == pytest.approx(1)


def test_the_boost_does_not_enter():
    assert np.array_equal(binned_mismatch(scene_of(boost=1).found)[0], binned_mismatch(scene_of(boost=9).found)[0])


def test_identical_pictures_fall_into_the_first_bin(sheets):
    scene = scene_of(features_of(1), features_of(1))
    edges, shares = binned_mismatch(scene.found)
    assert edges[-1] >= 1e-3
    assert (shares["a_mutual"][0], shares["b_mutual"][0]) == (1, 1)
    mismatch_histogram(scene)
    assert beyond_the_sheet(sheets[0]) == []


def test_what_is_drawn_is_what_is_in_the_table(sheets):
    scene = scene_of()
    mismatch_histogram(scene)
    edges, shares = binned_mismatch(scene.found)
    for axes, letter in zip(sheets[0].panels, "ab", strict=True):
        for steps, kind in zip(steps_of(axes), ("mutual", "not_mutual"), strict=True):
            assert np.array_equal(steps.values, shares[f"{letter}_{kind}"])
            assert np.array_equal(steps.edges, edges)


def test_lines_stand_at_mean_and_percentile_of_all_patches_of_a_picture(sheets):
    scene = scene_of(b=features_of(2, (90, 200)))
    mismatch_histogram(scene)
    for axes, raw in zip(sheets[0].panels, (scene.found.raw_a, scene.found.raw_b), strict=True):
        found = {line.get_linestyle(): line.get_xdata()[0] for line in axes.lines}
        assert found["--"] == pytest.approx(raw.mean())
        assert found[":"] == pytest.approx(np.percentile(raw, 95))
        words = " ".join(text.get_text() for text in axes.get_legend().get_texts())
        assert f"mean of all {raw.mean():.3f}" in words
        assert f"95th percentile of all {np.percentile(raw, 95):.3f}" in words


@pytest.mark.parametrize("seed", [1, 2])
def test_a_single_patch_can_be_seen_and_no_share_above_one_is_named(seed, sheets):
    scene = scene_of(features_of(1), features_of(seed))
    mismatch_histogram(scene)
    for axes in sheets[0].panels:
        low, high = axes.get_ylim()
        assert axes.get_yscale() == "log"
        assert low < 1 / len(scene.found.there)
        ticks = [text.get_text() for text in axes.get_yticklabels()]
        assert all(float(tick) <= 1 for tick in ticks if tick)
        assert high > max(steps.values.max() for steps in steps_of(axes))
    assert sheets[0].panels[0].get_ylim() == sheets[0].panels[1].get_ylim()


def test_words_say_what_is_counted(sheets):
    scene = scene_of()
    mismatch_histogram(scene)
    said = words_of(sheets[0])
    mutual = int(scene.found.there.mutual.sum())
    assert f"mutual: {mutual} patches ({mutual / len(scene.found.there):.0%})" in said
    assert "A against B   a.png" in said
    assert "B against A   b.png" in said
    assert "1 - cosine" in said
    assert "log scale" in said


@pytest.mark.parametrize("name", ["甲虫 🪲.png", "a\nb", "$x_1$ and $", "n" * 200])
def test_strange_names_are_drawn_without_a_warning_within_the_sheet(name, sheets):
    scene = scene_of(names=(name, name))
    data = mismatch_histogram(scene)
    assert beyond_the_sheet(sheets[0]) == []
    assert data == mismatch_histogram(scene)
