"""The curve of recall whose area is AUC, and pairs with the matches that a pose explains."""

import io

import numpy as np
import pytest
from PIL import Image

from dinosar.evaluation.pose_auc import pose_auc
from dinosar.render.pose_pair import HELD, NOT_HELD, PosePair, pose_pair, shown
from dinosar.render.pose_ranking import extremes
from dinosar.render.pose_recall import PoseCurve, drawn, in_words, pose_recall
from dinosar.render.sheet import Style
from dinosar.verification.judging import failure

ERRORS = np.array([0.4, 2.0, 7.0, 26.0, np.inf])


def curve(name="all pairs", errors=ERRORS):
    areas = pose_auc(errors.tolist()) if len(errors) else []
    return PoseCurve(name, errors, dict(zip(("5", "10", "20"), areas, strict=False)))


def pixels_of(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_what_is_drawn_is_the_share_of_pairs_with_at_most_that_error():
    x, y = drawn(ERRORS, 20.0)
    for at in (0.0, 0.39, 0.4, 1.9, 2.0, 6.0, 7.0, 15.0, 20.0):
        assert y[np.flatnonzero(x <= at)[-1]] == (at >= ERRORS).mean()
    assert x[-1] == 20


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
