"""A file is whole or not there."""

import errno
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from dinosar import publishing
from dinosar.errors import ResourceError
from dinosar.publishing import csv_bytes, json_bytes, make_folder, npz_bytes, publish, sha256_of, sweep


def names(folder):
    return [file.name for file in folder.iterdir()]


def test_what_is_published_is_there_and_its_hash_returned(tmp_path):
    digest = publish(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"
    assert digest == hashlib.sha256(b"new").hexdigest() == sha256_of(tmp_path / "a.bin")
    assert names(tmp_path) == ["a.bin"]


class Failing:
    """A file that gives out when written to."""

    def __init__(self, file, problem):
        self.file, self.problem = file, problem

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise self.problem


def fail_at(step, problem, monkeypatch):
    """Make one step of publishing fail, once the temporary file is there."""
    opened = pathlib.Path.open

    def fail(*_, **__):
        raise problem

    if step == "write":
        monkeypatch.setattr(pathlib.Path, "open", lambda path, *mode: Failing(opened(path, *mode), problem))
    else:
        monkeypatch.setattr(*{"fsync": (os, "fsync"), "rename": (pathlib.Path, "replace")}[step], fail)


STEPS = ["write", "fsync", "rename"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("old", [b"old and whole", None])
def test_a_failure_leaves_the_old_file_whole_and_nothing_else(step, old, tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    if old:
        path.write_bytes(old)
    with monkeypatch.context() as patch:
        fail_at(step, OSError(errno.EIO, "Input/output error"), patch)
        with pytest.raises(ResourceError, match=r"cannot write '.*a\.bin': Input/output error"):
            publish(path, b"new" * 100)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([old] if old else [])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("problem", [KeyboardInterrupt(), SystemExit(143), MemoryError()])
def test_an_interruption_leaves_nothing_half_written(step, problem, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        fail_at(step, problem, patch)
        with pytest.raises(type(problem)):
            publish(tmp_path / "a.bin", b"new" * 100)
    assert not names(tmp_path)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "your disk quota is used up; free some space"),
        (errno.EACCES, "permission denied; choose a folder you may write to"),
        (errno.EPERM, "permission denied; choose a folder you may write to"),
        (errno.EROFS, "the disk is read-only; choose another folder"),
        (errno.ENOTDIR, "is a file, not a folder; choose another folder"),
        (errno.ENAMETOOLONG, "the name is too long; choose a shorter one"),
    ],
)
def test_what_the_disk_says_becomes_advice(code, advice, tmp_path, monkeypatch):
    fail_at("write", OSError(code, os.strerror(code)), monkeypatch)
    with pytest.raises(ResourceError) as caught:
        publish(tmp_path / "a.bin", b"new")
    assert str(caught.value).startswith(f"cannot write '{tmp_path / 'a.bin'}': ")
    assert advice in str(caught.value)
    assert caught.value.exit_code == 6


def test_the_disk_itself_is_asked_too(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path, says in ((tmp_path / "file" / "a", "not a folder"), (tmp_path / ("x" * 300), "the name is too long")):
        with pytest.raises(ResourceError, match=says):
            publish(path, b"new")


@pytest.mark.parametrize("name", ["x" * 255, "甲" * 85, "ä" * 127, ".hidden", "-dash", "a b", "a\nb"])
def test_any_name_that_the_disk_takes_can_be_published(name, tmp_path):
    (tmp_path / name).write_bytes(b"old")
    publish(tmp_path / name, b"new")
    assert (tmp_path / name).read_bytes() == b"new"


def test_readers_see_one_whole_file_whatever_the_writers_do(tmp_path):
    path, stop, seen = tmp_path / "a.bin", threading.Event(), set()
    contents = [bytes([number]) * 50_000 for number in range(4)]
    publish(path, contents[0])

    def read():
        while not stop.is_set():
            seen.add(path.read_bytes())

    writers = [threading.Thread(target=lambda data=data: [publish(path, data) for _ in range(8)]) for data in contents]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert seen <= set(contents)
    assert names(tmp_path) == ["a.bin"]


def test_sweeping_removes_what_killed_writers_left_and_nothing_else(tmp_path, monkeypatch):
    def killed(*_):
        raise SystemError

    (tmp_path / "keep.bin").write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "replace", killed)
        patch.setattr(pathlib.Path, "unlink", lambda *_, **__: None)
        with pytest.raises(SystemError):
            publish(tmp_path / "a.bin", b"new")
    assert len(names(tmp_path)) == 2
    assert sweep(tmp_path) == 1
    assert names(tmp_path) == ["keep.bin"]
    assert sweep(tmp_path) == 0


def left_by(folder, process, age=0.0, ending="0a1b2c3d"):
    """A temporary file as a process of that number leaves it."""
    file = folder / f".a.bin.tmp-{process}-{ending}"
    file.write_bytes(b"torn")
    os.utime(file, (time.time() - age,) * 2)
    return file


@pytest.fixture
def gone():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.skipif(os.name != "posix", reason="elsewhere processes cannot be asked for")
def test_in_a_shared_folder_only_what_is_nobodys_is_swept(tmp_path, gone):
    dead, old = left_by(tmp_path, gone), left_by(tmp_path, os.getpid(), 4000, "f0")
    mine, named, whole = left_by(tmp_path, os.getpid(), age=3000), tmp_path / ".b.tmp-mine", tmp_path / "a.bin"
    for file in (named, whole):
        file.write_bytes(b"")
        os.utime(file, (0, 0))
    assert sweep(tmp_path, shared=True) == 2
    assert sorted(tmp_path.iterdir()) == sorted([mine, named, whole])
    assert not dead.exists()
    assert not old.exists()


def test_where_processes_cannot_be_asked_for_only_age_counts_and_nobody_is_ended(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("on Windows this ends the process")

    monkeypatch.setattr(publishing.os, "kill", never)
    monkeypatch.setattr(publishing, "POSIX", False)
    young, old = left_by(tmp_path, 99999999), left_by(tmp_path, 99999998, age=4000)
    assert sweep(tmp_path, shared=True) == 1
    assert young.exists()
    assert not old.exists()


def test_a_file_that_cannot_be_swept_stays_where_others_write(tmp_path, monkeypatch):
    left_by(tmp_path, 1, age=4000)

    def refuse(*_, **__):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(pathlib.Path, "unlink", refuse)
    assert sweep(tmp_path, shared=True) == 1
    with pytest.raises(PermissionError):
        sweep(tmp_path)


def test_folders_are_made_with_their_parents(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    make_folder(tmp_path / "a" / "c", exclusive=True)
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a" / "c", exclusive=True)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("below", ["x", "x/y"])
def test_a_folder_below_a_file_is_refused(exclusive, below, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ResourceError, match="not a folder"):
        make_folder(tmp_path / "file" / below, exclusive=exclusive)


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ResourceError, match="is a file, not a folder; choose another folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(ResourceError, match="the name is too long"):
        make_folder(tmp_path / ("x" * 300))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_json_holds_no_made_up_numbers(number):
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"a": [number]})


def test_json_is_utf8_and_ends_its_last_line():
    data = json_bytes({"Käfer": [1, None, 0.1]})
    assert json.loads(data) == {"Käfer": [1, None, 0.1]}
    assert "Käfer".encode() in data
    assert data.endswith(b"}\n")


def test_csv_writes_nine_digits_and_na_for_what_is_missing():
    rows = [[1 / 3, None, 2, "a,b"], [np.float64(2) / 3, 1e-12, "ünï", 'say "x"']]
    text = 'a,b,c,d\n0.333333333,NA,2,"a,b"\n0.666666667,1e-12,ünï,"say ""x"""\n'
    assert csv_bytes(["a", "b", "c", "d"], rows).decode() == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float32("nan")])
def test_csv_holds_no_made_up_numbers(number):
    try:
        data = csv_bytes(["a"], [[number]])
    except ValueError:
        return
    assert data == b"a\nNA\n"


def test_an_npz_is_the_same_bytes_every_time(tmp_path, monkeypatch):
    arrays = {"tokens": np.arange(12.0).reshape(3, 4), "name": np.array("ünï")}
    first = npz_bytes(arrays)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))
    assert npz_bytes(arrays) == first
    (tmp_path / "a.npz").write_bytes(first)
    with np.load(tmp_path / "a.npz") as found:
        assert np.array_equal(found["tokens"], arrays["tokens"])
        assert str(found["name"]) == "ünï"
