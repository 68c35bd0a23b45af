"""Masks that somebody made are read as they are, or one sentence says why not."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from dinosar.errors import InputError
from dinosar.images import load_photo
from dinosar.maskers.file import File
from dinosar.testing import toy_photo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside pycocotools

TOY = Path(__file__).resolve().parents[2] / "toy_data"
PHOTO = toy_photo(4, (60, 40))
TRUTH = np.zeros((40, 60), dtype=bool)
TRUTH[8:30, 12:45] = True


def mask_from(path, photo=PHOTO):
    return File(File.Options(path=str(path))).mask(photo, None)


def write_coco(path, segmentations, size=(60, 40), file_name="toy-4", image_id=7):
    """A COCO file with one other photo beside this one."""
    image = {"id": image_id, "file_name": file_name, "width": size[0], "height": size[1]}
    other = {"id": 1, "file_name": "other.jpg", "width": 5, "height": 5}
    annotations = [{"id": i, "image_id": image_id, "segmentation": s} for i, s in enumerate(segmentations)]
    path.write_text(json.dumps({"images": [other, image], "annotations": annotations}), encoding="utf-8")
    return path


def grey_levels():
    return np.where(TRUTH, 255, 0).astype(np.uint8)


def see_through():
    return np.dstack([np.full((*TRUTH.shape, 3), 77, np.uint8), grey_levels()])


PICTURES = {
    "grey.png": grey_levels(),
    "soft.png": np.where(TRUTH, 128, 127).astype(np.uint8),
    "colour.png": np.repeat(grey_levels()[..., None], 3, axis=2),
    "by-alpha.png": see_through(),
    "opaque.png": np.dstack([np.repeat(grey_levels()[..., None], 3, axis=2), np.full(TRUTH.shape, 255, np.uint8)]),
    "one-bit.png": TRUTH,
    "sixteen-bits.png": np.where(TRUTH, 65535, 0).astype(np.uint16),
    "grey.bmp": grey_levels(),
    "grey.tif": grey_levels(),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_says_by_light_or_by_alpha_what_is_specimen(name, tmp_path):
    Image.fromarray(PICTURES[name]).save(tmp_path / name)
    mask = mask_from(tmp_path / name)
    assert mask.dtype == np.bool_
    assert np.array_equal(mask, TRUTH)


@pytest.mark.parametrize("path", ["", "{name}.png", "../masks/{name}.png"])
def test_a_folder_or_a_template_is_asked_for_the_name_of_the_photo(path, tmp_path):
    (tmp_path / "masks").mkdir()
    Image.fromarray(grey_levels()).save(tmp_path / "masks" / "toy-4.png")
    Image.fromarray(~grey_levels()).save(tmp_path / "masks" / "other.png")
    assert np.array_equal(mask_from(f"{tmp_path}/masks/{path}"), TRUTH)


def test_one_picture_alone_serves_every_photo_and_its_hash_is_a_fact(tmp_path):
    Image.fromarray(grey_levels()).save(tmp_path / "any.png")
    masker = File(File.Options(path=str(tmp_path / "any.png")))
    assert np.array_equal(masker.mask(toy_photo(9, (60, 40)), None), TRUTH)
    assert masker.facts() == {
        "sha256 of the mask of toy-9": hashlib.sha256((tmp_path / "any.png").read_bytes()).hexdigest()
    }
    assert File(File.Options(path=str(tmp_path))).facts() == {}


def polygon(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


def run_lengths(mask):
    runs = np.flatnonzero(np.diff(np.concatenate([[False], mask.ravel(order="F"), [False]])))
    counts = np.diff(np.concatenate([[0], runs, [mask.size]]))
    return {"size": list(mask.shape), "counts": counts.tolist()}


def packed(mask):
    found = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": found["size"], "counts": found["counts"].decode()}


LEFT, RIGHT = TRUTH.copy(), TRUTH.copy()
LEFT[:, 30:], RIGHT[:, :30] = False, False
SEGMENTATIONS = {
    "a polygon": [[polygon(12, 8, 45, 30)]],
    "two polygons": [[polygon(12, 8, 30, 30), polygon(30, 8, 45, 30)]],
    "two annotations": [[polygon(12, 8, 30, 30)], run_lengths(RIGHT)],
    "run lengths": [run_lengths(TRUTH)],
    "packed run lengths": [packed(TRUTH)],
    "one of two empty": [[], packed(TRUTH)],
    "left and right": [packed(LEFT), run_lengths(RIGHT)],
}


@pytest.mark.parametrize("segmentations", SEGMENTATIONS.values(), ids=SEGMENTATIONS)
def test_a_coco_file_gives_the_union_of_what_it_has_for_the_photo(segmentations, tmp_path):
    assert np.array_equal(mask_from(write_coco(tmp_path / "coco.json", segmentations)), TRUTH)


@pytest.mark.parametrize("file_name", ["toy-4", "photos/toy-4", "C:\\photos\\toy-4"])
@pytest.mark.parametrize("image_id", [7, "7"])
def test_a_coco_file_may_name_folders_and_write_ids_as_words(file_name, image_id, tmp_path):
    path = write_coco(tmp_path / "coco.json", [packed(TRUTH)], file_name=file_name, image_id=image_id)
    assert np.array_equal(mask_from(path), TRUTH)


@pytest.mark.parametrize("stem", ["fulgora-alba_i1_p1", "fulgora-fusca_i2_p1"])
def test_the_shipped_coco_file_and_the_shipped_pictures_hold_the_same_masks(stem):
    photo = load_photo(TOY / f"{stem}.jpg")
    truth = cv2.imread(str(TOY / "masks" / f"{stem}.png"), cv2.IMREAD_UNCHANGED) > 0
    assert np.array_equal(mask_from(TOY / "landmarks" / "landmarks.json", photo), truth)
    assert np.array_equal(mask_from(TOY / "masks", photo), truth)


def refused(path, photo=PHOTO):
    with pytest.raises(InputError) as caught:
        mask_from(path, photo)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["absent.png", "absent.json", "absent/{name}.png"])
def test_a_mask_that_is_not_there_is_told_with_the_photo_it_was_wanted_for(name, tmp_path):
    assert "photo 'toy-4' has no mask: '" in refused(tmp_path / name)


def test_a_folder_without_the_mask_says_which_file_it_should_hold(tmp_path):
    assert "toy-4.png' is not there" in refused(tmp_path)


def test_a_mask_of_another_size_is_told_with_both_sizes(tmp_path):
    Image.fromarray(grey_levels().T).save(tmp_path / "turned.png")
    assert "is 40 x 60 px, but photo 'toy-4' is 60 x 40" in refused(tmp_path / "turned.png")
    path = write_coco(tmp_path / "coco.json", [[polygon(1, 1, 20, 20)]], size=(61, 40))
    assert "is 61 x 40 px, but photo 'toy-4' is 60 x 40" in refused(path)


NOT_COCO = ["", "{", "[]", "7", "{}", '{"images": []}', '{"images": 3}', '{"images": [{}], "annotations": []}']


@pytest.mark.parametrize("text", NOT_COCO)
def test_a_file_that_is_not_coco_is_told_so(text, tmp_path):
    (tmp_path / "some.json").write_text(text, encoding="utf-8")
    assert "some.json' is not a COCO file" in refused(tmp_path / "some.json")


def test_bytes_that_are_no_text_are_no_coco_file(tmp_path):
    (tmp_path / "some.json").write_bytes(bytes(range(256)))
    assert "is not a COCO file" in refused(tmp_path / "some.json")


BROKEN = {
    "a word": ["mask"],
    "a number": [3],
    "two points": [[[1, 2]]],
    "words for points": [[["a", "b", "c", "d", "e", "f"]]],
    "run lengths without a size": [{"counts": [3, 4]}],
    "run lengths without counts": [{"size": [40, 60]}],
    "two sizes": [packed(TRUTH), packed(TRUTH[:9])],
}


@pytest.mark.parametrize("segmentations", BROKEN.values(), ids=BROKEN)
def test_a_segmentation_that_cannot_be_read_is_told_with_its_file(segmentations, tmp_path):
    assert "coco.json'" in refused(write_coco(tmp_path / "coco.json", segmentations))


@pytest.mark.parametrize("segmentations", [[], [[]], [None]])
def test_a_photo_without_a_segmentation_is_told_so(segmentations, tmp_path):
    assert "has no segmentation for 'toy-4'" in refused(write_coco(tmp_path / "coco.json", segmentations))


def test_a_photo_that_the_coco_file_does_not_know_is_told_so(tmp_path):
    path = write_coco(tmp_path / "coco.json", [packed(TRUTH)], file_name="toy-44")
    assert "has no segmentation for 'toy-4'" in refused(path)


def test_a_file_that_is_no_picture_is_told_so(tmp_path):
    (tmp_path / "mask.png").write_text("no picture", encoding="utf-8")
    assert "mask.png" in refused(tmp_path / "mask.png")
