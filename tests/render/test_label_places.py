"""Labels stand beside their points, cover nothing where there is room, and can be taken for no other's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.render.label_places import label_places

FRAME = (400.0, 300.0)


def boxes(centres, sizes):
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)


def overlap(a, b):
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def covered(points, sizes, places, dot):
    """What the labels cover, by brute force: area shared with dots and one another, and length beyond the frame."""
    labels = boxes(places.centres, sizes)
    dots = boxes(points, np.full_like(points, dot))
    shared = sum(overlap(a, b) for i, a in enumerate(labels) for b in [*dots, *labels[:i]])
    beyond = np.clip(-labels[:, :2], 0, None).sum() + np.clip(labels[:, 2:] - FRAME, 0, None).sum()
    return shared + beyond


POINTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=12, unique=True
).map(lambda each: np.array(each, dtype=float) * 10)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(POINTS, st.integers(5, 60))
def test_clear_is_said_where_nothing_is_covered_and_only_there(points, width):
    sizes = np.tile([float(width), 9.0], (len(points), 1))
    places = label_places(points, sizes, FRAME, 5.0)
    assert places.centres.shape == points.shape
    if places.clear:
        assert covered(points, sizes, places, 5.0) < 1e-6
        near = ~places.led  # a line says whose the others are
        for label, own in zip(boxes(places.centres, sizes)[near], points[near], strict=True):
            gaps = [np.hypot(*np.maximum(np.maximum(label[:2] - p, p - label[2:]), 0)) for p in points]
            assert np.hypot(*np.maximum(np.maximum(label[:2] - own, own - label[2:]), 0)) <= min(gaps) + 1e-9


def test_points_with_room_all_get_their_label_near_and_outside():
    points = np.array([[100.0, 150.0], [200.0, 150.0], [300.0, 150.0]])
    places = label_places(points, np.tile([30.0, 9.0], (3, 1)), FRAME, 5.0)
    assert places.clear
    assert not places.led.any()
    assert places.centres[0, 0] < 100
    assert places.centres[2, 0] > 300


def test_a_crowd_is_led_out_and_a_hopeless_one_is_said_to_be():
    points = np.array([[200.0 + 7 * i, 150.0 + 7 * j] for i in range(3) for j in range(3)])
    assert label_places(points, np.tile([8.0, 8.0], (9, 1)), FRAME, 4.0).led.any()
    assert not label_places(points, np.tile([150.0, 40.0], (9, 1)), FRAME, 4.0).clear


@pytest.mark.parametrize("point", [[0.0, 0.0], [400.0, 300.0], [400.0, 0.0]])
def test_a_label_at_the_corner_stays_inside(point):
    places = label_places(np.array([point]), np.array([[60.0, 10.0]]), FRAME, 5.0)
    assert places.clear


def test_no_points_need_no_labels():
    places = label_places(np.zeros((0, 2)), np.zeros((0, 2)), FRAME, 5.0)
    assert places.clear
    assert places.centres.shape == (0, 2)
