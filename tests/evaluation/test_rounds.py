"""Many pairs: each on its own, none twice, whatever stopped the first try; a failed one leaves the others alone."""

import json

import numpy as np
import pytest

from dinosar.data import Photo
from dinosar.errors import InputError
from dinosar.evaluation.keypoint_pairs import KeypointPair, Picture
from dinosar.evaluation.rounds import Round, errors_of, row_of
from dinosar.folders import RunFolder

PIXELS = np.zeros((40, 60, 3), np.uint8)
PLACES = np.array([[10.0, 10.0], [20.0, 30.0], [50.0, 5.0]])


def picture(name, digest="1"):
    return Picture(name, (60, 40), lambda: Photo(PIXELS, name), lambda: digest)


def pair(name, digest="1"):
    return KeypointPair(name, "bird", picture("a"), picture(f"b {name}", digest), ("x", "y", "z"), PLACES, PLACES + 1,
                        (5.0, 5.0, 55.0, 35.0), {"viewpoint": "hard"})  # fmt: skip


class Desk:
    """Answers, and remembers who asked; some names cannot be read."""

    def __init__(self, folder, bad=(), digest="1"):
        self.folder, self.bad, self.digest, self.asked = folder, bad, digest, []

    def read(self, name):
        if name in self.bad:
            raise InputError(f"{name} is torn")
        return pair(name, self.digest)

    def answer(self, asked):
        self.asked.append(asked.id)
        return asked.b + [[0, 0], [3, 4], [np.nan, np.nan]]

    def round(self, names, options="o"):
        work = Round(names, self.read, self.answer, options)
        with RunFolder(self.folder, {"all": 1}) as output:
            work.run(output)
        return work


def test_a_row_holds_errors_sides_and_what_has_no_answer():
    found = row_of(pair("p"), PLACES + 1 + [[0, 0], [3, 4], [np.nan, np.nan]])
    assert found["errors"] == [0.0, 5.0, None]
    assert found["found"][2] is None
    assert (found["side_box"], found["side_image"]) == (50.0, 60.0)
    json.dumps(found, allow_nan=False)
    again = errors_of(json.loads(json.dumps(found)))
    assert again.errors.tolist() == [0.0, 5.0, np.inf]
    assert (again.category, again.names, dict(again.flags)) == ("bird", ("x", "y", "z"), {"viewpoint": "hard"})


def test_what_is_done_is_not_done_again(tmp_path):
    desk = Desk(tmp_path / "run")
    first = desk.round(["p", "q"])
    assert desk.asked == ["p", "q"]
    second = desk.round(["p", "q", "r"])
    assert desk.asked == ["p", "q", "r"]
    assert second.again == 2
    assert second.rows[:2] == first.rows


@pytest.mark.parametrize("change", ["options", "picture"])
def test_other_options_or_another_picture_are_another_answer(tmp_path, change):
    Desk(tmp_path / "run").round(["p"])
    desk = Desk(tmp_path / "run", digest="2" if change == "picture" else "1")
    assert desk.round(["p"], "other" if change == "options" else "o").again == 0
    assert desk.asked == ["p"]


def test_a_failed_pair_stops_none_and_is_tried_again(tmp_path):
    work = Desk(tmp_path / "run", bad=("q",)).round(["p", "q", "r"])
    assert [row["status"] for row in work.rows] == ["done", "failed", "done"]
    assert work.failed == [{"id": "q", "status": "failed", "error": "q is torn"}]
    desk = Desk(tmp_path / "run")
    assert desk.round(["p", "q", "r"]).failed == []
    assert desk.asked == ["q"]
