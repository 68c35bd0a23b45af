"""Generated pairs: repeatable, with a map that says where things are, from families that do not mix."""

import numpy as np
import pytest

from dinosar.backbones.classic import families as f
from dinosar.backbones.classic import generator as g


def at_places(image, places):
    """Colours of `image` at places (n, 2) in x and y, bilinearly."""
    low = np.clip(np.floor(places).astype(int), 0, image.shape[0] - 2)
    x, y = low.T
    right, below = (places - low).T[:, :, None]
    image = image.astype(float)
    above = image[y, x] * (1 - right) + image[y, x + 1] * right
    return above * (1 - below) + (image[y + 1, x] * (1 - right) + image[y + 1, x + 1] * right) * below


def test_families_for_learning_and_judging_share_nothing():
    assert not f.LEARNING.keys() & f.HELD_OUT.keys()
    assert not set(f.LEARNING.values()) & set(f.HELD_OUT.values())
    assert f.LEARNING.keys() | f.HELD_OUT.keys() == f.FAMILIES.keys()
    assert len(f.LEARNING) >= 3
    assert len(f.HELD_OUT) >= 3


@pytest.mark.parametrize("family", f.FAMILIES)
def test_a_family_paints_something_and_the_same_again(family):
    image, subject = f.FAMILIES[family](np.random.default_rng(7), 160)
    again, _ = f.FAMILIES[family](np.random.default_rng(7), 160)
    other, _ = f.FAMILIES[family](np.random.default_rng(8), 160)
    assert image.shape == (160, 160, 3)
    assert image.dtype == np.uint8
    assert subject.shape == (160, 160)
    assert subject.dtype == bool
    assert subject.mean() > 0.05
    assert image[subject].std() > 5
    assert (image == again).all()
    assert (image != other).any()


@pytest.mark.parametrize("family", ["bodies", "wings"])
def test_plain_ground_is_not_subject(family):
    image, subject = f.FAMILIES[family](np.random.default_rng(1), 200)
    assert 0.05 < subject.mean() < 0.8
    assert image[~subject].std(axis=0).max() < image[subject].std(axis=0).max()


@pytest.mark.parametrize("family", f.FAMILIES)
@pytest.mark.parametrize("warp", [g.EASY, g.HARD], ids=["easy", "hard"])
def test_the_map_says_where_things_are(family, warp):
    pair = g.make_pair(family, 3, 160, warp, lit=False)
    assert pair.seen.mean() > 0.1
    expected = at_places(pair.first, pair.place[pair.seen].astype(float))
    error = np.abs(expected - pair.second[pair.seen]).max(axis=1)
    assert error.max() <= 2  # both views are rounded
    unmoved = np.abs(pair.first.astype(float) - pair.second)[pair.seen].max(axis=1)
    assert (unmoved <= 6).mean() < 0.95


def test_what_is_seen_lies_inside_the_first_view():
    pair = g.make_pair("leaves", 0, 160, g.HARD)
    assert 0 < pair.seen.sum() < pair.seen.size
    assert pair.place[pair.seen].min() >= 0
    assert pair.place[pair.seen].max() <= 159
    outside = ((pair.place < 0) | (pair.place > 159)).any(axis=-1)
    assert not (pair.seen & outside).any()


def test_pairs_are_repeatable_and_seeds_and_families_differ():
    one, same = (g.make_pair("clouds", 4, 96, g.MEDIUM) for _ in range(2))
    assert (one.first == same.first).all()
    assert (one.second == same.second).all()
    assert (one.place == same.place).all()
    for other in (g.make_pair("clouds", 5, 96, g.MEDIUM), g.make_pair("stripes", 4, 96, g.MEDIUM)):
        assert (one.second != other.second).any()
        assert (one.place != other.place).any()


def test_light_changes_colours_but_not_places():
    lit, plain = (g.make_pair("cracks", 6, 128, g.EASY, lit=each) for each in (True, False))
    assert (lit.place == plain.place).all()
    assert np.abs(lit.second.astype(int) - plain.second).mean() > 2
    assert np.corrcoef(lit.second.ravel(), plain.second.ravel())[0, 1] > 0.8


@pytest.mark.parametrize(("warp", "widest"), [(g.EASY, 14), (g.MEDIUM, 30), (g.HARD, 60)])
def test_rotations_keep_to_their_limits_and_use_them(warp, widest):
    angles = []
    for seed in range(40):
        place = g.make_pair("clouds", seed, 64, warp, lit=False).place
        across, down = place[32, 60] - place[32, 4], place[60, 32] - place[4, 32]
        turned = np.arctan2(across[1] - down[0], across[0] + down[1])
        angles.append(abs(np.degrees(turned)))
    assert max(angles) < widest
    assert max(angles) > 0.5 * warp.degrees
