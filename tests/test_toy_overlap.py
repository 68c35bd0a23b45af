"""The drawn worlds and views, and the overlaps that are claimed of them."""

from __future__ import annotations

import csv
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dinosar.grid import fit_grid

PLACE = Path(__file__).resolve().parent.parent / "toy_data" / "overlap_scenes.py"


def _load():
    spec = importlib.util.spec_from_file_location("toy_data_overlap_scenes", PLACE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


scenes = _load()
worlds, views, truth = (sys.modules[f"toy_data.overlap_{name}"] for name in ("worlds", "views", "truth"))
KEY = worlds.Key(3, 1, 0)
CENTRE = worlds.SIDE / 2


def plain(side, size=224, key=KEY):
    return views.photographed(key, views.window(CENTRE, CENTRE, side), "plain", size=size)


def blank(number, key=KEY, size=40, hidden=0.5):
    """A view without its pixels: what the truth is made of, quickly drawn."""
    rng = np.random.default_rng(number)
    corners = views._corners(rng, views.Taking())
    frame = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    covered = np.zeros((size, size), bool)
    if rng.random() < hidden:
        top, left = rng.integers(0, size // 2, 2)
        covered[top : top + size // 3, left : left + size // 3] = True
    to_view = cv2.getPerspectiveTransform(corners.astype(np.float32), frame)
    return views.View(str(number), key, np.zeros((size, size, 3), np.uint8), to_view, covered)


def looped(a, b):
    """For each pixel of `a` where it lands on `b`, or None where either does not show the place: in plain loops."""
    across = b.homography @ np.linalg.inv(a.homography)
    for row in range(a.size):
        for column in range(a.size):
            x, y, w = across @ [column + 0.5, row + 0.5, 1]
            x, y = x / w, y / w
            there = 0 <= x < b.size and 0 <= y < b.size and w > 0 and not a.hidden[row, column]
            yield (row, column), (x, y) if there and not b.hidden[int(y), int(x)] else None


@given(some.integers(0, 10_000), some.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_overlap_and_counts_are_those_of_loops_over_pixels(first, second):
    a, b = blank(first), blank(second + 10_000)
    grids = fit_grid((40, 40), 8, size=40), fit_grid((40, 40), 5, size=40)
    counted, seen = np.zeros((25, 64), int), 0
    for (row, column), place in looped(a, b):
        if place:
            seen += 1
            counted[row // 8 * 5 + column // 8, int(place[1] // 5) * 8 + int(place[0] // 5)] += 1
    assert truth.overlap(a, b)[0] == seen / 1600
    assert truth.overlap(b, a)[1] == seen / 1600
    np.testing.assert_array_equal(truth.counts(a, b, grids), counted)


def test_counts_fit_a_grid_of_another_size_than_the_view():
    a, b = blank(1, hidden=0), blank(1, hidden=0)
    enlarged = fit_grid((40, 40), 16, size=160)
    np.testing.assert_array_equal(truth.counts(a, b, (enlarged, enlarged)), 16 * np.eye(100, dtype=int))


def test_a_view_shows_all_of_itself_and_nothing_of_another_world():
    view = plain(400)
    assert truth.overlap(view, view) == (1, 1)
    for other in (replace(KEY, member=1), replace(KEY, family=2), replace(KEY, seed=4), replace(KEY, kind="tiled")):
        assert truth.overlap(view, replace(view, key=other)) == (0, 0)
        grid = fit_grid((224, 224), 16, size=224)
        assert not truth.counts(view, replace(view, key=other), (grid, grid)).any()


@pytest.mark.parametrize("zoom", [2, 4])
def test_a_zoom_lies_in_the_whole_and_is_the_square_of_its_breadth_of_it(zoom):
    assert truth.overlap(plain(800 / zoom), plain(800)) == (1, 1 / zoom**2)


def test_the_homography_is_that_of_the_pixels():
    """What lies at a place of the world lies where the homography says: a smooth part of the view is the world's."""
    view = views.draw_view(KEY, 2, "taken", views.Taking(hidden=0, light=0, sides=(400, 500)))
    y, x = np.mgrid[20:204, 20:204].reshape(2, -1)
    back = np.linalg.inv(view.homography) @ np.stack([x + 0.5, y + 0.5, np.ones_like(x)])
    at = (back[:2] / back[2] - 0.5).astype(np.float32)
    smooth = cv2.GaussianBlur(worlds.world(KEY), (0, 0), 3)
    there = cv2.remap(smooth, at[0].reshape(184, 184), at[1].reshape(184, 184), cv2.INTER_LINEAR).astype(float)
    seen = cv2.GaussianBlur(view.pixels, (0, 0), 3 * 224 / 450).astype(float)[20:204, 20:204]
    here = np.abs(there - seen).mean()
    for dx, dy in ((3, 0), (-3, 0), (0, 3), (0, -3)):
        assert np.abs(there - np.roll(seen, (dy, dx), (0, 1))).mean() > 1.5 * here


def test_a_view_of_half_the_size_is_the_mean_of_two_by_two_pixels():
    seen = plain(448).pixels.astype(float)

    def means(aside):
        start = int(CENTRE) - 224 + aside
        part = worlds.world(KEY)[start : start + 448, start : start + 448].astype(float)
        return part.reshape(224, 2, 224, 2, 3).mean(axis=(1, 3))

    assert np.abs(seen - means(0)).mean() < 0.3 * min(np.abs(seen - means(aside)).mean() for aside in (-1, 1))


def test_windows_lie_in_the_world():
    for number in range(200):
        corners = views._corners(np.random.default_rng(number), views.Taking())
        assert corners.min() >= 0
        assert corners.max() <= worlds.SIDE


def test_a_scrap_hides_what_it_says_and_changes_nothing_else():
    bare = plain(400)
    for share in (0.2, 0.6):
        behind = views.covered(bare, 2 * np.sqrt(share / np.pi), [1, 2, 3])
        assert abs(behind.hidden.mean() - share) < 0.06
        differs = (behind.pixels != bare.pixels).any(axis=2)
        assert differs[behind.hidden].mean() > 0.95
        near = cv2.dilate(behind.hidden.astype(np.uint8), np.ones((25, 25))) > 0
        assert not differs[~near].any()
        assert truth.overlap(behind, bare) == pytest.approx((1 - behind.hidden.mean(),) * 2)


def test_worlds_and_views_depend_on_their_key_alone():
    first = worlds.world(KEY)
    view = views.draw_view(KEY, 5, "taken")
    worlds.world.cache_clear()
    worlds.world(replace(KEY, member=1))
    again = views.draw_view(KEY, 5, "taken")
    np.testing.assert_array_equal(first, worlds.world(KEY))
    for name in ("pixels", "homography", "hidden"):
        np.testing.assert_array_equal(getattr(view, name), getattr(again, name))
    for other in (replace(KEY, member=1), replace(KEY, family=2), replace(KEY, seed=4), replace(KEY, kind="tiled")):
        assert (worlds.world(other) != first).any(axis=2).mean() > 0.5


def test_members_of_a_family_are_alike_in_colour_and_others_are_not():
    def spread(key):
        return np.histogramdd(worlds.world(key).reshape(-1, 3)[::7], bins=6, range=[(0, 256)] * 3)[0].ravel() / 1024**2

    def shared(a, b):
        return np.minimum(spread(a), spread(b)).sum() * 7

    kin = [shared(worlds.Key(0, f, 0), worlds.Key(0, f, 1)) for f in range(4)]
    others = [shared(worlds.Key(0, f, 0), worlds.Key(0, (f + 1) % 4, 0)) for f in range(4)]
    assert min(kin) > 0.5
    assert np.mean(kin) > 2 * np.mean(others)


@pytest.mark.parametrize("tier", ["hard", "zooms", "occluded", "tiled"])
def test_a_collection_has_an_answer_for_most_queries_and_names_of_its_own(tier):
    drawn = scenes.collection(2, tier, range(1), 2, 8)
    assert len(drawn.database) == 16
    assert len(drawn.queries) == {"zooms": 4, "occluded": 8}.get(tier, 6)
    names = [view.name for view in (*drawn.database, *drawn.queries)]
    assert len(set(names)) == len(names)
    found = drawn.truth()
    assert (found[..., 0].max(axis=1) >= 0.1).mean() >= 0.5
    for i, query in enumerate(drawn.queries):
        assert not found[i, [view.key != query.key for view in drawn.database]].any()


def test_zooms_lie_in_one_whole_picture_and_nowhere_else():
    drawn = scenes.collection(2, "zooms", range(1), 2, 3)
    found = drawn.truth()
    assert ((found[..., 0] == 1).sum(axis=1) == 1).all()
    assert ((found > 0).any(axis=2).sum(axis=1) == 1).all()
    whole = found.max(axis=1)
    np.testing.assert_allclose(whole[:, 1], [1 / 4, 1 / 16] * 2, rtol=0.02)


def test_occluded_queries_differ_only_in_how_much_is_hidden():
    drawn = scenes.collection(2, "occluded", range(1), 1, 2)
    np.testing.assert_allclose([query.hidden.mean() for query in drawn.queries], scenes.SHARES_HIDDEN, atol=0.06)
    for query in drawn.queries[1:]:
        np.testing.assert_array_equal(query.homography, drawn.queries[0].homography)
    assert not any(view.hidden.any() for view in drawn.database)


def test_what_is_written_is_what_was_drawn(tmp_path):
    asked = ["--out", str(tmp_path / "out"), "--families", "1", "--members", "1", "--views", "3", "--seed", "2"]
    assert scenes.main(asked) == 0
    drawn = scenes.collection(2, "hard", range(1), 1, 3)
    for role, expected in (("query", drawn.queries), ("database", drawn.database)):
        assert (tmp_path / "out" / f"{role}.txt").read_text().split("\n")[:-1] == [view.name for view in expected]
    for view in (*drawn.database, *drawn.queries):
        stored = cv2.imread(str(tmp_path / "out" / view.name))[..., ::-1]
        np.testing.assert_array_equal(stored, view.pixels)
    with (tmp_path / "out" / "overlaps.csv").open(encoding="utf-8") as file:
        rows = {(row["query"], row["database"]): (float(row["overlap_of_query"]), float(row["overlap_of_database"]))
                for row in csv.DictReader(file)}  # fmt: skip
    found = drawn.truth()
    for i, query in enumerate(drawn.queries):
        for k, view in enumerate(drawn.database):
            assert rows.get((query.name, view.name), (0, 0)) == pytest.approx(tuple(found[i, k]), abs=1e-4)
    with pytest.raises(SystemExit):
        scenes.main(asked)


@pytest.mark.parametrize("wrong", [["--families", "0"], ["--views", "1"], ["--members", "999"], ["--tier", "easy"]])
def test_command_line_refuses_what_cannot_be_drawn(wrong, tmp_path):
    with pytest.raises(SystemExit):
        scenes.main(["--out", str(tmp_path / "out"), *wrong])
    assert not list(tmp_path.iterdir())
