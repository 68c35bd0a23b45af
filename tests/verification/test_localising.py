"""Queries placed in a model of a drawn room, from photographs and a list of pairs to poses."""

import csv
import io

import numpy as np
import pytest
from room_model import write_model
from scipy.spatial.transform import Rotation

from dinosar.cameras import pose_of
from dinosar.config.verification import LocalizeConfig
from dinosar.datasets.lists import read_poses
from dinosar.errors import InputError, PluginError, UsageError
from dinosar.folders import RunFolder
from dinosar.localize_job import compute
from dinosar.settings import Layers, settle
from dinosar.verification import inloc
from dinosar.verification.localising import absolute_pose, by_query, place_error
from dinosar.verification.scene_model import SceneModel
from toy_data.planes import points_of, seen_in

pytest.importorskip("pycolmap")
NAMES = [f"view_{i:03d}.png" for i in range(7)]
QUERIES, IMAGES = (1, 4), (0, 2, 3, 5, 6)


@pytest.fixture(scope="session")
def model(views, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "sparse"
    return write_model(folder, [views[i] for i in IMAGES], [NAMES[i] for i in IMAGES])


@pytest.fixture
def inputs(room, tmp_path, model):
    (tmp_path / "pairs.txt").write_text("".join(f"{NAMES[q]} {NAMES[i]}\n" for q in QUERIES for i in IMAGES))
    return {"pairs": str(tmp_path / "pairs.txt"), "images": str(room), "model": str(model),
            "gt": str(tmp_path / "poses.txt"), "intrinsics": str(tmp_path / "intrinsics.txt")}  # fmt: skip


def localized(inputs, **settings):
    outcome = compute(settle(LocalizeConfig, Layers().add({"inputs": inputs, **settings}, "test")))
    return outcome, dict(outcome.made(None))


def test_queries_are_placed_to_a_centimetre_or_two(inputs, tmp_path, views):
    outcome, files = localized(inputs)
    assert outcome.status == "done"
    assert outcome.result["placed"] == 2
    assert outcome.result["within"]["0.05, 5 deg"] == 1
    assert outcome.result["median_place_error"] < 0.03
    assert outcome.result["median_rotation_error"] < 0.3
    (tmp_path / "found.txt").write_bytes(files["poses.txt"])
    found = read_poses(tmp_path / "found.txt")  # hloc's format, read back
    rows = {row["query"]: row for row in csv.DictReader(io.StringIO(files["localized.csv"].decode()))}
    for number in QUERIES:
        away, turned = place_error(found[NAMES[number]], views[number].pose)
        assert away == pytest.approx(float(rows[NAMES[number]]["place_error"]), abs=1e-6)
        assert away < 0.05
        assert turned < 0.5
        # Not by chance: another query's place is metres off.
    assert place_error(found[NAMES[1]], views[4].pose)[0] > 0.3


def test_the_same_twice(inputs):
    assert localized(inputs)[1] == localized(inputs)[1]


def test_a_query_without_intrinsics_or_without_matches_is_told_and_the_others_are_placed(inputs, tmp_path, room):
    import cv2

    lines = (tmp_path / "intrinsics.txt").read_text().splitlines()
    (tmp_path / "intrinsics.txt").write_text("\n".join(line for line in lines if NAMES[1] not in line))
    cv2.imwrite(str(room / "grey.png"), np.full((300, 400, 3), 128, np.uint8))
    with (tmp_path / "intrinsics.txt").open("a") as file:
        file.write("\n" + lines[0].replace(NAMES[0], "grey.png"))
    with (tmp_path / "pairs.txt").open("a") as file:
        file.write(f"grey.png {NAMES[0]}\n{NAMES[4]} {NAMES[1]}\n")
    outcome, files = localized(inputs)
    rows = {row["query"]: row for row in csv.DictReader(io.StringIO(files["localized.csv"].decode()))}
    assert outcome.status == "partial"
    assert rows[NAMES[1]]["why"] == f"no intrinsics of {NAMES[1]}"
    assert rows["grey.png"]["why"] == "no match lies within 3 px (--reach) of where a point of the model is seen"
    assert rows["grey.png"]["place_error"] == "NA"
    assert rows[NAMES[4]]["why"] == f"{NAMES[1]} is not in the model"
    assert float(rows[NAMES[4]]["place_error"]) < 0.05
    assert files["poses.txt"].decode().count("\n") == 1
    # What has a true pose and was not placed counts as wrong.
    assert outcome.result["within"]["5, 10 deg"] == 0.5


def test_exact_points_give_the_exact_place_and_wrong_ones_are_borne(views):
    view = views[2]
    world = points_of(3, 600)
    pixels, shown = seen_in(view, world)
    random = np.random.default_rng(0)
    wrong = random.random(shown.sum()) < 0.4
    at = pixels[shown].copy()
    at[wrong] = random.uniform(0, 300, (wrong.sum(), 2))
    pose, inliers = absolute_pose(at, world[shown], view.camera, 2.0)
    away, turned = place_error(pose, view.pose)
    assert away < 1e-4
    assert turned < 1e-3
    assert inliers[~wrong].all()
    assert absolute_pose(at[:3], world[shown][:3], view.camera, 2.0)[0] is None


def test_a_match_is_lifted_to_the_observation_beside_it(model, views):
    scene = SceneModel(model)
    seen = scene.observed[NAMES[0]]
    asked = np.vstack([seen.pixels[[5]] + [0.5, 0], seen.pixels[[9]], [[-50.0, -50.0]]])
    which, numbers, places = scene.lifted(NAMES[0], asked, 1.0)
    for at, number, place in zip(which, numbers, places, strict=True):
        off = np.linalg.norm(seen.pixels - asked[at], axis=1)
        assert off.min() <= 1.0
        assert np.flatnonzero(off == off.min())[0] in np.flatnonzero(seen.numbers == number)
        back, _ = seen_in(views[0], place[None])
        assert np.linalg.norm(back[0] - asked[at]) <= 1.0
    assert which.tolist() == [0, 1]
    assert len(scene.lifted("elsewhere.png", asked, 1.0)[0]) == 0


def test_a_place_is_where_the_camera_stood_whichever_way_it_looked():
    turned, centre = Rotation.from_rotvec([0, np.radians(30), 0]).as_matrix(), np.array([3.0, -1, 2])
    pose = pose_of(turned, -turned @ centre)
    assert place_error(pose, pose_of(np.eye(3), -centre)) == pytest.approx((0, 30), abs=1e-9)
    assert place_error(pose, pose_of(turned, -turned @ (centre + [0, 4, 3]))) == pytest.approx((5, 0), abs=1e-5)


def test_pairs_are_gathered_by_query_in_the_order_of_the_list():
    assert by_query([("b", "x"), ("a", "y"), ("b", "y")]) == {"b": ["x", "y"], "a": ["y"]}


def test_what_cannot_be_done_is_told(inputs, tmp_path):
    with pytest.raises(UsageError, match="with --model DIR, or --dataset inloc DIR"):
        localized({**inputs, "model": None})
    with pytest.raises(InputError, match="holds no model of COLMAP"):
        localized({**inputs, "model": str(tmp_path)})
    (tmp_path / "pairs.txt").write_text(f"{NAMES[1]} {NAMES[4]}\n")
    with pytest.raises(InputError, match="no database image of .* is in the model"):
        localized(inputs)


def test_a_model_without_points_places_nothing(inputs, tmp_path, model):
    import pycolmap

    bare = pycolmap.Reconstruction(str(model))
    for number in list(bare.points3D):
        bare.delete_point3D(number)
    (tmp_path / "bare").mkdir()
    bare.write_binary(str(tmp_path / "bare"))
    with pytest.raises(InputError, match="holds no points"):
        localized({**inputs, "model": str(tmp_path / "bare")})


@pytest.fixture
def collection(tmp_path):
    for folder in ("query/iphone7", "database/cutouts/DUC1/000"):
        (tmp_path / "inloc" / folder).mkdir(parents=True)
    (tmp_path / "pairs.txt").write_text("query/iphone7/a.JPG database/cutouts/DUC1/000/b.jpg\n")
    return tmp_path / "inloc"


def test_without_hloc_one_line_says_what_to_install(collection, tmp_path, monkeypatch):
    monkeypatch.setattr(inloc, "find_spec", lambda name: None)
    given = {"pairs": str(tmp_path / "pairs.txt"), "images": str(collection)}
    with pytest.raises(UsageError, match=r"hloc, which is not installed; install it with: pip install git\+https"):
        localized(given, dataset="inloc")


class Hloc:
    """What hloc's modules would be asked, one after the other."""

    confs = {
        "superpoint_inloc": {"output": "feats-superpoint-n4096-r1600"},
        "superglue": {"output": "matches-superglue"},
    }

    def __init__(self, calls, name):
        self.calls, self.name = calls, name

    def main(self, *given, **settings):
        self.calls.append((self.name, given, settings))
        if self.name == "localize_inloc":
            given[4].parent.mkdir(parents=True, exist_ok=True)
            given[4].write_text("a.JPG 1 0 0 0 0 0 0\n")
        return given[-1] / f"{self.name}.h5" if self.name != "localize_inloc" else None


def test_inloc_is_handed_over_step_by_step(collection, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(inloc, "find_spec", lambda name: True)
    monkeypatch.setattr(inloc, "_step", lambda name: Hloc(calls, name))
    given = {"pairs": str(tmp_path / "pairs.txt"), "images": str(collection)}
    config = settle(LocalizeConfig, Layers().add({"inputs": given, "dataset": "inloc", "skip_matches": 20}, "test"))
    outcome = compute(config)
    with RunFolder(tmp_path / "out", {}) as output:
        files = dict(outcome.made(output))
    beside = tmp_path / "out" / "hloc"
    pairs = tmp_path / "pairs.txt"
    features, matches = beside / "extract_features.h5", beside / "match_features.h5"
    assert calls == [
        ("extract_features", (Hloc.confs["superpoint_inloc"], collection, beside), {}),
        ("match_features", (Hloc.confs["superglue"], pairs, "feats-superpoint-n4096-r1600", beside), {}),
        ("localize_inloc", (collection, pairs, features, matches, beside / inloc.RESULTS), {"skip_matches": 20}),
    ]
    assert files == {inloc.RESULTS: b"a.JPG 1 0 0 0 0 0 0\n"}


def test_what_goes_wrong_in_hloc_is_told_under_its_name(collection, tmp_path, monkeypatch):
    class Broken(Hloc):
        def main(self, *given, **settings):
            raise RuntimeError("no weights")

    monkeypatch.setattr(inloc, "find_spec", lambda name: True)
    monkeypatch.setattr(inloc, "_step", lambda name: Broken([], name))
    with pytest.raises(PluginError, match="hloc failed.*no weights"):
        inloc.localise_inloc(collection, tmp_path / "pairs.txt", tmp_path / "out", 10)
    with pytest.raises(InputError, match="is no collection of InLoc"):
        inloc.localise_inloc(tmp_path, tmp_path / "pairs.txt", tmp_path / "out", 10)
