"""The shipped drawn photographs and the script that makes them."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

TOY = Path(__file__).resolve().parent.parent / "toy_data"
PHOTOS = sorted(TOY.glob("*.jpg"))
NAME = re.compile(r"(?P<species>[a-z]+-[a-z]+)_i(?P<individual>\d+)_p(?P<photo>\d+)")


def _load_make():
    spec = importlib.util.spec_from_file_location("toy_data_make", TOY / "make.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = _load_make()


@pytest.fixture(scope="module")
def shots():
    """Two photos of three individuals, the last of another species, of a seed that is not the shipped one."""
    return list(itertools.islice(make.photographs(7, individuals=2, photos=2), 6))


@pytest.fixture(scope="module")
def coco():
    return json.loads((TOY / "landmarks" / "landmarks.json").read_text(encoding="utf-8"))


def _mask(name):
    return cv2.imread(str(TOY / "masks" / f"{name}.png"), cv2.IMREAD_UNCHANGED)


def _bilinear(field, x, y):
    """The field at continuous coordinates (the centre of the first pixel is 0.5)."""
    u, v = x - 0.5, y - 0.5
    i, j = int(np.floor(u)), int(np.floor(v))
    a, b = u - i, v - j
    upper = (1 - a) * field[j, i] + a * field[j, i + 1]
    return (1 - b) * upper + b * ((1 - a) * field[j + 1, i] + a * field[j + 1, i + 1])


def test_shipped_files_match_their_sums():
    lines = (TOY / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {relative: digest for digest, relative in (line.split("  ") for line in lines)}
    expected = {path.relative_to(TOY).as_posix() for path in (*PHOTOS, *(TOY / "masks").glob("*.png"))}
    assert set(sums) == expected | {"landmarks/landmarks.json"}
    assert list(sums) == sorted(sums)
    for relative, digest in sums.items():
        assert hashlib.sha256((TOY / relative).read_bytes()).hexdigest() == digest, relative


def test_shipped_files_are_small_together():
    left_out = {"correspondence", "__pycache__"}
    files = [p for p in TOY.rglob("*") if p.is_file() and not left_out & set(p.relative_to(TOY).parts)]
    assert sum(path.stat().st_size for path in files) < 2_000_000


def test_shipped_names_give_species_individual_and_photo():
    parsed = [NAME.fullmatch(path.stem) for path in PHOTOS]
    assert all(parsed), [p.name for p in PHOTOS]
    found = {(m["species"], int(m["individual"]), int(m["photo"])) for m in parsed}
    species = {"fulgora-alba", "fulgora-fusca"}
    assert found == {(s, i, p) for s in species for i in (1, 2, 3) for p in (1, 2)}


@pytest.mark.parametrize("path", PHOTOS, ids=lambda p: p.stem)
def test_shipped_photo_has_its_size_and_mask(path):
    photo, mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED), _mask(path.stem)
    assert photo.dtype == np.uint8
    assert photo.shape[2] == 3
    assert all(500 <= side <= 900 for side in photo.shape[:2])
    assert mask.dtype == np.uint8
    assert mask.shape == photo.shape[:2]
    assert set(np.unique(mask)) == {0, 255}


def test_shipped_photos_are_seed_0():
    shot = next(make.photographs(0, species=1, individuals=1, photos=1))
    shipped = cv2.imread(str(TOY / f"{shot.name}.jpg"))[..., ::-1]
    assert shipped.shape == shot.pixels.shape
    assert np.abs(shipped.astype(int) - shot.pixels).mean() < 4
    assert np.mean((_mask(shot.name) > 0) != shot.mask) < 1e-4


def test_landmarks_file_is_complete_coco(coco):
    assert {image["file_name"] for image in coco["images"]} == {path.name for path in PHOTOS}
    (category,) = coco["categories"]
    names = category["keypoints"]
    assert 12 <= len(names) == len(set(names)) <= 16
    assert all(1 <= end <= len(names) for bone in category["skeleton"] for end in bone)
    assert {a["image_id"] for a in coco["annotations"]} == {image["id"] for image in coco["images"]}
    for annotation in coco["annotations"]:
        assert len(annotation["keypoints"]) == 3 * len(names)
        assert annotation["num_keypoints"] == sum(v > 0 for v in annotation["keypoints"][2::3])


def test_shipped_landmarks_lie_on_the_specimen(coco):
    names = {image["id"]: Path(image["file_name"]).stem for image in coco["images"]}
    for annotation in coco["annotations"]:
        mask = _mask(names[annotation["image_id"]])
        near = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
        triples = np.array(annotation["keypoints"]).reshape(-1, 3)
        assert (triples[:, 2] == 2).sum() >= 12
        for x, y, visible in triples:
            assert 0 <= x < mask.shape[1]
            assert 0 <= y < mask.shape[0]
            assert visible != 2 or near[int(y), int(x)]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside pycocotools
def test_pycocotools_reads_the_landmarks_file():
    coco_api = pytest.importorskip("pycocotools.coco")
    coco = coco_api.COCO(str(TOY / "landmarks" / "landmarks.json"))
    assert len(coco.getImgIds()) == len(PHOTOS)
    for annotation in coco.loadAnns(coco.getAnnIds()):
        (image,) = coco.loadImgs(annotation["image_id"])
        mask = _mask(Path(image["file_name"]).stem) > 0
        np.testing.assert_array_equal(coco.annToMask(annotation) > 0, mask)
        assert annotation["area"] == mask.sum()
        x, y, width, height = annotation["bbox"]
        assert mask[y : y + height, x : x + width].sum() == mask.sum()
        assert (mask.any(axis=0).sum(), mask.any(axis=1).sum()) == (width, height)


def test_run_lengths_of_a_small_mask():
    run_lengths = sys.modules["toy_data.coco"].run_lengths
    mask = np.array([[1, 0], [1, 0], [0, 1]], bool)
    assert run_lengths(mask) == {"size": [3, 2], "counts": [0, 2, 3, 1]}
    assert run_lengths(~mask) == {"size": [3, 2], "counts": [2, 3, 1]}


def test_same_seed_gives_the_same_pictures_whatever_is_asked_for(shots):
    again = list(make.photographs(7, species=1, individuals=1, photos=1))
    assert [shot.name for shot in again] == [shots[0].name]
    np.testing.assert_array_equal(again[0].pixels, shots[0].pixels)
    np.testing.assert_array_equal(again[0].mask, shots[0].mask)
    np.testing.assert_array_equal(again[0].canonical, shots[0].canonical)
    assert again[0].landmarks == shots[0].landmarks


def test_another_seed_gives_other_pictures(shots):
    other = next(make.photographs(8, species=1, individuals=1, photos=1))
    assert other.name == shots[0].name
    assert other.pixels.shape != shots[0].pixels.shape or (other.pixels != shots[0].pixels).mean() > 0.5


def test_photographs_say_what_their_names_say(shots):
    assert [(s.individual, s.photo) for s in shots] == [(1, 1), (1, 2), (2, 1), (2, 2), (1, 1), (1, 2)]
    assert [s.species == shots[0].species for s in shots] == [True] * 4 + [False] * 2
    assert len({shot.name for shot in shots}) == len(shots) == 6
    for shot in shots:
        parsed = NAME.fullmatch(shot.name)
        assert parsed["species"] == shot.species
        assert (int(parsed["individual"]), int(parsed["photo"])) == (shot.individual, shot.photo)
        assert shot.pixels.dtype == np.uint8
        assert shot.pixels.shape == (*shot.mask.shape, 3)
        assert all(500 <= side <= 900 for side in shot.mask.shape)


def test_photos_of_one_individual_differ_in_pose_and_light(shots):
    first, second = shots[0], shots[1]
    assert (first.species, first.individual) == (second.species, second.individual)
    moved = [np.hypot(*np.subtract(first.landmarks[n][:2], second.landmarks[n][:2])) for n in first.landmarks]
    assert max(moved) > 5
    paper = [shot.pixels[:40, -40:].mean(axis=(0, 1)) for shot in (first, second)]
    assert np.abs(paper[0] - paper[1]).max() > 1


def test_true_correspondence_carries_the_pattern_from_photo_to_photo(shots):
    # Looked up through the canonical maps, a photograph must resemble another of the same individual closely, and
    # no longer do so when the map is a few pixels off.
    first, second = shots[0], shots[1]
    points, grey = first.canonical[first.mask], cv2.cvtColor(first.pixels, cv2.COLOR_RGB2GRAY)[first.mask]
    other = cv2.cvtColor(second.pixels, cv2.COLOR_RGB2GRAY)

    def likeness(offset):
        sums, counts = np.zeros((640, 1000)), np.zeros((640, 1000))
        rows, columns = np.nonzero(second.mask)
        place = second.canonical[rows, columns].round().astype(int)
        shifted = np.clip(columns + offset, 0, other.shape[1] - 1)
        np.add.at(sums, (place[:, 1], place[:, 0]), other[rows, shifted])
        np.add.at(counts, (place[:, 1], place[:, 0]), 1)
        at = points.round().astype(int)
        known = counts[at[:, 1], at[:, 0]] > 0
        values = sums[at[known, 1], at[known, 0]] / counts[at[known, 1], at[known, 0]]
        return np.corrcoef(values, grey[known])[0, 1]

    assert likeness(0) > 0.85
    assert likeness(0) > likeness(4) + 0.1


def test_canonical_maps_cover_exactly_the_mask(shots):
    for shot in shots:
        assert shot.canonical.dtype == np.float32
        assert shot.canonical.shape == (*shot.mask.shape, 2)
        np.testing.assert_array_equal(np.isfinite(shot.canonical).all(axis=2), shot.mask)
        inside = shot.canonical[shot.mask]
        assert inside.min() >= 0
        assert (inside <= [1000, 640]).all()


def test_canonical_maps_do_not_fold(shots):
    for shot in shots:
        dx, dy = np.diff(shot.canonical, axis=1)[:-1], np.diff(shot.canonical, axis=0)[:, :-1]
        area = dx[..., 0] * dy[..., 1] - dx[..., 1] * dy[..., 0]
        assert np.nanmin(area) > 0.2


def test_landmarks_have_one_canonical_place(shots):
    places = {}
    for shot in shots:
        for name, (x, y, visible) in shot.landmarks.items():
            here = _bilinear(shot.canonical, x, y)
            if visible and np.isfinite(here).all():
                places.setdefault(name, []).append(here)
    assert len(places) >= 12
    for name, found in places.items():
        assert len(found) >= 4, name
        assert np.abs(np.array(found) - found[0]).max() < 0.1, name
        # The anatomy says which place; this also sees a shift that is the same in all photographs.
        assert np.abs(np.array(found) - sys.modules["toy_data.anatomy"].LANDMARKS[name]).max() < 0.1, name


def test_mask_is_one_specimen_of_plausible_area(shots):
    for shot in shots:
        assert 0.10 < shot.mask.mean() < 0.60
        assert cv2.connectedComponents(shot.mask.astype(np.uint8))[0] == 2


def test_species_are_the_same_without_difference():
    traits = sys.modules["toy_data.traits"]
    alike = [traits.species_traits(3, species, difference=0.0) for species in (0, 1)]
    unlike = [traits.species_traits(3, species) for species in (0, 1)]
    assert all(np.array_equal(alike[0][name], alike[1][name]) for name in alike[0])
    assert not any(np.array_equal(unlike[0][n], unlike[1][n]) for n in unlike[0] if traits.TABLE[n].species > 0)
    halfway = traits.species_traits(3, 1, difference=0.5)
    for name, value in halfway.items():
        np.testing.assert_allclose(value, 0.5 * (alike[1][name] + unlike[1][name]))


def test_command_line_writes_correspondence_only_when_asked(tmp_path):
    few = ["--species", "1", "--individuals", "1", "--photos", "1"]
    assert make.main(["--out", str(tmp_path), *few]) == 0
    assert not (tmp_path / "correspondence").exists()
    assert make.main(["--out", str(tmp_path), *few, "--correspondence"]) == 0
    with np.load(tmp_path / "correspondence" / "fulgora-alba_i1_p1.npz") as stored:
        mask = cv2.imread(str(tmp_path / "masks" / "fulgora-alba_i1_p1.png"), cv2.IMREAD_UNCHANGED) > 0
        np.testing.assert_array_equal(np.isfinite(stored["canonical"]).all(axis=2), mask)
    assert len((tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize("wrong", [["--species", "0"], ["--photos", "two"]])
def test_command_line_refuses_wrong_numbers(wrong, tmp_path):
    with pytest.raises(SystemExit):
        make.main(["--out", str(tmp_path), *wrong])
    assert not list(tmp_path.iterdir())
