"""Best hits and thinned pairs equal those of plain loops, and shares are those that votes give."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.errors import InputError, PluginError
from dinosar.features import halved
from dinosar.grid import Grid, fit_grid
from dinosar.retrieval import telling
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.rules import coverage, coverage_back, coverage_sym
from dinosar.retrieval.tally import Asked, Tally
from dinosar.retrieval.telling import NO_HIT, Found, answered, best_hits, lattice, thinned, tile_of


def block_of(seed, size=(120, 80), depth=5, kinds=None, keep=0.8, name=None, long_side=120):
    """A block on a grid of patches of 10 px, some of which do not vote; tokens of few `kinds` repeat."""
    random, grid = np.random.default_rng(seed), fit_grid(size, 10, size=long_side)
    count = grid.rows * grid.columns
    tokens = random.normal(size=(count, depth))
    if kinds:
        tokens = tokens[random.integers(0, kinds, count)]
    patches = np.flatnonzero(random.random(count) < keep)
    return Block(name or f"image {seed}", halved(tokens)[patches], patches, grid)


def one_by_one(query, other, least):
    """The best hit of each patch, in plain loops."""
    best, cosine = [], []
    for token in query.tokens.astype(np.float64):
        top, at = -np.inf, NO_HIT
        for i, answer in enumerate(other.tokens.astype(np.float64)):
            value = float((token * answer).sum())
            if value > top:
                top, at = value, i
        best.append(at if top > least else NO_HIT)
        cosine.append(top)
    return np.array(best), np.array(cosine)


def greedily(told, side):
    """Pairs of rows, thinned in plain words: look at all that are left, take the best, strike out its tiles."""
    lattices = [lattice(block.grid, side) for block in (told.query, told.other)]
    left = [(i, int(told.there.best[i])) for i in range(len(told.query)) if told.there.best[i] >= 0]
    tile = [place_by_place(block, *shape) for block, shape in zip((told.query, told.other), lattices, strict=True)]
    taken = []
    while left:
        first = max(left, key=lambda pair: (told.there.cosine[pair[0]], -pair[0]))
        taken.append(first)
        left = [(a, b) for a, b in left if tile[0][a] != tile[0][first[0]] and tile[1][b] != tile[1][first[1]]]
    return sorted(taken, key=lambda pair: tile[0][pair[0]])


def place_by_place(block, rows, columns):
    """The tile of each patch: the last one that begins before its centre."""
    left, top, width, height = block.grid.crop
    return [
        (
            max(i for i in range(rows) if top + i * height / rows <= y + 1e-6),
            max(i for i in range(columns) if left + i * width / columns <= x + 1e-6),
        )
        for x, y in block.in_photo
    ]


seeds = st.integers(0, 10**6)


@given(seeds, st.sampled_from([None, 3, 20]), st.floats(-1, 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_best_hits_are_those_of_plain_loops(seed, kinds, least):
    query, other = block_of(seed, (80, 60), kinds=kinds), block_of(seed + 1, (60, 110), kinds=kinds)
    hits, (best, cosine) = best_hits(query, other, least), one_by_one(query, other, least)
    assert np.array_equal(hits.best, best)
    assert np.array_equal(hits.cosine, cosine)
    assert np.array_equal(hits.hit, cosine > least)


@given(seeds, st.floats(0.2, 0.95), st.sampled_from([None, 6]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_shares_are_those_that_votes_give(seed, least, kinds):
    query, other = block_of(seed, kinds=kinds), block_of(seed + 1, (70, 90), kinds=kinds)
    told, tally = answered(query, other, least), Tally(Asked.of(query), other, least)
    assert told.coverage == pytest.approx(coverage(tally), abs=1e-12)
    assert told.coverage_back == pytest.approx(coverage_back(tally), abs=1e-12)
    assert told.overlap == pytest.approx(coverage_sym(tally), abs=1e-12)


def test_of_equal_answers_the_first_is_taken_wherever_it_lies():
    other = block_of(4, (400, 300), kinds=2, keep=1.0, long_side=400)
    hits = best_hits(block_of(5, kinds=4), other, -1.0)
    kinds = {tuple(other.tokens[i]): i for i in range(len(other) - 1, -1, -1)}
    assert set(hits.best.tolist()) <= set(kinds.values())


def test_at_the_least_cosine_is_not_above_it():
    block = block_of(3)
    cosine = best_hits(block, block, -1.0).cosine
    least = float(cosine[0])
    assert best_hits(block, block, least).best[0] == NO_HIT
    assert best_hits(block, block, np.nextafter(least, -1)).best[0] == 0


def test_it_does_not_matter_how_many_patches_ask_together(monkeypatch):
    query, other = block_of(1, (300, 200), long_side=300), block_of(2, (200, 310), long_side=310)
    before = best_hits(query, other, 0.3)
    monkeypatch.setattr(telling, "ASKED_AT_ONCE", 7)
    after = best_hits(query, other, 0.3)
    assert np.array_equal(before.best, after.best)
    assert np.array_equal(before.cosine, after.cosine)


def test_without_patches_there_is_no_number():
    some = block_of(1)
    none = replace(some, tokens=some.tokens[:0], patches=some.patches[:0])
    told = answered(some, none, 0.5)
    assert (told.there.best == NO_HIT).all()
    assert np.isnan(told.there.cosine).all()
    assert (told.coverage, told.coverage_back, told.overlap) == (0.0, None, None)
    assert len(thinned(told, 4)) == 0
    assert answered(none, none, 0.5).overlap is None
    assert len(thinned(answered(none, some, 0.5), 4)) == 0


def test_tokens_of_two_depths_are_refused_in_one_sentence():
    with pytest.raises(InputError, match="'image 1' has 5 numbers and one of 'image 2' has 6"):
        best_hits(block_of(1), block_of(2, depth=6), 0.5)


@given(seeds, st.sampled_from([1, 4, 8, 16, 100]), st.floats(-0.5, 0.9), st.sampled_from([None, 9]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_thinned_pairs_are_those_of_plain_words(seed, side, least, kinds):
    told = answered(block_of(seed, kinds=kinds), block_of(seed + 1, (90, 160), kinds=kinds, long_side=160), least)
    found = thinned(told, side)
    assert list(zip(found.query.tolist(), found.other.tolist(), strict=True)) == greedily(told, side)
    assert np.array_equal(found.cosine, told.there.cosine[found.query])
    assert (found.cosine > least).all()


@given(seeds, st.sampled_from([2, 4, 8, 16]))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_no_tile_is_taken_twice_and_none_is_left_that_could_be(seed, side):
    told = answered(block_of(seed), block_of(seed + 1, (90, 160)), 0.2)
    found = thinned(told, side)
    ours, theirs = found.tiles.T
    assert (np.diff(ours) > 0).all()  # in reading order of the query
    assert len(set(theirs.tolist())) == len(found)
    rows = np.flatnonzero(told.there.hit)
    free = ~np.isin(tile_of(told.query, found.lattices[0])[rows], ours)
    free &= ~np.isin(tile_of(told.other, found.lattices[1])[told.there.best[rows]], theirs)
    assert not free.any()


def test_an_image_answers_itself_patch_by_patch():
    block = block_of(8, keep=1.0, depth=16)
    found = thinned(answered(block, block, 0.5), 100)
    assert found.lattices == ((8, 12), (8, 12))
    assert np.array_equal(found.query, np.arange(96))
    assert np.array_equal(found.other, found.query)
    assert np.array_equal(found.tiles[:, 0], block.patches)


@pytest.mark.parametrize(("content", "side", "expected"), [
    ((0, 0, 120, 80), 4, (4, 4)), ((0, 0, 120, 80), 16, (8, 12)), ((2, 5, 116, 70), 16, (7, 11)),
    ((0, 0, 120, 4), 4, (1, 4)),
])  # fmt: skip
def test_there_are_no_more_tiles_than_whole_patches(content, side, expected):
    assert lattice(Grid((240, 160), (0, 0, 240, 160), (120, 80), content, 10), side) == expected


def test_every_tile_holds_the_centre_of_a_patch():
    for size in [(120, 80), (117, 83), (83, 117), (120, 33), (640, 479)]:
        block = block_of(1, size, keep=1.1, long_side=160)
        for side in (1, 3, 4, 8, 16):
            shape = lattice(block.grid, side)
            assert set(tile_of(block, shape).tolist()) == set(range(shape[0] * shape[1]))


def test_pixels_of_the_wrong_kind_are_refused_and_those_taken_are_frozen():
    with pytest.raises(PluginError, match=r"Found\.pixels"):
        Found(1, "a", 0.5, pixels=np.zeros((4, 4)))
    pixels = np.zeros((4, 4, 3), np.uint8)
    found = Found(1, "a", 0.5, pixels=pixels)
    assert not found.pixels.flags.writeable
    assert pixels.flags.writeable
