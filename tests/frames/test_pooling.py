"""One vector for a picture: the same as from raw tokens, and exact where it can be."""

from pathlib import Path

import numpy as np
import pytest

from dinosar.config import FrameImage, Part
from dinosar.data import Encoding
from dinosar.errors import InputError
from dinosar.features import placed, rounded, see
from dinosar.frames.bands import band
from dinosar.frames.pooling import cosine_distance, pooled
from dinosar.grid import Grid
from dinosar.notices import collected
from dinosar.parts import build_backbone
from dinosar.store import Store
from dinosar.testing import toy_photo

PARITY = Path(__file__).parents[1] / "parity"
GRID = Grid((40, 24), (0, 0, 40, 24), (40, 24), (0, 0, 40, 24), 8)


class Toy:
    title = "toy"


def seen(seed, summary=True, stretch=1.0):
    """What the stage makes of raw tokens of unlike lengths."""
    random = np.random.default_rng(seed)
    tokens = (random.normal(size=(3, 5, 64)) * random.uniform(0.2, 4, (3, 5, 1)) * stretch).astype(np.float32)
    word = Encoding(tokens, random.normal(size=64).astype(np.float32) * 3 if summary else None)
    return word, placed(rounded(word), GRID, Toy())


def cosine(a, b):
    return 1 - float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("how", ["patches", "all"])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_mean_of_the_tokens_as_the_backbone_made_them(seed, how):
    """Neither of unit tokens nor of rounded ones: long tokens weigh as much as they do in the original."""
    (first, a), (second, b) = seen(seed), seen(seed + 100)
    means = [np.vstack([word.tokens.reshape(-1, 64), *([word.summary] if how == "all" else [])]).mean(0)
             for word in (first, second)]  # fmt: skip
    found = cosine_distance(pooled(a, how)[0], pooled(b, how)[0])
    assert found == pytest.approx(cosine(*means), abs=1e-4)  # half precision, of fifteen tokens
    units = [unit_mean(word) for word in (first, second)]
    assert abs(found - cosine(*units)) > 1e-3


def unit_mean(word):
    flat = word.tokens.reshape(-1, 64)
    return (flat / np.linalg.norm(flat, axis=1, keepdims=True)).mean(0)


def test_at_full_size_half_precision_costs_a_millionth():
    random = np.random.default_rng(0)
    common = random.normal(size=384)
    raw = [(common + random.normal(size=(37, 37, 384)) * 2 + random.normal(size=384) * 0.2).astype(np.float32) * 5
           for _ in range(2)]  # fmt: skip
    grid = Grid((518, 518), (0, 0, 518, 518), (518, 518), (0, 0, 518, 518), 14)
    found = [pooled(placed(rounded(Encoding(each)), grid, Toy()))[0] for each in raw]
    wanted = cosine(*(each.reshape(-1, 384).astype(float).mean(0) for each in raw))
    assert 0.01 < wanted < 0.3
    assert cosine_distance(*found) == pytest.approx(wanted, abs=2e-6)


@pytest.mark.parametrize("name", ["dinov2_tiny", "dinov3_tiny"])
def test_it_is_that_of_the_official_outputs(name):
    """The pooled embeddings of what the official code gave for two pictures."""
    with np.load(PARITY / f"{name}_expected.npz") as expected:
        found = [each for each in expected.files if expected[each].ndim in (2, 3) and "patch" in each.lower()]
        assert found
        for each in found[:4]:
            raw = expected[each].reshape(-1, expected[each].shape[-1]).astype(np.float32)
            grid = Grid((len(raw), 1), (0, 0, len(raw), 1), (len(raw), 1), (0, 0, len(raw), 1), 1)
            vector, _ = pooled(placed(rounded(Encoding(raw[None])), grid, Toy()))
            assert cosine_distance(vector, raw.mean(0) / np.linalg.norm(raw.mean(0).astype(float))) < 1e-7


def test_equal_pictures_are_at_nothing_and_two_are_as_far_either_way():
    a, b = pooled(seen(1)[1])[0], pooled(seen(2)[1])[0]
    assert cosine_distance(a, a) == 0
    assert cosine_distance(a, pooled(seen(1)[1])[0]) == 0
    assert cosine_distance(a, b) == cosine_distance(b, a) > 0
    assert cosine_distance(a, -a) == pytest.approx(2)


def test_a_picture_twice_as_bright_in_tokens_is_the_same_picture():
    assert cosine_distance(pooled(seen(1)[1])[0], pooled(seen(1, stretch=2.0)[1])[0]) < 1e-12


def test_without_a_summary_all_means_the_patches_and_it_is_said():
    with collected() as warnings:
        vector, used = pooled(seen(3, summary=False)[1], "all")
    assert used == "patches"
    assert warnings == ["toy has no summary token: pooled over patches alone"]
    assert np.array_equal(vector, pooled(seen(3, summary=False)[1])[0])


def test_what_sums_to_nothing_has_no_embedding():
    word = Encoding(np.zeros((3, 5, 4), np.float32))
    with pytest.raises(InputError, match="has no embedding"):
        pooled(placed(rounded(word), GRID, Toy()))


def test_the_store_gives_the_same_to_the_bit(tmp_path):
    backbone = build_backbone(Part(use="random-test", model="vit_tiny_patch16_224"))
    photo, store = toy_photo(), Store(tmp_path)
    image = FrameImage(size=64)
    plain, cold, warm = (see(photo, backbone, image, each) for each in (None, store, store))
    for how in ("patches", "all"):
        assert np.array_equal(pooled(plain, how)[0], pooled(cold, how)[0])
        assert np.array_equal(pooled(cold, how)[0], pooled(warm, how)[0])
    assert store.contents().items == 1
    assert warm.lengths.std() > 0


@pytest.mark.parametrize(
    ("distance", "word"),
    [(0, "very similar"), (0.0499, "very similar"), (0.05, "minor differences"), (0.1499, "minor differences"),
     (0.15, "noticeable differences"), (0.3, "significant differences"), (2, "significant differences")],
)  # fmt: skip
def test_bands_are_told_only_of_a_checkpoint_that_declares_a_calibration(distance, word):
    assert band(distance, "nvs-1") == word
    assert band(distance, "") == "uncalibrated"
