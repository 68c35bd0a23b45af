"""A killed run leaves an earlier run whole, or no record at all; and the same command works afterwards."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from command_line import environment, inside, names_in, outputs_of, started

from dinosar.render import pictures
from dinosar.yaml_files import read_yaml

SMALL = ("--masker", "whole", "--size", "96", "--backbone", "classic", "--dpi", "50")
KILLER = """
import os, signal, sys, time
import cv2, filelock
import dinosar.compare_job, dinosar.cli.notices, dinosar.cli.running
from dinosar.cli import main
from dinosar.registry import cards
from dinosar.render import pictures

for card in cards():
    card.load()

pictures.pictures = lambda *_: ((f"picture_{number}", bytes(100_000)) for number in range(7))

def begun(words):
    child = os.fork()
    if child == 0:
        sys.argv[1:] = words
        main()
    return child

def waited(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for line in sys.stdin:
    delay, *words = eval(line)
    start, child = time.monotonic(), begun(words)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    print((waited(child), time.monotonic() - start), flush=True)
"""


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    """Runs the command line and kills it after so many seconds.

    Imports are done once and pictures are only scribbled, for it is the moments between that count.
    """
    desk = tmp_path_factory.mktemp("desk")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLER], cwd=desk, env=environment(desk, DINOSAR_CACHE=str(desk / "cache")), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def run(delay, *words):
        process.stdin.write(f"{(delay, *map(str, words))!r}\n")
        process.stdin.flush()
        while not (line := process.stdout.readline()).startswith("("):
            assert line, "the runner itself is gone"
        return eval(line)

    run.desk = desk
    yield run
    process.stdin.close()
    process.stdout.close()
    process.wait()


def scribbles(comparison, config):
    """Pictures as the killed runs draw them."""
    return ((f"picture_{number}", bytes(100_000)) for number in range(7))


def is_whole(run):
    """Whether a folder shows a finished run; fails if it shows one that is not."""
    if not (run / "run.yaml").exists():
        return False
    document = read_yaml(run / "run.yaml").value
    assert document["status"] == "done"
    for name, sha256 in document["record"]["outputs"].items():
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == sha256
    return True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are begun by forking, to be quick")
def test_a_run_killed_at_any_moment_leaves_a_whole_run_or_none_and_can_be_done_again(killer, photos, here, monkeypatch):
    monkeypatch.setattr(pictures, "pictures", scribbles)
    words = ("compare", *photos, *SMALL, "--out")
    code, seconds = killer(None, *words, "first")
    assert code == 0
    moments, seen, first = random.Random(20), set(), outputs_of(killer.desk / "first")
    for number in range(20):
        out, again = killer.desk / str(number), ("--overwrite",) if number % 2 else ()
        if again:
            shutil.copytree(killer.desk / "first", out)
        killed, _ = killer(moments.uniform(0, seconds), *words, out, *again)
        assert killed in (-signal.SIGKILL, 0)
        whole = is_whole(out)
        seen.add((killed, whole, out.is_dir() and len(names_in(out)) > 1))
        assert here(*words, out, *("--overwrite",) * (whole or number % 2)).code == 0
        assert (out / "run.yaml").is_file()
        assert outputs_of(out) == first
    assert len(seen) >= 3, "the moments were all alike"


def test_a_run_killed_while_it_writes_goes_on_when_it_is_called_again(desk, photos, own_cache, tmp_path):
    words = ["compare", *map(str, photos), *SMALL, "--out", "X"]
    process = started(*words, cwd=desk, home=tmp_path, DINOSAR_CACHE=str(own_cache))
    deadline = time.monotonic() + 100
    while not (desk / "X" / "maps.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert (desk / "X" / "maps.npz").exists()
    assert not is_whole(desk / "X")
    assert inside(*words, cwd=desk, cache=own_cache).code == 0
    assert is_whole(desk / "X")
    assert not [name for name in names_in(desk / "X") if name.startswith(".")]
