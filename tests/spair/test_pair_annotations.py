"""What a pair's file says becomes keypoints in this package's coordinates, or one sentence with the key."""

import contextlib
import json
import logging
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_collection import FIRST, annotation, as_folder, as_tar, files

from dinosar.errors import InputError
from dinosar.spair import Collection
from dinosar.spair.annotation import parse


def parsed(**changed):
    return parse(json.dumps(annotation(**changed)).encode(), "'file'")


def test_a_pair_as_published(tmp_path):
    pair = Collection.open(as_folder(tmp_path, files())).pair("test", FIRST)
    assert (pair.id, pair.category, pair.names) == (FIRST, "cat", ("0", "4", "11"))
    assert pair.a.tolist() == [[3.5, 4.5], [10.5, 11.5], [20.5, 5.5]], "pixel 3 has its middle at 3.5"
    assert pair.b.tolist() == [[12.5, 13.5], [20.5, 40.5], [29.5, 14.5]]
    assert (pair.source.name, pair.source.size) == ("cat/2001_a.jpg", (40, 30))
    assert (pair.target.name, pair.target.size) == ("cat/2001_b.jpg", (36, 50))
    assert dict(pair.flags) == {
        "viewpoint": "medium", "scale": "hard", "truncation": "both", "occlusion": "none", "mirror": "no",
    }  # fmt: skip


def test_boxes_are_corners_and_their_sides_are_those_of_the_file():
    left, top, right, bottom = parsed(trg_bndbox=[300, 200, 340, 290]).box
    assert (right - left, bottom - top) == (40, 90), "far from the origin, where widths and corners differ most"


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000)), min_size=1, max_size=8))
def test_distances_between_keypoints_do_not_change(points):
    found = parsed(src_kps=points, trg_kps=points[::-1], kps_ids=[str(i) for i in range(len(points))])
    off = np.hypot(*(np.array(points) - np.array(points[::-1])).T)
    assert np.array_equal(np.hypot(*(found.a - found.b).T), off)


@pytest.mark.parametrize("ids", [["0", "4", "11"], [0, 4, 11]])
def test_numbers_of_keypoints_are_text_however_they_are_written(ids):
    assert parsed(kps_ids=ids).names == ("0", "4", "11")


def test_keypoints_that_are_null_on_either_side_are_dropped_and_counted():
    found = parsed(src_kps=[None, [10, 11], [20, 5]], trg_kps=[[12, 13], [20, 40], None])
    assert (found.names, found.dropped) == (("4",), 2)
    assert (found.a.tolist(), found.b.tolist()) == ([[10.5, 11.5]], [[20.5, 40.5]])


def test_dropped_keypoints_are_told(tmp_path, caplog):
    caplog.set_level(logging.INFO, "dinosar")
    content = files(src_kps=[None, None, None])
    pair = Collection.open(as_folder(tmp_path, content)).pair("test", FIRST)
    assert (pair.names, pair.a.shape, pair.b.shape) == ((), (0, 2), (0, 2))
    assert "3 of 3 keypoints are null on one side and left out" in caplog.text


def test_no_keypoints_at_all_are_a_pair_with_none():
    assert parsed(src_kps=[], trg_kps=[], kps_ids=[]).a.shape == (0, 2)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("kps_ids", ["0", "4"], "src_kps: expected as many keypoints as kps_ids has, 2, found 3"),
        ("trg_kps", [[1, 2]], "trg_kps: expected as many keypoints as kps_ids has, 3, found 1"),
        ("kps_ids", ["0", "4", "4"], "kps_ids: expected each keypoint once, found '4' twice"),
        ("kps_ids", "0", "kps_ids: expected a list of the numbers of keypoints"),
        ("kps_ids", [0, True, 2], "kps_ids: expected a list of the numbers"),
        ("src_kps", {"0": [1, 2]}, "src_kps: expected a list of [x, y], found an object"),
        ("src_kps", [[1, 2], [3], [4, 5]], "src_kps[1]: expected [x, y] or null, found a list"),
        ("src_kps", [[1, 2], [3, "4"], [4, 5]], "src_kps[1]: expected [x, y] or null"),
        ("src_kps", [[1, 2], [3, float("nan")], [4, 5]], "src_kps[1]: expected [x, y] or null"),
        ("src_kps", [[1, 2], [], [4, 5]], "src_kps[1]: expected [x, y] or null, found an empty list"),
        ("trg_imsize", [36, 0, 3], "trg_imsize: expected width, height and channels in whole numbers"),
        ("trg_imsize", [36.5, 50, 3], "trg_imsize: expected width, height"),
        ("src_imsize", "40x30", 'src_imsize: expected a list of 3 numbers, found "40x30"'),
        ("trg_bndbox", [10, 12, 5, 47], "trg_bndbox: expected two corners, left, top, right, bottom, found [10, 12, 5"),
        ("trg_bndbox", [10, 12, 10, 12], "trg_bndbox: expected two corners"),
        ("trg_bndbox", [10, 12, 30], "trg_bndbox: expected a list of 4 numbers"),
        ("category", None, "category: expected a name without folders, found nothing"),
        ("src_imname", "../../secret.jpg", "src_imname: expected a name without folders"),
        ("trg_imname", "..", "trg_imname: expected a name without folders"),
        ("trg_imname", "a\\b.jpg", "trg_imname: expected a name without folders"),
        ("scale_variation", 3, "scale_variation: expected a number from 0 to 2, found 3"),
        ("truncation", -1, "truncation: expected a number from 0 to 3, found -1"),
        ("occlusion", True, "occlusion: expected a number from 0 to 3, found true"),
        ("mirror", 0.5, "mirror: expected a number from 0 to 1, found 0.5"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_expected_and_found(key, value, told):
    with pytest.raises(InputError, match=re.escape(f"'file', {told}")) as caught:
        parsed(**{key: value})
    assert str(caught.value).endswith("take the file from the collection again")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["kps_ids", "src_kps", "trg_bndbox", "trg_imsize", "category", "mirror"])
def test_a_key_that_is_missing_is_told(key):
    held = annotation()
    del held[key]
    with pytest.raises(InputError, match=f"'file', {key}: expected .*, found no such key"):
        parse(json.dumps(held).encode(), "'file'")


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_no_annotation_is_told(data):
    with pytest.raises(InputError, match="'file'"):
        parse(data, "'file'")


def test_an_error_names_the_member_of_an_archive(tmp_path):
    root = as_tar(tmp_path / "s.tar", files(truncation=9))
    with pytest.raises(
        InputError, match=rf"s\.tar/PairAnnotation/test/{re.escape(FIRST)}\.json', truncation: expected"
    ):
        Collection.open(root).pair("test", FIRST)


def test_the_category_must_be_that_of_the_name(tmp_path):
    root = as_folder(tmp_path, files(category="dog"))
    with pytest.raises(InputError, match="category: expected 'cat' as in the pair's name, found 'dog'"):
        Collection.open(root).pair("test", FIRST)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(st.sampled_from(sorted(annotation())), json_values)
def test_whatever_stands_in_a_key_is_read_or_told(key, value):
    with contextlib.suppress(InputError):
        found = parsed(**{key: value})
        assert np.isfinite(found.a).all()
        assert np.isfinite(found.b).all()
        assert len(found.a) == len(found.b) == len(found.names)
