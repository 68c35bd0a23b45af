"""What is no regular file is never opened, odd names work, and a missing file is spoken of helpfully."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from images_corpus import PICTURE, whole_files

from dinosar.errors import InputError, ResourceError
from dinosar.images import load_photo
from dinosar.images.files import check_picture
from dinosar.regular_files import read_regular_file

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """A loader that waits for somebody to write into a pipe would wait for ever."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(*_: object) -> None:
        raise AssertionError("the loader hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_photo(path)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    return message


@posix_only
def test_pipes_folders_sockets_and_devices_are_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe.jpg")
    Path("folder.jpg").mkdir()
    Path("null.jpg").symlink_to("/dev/null")
    Path("zero.jpg").symlink_to("/dev/zero")
    Path("way.jpg").symlink_to("pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
        said = {name: refusal(Path(f"{name}.jpg")) for name in ("pipe", "folder", "null", "zero", "way", "socket")}
    assert "named pipe" in said["pipe"]
    assert "named pipe" in said["way"]
    assert "folder" in said["folder"]
    assert "device" in said["null"]
    assert "device" in said["zero"]
    assert "socket" in said["socket"]


@posix_only
def test_a_pipe_put_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, pipe = tmp_path / "a.jpg", tmp_path / "pipe"
    file.write_bytes(whole_files()["jpeg"])
    os.mkfifo(pipe)
    facts = file.stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: facts)
    assert "named pipe" in refusal(pipe)


@posix_only
def test_links_lead_to_files_or_are_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(whole_files()["png"])
    (tmp_path / "good.png").symlink_to("a.png")
    (tmp_path / "broken.png").symlink_to("gone.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert load_photo(tmp_path / "good.png").name == "good"
    assert "link to a file that is not there" in refusal(tmp_path / "broken.png")
    assert "check the path" in refusal(tmp_path / "loop.png")


def test_a_missing_file_brings_a_near_one_to_mind(tmp_path: Path) -> None:
    (tmp_path / "Beetle_01.JPG").write_bytes(b"")
    assert "did you mean 'Beetle_01.JPG'?" in refusal(tmp_path / "Bettle_01.JPG")
    assert "did you mean" not in refusal(tmp_path / "fish.png")
    assert "nor is its folder" in refusal(tmp_path / "no" / "fish.png")


def test_impossible_paths(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(whole_files()["png"])
    for path in (tmp_path / "a\0b.png", tmp_path / ("x" * 300), tmp_path / "a.png" / "b.png"):
        assert "check the path" in refusal(path)


@posix_only
def test_a_file_beyond_two_gibibytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.write(whole_files()["png"])
        file.truncate(2 * 1024**3 + 1)
    assert "2 GiB" in refusal(tmp_path / "huge.png")


def test_a_large_file_that_is_no_picture_is_given_up_at_its_start(tmp_path: Path) -> None:
    with (tmp_path / "film.jpg").open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42")
        file.truncate(1024**3)
    assert "film" in refusal(tmp_path / "film.jpg")


def test_a_look_at_the_start_decides_whether_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1000))
    seen = []
    assert read_regular_file(tmp_path / "a", check_picture, seen.append) == bytes(1000)
    assert [len(head) for head in seen] == [256]


def test_permission_and_disk_faults_are_no_fault_of_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(whole_files()["png"])
    for fault, says in ((PermissionError(13, "denied"), "permissions"), (OSError(5, "Input/output error"), "disk")):

        def failing(*_: object, fault: OSError = fault) -> int:
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", failing)
            with pytest.raises(ResourceError, match=says) as caught:
                load_photo(file)
        assert caught.value.exit_code == 6
        assert "a.png" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(whole_files()["png"])
    file.chmod(0)
    with pytest.raises(ResourceError, match="permissions"):
        load_photo(file)


NAMES = [
    "two words (3)",
    "línea",
    "化石 標本",
    "-rf",
    ".hidden",
    "a.b.c",
    "=cmd()",
    "50%",
    "e\u0301",
    "x" * 200,
    pytest.param("new\nline", marks=posix_only),
    pytest.param("<img onerror='x'>", marks=posix_only),
    pytest.param("tab\t\x1b[31mred", marks=posix_only),
    pytest.param("\u202egpj", marks=posix_only),
]


@pytest.mark.parametrize("stem", NAMES)
def test_names_of_all_sorts_work_and_are_shown_on_one_line(stem: str, tmp_path: Path) -> None:
    file = tmp_path / f"{stem}.png"
    file.write_bytes(whole_files()["png"])
    photo = load_photo(str(file))
    assert photo.name == stem
    assert np.array_equal(photo.pixels, PICTURE)
    file.write_bytes(b"no picture")
    shortest = stem.encode("unicode_escape").decode() if not stem.isprintable() else stem
    assert f"{shortest[:150]}" in refusal(file)


@pytest.mark.skipif(sys.platform != "linux", reason="only here may a name be no text")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    file = os.path.join(os.fsencode(tmp_path), b"m\xfcller.png")  # noqa: PTH118 - bytes, which Path does not take
    with open(file, "wb") as out:  # noqa: PTH123
        out.write(whole_files()["png"])
    photo = load_photo(os.fsdecode(file))
    assert np.array_equal(photo.pixels, PICTURE)
    photo.name.encode("utf-8")
    with open(file, "wb") as out:  # noqa: PTH123
        out.write(b"no picture")
    assert "ller.png" in refusal(Path(os.fsdecode(file)))
