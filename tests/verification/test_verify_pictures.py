"""Pictures of a verification: what ranks the pairs, what explains their matches, and what is said of both."""

import io

import numpy as np
import pytest
from job_of_verify import NAMES, verified
from PIL import Image

from dinosar.render import pose_pictures as module
from dinosar.render.pose_ranking import extremes
from dinosar.verification.judging import failure, in_words


@pytest.fixture
def drawn(monkeypatch):
    """Everything that pictures of pairs are told, as it is told."""
    told = []
    true_way = module.pose_pair

    def telling(pair, title, said, style):
        from dinosar.render.pose_pair import _key

        told.append({"title": title, "said": " ".join(said), "footer": style.footer, "held": pair.held,
                     "key": [line.get_label() for line in _key(pair)], "pair": pair})  # fmt: skip
        return true_way(pair, title, said, style)

    monkeypatch.setattr(module, "pose_pair", telling)
    return told


def row(**known):
    model = {"held": None, "chance": None}
    return {**failure(""), "status": "done", "left_out": "no_intrinsics", "query": "q", "database": "d", "matches": 50,
            "homography": model, "fundamental": model, **known}  # fmt: skip


def on_lines(held, chance=0.0, **known):
    return row(fundamental={"held": held, "chance": chance}, **known)


def test_where_no_pose_was_looked_for_none_explains_anything(inputs, tmp_path, drawn):
    del inputs["intrinsics"]
    _, files = verified(inputs, tmp_path / "out", figures={"draw": True, "pairs": 1, "dpi": 60}, models={"ask": True})
    assert sorted(name for name in files if name.endswith(".png")) == ["best_01.png", "worst_01.png"]
    for each in drawn:
        everything = " ".join([each["title"], each["said"], each["footer"], *each["key"]])
        assert "the pose" not in everything
        assert "poselib" not in everything
        assert "no pose was looked for" in each["title"]
        assert "matches on one epipolar geometry" in each["title"]
        assert "Ranked by matches on one epipolar geometry, beyond what chance gives." in each["said"]
        assert f"explained by one epipolar geometry: {each['held'].sum()}" in each["key"]
        assert f"holds {each['held'].sum()} of {len(each['held'])}" in each["said"]  # the number of the table
        assert "epipolar geometry: MAGSAC, 3 px" in each["footer"]
    best, worst = (each["held"].sum() for each in drawn)
    assert best > worst


def test_without_models_pairs_are_ranked_by_their_matches(inputs, tmp_path, drawn):
    del inputs["intrinsics"]
    verified(inputs, tmp_path / "out", figures={"draw": True, "pairs": 1, "dpi": 60})
    for each in drawn:
        assert each["held"] is None
        assert each["key"] == [f"matches: {len(each['pair'].a)}"]
        assert "Ranked by number of matches." in each["said"]
        assert "pose:" not in each["footer"]
        assert "MAGSAC" not in each["footer"]


def test_a_pose_that_was_looked_for_is_told_as_it_was(inputs, tmp_path, drawn, room):
    Image.fromarray(np.full((300, 400, 3), 128, np.uint8)).save(room / NAMES[5])
    verified(inputs, tmp_path / "out", figures={"draw": True, "pairs": 1, "dpi": 60})
    best, worst = drawn
    assert best["title"].startswith("Best 1: pose 0.")
    assert worst["title"] == "Worst 1: no pose found"
    assert worst["key"] == ["matches: 0"]
    assert "0 different matches" in worst["said"]
    for each in drawn:
        assert "Ranked by error of the pose." in each["said"]
        assert "pose: poselib, 1.5 px" in each["footer"]


def test_the_first_thing_that_is_known_ranks():
    judged = [row(left_out="", sought=True, pose_error=error, inliers=9) for error in (None, 4.0, 1.0)]
    sought = [row(sought=True, inliers=count) for count in (30, None, 70)]
    lines = [on_lines(20, 19.0), on_lines(12, 1.0), on_lines(30, 2.0)]
    bare = [row(matches=count) for count in (5, 0, 9)]
    for rows, order, by in (
        (judged, [2, 1, 0], "error of the pose"), (sought, [2, 0, 1], "matches that agree with one pose"),
        (lines, [2, 1, 0], "matches on one epipolar geometry, beyond what chance gives"),
        (bare, [2, 0, 1], "number of matches"),
    ):  # fmt: skip
        (kind, said, best), (other, _, worst) = extremes([*bare[:1], *rows] if rows is not bare else rows, 1)
        assert (kind, other, said) == ("best", "worst", by)
        assert best[0] is rows[order[0]]
        assert worst[0] is rows[order[-1]]
    assert list(extremes([failure("torn")], 3)) == []


def test_no_pair_is_both_best_and_worst():
    rows = [row(matches=count) for count in (3, 2, 1)]
    (_, _, best), (_, _, worst) = extremes(rows, 2)
    assert [each["matches"] for each in best] == [3, 2]
    assert [each["matches"] for each in worst] == [1]


def test_progress_says_of_a_pair_what_was_looked_for():
    assert in_words(on_lines(44)) == "q d 50 matches, 44 on one epipolar geometry"
    assert in_words(row(homography={"held": 7, "chance": 1.0})) == "q d 50 matches, 7 on one homography"
    assert in_words(row()) == "q d 50 matches"
    assert in_words(row(sought=True)) == "q d no pose found in 50 matches"
    assert in_words(row(sought=True, inliers=0)) == "q d 0 of 50 matches agree with a pose"
    assert in_words(row(sought=True, inliers=40, pose_error=0.25)) == "q d 40 of 50 matches agree with a pose, 0.2° off"


def test_what_counts_in_the_curve_is_said_beside_it(inputs, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(module, "pose_recall", lambda curves, notes, style: said.append(notes) or _blank())
    file = tmp_path / "intrinsics.txt"
    file.write_text("".join(line + "\n" for line in file.read_text().splitlines() if NAMES[5] not in line))
    verified(inputs, tmp_path / "out", figures={"draw": True, "pairs": 0})
    assert said == [["Of 4 pairs 3 count; left out: 1 without intrinsics."]]


def _blank():
    data = io.BytesIO()
    Image.new("L", (2, 2)).save(data, "PNG")
    return data.getvalue()
