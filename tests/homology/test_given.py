"""Which landmarks a comparison uses, and that this is settled before it starts."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dinosar.config import CompareConfig
from dinosar.errors import InputError, UsageError
from dinosar.homology.given import read_consensus, read_pair, settled
from dinosar.images import load_photo
from dinosar.notices import collected

TOY = Path(__file__).resolve().parent.parent.parent / "toy_data"
MARKS = TOY / "landmarks" / "landmarks.json"
NAMES = ("fulgora-alba_i1_p1.jpg", "fulgora-fusca_i1_p1.jpg")


@pytest.fixture(scope="module")
def photos():
    return [load_photo(TOY / name) for name in NAMES]


@pytest.fixture
def bare(tmp_path):
    """The photos with nothing beside them."""
    return [load_photo(shutil.copy(TOY / name, tmp_path)) for name in NAMES]


def config(mode="both", stage="none", landmarks="auto", **inputs):
    given = {"inputs": {"a": "a", "b": "b", **inputs}, "mode": mode, "align": {"stage": stage}}
    return CompareConfig.model_validate(given | {"homology": {"landmarks": landmarks}})


def outcome(found):
    return found.inputs.keypoints, found.homology.landmarks


def test_a_named_file_comes_first(photos):
    assert outcome(settled(config(keypoints="own.json"), photos)) == ("own.json", "file")


def test_then_one_that_lies_beside_the_photos(photos):
    assert outcome(settled(config(), photos)) == (str(MARKS), "file")


def test_then_what_the_features_propose(bare):
    assert outcome(settled(config(), bare)) == (None, "proposed")


def test_proposed_may_be_asked_for(photos):
    assert outcome(settled(config(landmarks="proposed"), photos)) == (None, "proposed")


def test_a_file_may_be_demanded(bare):
    with pytest.raises(UsageError, match="no file beside the photos names both; give --keypoints FILE"):
        settled(config(landmarks="file"), bare)


def test_both_may_not_be_asked_for(photos):
    with pytest.raises(UsageError, match="leave out one of them"):
        settled(config(landmarks="proposed", keypoints="own.json"), photos)


def test_nothing_is_looked_for_where_nothing_is_done_with_it(photos):
    assert outcome(settled(config("similarity"), photos)) == (None, "auto")
    assert outcome(settled(config("similarity", "image"), photos)) == (str(MARKS), "file")


def test_settling_twice_changes_nothing(photos, bare):
    for pair in (photos, bare):
        once = settled(config(), pair)
        assert settled(once, pair) == once


def test_both_photos_get_their_own(photos):
    a, b = read_pair(config(keypoints=str(MARKS)), photos)
    content = json.loads(MARKS.read_text())
    for points, name in ((a, NAMES[0]), (b, NAMES[1])):
        number = next(each["id"] for each in content["images"] if each["file_name"] == name)
        raw = next(each["keypoints"] for each in content["annotations"] if each["image_id"] == number)
        np.testing.assert_array_equal(points.places, np.reshape(raw, (-1, 3))[:, :2])


def test_a_photo_without_landmarks_is_named(bare, tmp_path):
    content = json.loads(MARKS.read_text())
    content["images"] = [image for image in content["images"] if image["file_name"] != NAMES[1]]
    kept = {image["id"] for image in content["images"]}
    content["annotations"] = [each for each in content["annotations"] if each["image_id"] in kept]
    (tmp_path / "marks.json").write_text(json.dumps(content))
    with pytest.raises(UsageError, match=f"has no landmarks of '.*{NAMES[1]}'"):
        read_pair(config(keypoints=str(tmp_path / "marks.json")), bare)


@pytest.mark.parametrize(
    ("changes", "idle"),
    [
        ({"mode": "similarity", "landmarks": "proposed"}, "homology"),
        ({"mode": "similarity", "keypoints": "k.json"}, "inputs.keypoints"),
        ({"mode": "similarity", "consensus": "c.npz"}, "inputs.consensus"),
    ],
)
def test_what_has_no_effect_is_said(changes, idle, photos, caplog):
    with caplog.at_level("INFO", logger="dinosar"):
        settled(config(**changes), photos)
    assert f"no effect in mode similarity: {idle}" in caplog.text


def test_scores_and_matcher_have_no_effect_on_homology_alone(photos, caplog):
    given = config("tps_homology", keypoints="k.json").model_dump(include={"inputs", "mode"})
    asked = CompareConfig.model_validate({**given, "matcher": "mutual", "scores": {"mode": "topk_mean"}})
    with caplog.at_level("INFO", logger="dinosar"):
        settled(asked, photos)
    assert "no effect in mode tps_homology: matcher, scores.mode" in caplog.text


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: None, "there is no mean shape at"),
        (lambda path: path.write_bytes(b"junk"), "is no NPZ of a mean shape"),
        (
            lambda path: np.savez(path, x=np.zeros((3, 2))),
            r"must be 8 finite places, but is an array of shape \(3, 2\)",
        ),
        (lambda path: np.savez(path, x=np.full((8, 2), np.nan)), "must be 8 finite places"),
        (lambda path: np.savez(path), "but there is nothing"),
        (lambda path: np.savez(path, x=np.array([{}], dtype=object)), "is no NPZ of a mean shape"),
        (lambda path: np.savez(path, x=np.array(["a"] * 8)), "is no NPZ of a mean shape"),
        (
            lambda path: (np.save(path.with_suffix(".npy"), np.zeros((8, 2))), path.with_suffix(".npy").rename(path)),
            "is no NPZ of a mean shape",
        ),
    ],
)
def test_a_mean_shape_that_is_none_is_refused(write, says, tmp_path):
    write(tmp_path / "mean.npz")
    with pytest.raises(InputError, match=says):
        read_consensus(str(tmp_path / "mean.npz"), 8)


def test_the_mean_shape_is_found_by_its_name_or_is_the_first(tmp_path):
    shape = np.random.default_rng(0).normal(size=(8, 2))
    np.savez(tmp_path / "named.npz", other=np.zeros(3), consensus_shape=shape)
    np.savez(tmp_path / "first.npz", mean=shape)
    for name in ("named", "first"):
        np.testing.assert_array_equal(read_consensus(str(tmp_path / f"{name}.npz"), 8), shape)


def test_nothing_warns_on_the_way(photos):
    with collected() as told:
        settled(config(), photos)
    assert told == []
