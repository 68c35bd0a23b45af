"""Views of any photographs: the same ones again, and the homography says truly where their pixels land."""

import cv2
import numpy as np
import pytest

from dinosar.training.sources import shares
from dinosar.training.warps import Taking, Warps, scrap

PLAIN = Taking(light=0.0, hidden=0.0)


def warps(folder, taking=None, side=64, **more):
    files = {file.name: file for file in sorted(folder.glob("*.png"))}
    return Warps(files, taking or Taking(), 6, side, **more)


def test_the_same_views_again(photographs):
    one, other = warps(photographs, seed=3), warps(photographs, seed=3)
    for views in one.scenes.values():
        for name in views:
            np.testing.assert_array_equal(one.photo(name).pixels, other.photo(name).pixels)
    another = warps(photographs, seed=4)
    name = one.scenes["photo 0.png"][0]
    assert not np.array_equal(one.photo(name).pixels, another.photo(name).pixels)


def test_a_view_does_not_depend_on_which_other_photographs_there_are(photographs):
    many = warps(photographs, PLAIN)
    name = "photo 2.png#1"
    expected = many.photo(name).pixels
    (photographs / "photo 4.png").unlink()
    np.testing.assert_array_equal(warps(photographs, PLAIN).photo(name).pixels, expected)


def test_pixels_are_where_the_landing_says(photographs):
    source = warps(photographs, PLAIN)
    y, x = np.mgrid[:64, :64]
    points = np.stack([x.ravel(), y.ravel()], axis=1) + 0.5
    compared = 0
    for views in source.scenes.values():
        for a in views:
            for b in views:
                places, seen = source.landing(a, b)(points)
                inside = seen & ((places > 1) & (places < 63)).all(axis=1)
                if a == b or inside.sum() < 400:
                    continue
                at = (places - 0.5).astype(np.float32).reshape(64, 64, 2)
                there = cv2.remap(source.photo(b).pixels, at, None, cv2.INTER_LINEAR).reshape(-1, 3)[inside]
                here = source.photo(a).pixels.reshape(-1, 3)[inside]
                off = np.abs(here.astype(int) - there).mean()
                wrong = np.abs(here.astype(int) - np.roll(there, 5, axis=0)).mean()
                assert off < 4
                assert off < wrong / 2
                compared += 1
    assert compared > 10


def test_scraps_hide_what_lies_under_them(photographs):
    covered, bare = warps(photographs, Taking(light=0.0, hidden=1.0)), warps(photographs, PLAIN)
    name, y_x = "photo 1.png#2", np.mgrid[:64, :64]
    points = np.stack([y_x[1].ravel(), y_x[0].ravel()], axis=1) + 0.5
    _, seen = covered.landing(name, name)(points)
    differs = (covered.photo(name).pixels != bare.photo(name).pixels).any(axis=2).ravel()
    assert 0.02 < (~seen).mean() < 0.5
    assert not differs[seen].any()
    assert differs[~seen].mean() > 0.9


def test_scraps_are_of_other_photographs(tmp_path):
    for name, colour in (("blue", (255, 0, 0)), ("red", (0, 0, 255))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((90, 120, 3), colour, np.uint8))
    source = warps(tmp_path, Taking(light=0.0, hidden=1.0))
    for photo, (own, other) in {"red.png": (0, 2), "blue.png": (2, 0)}.items():
        for name in source.scenes[photo]:
            pixels = source.photo(name).pixels
            assert (pixels[..., own] == 255).any()
            assert (pixels[..., other] == 255).any()


def test_how_much_views_share_is_by_their_own_pixels(photographs):
    source = warps(photographs, PLAIN)
    views = source.scenes["photo 0.png"]
    table = shares(source, views, [(64, 64)] * len(views))
    y, x = np.mgrid[:64, :64]
    points = np.stack([x.ravel(), y.ravel()], axis=1) + 0.5
    for i, a in enumerate(views):
        for j, b in enumerate(views):
            places, seen = source.landing(a, b)(points)
            exact = (seen & ((places >= 0) & (places < 64)).all(axis=1)).mean()
            assert table[i, j] == pytest.approx(exact, abs=0.05)
    assert ((table > 0.1) & (table < 0.9)).any()


def test_views_of_two_photographs_have_no_landing(photographs):
    with pytest.raises(ValueError, match="different photos"):
        warps(photographs).landing("photo 0.png#0", "photo 1.png#0")


def test_windows_lie_within_the_photograph_however_wide(tmp_path):
    for number, size in enumerate([(400, 30), (30, 400), (8, 8)]):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((size[1], size[0], 3), np.uint8))
    source = warps(tmp_path, Taking(sides=(0.9, 1.0), hidden=0.0))
    for photo, views in source.scenes.items():
        width, height = source._size(photo)
        for name in views:
            back = np.linalg.inv(source._to_view(name))
            corners = np.array([[0, 0, 1], [64, 0, 1], [64, 64, 1], [0, 64, 1.0]]) @ back.T
            corners = corners[:, :2] / corners[:, 2:]
            assert (corners > -1e-3).all()
            assert (corners < np.array([width, height]) + 1e-3).all()


def test_a_scrap_is_a_piece_somewhere():
    found = [scrap(np.random.default_rng(seed), 64, 0.4) for seed in range(20)]
    assert all(0.03 < each.mean() < 0.3 for each in found)
    assert len({each.tobytes() for each in found}) == 20
