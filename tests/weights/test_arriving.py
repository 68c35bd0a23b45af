"""A file that is on its way has no name yet."""

import threading

import pytest

from dinosar.errors import ResourceError
from dinosar.weights.arriving import arriving


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "file.bin"
    with arriving(path) as file:
        file.write(b"all of it")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"all of it"


def test_what_goes_wrong_on_the_way_leaves_what_was_there(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def fails():
        with arriving(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert path.read_bytes() == b"old"
    assert not (tmp_path / "file.bin.part").exists()


def test_what_a_killed_process_left_is_written_over(tmp_path):
    (tmp_path / "file.bin.part").write_bytes(b"a longer half of another download")
    with arriving(tmp_path / "file.bin") as file:
        file.write(b"new")
    assert (tmp_path / "file.bin").read_bytes() == b"new"


def test_a_full_disk_is_told(tmp_path):
    def full():
        with arriving(tmp_path / "file.bin"):
            raise OSError(28, "No space left on device")

    with pytest.raises(ResourceError, match="No space left on device; free some space"):
        full()
    assert not list(tmp_path.glob("*.part"))


def test_two_that_write_the_same_file_take_turns(tmp_path):
    path, inside, finished = tmp_path / "file.bin", threading.Event(), []

    def second():
        inside.wait(60)
        with arriving(path) as file:
            finished.append("second")
            file.write(b"second")

    other = threading.Thread(target=second)
    other.start()
    with arriving(path) as file:
        inside.set()
        file.write(b"first")
        finished.append("first")
    other.join()
    assert finished == ["first", "second"]
    assert path.read_bytes() == b"second"
