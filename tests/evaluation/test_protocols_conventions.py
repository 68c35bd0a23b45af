"""Where the protocols read and what they tell, beside the arithmetic of the originals: loops, and PyTorch's sampling.

The originals count pixels from their centres; k stands for their whole numbers, k + 0.5 for the same places here.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from dinosar.errors import UsageError
from dinosar.evaluation.protocols import Side, find, protocol
from dinosar.features import between

SIZE = st.tuples(st.integers(8, 60), st.integers(8, 60))
SEED = st.integers(0, 2**32)


def seen(name, size, seed, patch=7, side=56, depth=16):
    """A side whose tokens are noise: all different, none near another."""
    random = np.random.default_rng(seed)
    shown = protocol(name).shown(np.zeros((size[1], size[0], 3), dtype=np.uint8), patch, side)
    tokens = random.normal(size=(shown.grid.rows, shown.grid.columns, depth))
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    return Side(shown, tokens.astype(np.float16).astype(np.float32))


def all_different(name, size):
    """A side whose tokens have nothing in common: a mixture is most like the token of which it holds most."""
    shown = protocol(name).shown(np.zeros((size[1], size[0], 3), dtype=np.uint8), 7, 56)
    return Side(shown, np.eye(64, dtype=np.float32).reshape(8, 8, 64))


def whole(size, seed, count=5):
    """Keypoints of the originals (count, 2): whole numbers within the photo."""
    return np.random.default_rng(seed).integers(0, size, size=(count, 2))


@settings(deadline=None)
@given(SEED, SIZE, SIZE)
def test_sd_dino_by_hand(seed, size_a, size_b):
    a, b, keypoints = seen("sd_dino", size_a, seed), seen("sd_dino", size_b, seed + 1), whole(size_a, seed)
    found = find(protocol("sd_dino"), "nearest", a, b, keypoints + 0.5)
    factor = [56 / max(size) for size in (size_a, size_b)]
    for keypoint, answer in zip(keypoints, found, strict=True):
        asked = []
        for axis in (0, 1):
            padding = (56 - max(1, round(56 * size_a[axis] / max(size_a)))) // 2
            asked.append(int((keypoint[axis] * factor[0] + padding) // 7))
        best, patch = -2.0, None
        for row in range(8):
            for column in range(8):
                token, other = a.tokens[asked[1], asked[0]].astype(float), b.tokens[row, column].astype(float)
                cosine = token @ other / np.linalg.norm(token) / np.linalg.norm(other)
                if cosine > best:
                    best, patch = cosine, (column, row)
        for axis in (0, 1):  # compared where the original compares: on the network's image
            padding = (56 - max(1, round(56 * size_b[axis] / max(size_b)))) // 2
            assert (answer[axis] - 0.5) * factor[1] + padding == pytest.approx(7 * patch[axis] + 3, abs=1e-6)


def test_sd_dino_tells_the_centre_of_a_patch_of_14():
    side = seen("sd_dino", (840, 840), 0, 14, 840, 2)
    told = protocol("sd_dino").told(np.array([[0.0, 0], [59, 3]]), side.shown.grid)
    assert told - 0.5 == pytest.approx(np.array([[6.5, 6.5], [14 * 59 + 6.5, 14 * 3 + 6.5]]))


@settings(deadline=None)
@given(SEED, SIZE)
def test_dift_reads_the_pixel_of_the_enlarged_map(seed, size):
    side = seen("dift", size, seed)
    planes = torch.from_numpy(side.tokens.astype(float)).permute(2, 0, 1)[None]
    full = F.interpolate(planes, size=size[::-1], mode="bilinear", align_corners=False)[0].permute(1, 2, 0).numpy()
    for k in whole(size, seed):
        for within in (0.0, 0.5, 0.99):
            read = between(side.tokens, protocol("dift").asked(k[None] + within, side.shown.grid))
            assert read[0] == pytest.approx(full[k[1], k[0]], abs=1e-7)


@settings(deadline=None)
@given(SEED, SIZE, SIZE)
def test_dift_answers_with_the_best_pixel_of_the_full_map(seed, size_a, size_b):
    a, b, keypoints = seen("dift", size_a, seed), seen("dift", size_b, seed + 1), whole(size_a, seed)
    full = []
    for side, size in ((a, size_a), (b, size_b)):
        planes = torch.from_numpy(side.tokens.astype(float)).permute(2, 0, 1)[None]
        full.append(F.normalize(F.interpolate(planes, size=size[::-1], mode="bilinear", align_corners=False)[0], dim=0))
    found = find(protocol("dift"), "nearest", a, b, keypoints + 0.5)
    for k, answer in zip(keypoints, found, strict=True):
        cosine = torch.einsum("d,dhw->hw", full[0][:, k[1], k[0]], full[1]).numpy()
        column, row = np.floor(answer).astype(int)
        assert (answer % 1 == 0.5).all()
        assert cosine[row, column] == pytest.approx(cosine.max(), abs=1e-11)
        first = np.argwhere(cosine >= cosine.max() - 1e-11)[0]
        assert (row, column) == tuple(first)


@settings(deadline=None)
@given(SEED, SIZE, SIZE)
def test_probe3d_against_grid_sample(seed, size_a, size_b):
    a, b, keypoints = seen("probe3d", size_a, seed), seen("probe3d", size_b, seed + 1), whole(size_a, seed)
    cut = np.array([[k * 56 // max(size_a) for k in pair] for pair in keypoints])
    places = torch.from_numpy(cut / 56 * 2 - 1).double()[None, None]
    planes = torch.from_numpy(a.tokens.astype(float)).permute(2, 0, 1)[None]
    sampled = F.grid_sample(planes, places, mode="bilinear", align_corners=True)[0, :, 0].T
    read = between(a.tokens, protocol("probe3d").asked(keypoints + 0.5, a.shown.grid))
    assert read == pytest.approx(sampled.numpy(), abs=1e-7)
    heat = torch.einsum("kd,hwd->khw", sampled, F.normalize(torch.from_numpy(b.tokens.astype(float)), dim=-1))
    best = heat.flatten(1).argmax(dim=1).numpy()
    share = np.stack([best % 8, best // 8], axis=1) / 8
    found = find(protocol("probe3d"), "nearest", a, b, keypoints + 0.5)
    assert found - 0.5 == pytest.approx(share * max(size_b), abs=1e-6)


@settings(deadline=None)
@given(SEED, SIZE)
def test_the_same_image_gives_the_point_back(seed, size):
    points = np.random.default_rng(seed).uniform(0, 1, size=(12, 2)) * size
    longer = max(size)
    off = {
        name: find(protocol(name), "nearest", side, side, points) - points
        for name in ("sd_dino", "dift", "probe3d")
        for side in [all_different(name, size)]
    }
    # Half a patch; and half a pixel of the network and of the photo, which the original does not scale.
    assert np.abs(off["sd_dino"]).max() <= (3.5 + 0.5) * longer / 56 + 0.5
    inner = ((points > np.array(size) / 16 + 0.5) & (points < np.array(size) * 15 / 16 - 0.5)).all(axis=1)
    assert np.abs(off["dift"][inner]).max(initial=0) <= 0.5
    assert np.abs(off["dift"]).max() <= longer / 16 + 1  # at the edge half a token's pixels are equal
    # Half a cell, up to one more to the left and above; and the cut to a whole pixel of the network.
    cell = longer / 8
    assert off["probe3d"].max() <= cell / 2 + 0.5 + 1e-6
    assert off["probe3d"].min() >= -1.5 * cell - longer / 56 - 0.5


def test_probe3d_tells_the_corner_and_is_off_the_more_the_further_right():
    side = all_different("probe3d", (80, 80))
    points = np.array([[0.5, 40.5], [39.5, 40.5], [79.5, 40.5]])
    found = find(protocol("probe3d"), "nearest", side, side, points)
    assert found[:, 0].tolist() == [0.5, 30.5, 70.5]


@pytest.mark.parametrize("name", ["sd_dino", "probe3d", "dift"])
def test_an_image_shifted_by_a_patch_shifts_the_answers(name):
    a = seen(name, (56, 56), 5)
    b = Side(a.shown, np.roll(a.tokens, (1, 2), axis=(0, 1)))
    points = np.random.default_rng(6).uniform(8, 33, size=(20, 2))
    there, same = (find(protocol(name), "nearest", a, side, points) for side in (b, a))
    assert there - same == pytest.approx(np.broadcast_to([14.0, 7.0], (20, 2)))


@pytest.mark.parametrize("name", ["sd_dino", "dift"])
def test_what_is_told_is_read_at_the_same_place(name):
    grid = seen(name, (50, 31), 0).shown.grid
    lattice = np.array([[3.0, 2.0], [4.0, 5.0]])
    at = protocol(name).asked(protocol(name).told(lattice, grid), grid)
    assert np.abs(at - lattice).max() <= (0 if name == "sd_dino" else 0.5 * 8 / 31)


def test_a_first_half_pixel_is_still_the_first_patch():
    grid = seen("sd_dino", (56, 56), 0).shown.grid
    assert protocol("sd_dino").asked(np.array([[0.0, 0.2]]), grid).tolist() == [[0, 0]]
    assert protocol("probe3d").asked(np.array([[0.0, 0.2]]), seen("probe3d", (9, 9), 0).shown.grid).tolist() == [[0, 0]]


def test_padding_of_sd_dino_may_answer_and_then_lies_beyond_the_photo():
    a, b = seen("sd_dino", (56, 28), 0), seen("sd_dino", (56, 28), 1)
    tokens = b.tokens.copy()
    tokens[0, 0] = a.tokens[4, 4]
    found = find(protocol("sd_dino"), "nearest", a, Side(b.shown, tokens), np.array([[28.6, 14.6]]))
    assert found.tolist() == [[3.5, 3.5 - 14]]


def test_an_unknown_protocol_is_told_with_the_nearest_known():
    assert protocol("dift").name == "dift"
    with pytest.raises(UsageError, match="there is no protocol 'sd-dino'; did you mean 'sd_dino'"):
        protocol("sd-dino")
