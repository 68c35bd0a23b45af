"""The lists of pairs, and a pair found by its name or number."""

import json
import re

import pytest
from tiny_collection import FIRST, SECOND, annotation, as_folder, as_zip, files

from dinosar.errors import InputError, UsageError
from dinosar.notices import collected
from dinosar.spair import Collection, category_of


def opened(at, **changed):
    """The tiny collection with other files; None takes one away."""
    content = files() | {name.replace("__", "/"): data for name, data in changed.items()}
    return Collection.open(as_folder(at, {name: data for name, data in content.items() if data is not None}))


def listed(at, data):
    return opened(at, **{"Layout/large/test.txt": data}).pair_ids("test")


@pytest.mark.parametrize(
    "data",
    [
        f"{FIRST}\n{SECOND}\n", f"{FIRST}\r\n{SECOND}\r\n", f"{FIRST}\n{SECOND}", f"\n{FIRST}\n\n  {SECOND}  \n\n",
        f"\ufeff{FIRST}\n{SECOND}\n",
    ],
)  # fmt: skip
def test_lists_are_read_however_their_lines_end(tmp_path, data):
    assert listed(tmp_path, data.encode()) == [FIRST, SECOND]


def test_the_order_is_that_of_the_list(tmp_path):
    assert listed(tmp_path, f"{SECOND}\n{FIRST}\n".encode()) == [SECOND, FIRST]


def test_both_sizes(tmp_path):
    collection = opened(tmp_path)
    assert collection.pair_ids("test", "large") == [FIRST, SECOND]
    assert collection.pair_ids("test", "small") == [SECOND]


def test_a_pair_that_stands_twice_is_refused_with_its_lines(tmp_path):
    with pytest.raises(InputError, match=re.escape(f"line 4: the pair '{FIRST}' stands in line 1, too")):
        listed(tmp_path, f"{FIRST}\n\n{SECOND}\n{FIRST}\n".encode())


@pytest.mark.parametrize("line", ["7-a-b", "a-b:cat", "7-../../x-b:cat", "7-a-b:../cat", "7:cat", "7-a-b:cat.json/x"])
def test_a_line_that_is_no_name_of_a_pair_is_refused(tmp_path, line):
    with pytest.raises(InputError, match=r"test\.txt', line 2: expected <number>-<source>-<target>:<category>, found"):
        listed(tmp_path, f"{FIRST}\n{line}\n".encode())


@pytest.mark.parametrize(("data", "told"), [(b"\n\n", "lists no pair"), (b"\xff\xfe\x00", "is no text")])
def test_a_list_of_nothing_is_refused(tmp_path, data, told):
    with pytest.raises(InputError, match=told):
        listed(tmp_path, data)


def test_without_the_list_the_files_are_listed_and_that_is_told(tmp_path):
    collection = opened(tmp_path, **{"Layout/large/test.txt": None, "PairAnnotation/test/notes.txt": b"x"})
    with collected() as warnings:
        assert collection.pair_ids("test") == sorted([FIRST, SECOND])
    assert len(warnings) == 1
    assert "all 2 pairs of PairAnnotation/test are listed instead" in warnings[0]


def test_nothing_stands_in_for_a_small_list(tmp_path):
    collection = opened(tmp_path, **{"Layout/small/test.txt": None})
    with pytest.raises(InputError, match=r"Layout/small/test\.txt', a list of pairs, is not there; use the large one"):
        collection.pair_ids("test", "small")


def test_a_split_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"val\.txt', a list of pairs, is not there; take it from"):
        opened(tmp_path).pair_ids("val")


@pytest.mark.parametrize(("split", "size", "told"), [("train", "large", "trn"), ("test", "big", "large, small")])
def test_splits_and_sizes_that_do_not_exist(tmp_path, split, size, told):
    with pytest.raises(UsageError, match=told):
        opened(tmp_path).pair_ids(split, size)


def test_the_category_is_the_end_of_the_name():
    assert category_of(FIRST) == "cat"


@pytest.mark.parametrize("name", ["7", "007", FIRST, f"{FIRST}.json", f" {FIRST} ", f"test/{FIRST}", "test/7"])
def test_a_pair_is_found_by_name_and_by_number(tmp_path, name):
    assert opened(tmp_path).find(name).id == FIRST


def test_a_pair_is_found_without_any_list(tmp_path):
    collection = opened(tmp_path, **{"Layout/large/test.txt": None})
    assert collection.find("12").id == SECOND
    assert collection.find(FIRST).id == FIRST


def test_a_number_of_two_splits_asks_which(tmp_path):
    other = "7-2001_c-2001_a:cat"
    changed = {
        "Layout/large/trn.txt": f"{other}\n".encode(),
        f"PairAnnotation/trn/{other}.json": json.dumps(annotation("2001_c", "2001_a")).encode(),
    }
    collection = opened(tmp_path, **changed)
    with pytest.raises(UsageError, match=re.escape(f"is the name of 2 pairs; say which: trn/{other}, test/{FIRST}")):
        collection.find("7")
    assert collection.find("trn/7").id == other
    assert collection.find("test/7").id == FIRST


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("8", "its numbers go from 7 to 12"), ("9" * 5000, "no pair"), ("\u0667", "a name is like"),
        ("7-2001_a-2001_c:cat", f"did you mean '{FIRST}'?"), ("cat", "a name is like"), ("..", "a name is like"),
        ("val/7", "nor any other"), ("x" * 5000, "no pair"),
    ],
)  # fmt: skip
def test_an_unknown_pair_is_told_with_near_ones(tmp_path, name, told):
    with pytest.raises(InputError, match=re.escape(told)):
        opened(tmp_path).find(name)


def test_an_unknown_pair_of_an_archive_is_told_with_the_archive(tmp_path):
    with pytest.raises(InputError, match=r"s\.zip' has no pair '99'; its numbers go from 7 to 12"):
        Collection.open(as_zip(tmp_path / "s.zip", files())).find("99")


def test_pair_wants_a_whole_name(tmp_path):
    with pytest.raises(UsageError, match="'7' is not the whole name of a pair"):
        opened(tmp_path).pair("test", "7")


def test_a_listed_pair_without_a_file_is_told_as_a_member(tmp_path):
    content = {name: data for name, data in files().items() if FIRST not in name}
    with pytest.raises(InputError, match=rf"s\.zip/PairAnnotation/test/{re.escape(FIRST)}\.json' is not there"):
        Collection.open(as_zip(tmp_path / "s.zip", content)).pair("test", FIRST)
