"""The drawn collection has the published layout, and its keypoints are where the things are."""

import importlib.util
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from dinosar.spair import Collection, category_of

PLACE = Path(__file__).resolve().parents[2] / "toy_data" / "spair.py"


def _load():
    spec = importlib.util.spec_from_file_location("toy_data_spair", PLACE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


drawn = _load()
from toy_data import snapshots  # noqa: E402 - the script puts its folder in reach


@pytest.fixture(scope="module")
def content():
    """The files of three pairs."""
    return dict(drawn.collection(seed=3, pairs=3, splits=("test",)))


@pytest.fixture(scope="module")
def collection(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("drawn") / "drawn.zip"
    drawn.to_zip(iter(content.items()), path)
    return Collection.open(path)


def held(content, folder, name):
    return json.loads(content[f"{folder}/{name}.json"])


def test_the_layout_is_the_published_one(content):
    assert {name.partition("/")[0] for name in content} == {
        "JPEGImages", "Segmentation", "ImageAnnotation", "PairAnnotation", "Layout", "devkit",
    }  # fmt: skip
    listed = content["Layout/large/test.txt"].decode()
    assert listed.endswith("\n")
    assert [category_of(name) for name in listed.split()] == list(drawn.KINDS)
    assert set(content["Layout/small/test.txt"].decode().split()) < set(listed.split())
    pair = held(content, "PairAnnotation/test", listed.split()[0])
    assert set(pair) == {
        "pair_id", "filename", "src_imname", "trg_imname", "src_imsize", "trg_imsize", "src_bndbox", "trg_bndbox",
        "category", "src_pose", "trg_pose", "src_kps", "trg_kps", "kps_ids", "mirror", "viewpoint_variation",
        "scale_variation", "truncation", "occlusion",
    }  # fmt: skip


def test_numbers_of_pairs_are_unlike_in_all_splits():
    assert drawn.PAIRS >= 40
    shares = {split: drawn._share(split, drawn.PAIRS) for split in drawn.SPLITS}
    assert shares == {"trn": 8, "val": 4, "test": 16}
    for split, individuals in drawn.SPLITS.items():
        others = [each for other, held in drawn.SPLITS.items() if other != split for each in held]
        assert not set(individuals) & set(others), "no individual is in two splits"
        assert all(a[0] != b[0] for a, b in drawn._chosen(0, "teapot", split, drawn.PAIRS))


def test_it_reads_as_any_collection(collection):
    for name in collection.pair_ids("test"):
        pair = collection.pair("test", name)
        assert len(pair.names) >= 3
        for picture, places in ((pair.source, pair.a), (pair.target, pair.b)):
            assert picture.load().size == picture.size
            assert min(picture.size) >= 250
            assert max(picture.size) <= 500
            assert ((places >= 0) & (places < picture.size)).all()
            mask = collection.object_mask(pair, picture)
            assert 0.02 < mask.mean() < 0.6
        left, top, right, bottom = pair.box
        rows, columns = np.nonzero(collection.object_mask(pair, pair.target))
        outermost = np.array([columns.min(), rows.min(), columns.max(), rows.max()])
        assert np.array_equal(pair.box, outermost + 0.5)
        reach = 0.05 * max(right - left, bottom - top)
        assert (pair.b > np.array([left, top]) - reach).all()
        assert (pair.b < np.array([right, bottom]) + reach).all()


def test_a_pair_has_what_both_of_its_pictures_show(content):
    seen_missing = 0
    for name in content["Layout/large/test.txt"].decode().split():
        pair = held(content, "PairAnnotation/test", name)
        images = [
            held(content, f"ImageAnnotation/{pair['category']}", pair[f"{side}_imname"][:-4]) for side in ("src", "trg")
        ]
        a, b = (each["kps"] for each in images)
        assert list(a) == list(b) == [str(i) for i in range(len(drawn.KINDS[pair["category"]]))]
        assert pair["kps_ids"] == [i for i in a if a[i] and b[i]]
        assert pair["src_kps"] == [a[i] for i in pair["kps_ids"]]
        assert pair["truncation"] == images[0]["truncated"] + 2 * images[1]["truncated"]
        assert pair["occlusion"] == images[0]["occluded"] + 2 * images[1]["occluded"]
        seen_missing += sum(each is None for image in images for each in image["kps"].values())
        assert all(image["truncated"] or image["occluded"] or None not in image["kps"].values() for image in images)
    assert seen_missing, "some keypoints are null"


def test_a_keypoint_is_the_pixel_that_its_place_falls_into():
    places = np.array([[3.0, 4.99], [3.99, 4.0], [7.5, 7.5]])
    seen = np.array([True, True, False])
    taken = snapshots.Snapshot(np.zeros((9, 9, 3), np.uint8), np.ones((9, 9), bool), places, seen, 0, 9, False, False)
    assert drawn.Shot("cat", "x", taken).keypoints == {"0": [3, 4], "1": [3, 4], "2": None}
    assert drawn.Shot("cat", "x", taken).box == [0, 0, 8, 8]


def test_a_picture_depends_on_the_seed_and_its_own_numbers_only(content):
    name = next(name for name in content if name.startswith("JPEGImages/teapot/"))
    individual, photo = int(name[-8:-6]) - 1, int(name[-6:-4]) - 1
    _, shot = next(drawn._shots(3, "teapot", {(individual, photo), (individual + 1, 0)}))
    files = dict(drawn._picture_files(shot))
    assert {file: content[file] for file in files} == files


@pytest.mark.parametrize(
    ("kind", "landmark"), [("beetle", "left hind knee"), ("teapot", "spout tip"), ("teapot", "knob")]
)
def test_a_place_is_where_its_paint_comes_to_lie(kind, landmark):
    subject = drawn._subject(1, kind, 0)
    x, y = (value * snapshots.TEXELS / snapshots._SMALLER for value in subject.landmarks[landmark])
    paint = np.zeros_like(subject.paint)
    cv2.circle(paint, (round((x - 0.5) * 16), round((y - 0.5) * 16)), 14 * 16, (1, 1, 1, 1), -1, cv2.LINE_AA, 4)
    dot = snapshots.Thing(paint, subject.surface, subject.landmarks, subject.bumps, subject.upright, subject.hull)
    for seed in range(4):
        taken = snapshots.take(dot, np.random.default_rng(seed))
        rows, columns = np.nonzero(taken.mask)
        found = np.array([columns.mean(), rows.mean()]) + 0.5
        assert np.hypot(*(found - taken.places[list(subject.landmarks).index(landmark)])) < 0.75


def test_the_difficulties_are_what_the_pictures_are(monkeypatch):
    subject = drawn._subject(1, "teapot", 0)
    plain, cut, covered = (
        snapshots.take(subject, np.random.default_rng(5), **how) for how in ({}, {"cut": True}, {"covered": True})
    )
    assert (plain.truncated, plain.occluded) == (False, False)
    assert plain.seen.all()
    assert (cut.truncated, cut.occluded) == (True, False)
    edges = [cut.mask[0], cut.mask[-1], cut.mask[:, 0], cut.mask[:, -1]]
    assert any(edge.any() for edge in edges)
    assert (covered.truncated, covered.occluded) == (False, True)
    assert abs(plain.turn) <= snapshots.TURN
    assert [drawn._grade(value, drawn.VIEWPOINT) for value in (0, 7.9, 8, 18, 30)] == [0, 0, 1, 2, 2]


@pytest.fixture
def quick(monkeypatch):
    """A collection of two files and a folder."""
    files = {"devkit/": b"", "Layout/large/test.txt": b"1-a-b:cat\n", "PairAnnotation/test/1-a-b:cat.json": b"{}"}
    monkeypatch.setattr(drawn, "collection", lambda seed, pairs: iter(files.items()))
    return files


def test_folder_zip_and_tars_hold_the_same(quick, tmp_path):
    assert drawn.main(["--out", str(tmp_path), "--zip", str(tmp_path / "s.zip")]) == 0
    assert drawn.main(["--tar", str(tmp_path / "s.tar")]) == 0
    assert drawn.main(["--tar", str(tmp_path / "s.tgz")]) == 0
    for root in ("SPair-71k", "s.zip", "s.tar", "s.tgz"):
        members = Collection.open(tmp_path / root).members
        assert {name: members.read(name) for name in quick if not name.endswith("/")} == {
            name: data for name, data in quick.items() if not name.endswith("/")
        }
    assert (tmp_path / "SPair-71k/devkit").is_dir()
    assert "SPair-71k/devkit/" in zipfile.ZipFile(tmp_path / "s.zip").namelist()
    with tarfile.open(tmp_path / "s.tgz", "r:gz") as archive:
        assert archive.getmember("SPair-71k/devkit").isdir()


def test_archives_are_the_same_bytes_every_time(quick, tmp_path):
    for name in ("s.zip", "s.tar", "s.tgz"):
        flag = "--zip" if name == "s.zip" else "--tar"
        for at in ("first", "second"):
            (tmp_path / at).mkdir(exist_ok=True)
            drawn.main([flag, str(tmp_path / at / name)])
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "say where to write"), (["--zip", "a", "--tar", "b"], "not allowed with"),
        (["--zip", "a", "--pairs", "2"], "must be 3 to"), (["--zip", "a", "--pairs", "1000"], "must be 3 to 324"),
        (["--zip", "a", "--seed", "-1"], "--seed 0 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(quick, arguments, told, capsys):
    with pytest.raises(SystemExit) as ended:
        drawn.main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_windows_is_told_to_take_a_zip(quick, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(drawn, "WINDOWS", True)
    with pytest.raises(SystemExit):
        drawn.main(["--out", str(tmp_path)])
    assert "use --zip FILE" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_collection_is_not_written_over_another(quick, tmp_path, capsys):
    (tmp_path / "SPair-71k").mkdir()
    with pytest.raises(SystemExit):
        drawn.main(["--out", str(tmp_path)])
    assert "is there already" in capsys.readouterr().err
