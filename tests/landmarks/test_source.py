"""A landmark file is a regular file of reasonable size, or the reason why not is one sentence."""

import os
import sys

import pytest

from dinosar.errors import InputError, ResourceError, UsageError
from dinosar.landmarks import source
from dinosar.landmarks.source import Source, read_source

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def complaint(path, kind=InputError):
    with pytest.raises(kind) as caught:
        read_source(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_encodings(tmp_path):
    path = tmp_path / "a.tps"
    for data in ("Ä1".encode(), "\ufeffÄ1".encode(), "Ä1".encode("latin-1"), "Ä1".encode("utf-16")):
        path.write_bytes(data)
        assert read_source(path) == Source(path, "Ä1")
    path.write_bytes(b"{\xc4}")
    with pytest.raises(UsageError, match="byte 1: expected UTF-8"):
        read_source(path, lenient=False)
    path.write_bytes(b"LM\0")
    assert "byte 2" in complaint(path, UsageError)


def test_what_is_no_text(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(POINTER)
    assert "Git LFS pointer" in complaint(path)
    path.write_bytes(b"\xef\xbb\xbf \n")
    assert "is empty" in complaint(path)
    assert "is a folder" in complaint(tmp_path)
    assert "is not there; did you mean 'a.json'?" in complaint(tmp_path / "b.json")
    assert "nor is its folder" in complaint(tmp_path / "x" / "b.json")
    assert "cannot be opened" in complaint(path / "b.json")
    assert "no file can have this name" in str(pytest.raises(InputError, read_source, tmp_path / "a\0.json").value)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"12345")
    monkeypatch.setattr(source, "LARGEST", 5)
    assert read_source(path).text == "12345"
    monkeypatch.setattr(source, "LARGEST", 4)
    assert "more than the" in complaint(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    assert "is a named pipe" in complaint(tmp_path / "a.json")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs permissions that count")
def test_a_file_that_must_not_be_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    assert "must not be read" in complaint(path, ResourceError)
