"""Two results side by side: what is the same, what is not, and by how much."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import make_photos

from dinosar.compare_job import place
from dinosar.config import CompareConfig
from dinosar.errors import UsageError
from dinosar.jobs import carry_out
from dinosar.rerun import Difference, Rerun, beside, compared, numbers, run_again
from dinosar.settings import Layers, settle
from dinosar.yaml_files import write_yaml

RESULT = {"distance": 0.5, "scores": {"foreground": {"n": 3, "parts": [1, {"x": None}]}}, "homology": None, "none": {}}


def rerun(scores=(), files=(), changed=()):
    finished = SimpleNamespace(folder=Path("new"), record=Path("new/run.yaml"))
    return Rerun(finished, list(changed), list(scores), list(files))


def test_numbers_have_dotted_names():
    assert numbers(RESULT) == {
        "distance": 0.5, "scores.foreground.n": 3, "scores.foreground.parts[0]": 1,
        "scores.foreground.parts[1].x": None, "homology": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [(0.1, 0.1, True), (0.1, 0.1 + 1e-17, False), (0.3, 0.1 + 0.2, False), (0.0, 5e-324, False), ("x", "x", True),
     (None, 0, False), (None, None, True), (1, 1.0, True)],
)  # fmt: skip
def test_identical_means_identical_and_not_near(before, after, same):
    assert Difference("it", before, after).same is same


def test_what_only_one_side_has_is_a_difference():
    found = compared({"a": 1, "b": 2}, {"b": 2, "c": 3})
    assert [(each.name, each.before, each.after, each.same) for each in found] == [
        ("a", 1, None, False), ("b", 2, 2, True), ("c", None, 3, False),
    ]  # fmt: skip


def test_nothing_and_not_there_are_two_things():
    (found,) = compared({"homology": None}, {})
    assert not found.same


def test_every_value_stands_in_its_group_once():
    scores = compared(numbers(RESULT), numbers(RESULT))
    groups = rerun(scores).groups()
    assert list(groups) == ["distance", "foreground", "homology"]
    assert [each for group in groups.values() for each in group] == scores


def test_lines_tell_what_differs_and_by_how_much_and_only_count_the_rest():
    scores = [Difference("distance", 0.5, 0.75), Difference("scores.foreground.n", 3, 3)]
    files = [Difference("a.csv", "x", "x"), Difference("b.csv", "x", "y"), Difference("c.csv", "x", None),
             Difference("d.csv", None, "x")]  # fmt: skip
    found = rerun(scores, files)
    lines = "\n".join(found.lines()).splitlines()
    assert "DIFFERS    distance  (1 value)" in lines
    assert "             distance: 0.5 -> 0.75  (by +0.25)" in lines
    assert "identical  foreground  (1 value)" in lines
    verdicts = ["identical  a.csv", "DIFFERS    b.csv", "MISSING    c.csv", "NEW        d.csv"]
    assert [line for line in lines if line.endswith(".csv")] == verdicts
    assert "values: 1 of 2 identical; files: 1 of 4 identical" in lines
    assert found.differs == 4


def test_plain_data_holds_every_value_with_its_verdict():
    scores, files = [Difference("distance", 0.5, 0.75)], [Difference("a.csv", "x", "x")]
    found = rerun(scores, files, ["numpy was 1, now 2"]).as_dict()
    assert (found["differs"], found["changed"]) == (1, ["numpy was 1, now 2"])
    assert found["scores"] == [{"name": "distance", "identical": False, "before": 0.5, "after": 0.75}]
    assert found["files"] == [{"name": "a.csv", "identical": True, "before": "x", "after": "x"}]


def test_a_new_place_lies_beside_the_old_run_and_is_free(tmp_path):
    (tmp_path / "X").mkdir()
    record = tmp_path / "X" / "run.yaml"
    assert beside(record) == tmp_path / "X-rerun"
    (tmp_path / "X-rerun").mkdir()
    assert beside(record) == tmp_path / "X-rerun-2"
    (tmp_path / "X-rerun-2").symlink_to(tmp_path / "nowhere")
    assert beside(record) == tmp_path / "X-rerun-3"


@pytest.mark.parametrize(("record", "place"), [("f.run.yaml", "f-rerun.npz"), ("a.b.run.yaml", "a.b-rerun.npz")])
def test_a_new_file_lies_beside_the_old_record_whatever_is_written_in_it(record, place, tmp_path):
    assert beside(tmp_path / record, ".npz") == tmp_path / place


def test_python_can_run_a_record_again(tmp_path):
    a, b = make_photos(tmp_path)
    values = {"inputs": {"a": str(a), "b": str(b)}, "backbone": "classic", "masker": "whole", "image": {"size": 96},
              "figures": {"draw": False}}  # fmt: skip
    config = settle(CompareConfig, Layers().add(values, "here"))
    first = carry_out(config, place(config, tmp_path / "X", False))
    found = run_again(first.record)
    assert (found.differs, found.changed) == (0, [])
    assert found.finished.outputs == first.outputs


@pytest.mark.parametrize("document", [{}, [], {"command": "compare"}, {"record": {}}, {"command": "x", "record": {}}])
def test_what_no_run_wrote_is_refused(document, tmp_path):
    (tmp_path / "run.yaml").write_text(write_yaml(document))
    with pytest.raises(UsageError, match="is not a record that a dinosar run wrote"):
        run_again(tmp_path / "run.yaml")


def test_a_run_of_one_named_file_is_told_by_its_record():
    named = Rerun(SimpleNamespace(folder=Path("new"), record=Path("new/T.run.yaml")), [], [], [])
    assert list(named.lines())[-1] == f"new run: {Path('new/T.run.yaml').resolve()}"
