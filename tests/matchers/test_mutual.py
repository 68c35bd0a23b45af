"""The matches kept are those of a plain search pair by pair, and the same pairs whoever asks."""

from dataclasses import replace

import numpy as np
import pytest
from command_line import inside, make_photos
from drawn_specimens import pairs_of, specimen_of
from hard_tokens import all_distances, cases, often, tokens_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dinosar.features import unit
from dinosar.grid import fit_grid
from dinosar.matchers.mutual import Mutual
from dinosar.matches import both_ways
from dinosar.testing import toy_specimen

MODELS = ("similarity", "affine", "homography")
ratios, widths = st.sampled_from((0.3, 0.8, 0.95, 0.999999, 1.0)), st.integers(1, 7)


def mutual(**options):
    return Mutual(Mutual.Options(**options))


def grid_of(tokens, columns):
    """A specimen whose grid has so many columns; what is left over of the last row does not count."""
    rows = -(-len(tokens) // columns)
    patches = np.arange(rows * columns) < len(tokens)
    filled = np.vstack([tokens, np.zeros((rows * columns - len(tokens), tokens.shape[1]), np.float32)])
    return specimen_of(filled, rows, columns, patches.reshape(rows, columns))


def passing(matrix, columns, ratio, apart):
    """For each row, its best column, or None where another, not too near it, is about as good."""
    found = []
    for row in matrix:
        best = min(range(len(row)), key=lambda j: (row[j], j))
        at = np.array(divmod(best, columns))
        others = [row[j] for j in range(len(row)) if np.abs(np.array(divmod(j, columns)) - at).max() >= apart]
        second = min(others, default=None)
        stands_out = ratio == 1 or (second is not None and second > 0 and row[best] <= ratio * second)
        found.append(best if stands_out else None)
    return found


@given(case=cases, width=st.tuples(widths, widths), ratio=ratios, apart=st.integers(1, 4), both=st.booleans())
@often
def test_what_is_kept_is_what_a_plain_search_keeps(case, width, ratio, apart, both):
    a, b = tokens_of(*case)
    matrix = all_distances(a, b)
    there = passing(matrix, width[1], ratio, apart)
    back = passing(matrix.T, width[0], ratio, apart)
    expected = [(i, j) for i, j in enumerate(there) if j is not None and (not both or back[j] == i)]
    found = mutual(mutual=both, ratio=ratio, apart=apart, verify="none").match(
        grid_of(a, width[0]), grid_of(b, width[1])
    )
    assert pairs_of(found) == expected
    assert found.distance.tolist() == [matrix[pair] for pair in expected]
    assert found.verified is None


@given(case=cases, width=st.tuples(widths, widths), ratio=ratios, top=st.integers(1, 12), model=st.sampled_from(MODELS))
@often
def test_both_directions_hold_the_same_pairs_and_verify_the_same(case, width, ratio, top, model):
    a, b = (grid_of(each, columns) for each, columns in zip(tokens_of(*case), width, strict=True))
    matcher = mutual(ratio=ratio, top=top, verify=model)
    forward, backward = both_ways(matcher, a, b)
    swapped = both_ways(matcher, b, a)
    assert sorted(pairs_of(forward)) == sorted((i, j) for j, i in pairs_of(backward))
    assert forward.mutual.all()
    assert backward.mutual.all()
    verified = sorted(pairs_of(forward, forward.verified))
    assert verified == sorted((i, j) for j, i in pairs_of(backward, backward.verified))
    for first, second in zip((forward, backward), reversed(swapped), strict=True):
        assert pairs_of(first) == pairs_of(second)
        assert first.verified.tolist() == second.verified.tolist()


@given(case=cases, top=st.integers(1, 30), both=st.booleans())
@often
def test_the_best_so_many_are_kept_in_the_order_of_the_grid(case, top, both):
    a, b = (grid_of(each, 5) for each in tokens_of(*case))
    every, few = (mutual(mutual=both, top=n, verify="none").match(a, b) for n in (10_000, top))
    assert set(pairs_of(few)) <= set(pairs_of(every))
    assert sorted(few.distance) == sorted(every.distance)[:top]
    assert (np.diff(few.asked) > 0).all()


@given(case=cases, topk=st.integers(1, 6))
@often
def test_runners_up_are_the_mean_of_the_best_few(case, topk):
    a, b = tokens_of(*case)
    found = mutual(topk=topk).match(grid_of(a, 5), grid_of(b, 5))
    if len(b) < topk:
        assert found.runners_up is None
    else:
        expected = np.sort(all_distances(a, b), axis=1)[found.asked, :topk].mean(axis=1)
        assert found.runners_up == pytest.approx(expected, rel=0, abs=1e-15)


@given(case=cases, block=st.integers(1, 50))
@often
def test_the_block_size_changes_nothing(case, block):
    a, b = (grid_of(each, 5) for each in tokens_of(*case))
    first, second = (mutual(ratio=0.9, block=n).match(a, b) for n in (block, 65536))
    assert pairs_of(first) == pairs_of(second)
    assert first.verified.tolist() == second.verified.tolist()


def test_a_lower_ratio_keeps_fewer_and_1_keeps_all():
    a, b = toy_specimen(1), toy_specimen(2)
    kept = [len(mutual(mutual=False, ratio=ratio, verify="none").match(a, b)) for ratio in (1, 0.95, 0.8, 0.5, 0.01)]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] == len(a.indices) > kept[2] > kept[-1] == 0


def test_two_answers_at_distance_zero_are_equals():
    tokens = unit(np.array([[1.0, 0], [1, 0], [0, 1], [0.5, 0.5]]))
    a, b = specimen_of(tokens[[0, 2]], 1, 2), specimen_of(tokens, 1, 4)
    assert pairs_of(mutual(mutual=False, ratio=0.99, apart=1).match(a, b)) == [(1, 2)]
    assert pairs_of(mutual(mutual=False, ratio=1.0, apart=1).match(a, b)) == [(0, 0), (1, 2)]


def test_where_there_is_no_second_answer_nothing_stands_out():
    a, b = toy_specimen(1), specimen_of(np.eye(12)[:4], 2, 2)
    assert len(mutual(mutual=False, ratio=0.99, apart=1, verify="none").match(a, b)) > 0
    assert len(mutual(mutual=False, ratio=0.99, apart=2, verify="none").match(a, b)) == 0
    assert len(mutual(mutual=False, ratio=1.0, apart=2, verify="none").match(a, b)) == len(a.indices)


def planted(rows=16, columns=24, seed=0, shift=(2, 3), wrong=0.4):
    """Two specimens: the second is the first moved by some rows and columns; a share of its patches is shuffled."""
    random = np.random.default_rng(seed)
    tokens = random.normal(size=(rows, columns, 24))
    moved = np.roll(tokens, shift, axis=(0, 1)).reshape(rows * columns, -1)
    strays = random.permutation(rows * columns)[: int(wrong * rows * columns)]
    moved[strays] = moved[random.permutation(strays)]
    return specimen_of(tokens.reshape(rows * columns, -1), rows, columns), specimen_of(moved, rows, columns)


def follows(matches, columns=24, shift=(2, 3)):
    """Which matches keep to the shift, by the grid."""
    asked, answer = (np.stack(np.divmod(each, columns), axis=1) for each in (matches.asked, matches.answer))
    return (answer - asked == shift).all(axis=1)


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_what_moved_together_is_verified(model, seed):
    found = mutual(verify=model, tolerance=0.5, top=10_000).match(*planted(seed=seed))
    assert len(found) == 16 * 24
    assert found.verified[follows(found)].all()
    assert found.verified[~follows(found)].mean() < 0.02


def jittered(seed, rows=12, columns=16):
    """Two specimens: a token of the first lies in the second a patch or two from where a turn would carry it."""
    random = np.random.default_rng(seed)
    tokens, there = random.normal(size=(2, rows * columns, 24))
    y, x = np.divmod(np.arange(rows * columns), columns)
    moved = np.stack([0.98 * y + 0.15 * x, 0.98 * x - 0.15 * y + 1], axis=1) + random.normal(
        0, 0.8, (rows * columns, 2)
    )
    row, column = np.clip(moved.round().astype(int), 0, [rows - 1, columns - 1]).T
    there[row * columns + column] = tokens
    return specimen_of(tokens, rows, columns), specimen_of(there, rows, columns)


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 999))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_where_the_verdict_is_close_it_is_the_same_both_ways(model, seed):
    forward, backward = both_ways(mutual(verify=model, tolerance=1.0), *jittered(seed))
    assert 0 < forward.verified.sum() < len(forward)
    assert sorted(pairs_of(forward, forward.verified)) == sorted(
        (i, j) for j, i in pairs_of(backward, backward.verified)
    )


@pytest.mark.parametrize("model", MODELS)
def test_verification_drops_no_match(model):
    a, b = planted()
    assert pairs_of(mutual(verify=model).match(a, b)) == pairs_of(mutual(verify="none").match(a, b))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_matches_are_never_verified(model, count):
    tokens = np.eye(8)[:count]
    found = mutual(verify=model).match(specimen_of(tokens, 1, count), specimen_of(tokens, 1, count))
    assert found.verified.tolist() == [False] * count


@pytest.mark.parametrize("model", MODELS)
def test_no_match_at_all_is_no_mishap(model):
    found = mutual(verify=model, ratio=0.001).match(toy_specimen(1), toy_specimen(2))
    assert len(found) == len(found.verified) == 0


def test_tolerance_in_pixels_is_that_many_of_the_network_image():
    a, b = toy_specimen(1), toy_specimen(2)
    patch = a.features.grid.patch
    counts = set()
    for tolerance in (0.5, 1.5, 4.0):
        widths, pixels = mutual(tolerance=tolerance), mutual(tolerance=99, tolerance_px=tolerance * patch)
        assert widths.match(a, b).verified.tolist() == pixels.match(a, b).verified.tolist()
        counts.add(int(widths.match(a, b).verified.sum()))
    assert len(counts) == 3


def stretched(specimen, wide):
    """The specimen as if its photo had been so much wider and squeezed into the same network image."""
    grid = specimen.features.grid
    whole = fit_grid((grid.photo[0] * wide, grid.photo[1]), 16, fit="native")
    squeezed = replace(whole, network=grid.network, content=grid.content)
    photo = replace(specimen.photo, pixels=np.zeros((grid.photo[1], grid.photo[0] * wide, 3), np.uint8))
    return replace(specimen, photo=photo, mask=np.ones(photo.pixels.shape[:2], bool),
                   features=replace(specimen.features, grid=squeezed))  # fmt: skip


def test_proportions_are_those_of_the_photos_even_where_the_network_saw_them_stretched():
    random = np.random.default_rng(0)
    tokens = random.normal(size=(16, 16, 24))
    upright = specimen_of(tokens.reshape(256, -1), 16, 16)
    lying = specimen_of(np.rot90(tokens).reshape(256, -1), 16, 16)
    assert mutual(tolerance=0.5, top=999).match(upright, lying).verified.all()
    found = mutual(tolerance=0.5, top=999).match(stretched(upright, 3), lying)
    assert found.verified.mean() < 0.5
    assert mutual(tolerance=0.5, top=999, verify="affine").match(stretched(upright, 3), lying).verified.all()


@pytest.mark.parametrize(
    "options",
    [{"ratio": 0}, {"ratio": 1.1}, {"apart": 0}, {"top": 0}, {"tolerance": 0}, {"tolerance_px": 0}, {"verify": "tps"}],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(options):
    with pytest.raises(ValidationError):
        Mutual.Options(**options)


@pytest.mark.parametrize(("ratio", "code"), [(1.0, 0), (0.001, 3)])
def test_a_run_ends_with_its_distance_or_with_one_line_and_nothing_written(ratio, code, tmp_path, own_cache):
    photos = make_photos(tmp_path)
    words = ("--backbone", "classic", "--masker", "whole", "--matcher", "mutual", "--score-mode", "foreground")
    more = ("--set", f"matcher.ratio={ratio}", "--no-figures", "--out", "out")
    answer = inside("compare", *photos, *words, *more, cwd=tmp_path, cache=own_cache)
    assert (answer.code or 0) == code
    assert (tmp_path / "out").exists() == (code == 0)
    if code:
        assert "score 'foreground' was not computed: the matcher found no match" in answer.complaint
    else:
        assert "verified" in answer.out
