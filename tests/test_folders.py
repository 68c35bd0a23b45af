"""Whose an output folder is."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from dinosar.errors import ConflictError, DinosarError, ResourceError
from dinosar.folders import BEGUN, JOURNAL, LOCK, RECORD, RunFile, RunFolder, signature, slug
from dinosar.journal import Entry
from dinosar.yaml_files import write_yaml


def finished(path, names=("a.png", "b.csv"), options="one", record=None):
    """A folder that a run has finished in."""
    with RunFolder(path, {"seed": options}) as folder:
        for name in names:
            folder.write(name, b"old")
        folder.finish(record or write_yaml({"record": {"outputs": folder.outputs}}))
    return path


def interrupted(path, options="one"):
    """A folder that a run has begun and left."""
    with contextlib.suppress(KeyboardInterrupt), RunFolder(path, {"seed": options}) as folder:
        folder.write("a.png", b"half a run")
        raise KeyboardInterrupt
    return path


def files(path):
    return sorted(file.name for file in path.iterdir())


def test_a_finished_folder_holds_its_files_and_the_record(tmp_path):
    assert files(finished(tmp_path / "run")) == ["a.png", "b.csv", RECORD]


def test_a_run_that_goes_on_says_so_until_it_is_finished(tmp_path):
    with RunFolder(tmp_path / "deep" / "run", {"seed": "one"}) as folder:
        assert BEGUN in files(folder.path)
        assert RECORD not in files(folder.path)
        assert folder.finish("a: 1") == folder.path / RECORD
        assert BEGUN not in files(folder.path)


def test_numbered_folders_are_always_new(tmp_path):
    paths = []
    for _ in range(3):
        with RunFolder(tmp_path / "runs" / "x", {"seed": "one"}, numbered=True) as folder:
            folder.check()
            paths.append(folder.path.name)
    assert paths == ["x", "x-2", "x-3"]


def test_a_finished_run_is_not_written_over(tmp_path):
    finished(tmp_path / "run")
    with pytest.raises(ConflictError, match=r"run' holds a finished run \(run\.yaml\).*--overwrite") as caught:
        RunFolder(tmp_path / "run", {"seed": "one"}).check()
    assert caught.value.exit_code == 3
    assert (tmp_path / "run" / "a.png").read_bytes() == b"old"


def test_a_run_left_by_the_same_options_goes_on(tmp_path):
    interrupted(tmp_path / "run")
    (tmp_path / "run" / f".b.csv.tmp-{os.getpid()}-00").write_bytes(b"torn")
    RunFolder(tmp_path / "run", {"seed": "one"}).check()
    finished(tmp_path / "run")
    assert files(tmp_path / "run") == ["a.png", "b.csv", RECORD]


def test_what_was_torn_below_the_folder_goes_too(tmp_path):
    with contextlib.suppress(KeyboardInterrupt), RunFolder(tmp_path / "run", {"seed": "one"}) as folder:
        folder.write("queries/1/a.png", b"whole")
        raise KeyboardInterrupt
    torn = [tmp_path / "run" / "queries" / "1" / ".b.png.tmp-1-00", tmp_path / "run" / ".c.tmp-1-00"]
    for file in torn:
        file.write_bytes(b"torn")
    with RunFolder(tmp_path / "run", {"seed": "two"}, overwrite=True):
        assert not (tmp_path / "run" / "queries" / "1").exists()
    assert not any(file.exists() for file in torn)


def test_a_run_left_by_other_options_does_not(tmp_path):
    interrupted(tmp_path / "run")
    with pytest.raises(ConflictError, match="begun with other options.*--overwrite"):
        RunFolder(tmp_path / "run", {"seed": "two"}).check()
    finished(tmp_path / "other", options="two")


@pytest.mark.parametrize("text", ["5", "[a]", "", "options: [", "options: {a: 1}", "\0"])
def test_a_damaged_note_of_a_run_that_was_begun_counts_as_other_options(text, tmp_path):
    (tmp_path / BEGUN).write_text(text)
    with pytest.raises(ConflictError, match="other options"):
        RunFolder(tmp_path, {"seed": "one"}).check()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["thesis.doc", "photo.tmp-1.jpg", ".hidden"])
def test_a_strangers_folder_is_refused_and_left_alone(name, overwrite, tmp_path):
    (tmp_path / name).write_bytes(b"years of work")
    folder = RunFolder(tmp_path, {"seed": "one"}, overwrite=overwrite)
    with pytest.raises(ConflictError, match="is not empty, and holds no run .* choose another folder"):
        folder.check()
    with pytest.raises(ConflictError, match="holds no run"):
        folder.__enter__()
    assert files(tmp_path) == [name]


@pytest.mark.parametrize("left", [LOCK, JOURNAL, ".a.png.tmp-1-00", RECORD, BEGUN])
def test_what_runs_leave_makes_no_strangers_folder(left, tmp_path):
    (tmp_path / left).write_bytes(b"")
    RunFolder(tmp_path, {"seed": "one"}, overwrite=True).check()


def test_a_finished_run_that_may_grow_says_what_it_was_begun_with(tmp_path):
    with RunFolder(tmp_path, {"seed": "one"}) as folder:
        folder.journal.add(Entry("a", {}, {}))
        folder.finish("a: 1", resumable=True)
    assert files(tmp_path) == [JOURNAL, BEGUN, RECORD]
    RunFolder(tmp_path, {"seed": "one"}).check()
    with pytest.raises(ConflictError, match=r"other options \(seed\)"):
        RunFolder(tmp_path, {"seed": "two"}).check()
    (tmp_path / BEGUN).unlink()
    with pytest.raises(ConflictError, match="other options"):
        RunFolder(tmp_path, {"seed": "one"}).check()


def test_a_finished_run_that_cannot_grow_is_begun_no_more(tmp_path):
    with RunFolder(tmp_path, {"seed": "one"}) as folder:
        folder.finish("a: 1", resumable=True)
    assert files(tmp_path) == [RECORD]
    with pytest.raises(ConflictError, match="finished run"):
        RunFolder(tmp_path, {"seed": "one"}).check()


def test_an_empty_folder_or_none_is_free(tmp_path):
    RunFolder(tmp_path, {"seed": "one"}).check()
    RunFolder(tmp_path / "not" / "yet", {"seed": "one"}).check()
    assert files(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_is_no_folder(overwrite, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConflictError, match="is a file; name a folder"):
        RunFolder(tmp_path / "file", {"seed": "one"}, overwrite=overwrite).check()


@pytest.mark.parametrize("path", ["x" * 300, "file/below", "file/below/that"])
def test_a_folder_that_cannot_be_made_is_refused_before_anything_runs(path, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DinosarError):
        RunFolder(tmp_path / path, {"seed": "one"}).check()


@pytest.mark.parametrize("numbered", [False, True])
def test_a_folder_that_cannot_be_made_is_refused_on_entering(numbered, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    code = (
        "import sys, pathlib\nfrom dinosar.folders import RunFolder\n"
        f"RunFolder(pathlib.Path(sys.argv[1]), dict(seed='one'), numbered={numbered}).__enter__()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "file" / "x")], capture_output=True, text=True, timeout=5
    )
    assert "ResourceError" in done.stderr


def test_being_refused_on_entering_leaves_no_trace_and_no_lock(tmp_path):
    finished(tmp_path / "run")
    folder = RunFolder(tmp_path / "run", {"seed": "one"})
    with pytest.raises(ConflictError, match="finished run"):
        folder.__enter__()
    assert files(tmp_path / "run") == ["a.png", "b.csv", RECORD]
    with RunFolder(tmp_path / "run", {"seed": "one"}, overwrite=True):
        pass


def test_overwriting_removes_the_record_first_and_then_what_it_listed(tmp_path, monkeypatch):
    finished(tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_bytes(b"mine")
    removed, unlink = [], pathlib.Path.unlink
    monkeypatch.setattr(pathlib.Path, "unlink", lambda path, **how: removed.append(path.name) or unlink(path, **how))
    with RunFolder(tmp_path / "run", {"seed": "two"}, overwrite=True):
        assert files(tmp_path / "run") == [LOCK, BEGUN, "notes.txt"]
    assert removed[:3] == [RECORD, "a.png", "b.csv"]


HOSTILE = [
    {"record": {"outputs": {"../x": "0", "/etc/x": "0", "sub/../../x": "0", "..": "0", ".": "0", "sub": "0", "": "0"}}},
    {"record": {"outputs": ["../x", "sub/../../x", "sub//x", 5, None]}},
    {"record": {"outputs": 5}},
    {"record": {"outputs": None}},
    {"record": 5},
    {"record": None},
    ["../x"],
    5,
]


@pytest.mark.parametrize("record", HOSTILE, ids=str)
def test_a_hostile_record_removes_nothing_outside_its_list_and_folder(record, tmp_path):
    run = finished(tmp_path / "run")
    (tmp_path / "x").write_bytes(b"mine")
    (run / "sub").mkdir()
    (run / "sub" / "x").write_bytes(b"mine")
    (run / RECORD).write_text(write_yaml(record))
    with RunFolder(run, {"seed": "two"}, overwrite=True):
        assert RECORD not in files(run)
    assert (tmp_path / "x").exists()
    assert (run / "sub" / "x").exists()


@pytest.mark.parametrize("text", ["", "a: [", "\0", "a: &x 1"])
def test_a_damaged_record_can_be_overwritten(text, tmp_path):
    run = finished(tmp_path / "run")
    (run / RECORD).write_text(text)
    with RunFolder(run, {"seed": "two"}, overwrite=True):
        assert RECORD not in files(run)


HOLD = """
import sys, time, pathlib
from dinosar.folders import RunFolder
with RunFolder(pathlib.Path(sys.argv[1]), {"seed": "one"}, overwrite=True):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_a_folder_held_by_another_process_is_refused_at_once_and_free_once_that_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        for overwrite in (False, True):
            start = time.monotonic()
            with pytest.raises(ConflictError, match="is being written by another process") as caught:
                RunFolder(tmp_path, {"seed": "one"}, overwrite=overwrite).__enter__()
            assert time.monotonic() - start < 2
            assert str(tmp_path) in str(caught.value)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    assert BEGUN in files(tmp_path)
    with RunFolder(tmp_path, {"seed": "one"}) as folder:
        folder.finish("a: 1")
    assert files(tmp_path) == [RECORD]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_nobody_else_holds_the_lock_while_its_file_is_removed(tmp_path, monkeypatch):
    from filelock import FileLock

    taken, unlink = [], pathlib.Path.unlink

    def try_to_take(path, **how):
        if path.name == LOCK:
            other = FileLock(path)
            try:
                other.acquire(timeout=0)
            except TimeoutError:
                pass
            else:
                taken.append(path)
                other.release()
        unlink(path, **how)

    monkeypatch.setattr(pathlib.Path, "unlink", try_to_take)
    with RunFolder(tmp_path, {"seed": "one"}):
        pass
    assert not taken


def test_a_disk_that_refuses_the_lock_is_a_matter_of_the_disk(tmp_path, monkeypatch):
    from filelock import FileLock

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(ResourceError, match="cannot write .*Permission denied"):
        RunFolder(tmp_path, {"seed": "one"}).__enter__()


def test_outputs_are_remembered_by_name_and_hash(tmp_path):
    with RunFolder(tmp_path, {"seed": "one"}) as folder:
        folder.write("a.txt", b"abc")
    assert folder.outputs == {"a.txt": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}


def test_a_named_file_has_its_record_beside_it(tmp_path):
    with RunFile(tmp_path / "new" / "F.npz") as file:
        file.write("", b"abc")
        assert file.finish("a: 1").name == "F.run.yaml"
    assert files(tmp_path / "new") == ["F.npz", "F.run.yaml"]
    assert list(file.outputs) == ["F.npz"]


@pytest.mark.parametrize("there", ["F.npz", "F.run.yaml"])
def test_a_named_file_that_is_there_is_not_written_over(there, tmp_path):
    (tmp_path / there).write_bytes(b"old")
    with pytest.raises(ConflictError, match=rf"{there}' is there already; choose another name, or --overwrite"):
        RunFile(tmp_path / "F.npz").check()
    with RunFile(tmp_path / "F.npz", overwrite=True) as file:
        assert not file.record.exists()
        file.write("", b"new")
    assert (tmp_path / "F.npz").read_bytes() == b"new"


def test_a_folder_in_the_place_of_a_named_file_is_refused(tmp_path):
    (tmp_path / "F.npz").mkdir()
    with pytest.raises(ConflictError, match="is a folder; name a file"):
        RunFile(tmp_path / "F.npz", overwrite=True).check()


def test_the_signature_is_of_what_was_told_not_of_its_order():
    assert signature({"a": 1, "b": {"c": 2, "d": 3}}) == signature({"b": {"d": 3, "c": 2}, "a": 1})
    assert signature({"a": 1}) != signature({"a": 2})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Xylotrupes gideon", "Xylotrupes-gideon"),
        ("../../etc/passwd", "etc-passwd"),
        ("甲虫", "photo"),
        ("", "photo"),
        ("...", "photo"),
        ("--flag", "flag"),
        ("Käfer_1.v2", "K-fer_1.v2"),
        ("a" * 39 + "-b", "a" * 39),
    ],
)
def test_a_slug_is_a_name_that_any_disk_takes(name, wanted):
    assert slug(name) == wanted


def test_a_kill_while_the_earlier_run_is_tidied_away_leaves_no_file_that_nobody_knows_of(tmp_path, monkeypatch):
    path = finished(tmp_path / "run")
    real = pathlib.Path.unlink

    def killed_at_the_first_output(file, **options):
        if file.name == "a.png":
            raise KeyboardInterrupt
        return real(file, **options)

    with monkeypatch.context() as patched:
        patched.setattr(pathlib.Path, "unlink", killed_at_the_first_output)
        with contextlib.suppress(KeyboardInterrupt), RunFolder(path, {"seed": "two"}, overwrite=True):
            raise AssertionError("it was not killed")
    assert RECORD not in files(path)
    assert "a.png" in files(path)
    with RunFolder(path, {"seed": "three"}, overwrite=True) as folder:
        assert not {"a.png", "b.csv"} & set(files(path))
        folder.finish("a: 1")
