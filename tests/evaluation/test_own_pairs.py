"""One's own pairs with landmarks: what both pictures have, in upright pixels, with a box around the target's."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dinosar.errors import InputError, UsageError
from dinosar.evaluation.own_pairs import OwnPairs
from dinosar.testing import toy_photo


def coco(folder, landmarks):
    """A COCO file: name of a picture -> its keypoints [x, y, v] in the order of a, b, c."""
    images = [{"id": i, "file_name": name, "width": 80, "height": 60} for i, name in enumerate(landmarks)]
    annotations = [
        {"id": i, "image_id": i, "category_id": 1, "keypoints": sum(points, []), "num_keypoints": len(points)}
        for i, points in enumerate(landmarks.values())
    ]
    categories = [{"id": 1, "name": "x", "keypoints": ["a", "b", "c"]}]
    path = folder / "marks.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


@pytest.fixture
def desk(tmp_path):
    for i, name in enumerate(("p.png", "q.png", "r.png")):
        Image.fromarray(toy_photo(seed=i, size=(80, 60)).pixels).save(tmp_path / name)
    coco(tmp_path, {
        "p.png": [[10, 10, 2], [20, 20, 2], [30, 5, 2]],
        "q.png": [[12, 10, 2], [0, 0, 0], [62, 40, 1]],
        "r.png": [[0, 0, 0], [5, 5, 2], [0, 0, 0]],
    })  # fmt: skip
    return tmp_path


def listed(desk, *pairs):
    path = desk / "pairs.csv"
    path.write_text("image_a,image_b,label\n" + "\n".join(",".join(each) for each in pairs) + "\n")
    return str(path)


def test_a_pair_has_the_landmarks_of_both_and_the_box_of_the_target(desk):
    own = OwnPairs.read(listed(desk, ("p.png", "q.png", "one")), [str(desk / "marks.json")])
    pair = own.pair("one")
    assert pair.names == ("a", "c")
    assert pair.box[2] - pair.box[0] == 50
    assert pair.box[3] - pair.box[1] == 30
    assert np.allclose(pair.b - pair.a, [[2, 0], [32, 35]])
    assert pair.target.size == (80, 60)
    assert pair.target.load().pixels.shape == (60, 80, 3)
    assert pair.source.digest() != pair.target.digest()


def test_coco_keypoints_beside_the_pictures_are_found_and_named(desk):
    own = OwnPairs.read(listed(desk, ("p.png", "q.png", "one")), None)
    assert own.named == [str(desk / "marks.json")]
    assert own.pair("one").names == ("a", "c")
    (desk / "marks.json").unlink()
    with pytest.raises(UsageError, match="--landmarks"):
        OwnPairs.read(listed(desk, ("p.png", "q.png", "one")), None)


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [("p.png", "r.png", "span no box"), ("q.png", "r.png", "no landmark in common"), ("p.png", "s.png", "not there"),
     ("p.png", "t.png", "has no landmarks in")],
)  # fmt: skip
def test_what_cannot_be_judged_says_why(desk, a, b, told):
    shutil.copy(desk / "p.png", desk / "t.png")
    own = OwnPairs.read(listed(desk, (a, b, "one")), [str(desk / "marks.json")])
    with pytest.raises(InputError, match=told):
        own.pair("one")
