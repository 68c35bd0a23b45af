"""What is known of a file holds as long as the file does."""

import hashlib
import os

import pytest

from dinosar.weights.ledger import recalled, remembered, sha256


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"first")
    return path


def test_the_hash_is_that_of_the_bytes_before_and_after_a_change(file):
    assert sha256(file) == hashlib.sha256(b"first").hexdigest()
    file.write_bytes(b"other")
    os.utime(file, ns=(1, 1))
    assert sha256(file) == hashlib.sha256(b"other").hexdigest()


def test_what_is_known_is_not_found_out_again(file):
    assert remembered(file, "depth", lambda: [12]) == [12]
    assert remembered(file, "depth", lambda: pytest.fail("it is known")) == [12]
    assert remembered(file, "width", lambda: 384) == 384


@pytest.mark.parametrize("change", [lambda f: f.write_bytes(b"longer than before"), lambda f: os.utime(f, ns=(5, 5)),
                                    lambda f: (f.rename(f"{f}.old"), f.write_bytes(b"first"))])  # fmt: skip
def test_a_file_that_changed_is_looked_at_again(change, file):
    assert recalled(file, "x") is None
    assert remembered(file, "x", lambda: 1) == recalled(file, "x") == 1
    change(file)
    assert recalled(file, "x") is None
    assert remembered(file, "x", lambda: 2) == 2


def test_what_was_read_while_somebody_wrote_is_not_remembered(file):
    def while_written():
        file.write_bytes(b"longer than before")
        return 1

    assert remembered(file, "x", while_written) == 1
    assert remembered(file, "x", lambda: 2) == 2


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"state": 3}'])
def test_a_broken_entry_knows_nothing(text, file, own_cache):
    remembered(file, "x", lambda: 1)
    (entry,) = (own_cache / "weights-v1").glob("*.json")
    entry.write_text(text)
    assert remembered(file, "x", lambda: 2) == 2


def test_a_cache_that_cannot_be_written_costs_time_only(file, monkeypatch, tmp_path):
    (tmp_path / "taken").write_text("not a folder")
    monkeypatch.setenv("DINOSAR_CACHE", str(tmp_path / "taken"))
    assert [remembered(file, "x", lambda n=n: n) for n in (1, 2)] == [1, 2]
