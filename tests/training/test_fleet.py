"""Several processes that train together: told by their surroundings, and with the weights of one."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from command_line import finished, started
from small_training import draw

from dinosar.retrieval.overlap_head import open_head
from dinosar.retrieval.overlap_head_files import head_bytes
from dinosar.training import fleet
from dinosar.training.loop import fit

HERE = Path(__file__).parent


def test_alone_one_has_everything(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setenv("RANK", "3")
    assert (fleet.processes(), fleet.rank()) == (1, 0)
    assert list(fleet.Fleet("cpu").share([4, 5, 6])) == [4, 5, 6]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_shares_are_everything_and_nothing_twice(monkeypatch, count):
    monkeypatch.setenv("WORLD_SIZE", str(count))
    monkeypatch.setattr(fleet, "_accelerator", lambda device: type("One", (), {"device": device})())
    found = []
    for rank in range(count):
        monkeypatch.setenv("RANK", str(rank))
        found += fleet.Fleet("cpu").share(list(range(7)))
    assert sorted(found) == list(range(7))


def test_without_accelerate_several_processes_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(fleet.UsageError, match=r"pip install 'dinosar\[accelerate\]'"):
        fleet.Fleet("cpu")


SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {here!r})
from tiny_examples import examples
from test_learning_loop import QUICK
from dinosar.training.loop import fit
from dinosar.training.fleet import rank
from dinosar.retrieval.overlap_head_files import head_bytes

found = fit(examples(), replace(QUICK, dropout_prob=0.0), validation=examples(6, seed=9))
Path({head!r} + f"{{rank()}}.safetensors").write_bytes(head_bytes(found.last))
"""


def surroundings(rank):
    """What a launcher tells the processes, but for the port they meet at."""
    return {
        "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "ACCELERATE_USE_CPU": "true", "LOCAL_WORLD_SIZE": "2",
        "RANK": str(rank), "LOCAL_RANK": str(rank),
    }  # fmt: skip


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def test_two_processes_learn_what_one_learns(tmp_path):
    pytest.importorskip("accelerate")
    from dataclasses import replace

    from test_learning_loop import QUICK
    from tiny_examples import examples

    script = textwrap.dedent(SCRIPT).format(here=str(HERE), head=str(tmp_path / "head"))
    port = free_port()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script], env={**os.environ, **surroundings(rank), "MASTER_PORT": port}
        )
        for rank in range(2)
    ]  # fmt: skip
    assert [process.wait(timeout=240) for process in started] == [0, 0]
    heads = [open_head(tmp_path / f"head{rank}.safetensors") for rank in range(2)]
    alone = fit(examples(), replace(QUICK, dropout_prob=0.0), validation=examples(6, seed=9)).last
    assert head_bytes(heads[0]) == head_bytes(heads[1])
    for name in alone.weights:
        np.testing.assert_allclose(heads[0].weights[name], alone.weights[name], atol=2e-4)


def test_of_two_processes_the_first_writes_and_says_it_all(tmp_path):
    pytest.importorskip("accelerate")
    folder, port = draw(tmp_path / "photos"), free_port()
    (folder / "torn.png").write_bytes((folder / "photo 0.png").read_bytes()[:3000])
    words = ("train", "overlap", "-c", "overlap_warps", "--backbone", "classic", "--size", "96", "--epochs", "1",
             "--images", folder, "--no-figures", "--out", "run", "--overwrite")  # fmt: skip
    both = [
        started(*words, cwd=tmp_path, home=tmp_path, MASTER_PORT=port, OMP_NUM_THREADS="1", **surroundings(rank))
        for rank in range(2)
    ]  # fmt: skip
    first, other = (finished(process) for process in both)
    assert first.code == 4, first.err
    assert first.err.count("cannot be read and is left out") == 1
    assert (other.code, other.out) == (0, "")
    assert "dinosar:" not in other.err
    assert (tmp_path / "run/head.safetensors").is_file()
    assert "processes: 2" in (tmp_path / "run/run.yaml").read_text()
