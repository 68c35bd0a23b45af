"""The notebook about frames runs, shows what its sentences say, and leaves nothing behind."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from command_line import ROOT, environment, everything_in

BOOK = "docs/frames_demo.ipynb"
NEEDED = ("docs/frames.md", "toy_data/frames", "toy_data/fulgora-fusca_i1_p1.jpg")
"""All that the notebook finds in the repository beside itself."""
RUN = """
import sys

import nbformat
from nbclient import NotebookClient

book, folder, cells, out = sys.argv[1:]
book = nbformat.read(book, as_version=4)
book.cells = book.cells[:int(cells)]
NotebookClient(book, timeout=120, resources={"metadata": {"path": folder}}).execute()
nbformat.write(book, out)
"""
"""In a process of its own, for Jupyter warns of things that are none of ours."""


def cells():
    return json.loads((ROOT / BOOK).read_text(encoding="utf-8"))["cells"]


def told(cell):
    """What a cell printed."""
    return "".join("".join(out["text"]) for out in cell["outputs"] if out["output_type"] == "stream")


class Desk:
    """A copy of what the notebook needs, and a home where nothing is: no weights, no store, no settings of Jupyter."""

    def __init__(self, folder):
        self.folder, self.clone, self.home, self.temporary = (folder / n for n in (".", "clone", "home", "temporary"))
        for each in (self.home, self.temporary, self.clone / "docs"):
            each.mkdir(parents=True)
        for name in (BOOK, *NEEDED):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, self.clone / name)

    def run(self, start, count=10**6):
        """The first cells by their id, run by a Jupyter that was started in a folder of the clone."""
        out = self.folder / "run.ipynb"
        own = {name: str(self.home / name.lower()) for name in (
            "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_PATH", "JUPYTER_RUNTIME_DIR")}  # fmt: skip
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self.temporary))
        words = [sys.executable, "-c", RUN, self.clone / BOOK, self.clone / start, count, out]
        done = subprocess.run(
            [*map(str, words)], env=environment(self.home, **own, **temporary), capture_output=True,
            encoding="utf-8", timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return {cell["id"]: cell for cell in json.loads(out.read_text(encoding="utf-8"))["cells"]}


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Every cell, run from docs/; the clone as it was and as it is; what lies among temporary files."""
    desk = Desk(tmp_path_factory.mktemp("notebook"))
    before = everything_in(desk.clone)
    return desk.run("docs"), before, everything_in(desk.clone), everything_in(desk.temporary)


def test_no_outputs_are_stored_so_that_none_are_stale():
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []
    assert 10 <= len(cells()) <= 15


def test_the_file_is_written_as_jupyter_writes_it_so_that_changes_stay_small():
    text = (ROOT / BOOK).read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_notebook_runs_from_docs_and_leaves_nothing_behind(walked):
    run, before, after, temporary = walked
    assert len(run) == len(cells())
    assert after == before
    assert temporary == {}


def test_nothing_is_warned_of(walked):
    complaints = [out for cell in walked[0].values() for out in cell.get("outputs", ()) if out.get("name") == "stderr"]
    assert [out["text"] for out in complaints if "font cache" not in "".join(out["text"])] == []


def test_every_figure_is_there(walked):
    shown = {
        name: [out for out in cell["outputs"] if "image/png" in out.get("data", ())]
        for name, cell in walked[0].items() if cell["cell_type"] == "code"
    }  # fmt: skip
    assert {name: len(found) for name, found in shown.items() if found} == dict.fromkeys(
        ("overlays", "answers", "loop", "run", "worst", "spoiled"), 1
    )
    assert min(len(found[0]["data"]["image/png"]) for found in shown.values() if found) > 10_000


def test_the_torn_frames_are_the_worst_by_loop_and_by_command(walked):
    run = walked[0]
    assert "highest mismatch: frame_009, frame_011\n" in told(run["loop"])
    assert "shown again: frame_007, frame_009, frame_011\n" in told(run["loop"])
    assert "worst frames  frame_009, frame_011 " in told(run["run"])
    assert "largest difference from the loop: 0\n" in told(run["run"])
    assert "worst frames: frame_009, frame_011\n" in told(run["worst"])


def test_the_ruler_of_distances_is_in_order(walked):
    (far, words) = zip(*re.findall(r"^([\d.]+)  (.*)$", told(walked[0]["distance"]), re.MULTILINE), strict=True)
    assert len(far) == 5
    assert words[0] == "itself"
    assert float(far[0]) == 0
    assert sorted(far, key=float) == list(far)


def test_patches_below_the_tear_find_their_like_where_they_belong(walked):
    lines = told(walked[0]["answers"])
    rows = re.findall(r"(above|below) the tear: answers lie ([+-]\d+) px .* mismatch ([\d.]+)", lines)
    (_, still, good), (_, moved, displaced) = rows
    assert (int(still), int(moved)) == (0, -16)
    assert float(displaced) <= float(good)


def test_a_slight_blur_is_as_far_away_as_the_tear_but_mismatches_little(walked):
    rows = re.findall(r"^ *([\d.]+) +([\d.]+)  (.*)$", told(walked[0]["spoiled"]), re.MULTILINE)
    found = {words: (float(far), float(off)) for far, off, words in rows}
    blurred, torn = found["blurred by 1 px"], found["torn, as made frame 9"]
    assert blurred[0] == pytest.approx(torn[0], rel=0.15)
    assert blurred[1] < torn[1] / 5


def test_the_notebook_finds_its_frames_from_the_root_of_the_repository_too(tmp_path):
    count = next(place for place, cell in enumerate(cells()) if cell["id"] == "setup") + 1
    assert told(Desk(tmp_path).run(".", count)["setup"]) == "16 frames\n"


@pytest.mark.parametrize("path", sorted({
    name for cell in cells() for name in re.findall(r"\b(?:docs|toy_data)/[\w./-]*\w/?", "".join(cell["source"]))
}))  # fmt: skip
def test_a_file_that_the_notebook_names_is_there(path):
    assert (ROOT / path).exists()
