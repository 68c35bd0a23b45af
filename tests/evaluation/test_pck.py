"""PCK over pairs, held against hand-made counts and slow loops; what cannot be known is None."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.evaluation.pck import (
    ALPHAS,
    HEADER,
    KEYPOINT_HEADER,
    LEVEL,
    PairErrors,
    key,
    keypoint_rows,
    rows,
    tables,
)
from dinosar.publishing import csv_bytes, json_bytes

NONE = np.inf


def pair(errors, box=100.0, image=400.0, category="cat", names=None, **flags):
    names = tuple(names or (str(i) for i in range(len(errors))))
    return PairErrors("p", category, names, np.array(errors, float), box, image, flags)


def of(found, alpha, kind="per_image", scale="box"):
    return found["pck"][scale][key(alpha)][kind]


def test_exactly_at_the_distance_is_right_and_a_hair_more_is_not():
    found = tables([pair([10, np.nextafter(10, 11) + 1e-9, 5, NONE])])["overall"]
    assert of(found, 0.1) == 0.5
    assert of(found, 0.05) == 0.25
    assert of(found, 0.1, scale="image") == 0.75, "40 px of 400"
    assert found["answered"] == 0.75


@given(st.sampled_from(ALPHAS), st.integers(1, 4000))
def test_a_last_bit_lost_in_the_product_takes_nothing_away(alpha, side):
    error = alpha * 100 * side / 100
    assert of(tables([pair([error, error * (1 + 1e-9)], box=side)])["overall"], alpha) == 0.5


def test_per_image_and_per_point_by_hand():
    found = tables([pair([0, 50, 50, 50]), pair([0, 0])])["overall"]
    assert of(found, 0.1, "per_image") == (1 / 4 + 1) / 2
    assert of(found, 0.1, "per_point") == 3 / 6
    assert (found["pairs"], found["keypoints"]) == (2, 6)


def test_macro_gives_each_category_the_same_weight():
    pairs = [pair([0, 50], category="cat"), pair([0, 0, 0], category="cat"), pair([50], category="dog")]
    found = tables(pairs)
    assert of(found["macro"], 0.1, "per_image") == pytest.approx((0.75 + 0) / 2)
    assert of(found["macro"], 0.1, "per_point") == pytest.approx((4 / 5 + 0) / 2)
    assert of(found["overall"], 0.1, "per_image") == pytest.approx((0.5 + 1 + 0) / 3)
    assert found["macro"]["categories"] == 2
    assert (found["macro"]["pairs"], found["macro"]["keypoints"]) == (3, 6)


def test_pairs_without_keypoints_are_counted_and_in_no_mean():
    found = tables([pair([0, 50], viewpoint="easy"), pair([], category="dog", viewpoint="hard")])
    assert (found["pairs"], found["pairs_without_keypoints"]) == (2, 1)
    assert of(found["overall"], 0.1) == 0.5
    assert list(found["categories"]) == ["cat"]
    assert list(found["flags"]["viewpoint"]) == ["easy"]
    assert found["macro"]["categories"] == 1


@pytest.mark.parametrize("pairs", [[], [pair([])]])
def test_nothing_is_known_of_nothing(pairs):
    found = tables(pairs)
    for group in (found["overall"], found["macro"]):
        assert (group["pairs"], group["keypoints"], group["answered"]) == (0, 0, None)
        for kind in ("per_image", "per_point", "per_image_interval", "per_point_interval"):
            assert of(group, 0.1, kind) is None
    assert found["categories"] == found["flags"] == found["keypoints"] == {}
    assert b"NaN" not in json_bytes(found)


def test_one_pair_has_a_value_and_no_interval():
    found = tables([pair([0, 50]), pair([0], category="dog"), pair([0], category="dog")])
    assert of(found["categories"]["cat"], 0.1) == 0.5
    assert of(found["categories"]["cat"], 0.1, "per_image_interval") is None
    assert of(found["categories"]["dog"], 0.1, "per_image_interval") == [1, 1]
    assert of(found["overall"], 0.1, "per_image_interval") is not None
    assert of(found["macro"], 0.1, "per_image_interval") is None, "one category's spread is not known"


def test_by_the_values_of_a_flag():
    found = tables(
        [pair([0], viewpoint="easy"), pair([50], viewpoint="hard"), pair([0, 50], viewpoint="easy", scale="easy")]
    )
    assert {value: of(group, 0.1, "per_point") for value, group in found["flags"]["viewpoint"].items()} == {
        "easy": 2 / 3, "hard": 0,
    }  # fmt: skip
    assert found["flags"]["scale"]["easy"]["pairs"] == 1, "those without the flag are in none of its groups"


def test_by_keypoint_within_its_category():
    found = tables([
        pair([0, 50], names=["3", "nose"]), pair([50, NONE], names=["3", "nose"]),
        pair([0], names=["3"], category="dog"),
    ])["keypoints"]  # fmt: skip
    assert found["cat"]["3"] == {
        "keypoints": 2, "answered": 1.0,
        "pck": {
            "box": dict.fromkeys(map(key, ALPHAS), 0.5),
            "image": {key(alpha): 0.5 if alpha < 0.125 else 1.0 for alpha in ALPHAS},
        },
    }  # fmt: skip
    assert found["cat"]["nose"]["answered"] == 0.5
    assert found["cat"]["nose"]["pck"]["box"]["0.2"] == 0
    assert found["dog"]["3"]["keypoints"] == 1


def random_pairs(n, seed=0, categories=("cat", "dog", "cow")):
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        errors = np.where(rng.random(k := int(rng.integers(1, 7))) < 0.1, NONE, rng.exponential(15, k))
        found.append(pair(errors, float(rng.uniform(50, 200)), 400.0, categories[i % len(categories)]))
    return found


@given(st.integers(0, 2**31), st.integers(1, 12))
def test_against_slow_counting(seed, n):
    pairs = random_pairs(n, seed)
    found = tables(pairs, draws=100)
    for scale, side in (("box", lambda p: p.side_box), ("image", lambda p: p.side_image)):
        for alpha in ALPHAS:
            right = [[error <= alpha * side(p) for error in p.errors] for p in pairs]
            shares = [sum(each) / len(each) for each in right]
            assert of(found["overall"], alpha, "per_image", scale) == pytest.approx(sum(shares) / n, abs=1e-12)
            share = sum(map(sum, right)) / sum(map(len, right))
            assert of(found["overall"], alpha, "per_point", scale) == pytest.approx(share, abs=1e-12)


def quantile(values, share):
    """The linear one, written out."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def drawn_again(name, n, draws, seed=0):
    """The pairs that the tables draw for a group, one resampling after the other."""
    rng = np.random.default_rng([seed, *name.encode()])
    return rng.integers(0, n, (draws, n)).tolist()


def loops(pairs, name, draws):
    """(per image, per point) of each resampling at 0.1 of the box, by loops alone."""
    image, point = [], []
    for chosen in drawn_again(name, len(pairs), draws):
        right = [[error <= 0.1 * pairs[i].side_box for error in pairs[i].errors] for i in chosen]
        image.append(sum(sum(each) / len(each) for each in right) / len(right))
        point.append(sum(map(sum, right)) / sum(map(len, right)))
    return image, point


def test_intervals_against_a_slow_loop():
    pairs, draws = random_pairs(21), 150
    found = tables(pairs, draws=draws)
    ends = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    overall = loops(pairs, "overall", draws)
    for kind, values in zip(("per_image", "per_point"), overall, strict=True):
        expected = [quantile(values, end) for end in ends]
        assert of(found["overall"], 0.1, f"{kind}_interval") == pytest.approx(expected, abs=1e-12)
    by_category = [
        loops([p for p in pairs if p.category == c], f"category {c}", draws) for c in ("cat", "dog", "cow")
    ]  # fmt: skip
    for number, kind in enumerate(("per_image", "per_point")):
        means = [sum(each) / 3 for each in zip(*(loop[number] for loop in by_category), strict=True)]
        expected = [quantile(means, end) for end in ends]
        assert of(found["macro"], 0.1, f"{kind}_interval") == pytest.approx(expected, abs=1e-12)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng, hit = np.random.default_rng(5), 0
    for _ in range(200):
        pairs = [pair(np.where(rng.random(5) < rng.beta(6, 4), 0.0, 99.0)) for _ in range(40)]
        low, high = of(tables(pairs, alphas=(0.1,), draws=200)["overall"], 0.1, "per_point_interval")
        hit += low <= 0.6 <= high
    assert 0.88 <= hit / 200 <= 0.99


def test_a_large_draw_in_pieces_is_the_same_as_in_one(monkeypatch):
    import dinosar.evaluation.pck as module

    pairs = random_pairs(30)
    whole = tables(pairs, draws=300)
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    pieces = tables(pairs, draws=300)
    for kind in ("per_image_interval", "per_point_interval"):
        assert of(pieces["overall"], 0.1, kind) == pytest.approx(of(whole["overall"], 0.1, kind), abs=1e-12)


def test_the_same_seed_gives_the_same_numbers_and_another_one_others():
    pairs = random_pairs(30)
    assert tables(pairs) == tables(pairs)
    assert of(tables(pairs, seed=1)["overall"], 0.1, "per_image_interval") != of(
        tables(pairs)["overall"], 0.1, "per_image_interval"
    )


def test_a_category_does_not_change_with_the_others():
    pairs = random_pairs(30)
    alone = tables([p for p in pairs if p.category == "dog"])["categories"]["dog"]
    assert tables(pairs)["categories"]["dog"] == alone


def test_own_alphas_are_named_as_they_are():
    found = tables([pair([0])], alphas=[0.1, 0.1000001, 1])
    assert found["alphas"] == [0.1, 0.1000001, 1.0]
    assert list(found["overall"]["pck"]["box"]) == ["0.1", "0.1000001", "1.0"]


def test_rows_hold_every_number_once():
    pairs = [
        pair([0, 50], viewpoint="easy"), pair([NONE], category="dog", viewpoint="hard"), pair([0, 0], viewpoint="easy"),
    ]  # fmt: skip
    found = tables(pairs)
    table = list(rows(found))
    assert len(table) == (1 + 1 + 2 + 2) * 2 * len(ALPHAS)
    assert {len(row) for row in table} == {len(HEADER)}
    assert len({row[:4] for row in table}) == len(table)
    row = dict(zip(HEADER, next(row for row in table if row[:4] == ("category", "cat", "box", 0.1)), strict=True))
    ends = of(found["categories"]["cat"], 0.1, "per_point_interval")
    assert (row["pairs"], row["keypoints"], row["answered"], row["per_image"]) == (2, 4, 1.0, 0.75)
    assert [row["per_point_low"], row["per_point_high"]] == ends
    points = list(keypoint_rows(found))
    assert len(points) == 3 * 2 * len(ALPHAS)
    assert {len(row) for row in points} == {len(KEYPOINT_HEADER)}
    text = csv_bytes(HEADER, table).decode()
    assert "nan" not in text.lower().replace("NA", "")
    assert "category,dog,box,0.1,1,1,0,0,NA,NA,0,NA,NA" in text
    assert json.loads(json_bytes(found)) == found


@pytest.mark.parametrize("errors", [[np.nan], [-1.0]])
def test_an_error_is_a_distance(errors):
    with pytest.raises(ValueError, match="an error is a distance"):
        pair(errors)


@pytest.mark.parametrize("sides", [(0.0, 1.0), (1.0, np.inf), (np.nan, 1.0)])
def test_sides_are_above_zero(sides):
    with pytest.raises(ValueError, match="sides must be"):
        pair([1.0], *sides)
