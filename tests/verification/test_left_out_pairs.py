"""Which pairs count in the AUC, which do not, and that both is told; pairs that stand twice count once."""

import json

import numpy as np
import pytest
from job_of_verify import NAMES, config_of, table, verified

from dinosar.errors import InputError
from dinosar.evaluation.pose_auc import pose_auc
from dinosar.notices import collected
from dinosar.verification.judging import failure
from dinosar.verification.pose_report import left_out_in_words, summary
from dinosar.verify_job import compute


def row(error, left_out="", **more):
    done = {"status": "failed" if left_out == "failed" else "done", "query": "q", "database": "d", "inliers": 9}
    return {**failure(""), **done, "sought": True, "left_out": left_out, "pose_error": error, "matches": 50, **more}


def test_a_pair_without_a_pose_is_missed_and_one_that_failed_is_left_out_and_both_is_told():
    rows = [row(2.0), row(8.0), row(None), row(None, "failed"), row(None, "failed"), row(None, "no_intrinsics"),
            row(None, "no_true_pose"), row(None, "one_place")]  # fmt: skip
    told = summary(rows)
    assert told["per_pair"]["judged"] == 3
    assert told["per_pair"]["found"] == 2
    assert list(told["per_pair"]["auc"].values()) == pose_auc([2.0, 8.0, np.inf])
    assert told["left_out"] == {"failed": 2, "no_intrinsics": 1, "no_true_pose": 1, "one_place": 1}
    # Had the two been missed: the same curve, of five pairs.
    missed = [area * 3 / 5 for area in told["per_pair"]["auc"].values()]
    assert list(told["per_pair_with_failed_as_missed"].values()) == pytest.approx(missed)
    assert left_out_in_words(told) == (
        "2 failed, 1 without intrinsics, 1 without a true pose, 1 taken at one place"
    )  # fmt: skip
    whole = summary(rows[:3])
    assert whole["per_pair_with_failed_as_missed"] is None
    assert left_out_in_words(whole) == ""
    assert summary([row(None, "failed")])["per_pair_with_failed_as_missed"] == {"5": 0, "10": 0, "20": 0}


def test_a_torn_photo_leaves_the_auc_of_the_others_as_it_is(inputs, tmp_path, room):
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[0]} {NAMES[2]}\n")
    _, whole = verified(inputs, tmp_path / "whole")
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[0]} {NAMES[2]}\n{NAMES[0]} {NAMES[5]}\n")
    (room / NAMES[5]).write_bytes(b"torn")
    _, torn = verified(inputs, tmp_path / "torn")
    first, second = (json.loads(files["auc.json"]) for files in (whole, torn))
    assert first["per_pair"] == second["per_pair"]
    assert second["left_out"]["failed"] == 1
    areas = second["per_pair"]["auc"]
    assert second["per_pair_with_failed_as_missed"] == pytest.approx({key: areas[key] * 2 / 3 for key in areas})


def test_every_reason_is_found_where_it_is(inputs, tmp_path, room):
    for name, gone in (("intrinsics.txt", NAMES[2]), ("poses.txt", NAMES[5])):
        file = tmp_path / name
        file.write_text("".join(line + "\n" for line in file.read_text().splitlines() if gone not in line))
    outcome, _ = verified(inputs, tmp_path / "out")
    assert outcome.result["left_out"] == {"failed": 0, "no_intrinsics": 2, "no_true_pose": 1, "one_place": 0}
    assert outcome.result["sought"] == 2
    assert outcome.result["from"] == {
        "intrinsics": {"intrinsics": 3, "unknown": 1},
        "true_poses": {"gt": 3, "unknown": 1},
    }


def test_a_pair_that_stands_twice_counts_once_and_that_is_told(inputs, tmp_path):
    _, once = verified(inputs, tmp_path / "once")
    lines = (tmp_path / "pairs.txt").read_text().splitlines()
    (tmp_path / "pairs.txt").write_text(
        "\n".join([lines[0], lines[1], lines[0], *lines[2:], lines[1], lines[0]]) + "\n"
    )
    with collected() as warnings:
        _, twice = verified(inputs, tmp_path / "twice")
    assert twice["poses.csv"] == once["poses.csv"]
    assert twice["auc.json"] == once["auc.json"]
    (told,) = warnings
    assert "3 lines of" in told
    assert f"do not count ('{NAMES[0]} {NAMES[1]}')" in told


def test_the_same_pair_the_other_way_round_is_another(inputs, tmp_path):
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[1]} {NAMES[0]}\n")
    _, files = verified(inputs, tmp_path / "out")
    assert len(table(files["poses.csv"])) == 2


def test_an_empty_list_is_told(inputs, tmp_path):
    (tmp_path / "pairs.txt").write_text("\n\n")
    with pytest.raises(InputError, match="lists no pair; write one with"):
        compute(config_of(inputs))
