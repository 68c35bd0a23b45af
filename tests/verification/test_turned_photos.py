"""Photographs that their EXIF data turn: files of hloc, models and lists tell of the file; people see it upright."""

import numpy as np
import pytest
from room_model import in_the_world, write_model
from turned_room import file_places, lying, rewrite_lists, turn_file

from dinosar.config.verification import LocalizeConfig, VerifyConfig
from dinosar.datasets.lists import read_poses
from dinosar.errors import InputError
from dinosar.folders import RunFolder
from dinosar.localize_job import compute as localised
from dinosar.retrieval.hloc_files import Keypoints, PairMatches, open_matches, write_keypoints, write_matches
from dinosar.settings import Layers, settle
from dinosar.verification.correspondences import HlocSource
from dinosar.verification.photo_shelf import PhotoShelf
from dinosar.verification.pose_errors import rotation_angle
from dinosar.verify_job import compute, options_of
from toy_data.planes import View, seen_in

A, B = "view_001.png", "view_002.png"


def matched(views):
    """Places that truly answer each other on two views, (n, 2) each."""
    pixels = np.random.default_rng(0).uniform(20, 280, (400, 2))
    places, there = in_the_world(views[1], pixels)
    other, shown = seen_in(views[2], places)
    return pixels[there & shown], other[there & shown]


def write_files(folder, ends, sizes):
    """hloc's two files of one pair."""
    write_keypoints(folder / "f.h5", {name: Keypoints(*told) for name, told in zip((A, B), sizes, strict=True)})
    write_matches(folder / "m.h5", [PairMatches((A, B), np.arange(len(ends[0])), np.ones(len(ends[0])))])


@pytest.mark.parametrize(
    ("orientation", "upright"), [(1, False), (3, False), (6, False), (6, True), (8, False), (8, True)]
)
def test_matches_of_hloc_lie_where_a_person_sees_them(views, room, tmp_path, orientation, upright):
    """Whether it looked at the photograph as it lies in its file, as it does now, or turned, as it once did."""
    ends = matched(views)
    turn_file(room / A, orientation)
    told = (ends[0], (400, 300)) if upright else file_places(ends[0], views[1], orientation)
    write_files(tmp_path, ends, [told, (ends[1], (400, 300))])
    with open_matches(tmp_path / "f.h5", tmp_path / "m.h5") as files:
        found = HlocSource(files, "m.h5", PhotoShelf({A: room / A, B: room / B})).matches(A, B)
    np.testing.assert_allclose(found.a, ends[0], atol=1e-3)
    np.testing.assert_allclose(found.b, ends[1], atol=1e-3)


def test_matches_of_another_photograph_are_refused(views, room, tmp_path):
    ends = matched(views)
    write_files(tmp_path, ends, [(ends[0], (300, 300)), (ends[1], (400, 300))])
    with (
        open_matches(tmp_path / "f.h5", tmp_path / "m.h5") as files,
        pytest.raises(
            InputError, match=f"tells of '{A}' as a picture of 300 x 300 px, and the photograph has 400 x 300"
        ),
    ):
        HlocSource(files, "m.h5", PhotoShelf({A: room / A, B: room / B})).matches(A, B)


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("by", ["sift", "hloc"])
def test_lists_given_by_hand_tell_of_the_file(views, room, tmp_path, orientation, by):
    ends = matched(views)
    turn_file(room / A, orientation)
    rewrite_lists(tmp_path, A, *lying(views[1], orientation))
    write_files(tmp_path, ends, [file_places(ends[0], views[1], orientation), (ends[1], (400, 300))])
    (tmp_path / "pairs.txt").write_text(f"{A} {B}\n")
    inputs = {
        "pairs": str(tmp_path / "pairs.txt"), "images": str(room), "gt": str(tmp_path / "poses.txt"),
        "intrinsics": str(tmp_path / "intrinsics.txt"), "features": str(tmp_path / "f.h5"),
        "match_file": str(tmp_path / "m.h5"),
    }  # fmt: skip
    given = {"inputs": inputs, "figures": {"draw": False}, "models": {"ask": False}, "matches": {"by": by}}
    config = settle(VerifyConfig, Layers().add(given, "test"))
    outcome = compute(config)
    with RunFolder(tmp_path / "out", options_of(config)) as output:
        list(outcome.made(output))
    assert outcome.result["per_pair"]["found"] == 1
    assert outcome.result["per_pair"]["median_error"] < (0.1 if by == "hloc" else 2)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_query_is_placed_by_a_model_of_the_files(views, room, tmp_path, orientation):
    """Its pose is that of its file, as the lists that go in have it. So are the pixels of the model."""
    pytest.importorskip("pycolmap")
    query, images = 4, (2, 3, 5)
    names = {i: f"view_{i:03d}.png" for i in (query, *images)}
    model = write_model(tmp_path / "model", [views[i] for i in images], [names[i] for i in images])
    told = {i: lying(views[i], orientation) for i in names}
    for i, name in names.items():
        turn_file(room / name, orientation)
        rewrite_lists(tmp_path, name, *told[i])
    if orientation != 1:
        _turn_model(model, {names[i]: views[i] for i in images}, orientation)
    (tmp_path / "pairs.txt").write_text("".join(f"{names[query]} {names[i]}\n" for i in images))
    inputs = {"pairs": str(tmp_path / "pairs.txt"), "images": str(room), "model": str(model),
              "gt": str(tmp_path / "poses.txt"), "intrinsics": str(tmp_path / "intrinsics.txt")}  # fmt: skip
    outcome = localised(settle(LocalizeConfig, Layers().add({"inputs": inputs}, "test")))
    assert outcome.result["within"]["0.05, 5 deg"] == 1
    (tmp_path / "found.txt").write_bytes(dict(outcome.made(None))["poses.txt"])
    found, truth = read_poses(tmp_path / "found.txt")[names[query]], told[query][1]
    assert rotation_angle(found[:3, :3], truth[:3, :3]) < 0.5


def _turn_model(folder, views: dict[str, View], orientation):
    """Write a model anew as one of files that lie turned."""
    import pycolmap

    model = pycolmap.Reconstruction(str(folder))
    turned = pycolmap.Reconstruction()
    for number, image in model.images.items():
        view = views[image.name]
        camera, pose = lying(view, orientation)
        turned.add_camera_with_trivial_rig(pycolmap.Camera(camera_id=number, **camera.as_dict()))
        pixels = file_places(np.array([point.xy for point in image.points2D]), view, orientation)[0]
        made = pycolmap.Image(name=image.name, keypoints=pixels, camera_id=number, image_id=number)
        turned.add_image_with_trivial_frame(made, pycolmap.Rigid3d(pose[:3]))
    for point in model.points3D.values():
        turned.add_point3D(point.xyz, point.track, np.zeros(3, np.uint8))
    turned.write_binary(str(folder))
