"""The path of `classic` needs no network library: it works where none can be imported, and never asks for one."""

import pytest
from command_line import make_photos, outside

ABSENT = ("torch", "torchvision", "timm", "rembg", "onnxruntime")
HIDDEN = f"""
import sys
sys.modules.update(dict.fromkeys({ABSENT}))
"""
WATCHED = f"""
import atexit, sys

class Watch:
    asked = set()

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {ABSENT}:
            self.asked.add(name)

sys.meta_path.insert(0, Watch())
atexit.register(lambda: sys.stderr.write(" ".join(Watch.asked)))
"""


@pytest.fixture
def run(tmp_path):
    a, b = make_photos(tmp_path)
    words = {
        "compare": ["compare", a, b, "--masker", "grabcut", "--dpi", "50", "--out", "X"],
        "features": ["features", a, "--out", "f.npz"],
    }
    own = ("--backbone", "classic", "--size", "96")
    return lambda command, prelude: outside(*words[command], *own, cwd=tmp_path, home=tmp_path, prelude=prelude)


@pytest.mark.parametrize("command", ["compare", "features"])
def test_it_works_where_no_network_library_can_be_imported(command, run):
    answer = run(command, HIDDEN)
    assert (answer.code, answer.err) == (0, "")


def test_it_asks_for_none_where_all_are_there(run):
    answer = run("compare", WATCHED)
    assert (answer.code, answer.err) == (0, "")


def test_the_watch_would_see_one(run):
    assert run("features", f"{WATCHED}\nimport importlib.util\nimportlib.util.find_spec('torch')").err == "torch"
