"""Lists of names, intrinsics and poses: names with blanks, and mistakes that name their line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.cameras import PARAMETERS, Camera, pose_of_quaternion
from dinosar.datasets.lists import known_as, read_intrinsics, read_names, read_poses
from dinosar.errors import InputError

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(lambda name: not name.startswith("#"))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("lists") / "list.txt"


@given(st.lists(NAMES, unique=True, max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_cameras_come_back_as_they_were_written(file, names, data):
    cameras = {}
    for name in names:
        model = data.draw(st.sampled_from(sorted(PARAMETERS)))
        numbers = st.lists(st.floats(0.1, 1e6), min_size=PARAMETERS[model], max_size=PARAMETERS[model])
        cameras[name] = Camera(model, data.draw(st.integers(1, 9999)), 40, tuple(data.draw(numbers)))
    lines = [f"{name} {c.model} {c.width} {c.height} {' '.join(map(repr, c.params))}" for name, c in cameras.items()]
    file.write_text("# cameras\n\n" + "\n".join(lines), encoding="utf-8")
    assert read_intrinsics(file) == cameras


@given(st.lists(NAMES, unique=True, max_size=5), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_poses_come_back_as_they_were_written(file, names, seed):
    rng = np.random.default_rng(seed)
    turns = rng.normal(size=(len(names), 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    moves = rng.normal(size=(len(names), 3))
    rows = [" ".join(map(repr, map(float, (*q, *t)))) for q, t in zip(turns, moves, strict=True)]
    file.write_text("".join(f"{name}\t{row}\r\n" for name, row in zip(names, rows, strict=True)), encoding="utf-8")
    found = read_poses(file)
    assert list(found) == names
    for name, turn, move in zip(names, turns, moves, strict=True):
        np.testing.assert_allclose(found[name], pose_of_quaternion(turn, move), atol=1e-12)


def test_a_name_that_ends_in_numbers_keeps_them(tmp_path):
    path = tmp_path / "intrinsics.txt"
    path.write_text("holiday 7 12 SIMPLE_PINHOLE 40 30 50 20 15\n")
    assert read_intrinsics(path) == {"holiday 7 12": Camera("SIMPLE_PINHOLE", 40, 30, (50.0, 20.0, 15.0))}


def test_names_know_their_lines(tmp_path):
    path = tmp_path / "query.txt"
    path.write_text("\ufeff# who asks\n\nb c.jpg\n  a.jpg  \n", encoding="utf-8")
    assert read_names(path) == {"b c.jpg": 3, "a.jpg": 4}


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (
            read_intrinsics,
            "a.jpg PINHOLE 40 30 50 50 20\n",
            "line 1: a PINHOLE camera has 4 parameters, and 3 are given",
        ),
        (read_intrinsics, "\na.jpg PINHOLE 40 30 5O 50 20 15\n", "line 2: expected one of"),
        (read_intrinsics, "a.jpg PINHOLE 40.5 30 50 50 20 15\n", "line 1: a picture is a whole number of pixels"),
        (read_intrinsics, "a.jpg PINHOLE 40 30 -50 50 20 15\n", "focal lengths above 0"),
        (read_intrinsics, "a.jpg PINHOLE 40 30 nan 50 20 15\n", "line 1"),
        (read_intrinsics, "a.jpg\n", "line 1: expected 'name MODEL width height parameters', found 'a.jpg'"),
        (read_intrinsics, "40 30 50 50 20 15\n", "line 1: expected 'name MODEL"),
        (read_intrinsics, "PINHOLE 40 30 50 50 20 15\n", "line 1: expected 'name MODEL"),
        (read_poses, "a.jpg 1 0 0 0 1 2\n", "line 1: expected 'name qw qx qy qz tx ty tz'"),
        (read_poses, "1 0 0 0 1 2 3\n", "line 1: expected 'name qw qx qy qz tx ty tz'"),
        (read_poses, "a.jpg 1 0 0 0 1 2 inf\n", "line 1: expected 'name qw"),
        (read_poses, "# c\na.jpg 1 1 0 0 1 2 3\n", "line 2: a pose begins with a quaternion of length 1"),
        (read_poses, "a 1 0 0 0 1 2 3\nb 1 0 0 0 1 2 3\na 1 0 0 0 1 2 3\n", "line 3: 'a' stands in line 1, too"),
        (read_names, "a\nb\na\n", "line 3: 'a' stands in line 1, too"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path, read, text, said):
    path = tmp_path / "list.txt"
    path.write_text(text)
    with pytest.raises(InputError) as told:
        read(path)
    assert said in str(told.value)
    assert "list.txt" in str(told.value)
    assert "\n" not in str(told.value)


def test_what_is_no_text_is_told(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(InputError, match="no UTF-8 text"):
        read_names(path)
    with pytest.raises(InputError, match="no regular file"):
        read_names(tmp_path)
    with pytest.raises(InputError, match=r"list of photographs .*did you mean 'list.txt'"):
        read_names(tmp_path / "lists.txt")


def test_accents_are_spelled_in_two_ways():
    composed, decomposed = "caf\u00e9.jpg", "cafe\u0301.jpg"
    assert known_as(composed, {decomposed}) == decomposed
    assert known_as(decomposed, {composed}) == composed
    assert known_as("tea.jpg", {composed}) is None
