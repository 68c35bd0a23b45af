"""hloc's files: read as hloc writes them, and written as hloc reads them."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.errors import InputError, UsageError
from dinosar.retrieval.hloc_files import (
    Keypoints,
    PairMatches,
    open_matches,
    pair_key,
    pairs_bytes,
    read_global,
    read_pairs,
    write_global,
    write_keypoints,
    write_matches,
)

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


def as_hloc_reads(path):
    """The rule of hloc's reader of retrieved pairs, in its own order of steps."""
    pairs = []
    with path.open(encoding="utf-8") as file:
        for line in file.read().rstrip("\n").split("\n"):
            if len(line) == 0:
                continue
            query, database = line.split()
            pairs.append((query, database))
    return pairs


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("pairs") / "pairs.txt"


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
@settings(max_examples=300, deadline=None)
def test_pairs_are_refused_or_read_back_by_hloc_and_by_us(file, pairs):
    try:
        file.write_bytes(pairs_bytes(pairs))
    except InputError:
        assert any(len(name.split()) != 1 or name.strip() != name for pair in pairs for name in pair)
        return
    assert as_hloc_reads(file) == pairs
    if not any(name.startswith("\ufeff") for pair in pairs for name in pair):
        assert read_pairs(file) == pairs


def test_the_order_of_ranks_is_kept(tmp_path):
    pairs = [("q/b.jpg", "db/9.jpg"), ("q/b.jpg", "db/1.jpg"), ("q/a.jpg", "db/9.jpg")]
    (tmp_path / "pairs.txt").write_bytes(pairs_bytes(pairs))
    assert pairs_bytes(pairs) == b"q/b.jpg db/9.jpg\nq/b.jpg db/1.jpg\nq/a.jpg db/9.jpg\n"
    assert read_pairs(tmp_path / "pairs.txt", ["q/a.jpg", "q/b.jpg", "db/1.jpg", "db/9.jpg"]) == pairs


@pytest.mark.parametrize("name", ["a b.jpg", "a\tb.jpg", "a\u00a0b.jpg", " a.jpg", "a.jpg\n", ""])
def test_a_name_with_a_blank_is_refused(name):
    with pytest.raises(InputError, match="cannot stand in a list of pairs") as told:
        pairs_bytes([("a.jpg", "b.jpg"), ("a.jpg", name)])
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a b\nc\n", "line 2: expected two names with a blank between them, found 1"),
        ("a b\n\na b c\n", "line 3: expected two names with a blank between them, found 3"),
        ("a b\nb z\n", "line 2: no image is called 'z'"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, text, said):
    (tmp_path / "pairs.txt").write_text(text)
    with pytest.raises(InputError) as told:
        read_pairs(tmp_path / "pairs.txt", {"a", "b", "c"})
    assert said in str(told.value)
    assert "pairs.txt" in str(told.value)


def test_pairs_without_a_last_line_feed_and_from_windows(tmp_path):
    (tmp_path / "pairs.txt").write_bytes(b"a b\r\nc d")
    assert read_pairs(tmp_path / "pairs.txt") == [("a", "b"), ("c", "d")]
    assert pairs_bytes([]) == b""


def test_global_features_lie_where_hloc_looks_for_them(tmp_path):
    vectors = {name: np.random.default_rng(i).normal(size=8).astype(np.float32)
               for i, name in enumerate(["a/b c.jpg", "a.jpg", "ü.png"])}  # fmt: skip
    write_global(tmp_path / "global.h5", vectors.items())
    names = []
    with h5py.File(tmp_path / "global.h5") as file:  # as hloc lists names
        file.visititems(
            lambda _, thing: names.append(thing.parent.name.strip("/")) if hasattr(thing, "shape") else None
        )
        assert file["a/b c.jpg"]["global_descriptor"].dtype == np.float16
    assert sorted(names) == sorted(vectors)
    found = read_global(tmp_path / "global.h5")
    assert list(found) == sorted(vectors)
    for name, vector in vectors.items():
        np.testing.assert_array_equal(found[name], vector.astype(np.float16).astype(np.float32))


def test_global_features_that_cannot_be_compared_are_told(tmp_path):
    write_global(tmp_path / "a.h5", [("a", np.ones(3)), ("b", np.ones(4))])
    with pytest.raises(InputError, match="cannot be compared"):
        read_global(tmp_path / "a.h5")
    write_global(tmp_path / "b.h5", [("a", np.full(3, np.nan))])
    with pytest.raises(InputError, match="cannot be compared"):
        read_global(tmp_path / "b.h5")
    write_global(tmp_path / "c.h5", [])
    with pytest.raises(InputError, match="holds no global_descriptor"):
        read_global(tmp_path / "c.h5")


def drawn_by_hloc(folder, key, of):
    """Files as hloc writes them: keypoints from the centre of the first pixel, in half precision."""
    places = {"q/a.jpg": np.array([[0, 0], [10.5, 4], [7, 7]]), "db/b.jpg": np.array([[1, 2], [30, 40.25]])}
    with h5py.File(folder / "features.h5", "w", libver="latest") as file:
        for name, points in places.items():
            group = file.create_group(name)
            group["keypoints"] = points.astype(np.float16)
            group["keypoints"].attrs["uncertainty"] = 1.0
            group["image_size"] = np.array([64, 48])
    with h5py.File(folder / "matches.h5", "w", libver="latest") as file:
        group = file.create_group(key)
        group["matches0"] = np.array(of, dtype=np.int16)
        group["matching_scores0"] = np.ones(len(of), dtype=np.float16)


def matched(folder, a, b):
    """Matched points of one pair."""
    with open_matches(folder / "features.h5", folder / "matches.h5") as files:
        return files.points(a, b)


@pytest.mark.parametrize(
    ("key", "of"),
    [
        ("q-a.jpg/db-b.jpg", [1, -1, 0]), ("q-a.jpg_db-b.jpg", [1, -1, 0]),
        ("db-b.jpg/q-a.jpg", [2, 0]), ("db-b.jpg_q-a.jpg", [2, 0]),
    ],
)  # fmt: skip
def test_matches_of_hloc_are_points_in_pixels(tmp_path, key, of):
    """Either way round, and by the older key; the first pixel's centre is 0.5 here."""
    drawn_by_hloc(tmp_path, key, of)
    a, b = matched(tmp_path, "q/a.jpg", "db/b.jpg")
    pairs = sorted(zip(a.tolist(), b.tolist(), strict=True))
    assert pairs == [([0.5, 0.5], [30.5, 40.75]), ([7.5, 7.5], [1.5, 2.5])]
    back = matched(tmp_path, "db/b.jpg", "q/a.jpg")
    assert sorted(zip(back[1].tolist(), back[0].tolist(), strict=True)) == pairs
    assert matched(tmp_path, "q/a.jpg", "db/c.jpg") is None


@pytest.mark.parametrize("of", [[1, -1], [2, -1, 0]])
def test_matches_of_other_keypoints_are_told(tmp_path, of):
    drawn_by_hloc(tmp_path, "q-a.jpg/db-b.jpg", of)
    with pytest.raises(InputError, match="are not of the keypoints in"):
        matched(tmp_path, "q/a.jpg", "db/b.jpg")


def test_matches_without_keypoints_are_told(tmp_path):
    drawn_by_hloc(tmp_path, "q-a.jpg/db-c.jpg", [0, 0, 0])
    with pytest.raises(InputError, match="holds no keypoints of 'db/c.jpg'"):
        matched(tmp_path, "q/a.jpg", "db/c.jpg")


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_own_matches_come_back(tmp_path_factory, seed):
    folder, rng = tmp_path_factory.mktemp("own"), np.random.default_rng(seed)
    points = {name: rng.uniform(0, 4000, (rng.integers(1, 30), 2)) for name in ("a.jpg", "b/c.jpg")}
    answers = rng.integers(-1, len(points["b/c.jpg"]), len(points["a.jpg"]))
    write_keypoints(folder / "features.h5", {name: Keypoints(each, (4000, 4000), 7.0) for name, each in points.items()})
    pairs = [PairMatches(("a.jpg", "b/c.jpg"), answers, rng.random(len(answers)))]
    write_matches(folder / "matches.h5", pairs)
    with open_matches(folder / "features.h5", folder / "matches.h5") as files:
        a, b = files.points("a.jpg", "b/c.jpg")
    kept = answers >= 0
    np.testing.assert_allclose(a, points["a.jpg"][kept], atol=1e-3)
    np.testing.assert_allclose(b, points["b/c.jpg"][answers[kept]], atol=1e-3)
    with h5py.File(folder / "matches.h5") as file:
        group = file[pair_key("a.jpg", "b/c.jpg")]
        assert (group["matches0"].dtype, group["matching_scores0"].dtype) == (np.int16, np.float16)
    with h5py.File(folder / "features.h5") as file:
        assert file["b/c.jpg/keypoints"].attrs["uncertainty"] == 7
        np.testing.assert_allclose(file["b/c.jpg/keypoints"][()] + 0.5, points["b/c.jpg"], atol=1e-3)  # to COLMAP


def test_what_files_of_hloc_cannot_hold_is_refused(tmp_path):
    many = np.full(40_000, -1)
    with pytest.raises(InputError, match="more than 32767 keypoints"):
        write_matches(tmp_path / "m.h5", [PairMatches(("a", "b"), many, np.ones(40_000))])
    few = np.array([0])
    with pytest.raises(InputError, match="two pairs are called 'a-b/c'"):
        write_matches(tmp_path / "m.h5", [PairMatches((name, "c"), few, np.ones(1)) for name in ("a/b", "a-b")])
    assert list(tmp_path.iterdir()) == []


def test_without_h5py_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(UsageError, match=r"pip install 'dinosar\[hdf5\]'"):
        write_global(tmp_path / "a.h5", [])
