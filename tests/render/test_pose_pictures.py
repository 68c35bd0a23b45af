"""The curve of recall whose area is AUC, and pairs with the matches that a pose explains."""

import io

import numpy as np
import pytest
from PIL import Image

from dinosar.evaluation.pose_auc import pose_auc
from dinosar.render.pose_pair import HELD, NOT_HELD, PosePair, pose_pair, shown
from dinosar.render.pose_ranking import extremes
from dinosar.render.pose_recall import PoseCurve, drawn, in_words, level_ends, pose_recall
from dinosar.render.sheet import Style
from dinosar.verification.judging import failure

ERRORS = np.array([0.4, 2.0, 7.0, 26.0, np.inf])


def curve(name="all pairs", errors=ERRORS):
    areas = pose_auc(errors.tolist()) if len(errors) else []
    return PoseCurve(name, errors, dict(zip(("5", "10", "20"), areas, strict=False)))


def pixels_of(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


MANY = [ERRORS, np.array([3.0]), np.array([30.0]), np.array([np.inf]), np.array([5.0, 5.0]), np.array([0.0, 20.0]),
        np.random.default_rng(0).exponential(8.0, 60)]  # fmt: skip


def area(x, y):
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


@pytest.mark.parametrize("errors", MANY)
def test_the_area_under_what_is_drawn_is_the_one_that_is_told(errors):
    told = pose_auc(errors.tolist())
    for most, expected in zip((5.0, 10.0, 20.0), told, strict=True):
        x, y = drawn(errors, most)
        assert (x[0], y[0], x[-1]) == (0, 0, most)
        assert area(x, y) / most == pytest.approx(expected)
    for at in errors[errors < 20]:
        assert y[np.flatnonzero(x == at)[-1]] == (at >= errors).mean()


@pytest.mark.parametrize("errors", MANY)
def test_level_ends_are_what_areas_up_to_lower_thresholds_have_less(errors):
    """The curve up to a threshold, and beneath it the level end, enclose the area that is told of it."""
    x, y = drawn(errors, 20.0)
    ends = {end: (start, height) for start, end, height in level_ends(errors, (5.0, 10.0, 20.0))}
    for most, told in zip((5.0, 10.0), pose_auc(errors.tolist()), strict=False):
        start, height = ends.get(most, (most, 0.0))
        fine = np.union1d(np.linspace(0, start, 20_001), x[x <= start])
        shares = np.interp(fine, x, y)
        assert (area(fine, shares) + height * (most - start)) / most == pytest.approx(told, abs=2e-3)
        if most in ends:
            assert np.interp(most, x, y) > height


def test_lines_are_straight_from_dot_to_dot_and_end_level(monkeypatch):
    from matplotlib.axes import Axes

    lines, plot = [], Axes.plot
    monkeypatch.setattr(Axes, "plot", lambda axes, *a, **k: lines.append((a, k)) or plot(axes, *a, **k))
    svg = pose_recall([curve()], [], Style("svg", 60, "")).decode()
    (whole, look), (dots, _), *ends = lines
    assert "drawstyle" not in look
    assert area(*whole[:2]) / 20 == pytest.approx(100 * pose_auc(ERRORS.tolist())[2])
    assert [list(each) for each in dots[:2]] == [[0.4, 2, 7], [20, 40, 60]]
    assert [each[0] for each in ends] == [([2, 5.0], [40, 40])]
    assert "end level, by" in svg
    assert "end level, by" not in pose_recall([curve(errors=ERRORS[3:])], [], Style("svg", 60, "")).decode()


@pytest.mark.parametrize("end", ["png", "svg", "pdf"])
def test_the_curve_is_drawn_and_the_same_twice(end):
    curves = [curve(), curve("best", ERRORS[:2])]
    first, second = (pose_recall(curves, ["2 pairs could not be judged."], Style(end, 60, "footer")) for _ in range(2))
    assert first == second
    assert len(first) > 3000


def test_words_tell_areas_and_what_was_not_found():
    words = in_words(curve())
    assert "5 judged;" in words
    assert "no pose found for 1, which count as wrong" in words
    assert f"{pose_auc(ERRORS.tolist())[0]:.3f} up to 5°" in words


def test_nothing_to_judge_is_said():
    svg = pose_recall([curve(errors=np.empty(0))], [], Style("svg", 60, "")).decode()
    assert "no pair could be judged" in svg


def pair(count=200, held=0.7):
    random = np.random.default_rng(0)
    a = random.uniform(0, [300, 200], (count, 2))
    pixels = np.full((200, 300, 3), 90, np.uint8), np.full((320, 180, 3), 160, np.uint8)
    return PosePair(pixels, ("a.jpg", "b.jpg"), a, a * [0.6, 1.6], random.random(count) < held)


def test_as_many_are_drawn_as_can_be_followed():
    held, others = shown(pair())
    assert (len(held), len(others)) == (HELD, NOT_HELD)
    assert pair().held[held].all()
    assert not pair().held[others].any()
    few = PosePair(pair().pixels, ("a", "b"), pair().a[:9], pair().b[:9], None)
    assert [len(each) for each in shown(few)] == [0, 9]


def test_lines_lie_between_the_photographs_in_the_colour_of_what_they_are():
    """Of one match, drawn alone: blue where the pose explains it, vermilion where not."""
    for held, colour in ((True, (0x00, 0x72, 0xB2)), (False, (0xD5, 0x5E, 0x00))):
        one = PosePair(pair().pixels, ("a", "b"), np.array([[150.0, 100]]), np.array([[90.0, 160]]), np.array([held]))
        image = pixels_of(pose_pair(one, "A pair", ["Words."], Style("png", 150, "footer"))).astype(int)
        image = image[: int(0.7 * len(image))]  # without the legend
        other = (0xD5, 0x5E, 0x00) if held else (0x00, 0x72, 0xB2)
        there, elsewhere = ((np.abs(image - each).sum(axis=2) < 90).sum() for each in (colour, other))
        assert there > 20
        assert elsewhere == 0


def row(name, judged=True, error=1.0, inliers=10):
    return {**failure(""), "database": name, "left_out": "" if judged else "no_true_pose", "pose_error": error,
            "matches": 20, "inliers": inliers, "sought": True}  # fmt: skip


def test_the_best_and_the_worst_are_other_pairs():
    rows = [row("a", error=3.0), row("b", error=None), row("c", error=0.5), row("d", judged=False)]
    found = {kind: [each["database"] for each in kept] for kind, _, kept in extremes(rows, 2)}
    assert found == {"best": ["c", "a"], "worst": ["b"]}
    unknown = [row("a", judged=False, error=None, inliers=5), row("b", judged=False, error=None, inliers=50)]
    found = {kind: [each["database"] for each in kept] for kind, _, kept in extremes(unknown, 1)}
    assert found == {"best": ["b"], "worst": ["a"]}
