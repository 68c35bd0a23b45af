"""Photos stand in their own pixels; what is faded, and the line around patches, are where they must be."""

from itertools import product

import numpy as np
import pytest
from drawn_matches import colour_at, scene_of, specimen_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dinosar.render.match_scene import pair_of_photos, patch_outline
from dinosar.render.sheet import picture


def by_hand(patches):
    """Every side of a patch beyond which lies no patch, as a set of its two ends (x, y)."""
    rows, columns = patches.shape
    sides = set()
    for row, column in product(range(rows), range(columns)):
        if not patches[row, column]:
            continue
        for down, right, ends in ((-1, 0, ((0, 0), (1, 0))), (1, 0, ((0, 1), (1, 1))),
                                  (0, -1, ((0, 0), (0, 1))), (0, 1, ((1, 0), (1, 1)))):  # fmt: skip
            y, x = row + down, column + right
            if not (0 <= y < rows and 0 <= x < columns and patches[y, x]):
                sides.add(frozenset((column + dx, row + dy) for dx, dy in ends))
    return sides


class Axes:
    """Keeps what is added to it."""

    transData = None

    def add_collection(self, lines, autolim):
        self.lines = lines


@given(arrays(bool, st.tuples(st.just(10), st.just(15))))
def test_the_line_around_patches_has_every_side_and_no_other(patches):
    from matplotlib.transforms import IdentityTransform

    specimen, axes = specimen_of(1), Axes()
    axes.transData = IdentityTransform()
    patch_outline(axes, specimen, patches, "black")
    grid = specimen.features.grid
    drawn = [grid.to_network(path.vertices) / grid.patch for path in axes.lines.get_paths()]
    found = [frozenset(map(tuple, np.rint(each).astype(int))) for each in drawn]
    assert all(np.allclose(each, np.rint(each)) for each in drawn)
    assert len(found) == len(set(found))
    assert set(found) == by_hand(patches)


@pytest.mark.parametrize("photo", ["plain", "grey", "faded"])
def test_a_photo_is_plain_grey_or_faded_outside_its_foreground(photo, sheets):
    scene = scene_of(dpi=100)
    data = picture(lambda: pair_of_photos(scene, "title", photo=photo).render())()
    for axes, view in zip(sheets[0].panels, scene.views, strict=True):
        specimen = view.specimen
        for inside in (True, False):
            places = specimen.features.grid.centres_in_photo()[specimen.patches.ravel() == inside][:6]
            for x, y in places:
                block = specimen.photo.pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] / 255
                if photo == "grey":
                    block = block.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
                if photo == "faded" and not inside:
                    block = 0.32 * block + 0.68
                low, high = block.min(axis=(0, 1)) - 0.02, block.max(axis=(0, 1)) + 0.02
                seen = colour_at(data, sheets[0], axes, (x, y))
                assert (low <= seen).all(), (x, y)
                assert (seen <= high).all(), (x, y)
