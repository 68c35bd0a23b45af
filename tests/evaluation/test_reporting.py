"""Tables of an evaluation agree with each other, and the result says what was measured."""

import csv
import io

import numpy as np
import pytest

from dinosar.config import PairsConfig, SPairConfig
from dinosar.evaluation.reporting import alpha_shown, counted, result, table_files, worst

NAN = None
ROWS = [
    {"id": "1-a-b:bird", "category": "bird", "status": "done", "error": None, "names": ["0", "1", "2"], "source": "a",
     "target": "b", "truth": [[1.0, 2.0], [10.0, 10.0], [5.0, 5.0]], "found": [[1.0, 2.0], [16.0, 18.0], NAN],
     "errors": [0.0, 10.0, NAN], "side_box": 100.0, "side_image": 300.0, "flags": {}},
    {"id": "2-a-c:bird", "category": "bird", "status": "done", "error": None, "names": ["0"], "source": "a",
     "target": "c", "truth": [[1.0, 2.0]], "found": [[1.0, 27.0]],
     "errors": [25.0], "side_box": 100.0, "side_image": 300.0, "flags": {}},
    {"id": "3-a-d:bird", "status": "failed", "error": "torn"},
]  # fmt: skip


def spair(*alphas, **more):
    return SPairConfig(inputs={"collection": "C"}, measure={"alphas": alphas or (0.1, 0.3), "draws": 100}, **more)


def tables_of(rows, config=None):
    told = result(rows, config or spair(), "toy-v1", 336)
    return told, {name: list(csv.DictReader(io.StringIO(data.decode())))
                  for name, data in table_files(rows, told) if name.endswith(".csv")}  # fmt: skip


def test_answers_add_up_to_the_pairs():
    told, found = tables_of(ROWS)
    assert list(found["pairs.csv"][0])[:7] == ["id", "category", "source", "target", "keypoints", "answered",
                                               "median_px_of_answered"]  # fmt: skip
    assert len(found["answers.csv"]) == told["overall"]["keypoints"] == 4
    for pair in found["pairs.csv"]:
        own = [row for row in found["answers.csv"] if row["id"] == pair["id"]]
        known = [row for row in own if row["error_px"] != "NA"]
        assert (len(own), len(known)) == (int(pair["keypoints"]), int(pair["answered"]))
        assert np.median([float(row["error_px"]) for row in known]) == float(pair["median_px_of_answered"])
        for alpha in ("0.1", "0.3"):
            right = sum(row[f"right_box_{alpha}"] == "1" for row in own)
            assert right / len(own) == pytest.approx(float(pair[f"pck_box_{alpha}"]))
        for row in known:
            off = np.hypot(float(row["x"]) - float(row["true_x"]), float(row["y"]) - float(row["true_y"]))
            assert off == pytest.approx(float(row["error_px"]))


def test_where_there_is_no_answer_nothing_is_claimed():
    (row,) = [row for row in tables_of(ROWS)[1]["answers.csv"] if row["error_px"] == "NA"]
    assert row == {"id": "1-a-b:bird", "category": "bird", "keypoint": "2", "x": "NA", "y": "NA", "true_x": "5",
                   "true_y": "5", "error_px": "NA", "right_box_0.1": "NA", "right_box_0.3": "NA"}  # fmt: skip


def test_failures_name_their_pictures_where_they_are_known():
    rows = [*ROWS, {"id": "4", "status": "failed", "error": "dark", "source": "x", "target": "y"}]
    assert tables_of(rows)[1]["errors.csv"] == [
        {"id": "3-a-d:bird", "source": "NA", "target": "NA", "error": "torn"},
        {"id": "4", "source": "x", "target": "y", "error": "dark"},
    ]
    assert "errors.csv" not in tables_of(ROWS[:2])[1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "SPair-71k layout, split test, list large, all categories"),
        ({"categories": ["beetle", "teapot"], "split": "val"},
         "SPair-71k layout, split val, list large, categories beetle, teapot"),
        ({"categories": ["cat"], "per_category": 1, "list_size": "small"},
         "SPair-71k layout, split test, list small, category cat, up to 1 pair of each category"),
        ({"search": {"protocol": "probe3d"}},
         "SPair-71k layout, split test, list large, all categories, up to 200 pairs of each category"),
    ],
)  # fmt: skip
def test_what_is_counted_is_said(more, said):
    assert counted(spair(**more)) == said
    assert result(ROWS, spair(**more), "toy-v1", 336)["counted"] == said


def test_own_pairs_are_named_by_their_list():
    told = result(ROWS, PairsConfig(inputs={"pairs": "/far/away/mine.csv"}), "toy-v1", 330)
    assert (told["counted"], told["shown_px"]) == ("own pairs: mine.csv", 330)
    assert (told["box_is"], told["by_category"]) == ("box around the landmarks", False)


def test_nothing_is_drawn_where_nothing_was_asked_for_or_answered():
    assert result(ROWS, spair(), "toy-v1", 336)["drawn"]
    assert not result(ROWS[2:], spair(), "toy-v1", 336)["drawn"]
    assert not result(ROWS, spair(figures={"draw": False}), "toy-v1", 336)["drawn"]


def test_the_worst_are_those_by_the_alpha_asked_for():
    assert [alpha_shown(each) for each in ([0.05, 0.1, 0.2], [0.15, 0.3], [0.01])] == [0.1, 0.3, 0.01]
    assert [row["id"][0] for row in worst(ROWS, 5, 0.1)] == ["2", "1"]
    assert [row["id"][0] for row in worst(ROWS, 5, 0.3)] == ["1", "2"]
