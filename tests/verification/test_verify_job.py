"""`retrieve verify` from its inputs to its files."""

import io
import json

import numpy as np
import pytest
from job_of_verify import NAMES, PAIRS, config_of, table, verified

from dinosar.errors import ConflictError, InputError, UsageError
from dinosar.evaluation.pose_auc import pose_auc
from dinosar.retrieval.hloc_files import Keypoints, PairMatches, write_keypoints, write_matches
from dinosar.verification import correspondences
from dinosar.verification.judging import best_of_each, errors_of, failure
from dinosar.verification.pose_report import poses_csv, summary
from dinosar.verify_job import compute, place


def test_poses_of_a_drawn_room_are_found(inputs, tmp_path):
    outcome, files = verified(inputs, tmp_path / "out", models={"ask": True})
    rows = table(files["poses.csv"])
    assert [(row["query"], row["database"]) for row in rows] == PAIRS
    assert [row["rank"] for row in rows] == ["1", "2", "1", "2"]
    for row in rows:
        assert float(row["pose_error"]) == max(float(row["rotation_error"]), float(row["translation_error"])) < 2
        assert int(row["inliers"]) <= int(row["matches"])
        assert int(row["fundamental_inliers"]) > 3 * float(row["fundamental_chance"])
        assert row["why"] == ""
    told = json.loads(files["auc.json"])
    assert told == json.loads(json.dumps(outcome.result))
    areas = pose_auc([float(row["pose_error"]) for row in rows])
    assert list(told["per_pair"]["auc"].values()) == pytest.approx(areas, abs=1e-8)
    best = {row["query"]: row for row in rows if row["best"] == "yes"}
    assert len(best) == 2
    for row in rows:
        assert int(best[row["query"]]["inliers"]) >= int(row["inliers"])
    assert told["best_of_each_query"]["judged"] == 2


def test_a_killed_run_goes_on_and_comes_out_the_same(inputs, tmp_path, monkeypatch):
    _, whole = verified(inputs, tmp_path / "whole")
    asked = []
    true_matches = correspondences.SiftSource.matches

    def dying(self, a, b):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append((a, b))
        return true_matches(self, a, b)

    monkeypatch.setattr(correspondences.SiftSource, "matches", dying)
    with pytest.raises(KeyboardInterrupt):
        verified(inputs, tmp_path / "out")
    monkeypatch.setattr(
        correspondences.SiftSource, "matches", lambda *given: asked.append(given[1:]) or true_matches(*given)
    )
    outcome, files = verified(inputs, tmp_path / "out")
    assert asked == PAIRS  # none twice
    assert outcome.noun.again == 2
    assert files == whole


def test_a_changed_photo_or_pose_is_judged_anew(inputs, tmp_path, room):
    verified(inputs, tmp_path / "out")
    (room / NAMES[2]).write_bytes((room / NAMES[3]).read_bytes())
    outcome, _ = verified(inputs, tmp_path / "out")
    assert outcome.noun.again == 2  # the two pairs without it
    poses = tmp_path / "poses.txt"
    lines = poses.read_text().splitlines()
    poses.write_text("\n".join([lines[1].replace(NAMES[1], NAMES[0]), *lines[1:]]))
    outcome, _ = verified(inputs, tmp_path / "out")
    assert outcome.noun.again == 2  # the two without the first


def test_without_intrinsics_there_are_models_and_a_reason(inputs, tmp_path):
    del inputs["intrinsics"]
    outcome, files = verified(inputs, tmp_path / "out", models={"ask": True})
    for row in table(files["poses.csv"]):
        assert row["pose_error"] == row["inliers"] == "NA"
        assert int(row["homography_inliers"]) > 20
        assert row["why"] == f"no intrinsics of {row['query']} and {row['database']}"
    assert outcome.result["per_pair"] == {"judged": 0, "found": 0, "auc": None, "median_error": None}
    assert (outcome.result["estimator"], outcome.result["threshold_px"], outcome.result["sought"]) == (None, None, 0)
    with pytest.raises(
        InputError, match="AUC of poses needs the intrinsics of every image.* of 3 more; give them with"
    ):
        compute(config_of(inputs, pose={"auc": True}))


def test_without_true_poses_there_are_inliers_and_a_reason(inputs, tmp_path):
    poses = tmp_path / "poses.txt"
    poses.write_text("".join(line + "\n" for line in poses.read_text().splitlines() if NAMES[5] not in line))
    _, files = verified(inputs, tmp_path / "out")
    rows = table(files["poses.csv"])
    assert [row["why"] for row in rows] == ["", "", "", f"no true pose of {NAMES[5]}"]
    assert int(rows[3]["inliers"]) > 20
    assert rows[3]["pose_error"] == "NA"
    assert rows[3]["best"] == "no"
    with pytest.raises(InputError, match=f"needs the true pose of every image, and knows none of '{NAMES[5]}'"):
        compute(config_of(inputs, pose={"auc": True}))


def test_an_unknown_image_is_named_with_its_line_before_anything_starts(inputs, tmp_path):
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n\n{NAMES[0]} elsewhere.png\n")
    with pytest.raises(InputError, match=r"pairs\.txt', line 3: no image is called 'elsewhere.png'"):
        compute(config_of(inputs))
    (tmp_path / "pairs.txt").write_text("")
    with pytest.raises(InputError, match="lists no pair"):
        compute(config_of(inputs))


def test_a_photo_that_cannot_be_read_fails_alone(inputs, tmp_path, room):
    (room / NAMES[2]).write_bytes(b"torn")
    outcome, files = verified(inputs, tmp_path / "out")
    assert outcome.status == "partial"
    assert [row["status"] for row in outcome.noun.rows] == ["done", "failed", "failed", "done"]
    assert len(table(files["errors.csv"])) == 2
    assert outcome.result["per_pair"]["judged"] == 2
    assert table(files["poses.csv"])[1]["pose_error"] == "NA"  # not looked at, which is not the same as not found


def test_where_no_pose_is_found_any_error_is_too_small(inputs, tmp_path, room):
    import cv2

    for name in (NAMES[1], NAMES[2]):
        cv2.imwrite(str(room / name), np.full((300, 400, 3), 128, np.uint8))
    outcome, files = verified(inputs, tmp_path / "out")
    rows = table(files["poses.csv"])
    assert {row["pose_error"] for row in rows} == {"inf"}
    assert all(row["why"].startswith("0 different matches") for row in rows)
    assert outcome.result["per_pair"]["auc"] == {"5": 0, "10": 0, "20": 0}
    assert outcome.result["per_pair"]["median_error"] is None
    assert outcome.status == "done"


def test_intrinsics_of_another_size_are_fitted_and_of_another_shape_refused(inputs, tmp_path):
    file = tmp_path / "intrinsics.txt"
    lines = []
    for line in file.read_text().splitlines():
        name, model, *numbers = line.split()
        lines.append(" ".join([name, model, *(str(2 * float(each)) for each in numbers)]))
    double = "\n".join(" ".join([*line.split()[:2], "800", "600", *line.split()[4:]]) for line in lines)
    _, as_it_is = verified(inputs, tmp_path / "one")
    file.write_text(double)
    _, fitted = verified(inputs, tmp_path / "two")
    errors = [[float(row["pose_error"]) for row in table(files["poses.csv"])] for files in (as_it_is, fitted)]
    assert errors[0] == pytest.approx(errors[1], abs=1e-6)
    file.write_text(double.replace(" 800 600 ", " 800 800 "))
    _, files = verified(inputs, tmp_path / "three")
    assert all(row["why"].startswith("no intrinsics of") for row in table(files["poses.csv"]))


def test_the_same_camera_twice_has_no_direction(inputs, tmp_path, room):
    (room / "again.png").write_bytes((room / NAMES[0]).read_bytes())
    for name in ("poses.txt", "intrinsics.txt"):
        file = tmp_path / name
        file.write_text(file.read_text() + file.read_text().splitlines()[0].replace(NAMES[0], "again.png") + "\n")
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} again.png\n")
    outcome, files = verified(inputs, tmp_path / "out")
    (row,) = table(files["poses.csv"])
    assert float(row["rotation_error"]) < 1e-3
    assert (row["translation_error"], row["pose_error"]) == ("NA", "NA")
    assert "taken at one place" in row["why"]
    assert outcome.result["per_pair"]["auc"] is None


def test_poses_may_come_from_a_model_or_from_the_folder_itself(inputs, tmp_path, room, views):
    from room_model import write_model

    _, listed = verified(inputs, tmp_path / "listed")
    model = write_model(tmp_path / "model", views[:6], NAMES[:6])
    _, of_model = verified({**inputs, "gt": str(model), "intrinsics": None}, tmp_path / "of_model")
    for name in ("poses.txt", "intrinsics.txt"):
        (room / name).write_bytes((tmp_path / name).read_bytes())
    _, of_folder = verified({"pairs": inputs["pairs"], "images": str(room)}, tmp_path / "of_folder")
    rows = [table(files["poses.csv"]) for files in (listed, of_model, of_folder)]
    for first, second, third in zip(*rows, strict=True):
        assert first == third
        assert float(first["pose_error"]) == pytest.approx(float(second["pose_error"]), abs=1e-5)


def test_matches_of_hloc_are_taken_where_they_are_given(inputs, tmp_path, views):
    from room_model import in_the_world

    from toy_data.planes import seen_in

    random = np.random.default_rng(0)
    pixels = random.uniform(20, 280, (400, 2))
    points, answers = {}, {}
    places, there = in_the_world(views[0], pixels)
    points[NAMES[0]] = pixels
    for number in (1, 2):
        at, shown = seen_in(views[number], places)
        points[NAMES[number]] = np.where((there & shown)[:, None], at, 0)
        answers[number] = np.where(there & shown, np.arange(400), -1)
    write_keypoints(tmp_path / "f.h5", {name: Keypoints(each, (400, 300)) for name, each in points.items()})
    write_matches(tmp_path / "m.h5", [PairMatches((NAMES[0], NAMES[1]), answers[1], np.ones(400))])
    given = {**inputs, "features": str(tmp_path / "f.h5"), "match_file": str(tmp_path / "m.h5")}
    outcome, files = verified(given, tmp_path / "out")
    rows = table(files["poses.csv"])
    assert float(rows[0]["pose_error"]) < 0.1
    assert rows[0]["matches"] == str((answers[1] >= 0).sum())
    assert rows[1]["why"] == "the file of matches does not hold this pair"
    assert outcome.result["matched_by"] == "hloc's m.h5"
    _, by_sift = verified(given, tmp_path / "sift", matches={"by": "sift"})
    assert table(by_sift["poses.csv"])[1]["why"] == ""


def test_what_is_missing_is_told_before_anything_starts(inputs, tmp_path):
    with pytest.raises(UsageError, match="go together; one is missing"):
        config_of({**inputs, "features": "f.h5"})
    with pytest.raises(UsageError, match="--features and --match-file"):
        compute(config_of(inputs, matches={"by": "hloc"}))
    with pytest.raises(UsageError, match="name it with --store"):
        compute(config_of(inputs, matches={"by": "patches"}))
    with pytest.raises(UsageError, match="--images, or a --store"):
        compute(config_of({"pairs": inputs["pairs"]}))
    with pytest.raises(InputError, match="holds no model of COLMAP"):
        compute(config_of({**inputs, "gt": str(tmp_path)}))


def test_a_run_goes_on_with_other_pictures_but_not_with_other_options(inputs, tmp_path):
    verified(inputs, tmp_path / "out")
    place(config_of(inputs, figures={"draw": True}), tmp_path / "out", False).check()
    with pytest.raises(ConflictError):
        place(config_of(inputs, pose={"threshold": 3.0}), tmp_path / "out", False).check()
    assert place(config_of(inputs), None, False).path == place(config_of(inputs, pose={"auc": True}), None, False).path


def test_pictures_are_drawn_of_the_best_and_the_worst(inputs, tmp_path):
    from PIL import Image

    _, files = verified(inputs, tmp_path / "out", figures={"draw": True, "pairs": 1, "dpi": 60})
    pictures = sorted(name for name in files if name.endswith(".png"))
    assert pictures == ["best_01.png", "pose_recall.png", "worst_01.png"]
    for name in pictures:
        assert np.asarray(Image.open(io.BytesIO(files[name]))).std() > 5
    _, again = verified(inputs, tmp_path / "again", figures={"draw": True, "pairs": 1, "dpi": 60})
    assert again == files


def row(query, database, inliers, error, left_out=""):
    return {**failure(""), "status": "done", "query": query, "database": database, "rank": 1, "inliers": inliers,
            "matches": 50, "left_out": left_out, "pose_error": error, "rotation_error": error,
            "translation_error": error}  # fmt: skip


def test_the_best_of_a_query_has_most_inliers_and_of_equals_ranks_first():
    rows = [row("q", "a", 10, 3.0), row("q", "b", 30, 9.0), row("q", "c", 30, 1.0), row("r", "a", None, None),
            row("q", "d", 99, None, "no_true_pose")]  # fmt: skip
    assert [each["database"] for each in best_of_each(rows)] == ["b", "a"]
    assert errors_of(rows).tolist() == [3, 9, 1, np.inf]
    told = summary(rows)
    assert told["best_of_each_query"]["judged"] == 2
    assert told["per_pair"]["found"] == 3
    cells = [(line["best"], line["pose_error"]) for line in table(poses_csv(rows))]
    assert cells == [("no", "3"), ("yes", "9"), ("no", "1"), ("yes", "inf"), ("no", "NA")]
