"""One query and one image: what is decided exactly, and that it is the pair alone that decides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_oracle import around, block, drawn, look, mutual, votes

from dinosar.errors import InputError
from dinosar.retrieval.tally import PAIRS_AT_ONCE, Asked, Tally, exact, exact_pairs


def tally(query, image, least):
    return Tally(Asked.of(query), image, least)


@pytest.mark.parametrize("angle", [0.3, np.pi / 4, 1.2])
def test_a_cosine_at_the_threshold_is_decided_in_float64(angle):
    query, image = around(angle)
    table = look(query, [image], [0], 0.0).cosine[0]
    for least in (float(np.cos(angle)), *np.quantile(table[0], [0.1, 0.5, 0.9]).tolist()):
        hits = votes(table, least)
        assert 0 < len(hits) < len(image)
        assert tally(query, image, least).hits.counts.tolist() == [len(hits)]
        assert tally(query, image, least).hits.answering == len(hits)
        assert tally(image, query, least).hits.rows.tolist() == [r for _, r, _ in hits]


def test_a_hit_is_above_the_least_cosine_and_not_at_it():
    one = block("q", [[1, 0], [0, 1]])
    assert len(tally(one, one, 1.0).hits.rows) == 0
    assert tally(one, one, np.nextafter(1.0, 0)).hits.counts.tolist() == [1, 1]
    assert tally(one, one, 0.0).hits.counts.tolist() == [1, 1]
    assert tally(one, one, -1e-12).hits.counts.tolist() == [2, 2]


def test_without_a_hit_there_is_nothing():
    hits = tally(block("q", [[1, 0]]), block("d", [[0, 1]]), 0.5).hits
    assert [len(hits.rows), len(hits.counts), len(hits.sums), hits.answering, hits.first] == [0, 0, 0, 0, 0.0]


def test_patches_that_are_alike_are_all_mutual():
    sky = block("sky", [[1, 0, 0]] * 5 + [[0, 1, 0]])
    other = block("other", [[1, 0, 0]] * 3 + [[0, 0.6, 0.8]])
    assert tally(sky, other, 0.5).mutual == 6
    assert tally(other, sky, 0.5).mutual == 4
    assert tally(sky, other, 0.7).mutual == 5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.floats(-0.5, 0.9))
def test_hits_and_mutual_answers_equal_plain_loops(seed, least):
    random = np.random.default_rng(seed)
    query, image = drawn(random, "q", depth=4), drawn(random, "d", depth=4)
    table = look(query, [image], [0], least).cosine[0]
    hits, found = votes(table, least), tally(query, image, least)
    assert found.hits.rows.tolist() == sorted({p for p, _, _ in hits})
    assert found.hits.counts.tolist() == [sum(p == q for q, _, _ in hits) for p in found.hits.rows]
    assert found.mutual == len({p for p, r, _ in hits if mutual(table, p, r)})
    np.testing.assert_allclose(found.best, [max(row) for row in table], atol=1e-6)


@pytest.mark.parametrize("patches", [1, 2, 3, 17, 64, 256])
def test_where_tokens_lie_in_memory_changes_no_bit(patches):
    random = np.random.default_rng(patches)
    query, image = block("q", random.normal(size=(256, 96))), block("d", random.normal(size=(patches, 96)))
    plain = tally(query, image, 0.2)
    for offset in (1, 3, 8):
        room = np.empty(offset + image.tokens.size, dtype=np.float32)
        room[offset:] = image.tokens.ravel()
        moved = tally(query, image.encoded(room[offset:].reshape(image.tokens.shape)), 0.2)
        np.testing.assert_array_equal(plain.best, moved.best)
        np.testing.assert_array_equal(plain.hits.sums, moved.hits.sums)


def test_exact_cosines_do_not_depend_on_how_many_are_asked_for():
    random = np.random.default_rng(0)
    one, other = drawn(random, "q", depth=16), drawn(random, "d", depth=16)
    askers = random.integers(0, len(one), 2 * PAIRS_AT_ONCE + 3)
    answers = random.integers(0, len(other), len(askers))
    alone = [exact_pairs(one.tokens, other.tokens, askers[[i]], answers[[i]])[0] for i in range(len(askers))]
    assert exact(one, other, askers, answers).tolist() == alone
    assert exact(one, other, askers[:0], answers[:0]).tolist() == []


def test_half_precision_is_unit_and_what_is_not_is_told():
    random = np.random.default_rng(0)
    plain = block("q", random.normal(size=(200, 1024)), side=20)
    assert len(Asked.of(plain.encoded(plain.tokens.astype(np.float16).astype(np.float32))).turned) == 1024
    for wrong in (0.99, 1.01, np.inf):
        with pytest.raises(InputError, match="'q' are no unit vectors"):
            Asked.of(plain.encoded(plain.tokens * np.float32(wrong)))
