"""The methods stand side by side with their own numbers, and what could not be computed is none."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from dinosar.sparse.pairs import Agreement, Pairs
from dinosar.sparse.side_by_side import cells, rows

FEATURES = Pairs(
    "features", "classic, assignment", np.zeros((4, 2)), np.zeros((4, 2)), np.arange(4.0), "1 - cosine",
    homography=Agreement(np.array([True, False, True, True]), 1.25), spread=(0.5, None),
    counts={"asked": 700, "answering": 650, "matches": 4}, seconds=1.234,
)  # fmt: skip
SIFT = Pairs(
    "sift", "SIFT", np.zeros((2, 2)), np.zeros((2, 2)), np.arange(2.0), "Euclidean",
    fundamental=Agreement(np.array([True, True])), spread=(0.0, 1.0),
    counts={"keypoints_a": 90, "keypoints_b": 91, "asked": 30, "answering": 31, "cross_checked": 9, "passed_ratio": 3,
            "matches": 3},
    seconds=0.05,
)  # fmt: skip


def matched(*methods):
    return SimpleNamespace(methods=methods)


def test_every_method_has_its_own_numbers_as_plain_data():
    found = rows(matched(FEATURES, SIFT))
    assert list(found) == ["features", "sift"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    features, sift = found.values()
    assert features == {
        "title": "classic, assignment", "counts": {"asked": 700, "answering": 650, "matches": 4}, "kept": 4,
        "homography": {"held": 3, "chance": 1.25}, "fundamental": {"held": None, "chance": None},
        "spread": {"a": 0.5, "b": None}, "seconds": 1.234,
    }  # fmt: skip
    assert sift["counts"] == SIFT.counts
    assert sift["fundamental"] == {"held": 2, "chance": None}
    assert sift["homography"] == {"held": None, "chance": None}
    assert type(features["homography"]["held"]) is int


@pytest.mark.parametrize("methods", [(FEATURES,), (FEATURES, SIFT)])
def test_the_table_is_square_and_headed_by_the_methods(methods):
    found = cells(rows(matched(*methods)))
    assert found[0] == ["", *(each.method for each in methods)]
    assert {len(line) for line in found} == {1 + len(methods)}


def test_cells_say_what_the_numbers_are():
    found = {line[0]: line[1:] for line in cells(rows(matched(FEATURES, SIFT)))}
    assert found["patches, or keypoints, A / B"] == ["700 / 650", "30 / 31"]
    assert found["matches"] == ["4", "3"]
    assert found["kept"] == ["4", "2"]
    assert found["held by a homography"] == ["3 of 4, chance 1.2", "-"]
    assert found["held by an epipolar geometry"] == ["-", "2 of 2, chance -"]
    assert found["near a match, A / B"] == ["50% / -", "0% / 100%"]
    assert found["seconds"] == ["1.23", "0.05"]
