"""Notes of what is done: found again after a kill, and not believed where a file has changed."""

import json

import pytest

from dinosar.journal import Entry, Journal
from dinosar.publishing import publish


@pytest.fixture
def journal(tmp_path):
    digest = publish(tmp_path / "a.png", b"picture")
    kept = Journal(tmp_path / ".done.jsonl")
    kept.add(Entry("one", {"distance": 0.5, "name": "Käfer"}, {"a.png": digest}))
    kept.add(Entry("two", {}, {}))
    return kept


def test_what_is_noted_is_known_to_the_next_try(journal):
    again = Journal(journal.path)
    assert len(again) == 2
    assert again.known("one").found == {"distance": 0.5, "name": "Käfer"}
    assert again.known("two") == Entry("two", {}, {})
    assert again.known("three") is None


@pytest.mark.parametrize("spoil", [lambda f: f.write_bytes(b"other"), lambda f: f.unlink()])
def test_an_item_whose_file_is_not_what_it_was_is_done_again(journal, spoil):
    spoil(journal.path.parent / "a.png")
    assert Journal(journal.path).known("one") is None
    assert Journal(journal.path).known("two") is not None


@pytest.mark.parametrize("cut", range(1, 38, 6))
def test_a_line_that_a_kill_cut_short_swallows_no_other(journal, cut):
    whole = journal.path.read_bytes().rstrip(b"\n")
    journal.path.write_bytes(whole[:-cut])
    again = Journal(journal.path)
    assert again.known("one") is not None
    again.add(Entry("three", {}, {}))
    assert Journal(journal.path).known("three") is not None
    assert Journal(journal.path).known("one") is not None


@pytest.mark.parametrize("line", ["null", "[]", "5", '{"key": "one"}', "{", "\x00\xff", json.dumps({"a": 1})])
def test_a_line_that_is_no_entry_is_not_there(journal, line):
    with journal.path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert len(Journal(journal.path)) == 2


def test_where_nothing_was_noted_nothing_is_known(tmp_path):
    assert len(Journal(tmp_path / "nowhere" / "x")) == 0
    Journal(tmp_path / "nowhere" / "x").add(Entry("one", {}, {}))  # costs time later, not the result now


@pytest.mark.parametrize("entry", ['{"key": "one", "found": 5, "files": {}}', '{"key": 5, "found": {}, "files": {}}',
                                   '{"key": "one", "found": {}, "files": {"../x": 5}}'])  # fmt: skip
def test_an_entry_of_the_wrong_kinds_is_not_there(tmp_path, entry):
    (tmp_path / "j").write_text(entry)
    assert len(Journal(tmp_path / "j")) == 0
