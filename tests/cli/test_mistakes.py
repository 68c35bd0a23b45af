"""Every mistake is one sentence on stderr with an exit code of its own, and leaves everything as it was."""

import errno
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from command_line import POSIX, everything_in, finished, names_in, started
from PIL import Image

from dinosar import folders, publishing
from dinosar.errors import ResourceError

FAST = ("--masker", "whole", "--size", "96", "--no-figures", "--backbone", "classic")


@pytest.fixture
def pair(desk, photos):
    """Two photos on the desk itself, to be named by people who make mistakes."""
    for path in photos:
        (desk / path.name).write_bytes(path.read_bytes())
    return "a.jpg", "b.jpg"


@pytest.fixture
def refused(here, desk):
    """Runs a command that must fail with one line and leave the desk as it is; returns the line."""

    def refuse(code, *words):
        before = everything_in(desk)
        answer = here(*words)
        assert (answer.code, answer.out) == (code, ""), answer.err
        assert everything_in(desk) == before
        line = answer.complaint
        assert line.startswith("dinosar: error: ")
        assert line.isprintable()
        assert re.search(r"[.!] +[A-Z]", line) is None, "more than one sentence"
        return line

    return refuse


USAGE = {
    "backbone": (["--backbone", "clasic"], "no backbone named 'clasic'; did you mean 'classic'?"),
    "masker": (["--masker", "grabcat"], "--masker: no masker named 'grabcat'; did you mean 'grabcut'?"),
    "matcher": (["--matcher", "x"], "no matcher named 'x'; known: assignment, mutual, salient, similarity"),
    "module": (["--masker", "no_such_module:Masker"], "masker 'no_such_module:Masker' (no_such_module:Masker) did not"),
    "flag": (["--bakbone", "classic"], "did you mean '--backbone'?"),
    "short flag": (["-z"], "no such option"),
    "number": (["--dpi", "many"], "valid int"),
    "whole number": (["--size", "512.5"], "valid int"),
    "choice": (["--fit", "letterboks"], "'letterboks' is not one of"),
    "bounds": (["--dpi", "7"], "--dpi: figures.dpi: input should be greater than or equal to 50, but got 7"),
    "infinite": (["--fg-thresh", "nan"], "--fg-thresh: mask.share: "),
    "scale": (["--scale-a", "0"], "--scale-a: inputs.a_px_per_mm: input should be greater than 0"),
    "no argument": (["--backbone"], "requires an argument"),
    "preset": (["--config", "offlin"], "no preset named 'offlin'; did you mean 'offline'?"),
    "no file": (["--config", "nothing.yaml"], "'nothing.yaml' cannot be read"),
    "set without value": (["--set", "masker.iterations"], "--set 'masker.iterations': must look like"),
    "set of a typo": (["--set", "masker.iterationz=6"], "unknown key 'iterationz'; did you mean 'iterations'?"),
    "set of nothing": (["--set", "imagee.size=6"], "--set imagee.size: unknown key 'imagee'; did you mean 'image'?"),
    "set of a wrong type": (["--set", "image.size=big"], "--set image.size: image.size: input should be"),
    "option of another part": (["--masker", "whole", "--set", "masker.ring=0.1"], "masker 'whole': unknown key 'ring'"),
    "landmarks that nobody set": (["--mode", "both", "--landmarks", "file"], "no file beside the photos names both"),
    "proposed and given": (
        ["--mode", "both", "--landmarks", "proposed", "--keypoints", "k.json"],
        "leave out one of them",
    ),
    "a cell of nothing": (["--cell", "0"], "--cell: homology.cell: input should be greater than or equal to 2"),
    "another mode": (["--mode", "tps"], "'tps' is not one of"),
    "third photo": (["c.jpg"], "unexpected extra argument"),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_meant_is_exit_2(case, refused, pair):
    words, says = USAGE[case]
    assert says.lower() in refused(3 if case == "no file" else 2, "compare", *pair, "--out", "X", *words).lower()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["compair"], "no such command 'compair'; did you mean 'compare'?"),
        (["compare"], "missing argument 'A' (see: dinosar compare --help)"),
        (["compare", "a.jpg"], "missing argument 'B' (see: dinosar compare --help)"),
        (["features", "a.jpg"], "missing option '--out'"),
        (["rerun"], "missing argument 'RUN.YAML'"),
        (["plugins", "shwo"], "no such command 'shwo'; did you mean 'show'?"),
        (["plugins", "new", "x"], "missing option '--kind'"),
        (["plugins", "show", "grabcat"], "no plugin named 'grabcat'; did you mean 'grabcut'?"),
        (["plugins", "check", "x:"], "neither an installed name nor of the form 'module:Class'"),
        (["store", "inof"], "did you mean 'info'?"),
        (["--no-such-thing"], "no such option"),
    ],
    ids=str,
)
def test_a_command_that_is_none_or_wants_more_is_exit_2(words, says, refused):
    assert says.lower() in refused(2, *words).lower().replace("'--out' / '-o'", "'--out'")


def damaged(desk):
    """Inputs that are none, by what is wrong with them."""
    whole = (desk / "a.jpg").read_bytes()
    (desk / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (desk / "text.jpg").write_text("this is no photo\n")
    (desk / "empty.jpg").touch()
    (desk / "folder.jpg").mkdir()
    if POSIX:
        os.mkfifo(desk / "pipe.jpg")
        (desk / "loop.jpg").symlink_to("loop.jpg")


INPUTS = ["truncated.jpg", "text.jpg", "empty.jpg", "folder.jpg", "missing.jpg", "missing/a.jpg", "", "a.jpg/b.jpg"]
INPUTS += ["pipe.jpg", "loop.jpg"] if POSIX else []


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("place", ["first", "second"])
def test_what_is_no_photo_is_exit_3_and_named(name, place, here, desk, pair):
    damaged(desk)
    before = names_in(desk)
    answer = here("compare", *([name, "a.jpg"] if place == "first" else ["a.jpg", name]), *FAST, "--out", "X")
    assert (answer.code, answer.out) == (3, "")
    assert answer.complaint.startswith("dinosar: error: ")
    assert f"'{name or '.'}'" in answer.complaint
    assert names_in(desk) == before


def test_a_photo_on_which_nothing_is_specimen_is_exit_3(refused, desk, pair):
    Image.fromarray(np.zeros((112, 160), np.uint8)).save(desk / "empty.png")
    words = ["--masker", "file", "--set", "masker.path=empty.png", "--backbone", "classic"]
    assert "'a" in refused(3, "compare", *pair, *words)


def test_a_mask_that_is_not_there_is_exit_3(refused, pair):
    assert "no mask" in refused(3, "compare", *pair, *FAST[2:], "--masker", "file", "--set", "masker.path=masks")


@pytest.mark.parametrize("command", ["compare", "features"])
def test_a_finished_run_is_kept_unless_it_is_to_be_overwritten(command, refused, here, desk, pair):
    words = [command, *pair, *FAST] if command == "compare" else [command, "a.jpg", "--backbone", "classic"]
    words += ["--out", "X" if command == "compare" else "x.npz"]
    assert here(*words).code == 0
    before = everything_in(desk)
    assert "--overwrite" in refused(3, *words)
    assert here(*words, "--overwrite").code == 0
    after = everything_in(desk)
    assert set(after) == set(before)
    assert all(after[name] == before[name] for name in before if not name.endswith("run.yaml"))


def test_overwriting_removes_what_the_earlier_run_drew(here, desk, pair):
    assert here("compare", *pair, *FAST[:4], "--backbone", "classic", "--dpi", "50", "--out", "X").code == 0
    assert list((desk / "X").glob("*.png"))
    (desk / "X" / "mine.txt").touch()
    assert here("compare", *pair, *FAST, "--out", "X", "--overwrite").code == 0
    assert not list((desk / "X").glob("*.png"))
    assert (desk / "X" / "mine.txt").exists()


@pytest.mark.parametrize("words", [[], ["--overwrite"]], ids=str)
def test_an_output_that_is_a_file_is_exit_3(words, refused, desk, pair):
    (desk / "X").write_text("mine")
    assert "output 'X' is a file" in refused(3, "compare", *pair, *FAST, "--out", "X", *words)


def test_a_folder_of_other_things_is_exit_3(refused, desk, pair):
    (desk / "X").mkdir()
    (desk / "X" / "thesis.doc").write_text("all of it")
    assert "output 'X' is not empty" in refused(3, "compare", *pair, *FAST, "--out", "X")


def test_an_empty_folder_is_taken(here, desk, pair):
    (desk / "X").mkdir()
    assert here("compare", *pair, *FAST, "--out", "X").code == 0


@pytest.mark.parametrize("command", ["compare", "features"])
@pytest.mark.parametrize("words", [[], ["--overwrite"]], ids=str)
def test_an_output_below_a_file_is_exit_6(command, words, refused, desk, pair):
    (desk / "file").write_text("mine")
    given = ["compare", *pair, *FAST] if command == "compare" else ["features", "a.jpg"]
    out = "file/X" if command == "compare" else "file/x.npz"
    assert "file" in refused(6, *given, "--backbone", "classic", "--out", out, *words)


@pytest.mark.parametrize("command", ["compare", "features"])
def test_an_output_whose_name_no_disk_takes_is_one_sentence(command, here, desk, pair):
    given = ["compare", *pair, *FAST] if command == "compare" else ["features", "a.jpg", "--backbone", "classic"]
    before = everything_in(desk)
    answer = here(*given, "--out", "x" * 300 + ".npz")
    assert answer.code in (2, 3, 6)
    assert re.search("name (is )?too long", answer.complaint)
    assert everything_in(desk) == before


@pytest.mark.skipif(not POSIX or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_an_output_where_one_may_not_write_is_exit_6(refused, desk, pair):
    (desk / "locked").mkdir(mode=0o500)
    assert "permission denied" in refused(6, "compare", *pair, *FAST, "--out", "locked/X")


class Disk:
    """A disk that gives out at the n-th file of a run."""

    def __init__(self, number, code):
        self.left, self.code = number, code

    def fsync(self, handle):
        """Instead of os.fsync."""
        self.left -= 1
        if self.left == 0:
            raise OSError(self.code, os.strerror(self.code))


DISKS = {errno.ENOSPC: "the disk is full", errno.EROFS: "the disk is read-only", errno.EACCES: "permission denied",
         errno.EIO: os.strerror(errno.EIO)}  # fmt: skip


@pytest.mark.parametrize("code", DISKS, ids=errno.errorcode.get)
@pytest.mark.parametrize("number", [1, 3, 13])
def test_a_disk_that_gives_out_is_exit_6_and_the_same_command_works_later(code, number, here, desk, pair, monkeypatch):
    words = ("compare", *pair, *FAST, "--out", "X", "--no-store")
    monkeypatch.setattr(publishing.os, "fsync", Disk(number, code).fsync)
    answer = here(*words)
    assert (answer.code, answer.out) == (6, "")
    assert DISKS[code] in answer.complaint
    assert not (desk / "X" / "run.yaml").exists()
    assert not list(desk.rglob("*.tmp-*"))
    monkeypatch.undo()
    assert here(*words).code == 0


def test_a_disk_too_full_for_the_store_costs_time_not_the_result(here, desk, pair, monkeypatch):
    monkeypatch.setattr(publishing.os, "fsync", Disk(1, errno.ENOSPC).fsync)
    answer = here("compare", *pair, *FAST, "--out", "X")
    assert answer.code == 0
    assert "warning: features are not kept for next time: " in answer.complaint
    assert "features are not kept" in (desk / "X" / "run.yaml").read_text(encoding="utf-8")


def test_a_run_begun_with_other_options_is_not_gone_on_with(refused, here, desk, pair, monkeypatch):
    words = ("compare", *pair, *FAST, "--out", "X", "--no-store")
    monkeypatch.setattr(publishing.os, "fsync", Disk(5, errno.ENOSPC).fsync)
    assert here(*words).code == 6
    monkeypatch.undo()
    assert "begun with other options" in refused(3, *words, "--seed", "5")
    assert here(*words, "--seed", "5", "--overwrite").code == 0


def test_overwriting_a_run_that_was_begun_removes_what_it_had_drawn(here, desk, pair, monkeypatch):
    def full(path, data):
        if path.name == "pca.png":
            raise ResourceError("the disk is full")
        return publishing.publish(path, data)

    words = ("compare", *pair, *FAST[:4], "--backbone", "classic", "--dpi", "50", "--out", "X")
    monkeypatch.setattr(folders, "publish", full)
    assert here(*words).code == 6
    monkeypatch.undo()
    assert list((desk / "X").glob("*.png"))
    assert here(*words, "--seed", "5", "--no-figures", "--overwrite").code == 0
    assert not list((desk / "X").glob("*.png")), "pictures of a run that never finished lie beside another's numbers"


def test_no_memory_is_exit_6_with_advice(refused, pair, monkeypatch):
    from dinosar import compare_job

    def out_of_memory(*args):
        raise MemoryError

    monkeypatch.setattr(compare_job, "compare_photos", out_of_memory)
    assert "out of memory; use a smaller --size" in refused(6, "compare", *pair, *FAST)


def test_mistakes_in_one_file_are_told_together_each_with_its_line(here, desk, pair):
    (desk / "my.yaml").write_text("image:\n  size: big\n  fitt: native\nmasker: grabcat\nseed: -1\n", encoding="utf-8")
    answer = here("compare", *pair, "--config", "my.yaml", "--dpi", "1", "--out", "X")
    first, *rest = answer.err.splitlines()
    assert (answer.code, first) == (2, "dinosar: error: 5 mistakes:")
    lines = [f"my.yaml, line {line}" for line in (2, 3, 4, 5)]
    assert sorted(line.split(": ")[0] for line in rest) == ["--dpi", *lines]
    assert not (desk / "X").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("image: [1, 2", "line "), ("image: &x 5\nseed: *x", "line 2: aliases"), ("seed: 1\nseed: 2", "line 2: "),
        ("", "is empty"), ("- 1", "must hold settings"), ("\x00", "my.yaml"), ("image:\n\tsize: 5", "my.yaml, line 2"),
        ("inputs: {c: 5}", "unknown key 'c'"), ("seed: !!python/object:os 1", "tags"),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_config_that_is_none_is_exit_2(text, says, refused, desk, pair):
    (desk / "my.yaml").write_text(text, encoding="utf-8")
    assert says in refused(2, "compare", *pair, "--config", "my.yaml")


def test_a_config_that_is_a_folder_or_no_text_is_exit_2(refused, desk, pair):
    (desk / "folder.yaml").mkdir()
    (desk / "photo.yaml").write_bytes((desk / "a.jpg").read_bytes())
    assert "is a folder" in refused(2, "compare", *pair, "--config", "folder.yaml")
    assert "UTF-8" in refused(2, "compare", *pair, "--config", "photo.yaml")


@pytest.mark.parametrize("words", [["--debug", "compare"], ["compare", "--debug"]], ids=str)
def test_debug_shows_where_it_happened_and_the_sentence_last(words, here):
    answer = here(*words, "missing.jpg", "b.jpg")
    assert answer.code == 3
    assert answer.err.startswith("Traceback")
    assert answer.err.splitlines()[-1].startswith("dinosar: error: ")


PART = """
import os, signal
import dinosar
{top}

class Odd(dinosar.Masker):
    '''Does something odd, for a test.'''

    def mask(self, photo, features):
        {body}
"""


@pytest.fixture
def odd(run, desk, pair):
    """Runs a comparison with a masker whose body is given, in a process of its own; returns the answer."""

    def compare(body, *words, top=""):
        (desk / "odd.py").write_text(PART.format(body=body, top=top))
        return run("compare", *pair, *FAST, "--masker", "odd:Odd", "--out", "X", *words)

    return compare


def test_a_part_that_raises_is_exit_1_named_and_asks_for_debug(odd, desk):
    answer = odd("raise RuntimeError('two\\nlines')")
    assert answer.code == 1
    assert "masker 'odd:Odd' failed: RuntimeError: two (--debug shows where)" in answer.complaint
    assert not (desk / "X").exists()


def test_a_fault_of_ours_shows_its_traceback_with_debug(odd):
    answer = odd("raise RuntimeError('why')", "--debug")
    assert answer.code == 1
    assert answer.err.startswith("Traceback")
    assert "in mask" in answer.err


def test_a_part_that_breaks_its_contract_is_exit_1_and_named(odd, desk):
    answer = odd("return photo.pixels")
    assert answer.code == 1
    assert "odd:Odd" in answer.complaint
    assert not (desk / "X").exists()


@pytest.mark.skipif(not POSIX, reason="signals are sent otherwise")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("moment", ["mask", "import"])
def test_an_interrupted_run_says_so_on_one_line_and_leaves_nothing(name, moment, odd, desk):
    interrupt = f"os.kill(os.getpid(), signal.{name})"
    answer = odd(interrupt) if moment == "mask" else odd("pass", top=interrupt)
    assert answer.code == 128 + getattr(signal, name)
    assert answer.complaint.startswith("dinosar: error: interrupted")
    assert not (desk / "X").exists()


@pytest.mark.parametrize("number", [1, 4, 8])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_run_interrupted_while_it_writes_leaves_no_record(name, number, here, desk, pair, monkeypatch):
    words = ("compare", *pair, *FAST, "--out", "X", "--no-store")
    count = iter(range(1, 100))

    def interrupted(handle):
        if next(count) == number:
            signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr(publishing.os, "fsync", interrupted)
    answer = here(*words)
    assert answer.code == 128 + getattr(signal, name)
    assert "interrupted" in answer.complaint
    assert not (desk / "X" / "run.yaml").exists()
    assert not list(desk.rglob("*.tmp-*"))
    monkeypatch.undo()
    assert here(*words).code == 0


@pytest.mark.skipif(not POSIX, reason="pipes break otherwise")
@pytest.mark.parametrize("words", [["plugins"], ["compare", "--help"], ["store", "info"]], ids=str)
def test_a_reader_that_has_read_enough_is_no_error(words, desk, tmp_path):
    process = started(*words, cwd=desk, home=tmp_path)
    process.stdout.close()
    process.stdout = None
    answer = finished(process)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_disk_behind_stdout_is_exit_6(run, desk):
    prelude = "import sys\nsys.stdout = open('/dev/full', 'w')"
    answer = run("plugins", prelude=prelude)
    assert answer.code == 6
    assert re.search("disk is full|[Ss]pace", answer.complaint)


def test_a_terminal_that_cannot_show_a_character_shows_its_code(run, desk, pair):
    (desk / "標本.jpg").write_bytes((desk / "a.jpg").read_bytes())
    answer = run("compare", "標本.jpg", "b.jpg", *FAST, PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (answer.code, answer.err) == (0, "")
    assert "A \\u6a19\\u672c" in answer.out


def test_a_message_stays_one_line_whatever_a_name_holds(here):
    answer = here("compare", "no\nsuch\x1b[31m" + "x" * 5000, "b.jpg")
    assert answer.code == 3
    assert answer.complaint.isprintable()
    assert len(answer.complaint) < 600
