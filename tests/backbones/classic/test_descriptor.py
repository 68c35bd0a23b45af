"""The dense descriptor against a slow one written separately, and the promises it makes."""

import os
import subprocess
import sys

import numpy as np
import pytest

from dinosar.backbones.classic import descriptor as d
from dinosar.backbones.classic.families import FAMILIES
from dinosar.backbones.classic.saliency import saliency


@pytest.fixture(scope="module")
def weights():
    return d.Weights.load(d.WEIGHTS)


@pytest.fixture(scope="module")
def picture():
    return np.ascontiguousarray(FAMILIES["cracks"](np.random.default_rng(5), 512)[0][:256])


def area_matrix(length, shorter):
    """Row i averages the stretch of `length` pixels that falls on pixel i of `shorter`."""
    edges, pixel = np.arange(shorter + 1) * length / shorter, np.arange(length)
    matrix = np.maximum(0, np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel))
    return matrix / matrix.sum(axis=1, keepdims=True)


def shrunk(image, size):
    down, across = (area_matrix(old, new) for old, new in zip(image.shape[:2], size, strict=True))
    return np.stack([down @ channel @ across.T for channel in image.transpose(2, 0, 1)], axis=-1)


def gradients(image):
    """Blur of 0.7 px, then a Sobel filter divided by 8, both with the border pixels repeated."""
    taps = np.exp(-0.5 * (np.arange(-3, 4) / 0.7) ** 2)
    taps /= taps.sum()
    height, width = image.shape
    padded = np.pad(image, 3, mode="edge")
    padded = sum(w * padded[i : i + height] for i, w in enumerate(taps))
    smooth = np.pad(sum(w * padded[:, i : i + width] for i, w in enumerate(taps)), 1, mode="edge")
    weighted = smooth[:-2] + 2 * smooth[1:-1] + smooth[2:]
    beside = smooth[:, :-2] + 2 * smooth[:, 1:-1] + smooth[:, 2:]
    return (weighted[:, 2:] - weighted[:, :-2]) / 8, (beside[2:] - beside[:-2]) / 8


def slow_histogram(lightness, token, grid, cell):
    """4 x 4 cells of 8 directions around one token, pixel by pixel."""
    across, down = gradients(lightness)
    height, width = lightness.shape
    y0, x0 = ((t + 0.5) * n / g - 0.5 for t, n, g in zip(token, lightness.shape, grid, strict=True))
    histogram = np.zeros((4, 4, 8))
    for i, j in np.ndindex(4, 4):
        cy, cx = y0 + (i - 1.5) * cell, x0 + (j - 1.5) * cell
        total = 0.0
        for y in range(int(cy - 2 * cell) - 2, int(cy + 2 * cell) + 3):
            for x in range(int(cx - 2 * cell) - 2, int(cx + 2 * cell) + 3):
                if abs(y - cy) > 2 * cell or abs(x - cx) > 2 * cell:
                    continue
                weight = np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * (0.55 * cell) ** 2))
                total += weight
                if 0 <= y < height and 0 <= x < width:
                    turn = np.arctan2(down[y, x], across[y, x]) / (2 * np.pi) * 8 % 8
                    strength = np.hypot(down[y, x], across[y, x])
                    low = int(turn)
                    histogram[i, j, low % 8] += weight * strength * (1 - (turn - low))
                    histogram[i, j, (low + 1) % 8] += weight * strength * (turn - low)
        histogram[i, j] /= total
    flat = histogram.ravel()
    flat = np.minimum(flat / (np.linalg.norm(flat) + 0.02), 0.25)
    return np.sqrt(flat / (flat.sum() + 0.3))


def slow_colour(colours, squares, token, grid, sigma):
    """Weighted mean and spread of colour around one token, pixel by pixel."""
    y0, x0 = ((t + 0.5) * n / g - 0.5 for t, n, g in zip(token, colours.shape[:2], grid, strict=True))
    total, first, second = 0.0, np.zeros(3), np.zeros(3)
    for y, x in np.ndindex(*colours.shape[:2]):
        if abs(y - y0) <= 4 * sigma and abs(x - x0) <= 4 * sigma:
            weight = np.exp(-((y - y0) ** 2 + (x - x0) ** 2) / (2 * sigma**2))
            total, first, second = total + weight, first + weight * colours[y, x], second + weight * squares[y, x]
    first, second = first / total, second / total
    return [*first, *np.sqrt(np.maximum(second - first**2, 0) + 1e-4)]


def slow_token(lab, token, grid):
    parts = []
    for window in (40, 80, 160, 320):
        size = [side * 20 // window for side in lab.shape[:2]]  # so that a quarter of the window is 5 pixels
        parts.append(slow_histogram(shrunk(lab[..., :1], size)[..., 0], token, grid, 5.0))
    colours = 2 * lab - 1
    squares, chain = colours**2, []
    for window in (16, 48, 96):
        size = [round(side * 8 / window) for side in lab.shape[:2]]  # so that 0.29 windows are 2.32 pixels
        colours, squares = shrunk(colours, size), shrunk(squares, size)
        chain += slow_colour(colours, squares, token, grid, 2.32)
    whole = np.concatenate([*parts, 0.8 * np.array(chain)])
    return whole / np.linalg.norm(whole)


@pytest.mark.parametrize("token", [(0, 0), (7, 19), (15, 31)])
def test_agrees_with_pixel_by_pixel_sums(picture, token):
    lab = d.lab_of(picture)
    tokens, _ = d.gradients_and_colour(lab, 16)
    assert np.abs(tokens[token] - slow_token(lab.astype(float), token, (16, 32))).max() < 1e-5


def test_the_projection_is_what_it_says(picture, weights):
    raw, _ = d.gradients_and_colour(d.lab_of(picture), 16)
    expected = (raw.astype(float) - weights.mean) @ weights.axes.astype(float)
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    assert np.abs(d.describe(picture, 16, weights) - expected).max() < 1e-5


@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 5, 3), (16, 121, 65), (33, 530, 128), (100, 64, 200)])
def test_product_is_the_matrix_product(shape):
    rng = np.random.default_rng(0)
    left = rng.standard_normal(shape[:2]).astype(np.float32)
    right = rng.standard_normal(shape[1:]).astype(np.float32)
    assert np.allclose(d.product(left, right), left.astype(float) @ right, atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(512, 512), (336, 512), (512, 64), (16, 16), (32, 512), (1024, 48)])
@pytest.mark.parametrize("step", [8, 16])
def test_shape_type_and_length(weights, height, width, step):
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tokens = d.describe(image, step, weights)
    assert tokens.shape == (height // step, width // step, 128)
    assert tokens.dtype == np.float32
    assert np.allclose(np.linalg.norm(tokens, axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 90)])
@pytest.mark.parametrize("shape", [(16, 16), (32, 512), (160, 96)])
def test_flat_images_are_finite_and_without_saliency(weights, colour, shape):
    image = np.full((*shape, 3), colour, np.uint8)
    lab = d.lab_of(image)
    _, contrast = d.gradients_and_colour(lab, 16)
    found = saliency(lab, contrast)
    tokens = d.describe(image, 16, weights)
    assert np.isfinite(tokens).all()
    assert np.isfinite(found).all()
    assert found.max() == 0


def test_a_token_without_direction_stays_zero():
    vectors = np.array([[0, 0], [3, 4]], np.float32)
    assert d.unit(vectors).tolist() == [[0, 0], pytest.approx([0.6, 0.8])]


@pytest.mark.parametrize("window", [40.0, 80.0])
def test_moving_the_picture_moves_the_tokens(window):
    canvas, _ = FAMILIES["leaves"](np.random.default_rng(2), 544)
    here, there = canvas[16:528, 16:528], canvas[16:528, :512]
    layout = d.layout_of(here, 16)
    first, second = (d.gradient_block(d.lab_of(image)[..., :1].copy(), layout, window)[0] for image in (here, there))
    border = int(window * 7 / 8 / 16) + 2
    inner = slice(border, -border)
    moved = np.abs(first[inner, border : -border - 1] - second[inner, border + 1 : -border])
    assert moved.max() < 1e-4
    assert np.abs(first[inner, inner] - second[inner, inner]).max() > 0.1


def test_light_changes_tokens_little(picture, weights):
    dimmed = np.rint(picture * 0.7 + 20).astype(np.uint8)
    other = FAMILIES["strokes"](np.random.default_rng(3), 512)[0][:256]
    tokens, same, different = (d.describe(image, 16, weights) for image in (picture, dimmed, other))
    assert (tokens * same).sum(axis=-1).min() > 0.85
    assert (tokens * different).sum(axis=-1).mean() < 0.4


def test_contrast_alone_hardly_changes_the_histograms(picture):
    lightness = d.lab_of(picture)[..., :1].copy()
    layout = d.layout_of(picture, 16)
    for window in d.WINDOWS:
        full, energy = d.gradient_block(lightness, layout, window)
        half, half_energy = d.gradient_block(lightness * np.float32(0.5) + np.float32(0.2), layout, window)
        assert np.allclose(half_energy, energy / 2, atol=1e-4)
        assert (d.unit(full) * d.unit(half)).sum(axis=-1).min() > 0.985


def test_windows_are_divided_by_what_they_hold():
    inside = d.pooling_matrix(40, 5, (-3.0, 0.0), d.Gaussian(4.0, cut=12.0))
    assert inside.shape == (40, 10)
    assert inside[:, 5].sum() == pytest.approx(1, abs=1e-6)  # the middle token
    assert inside[:, 0].sum() < 0.8  # beyond the border there is nothing
    whole = d.pooling_matrix(40, 5, (-3.0, 0.0), d.Gaussian(4.0, cut=12.0, renormalised=True))
    assert np.allclose(whole.sum(axis=0), 1, atol=1e-6)
    assert not whole.flags.writeable


HASH = """
import hashlib, sys
import cv2, numpy as np
from dinosar.backbones.classic import Classic
cv2.setNumThreads(int(sys.argv[1]))
picture = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
digest = hashlib.sha256()
for image in (picture, picture[:336], picture[:208, :96]):
    for step in (8, 16):
        found = Classic(Classic.Options(step=step)).encode(np.ascontiguousarray(image))
        for array in (found.tokens, found.summary, found.attention):
            digest.update(array.tobytes())
sys.stdout.write(digest.hexdigest())
"""


def test_bits_do_not_depend_on_threads():
    found = set()
    for blas, opencv in ((1, 1), (2, 2), (4, 1)):
        threads = {name: str(blas) for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
        command = [sys.executable, "-c", HASH, str(opencv)]
        done = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1


def test_the_package_loads_nothing_heavy():
    code = "import sys, dinosar.backbones.classic; sys.exit(any(m in sys.modules for m in ('cv2', 'scipy', 'torch')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(scope="module")
def specimen():
    """A mottled disc on slightly noisy paper, and the tokens that lie on it."""
    rng = np.random.default_rng(4)
    image = np.clip(rng.normal(225, 2, (256, 384, 3)), 0, 255)
    y, x = np.mgrid[:256, :384]
    disc = (y - 128) ** 2 + (x - 200) ** 2 < 80**2
    image[disc] = np.clip(rng.normal(80, 20, (disc.sum(), 3)) + 30 * np.sin(x[disc] / 9)[:, None], 0, 255)
    return image.astype(np.uint8), disc.reshape(16, 16, 24, 16).mean(axis=(1, 3))


def test_saliency_is_higher_on_the_object(specimen):
    image, share = specimen
    lab = d.lab_of(image)
    _, contrast = d.gradients_and_colour(lab, 16)
    found = saliency(lab, contrast)
    assert found.shape == (16, 24)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() == 1
    assert found[share == 1].min() > 2 * found[share == 0].max()


def test_saliency_of_ground_stays_low_where_contrast_is_high():
    """Contrast alone is not enough: a chequered ground that fills the border is ground."""
    y, x = np.mgrid[:256, :256]
    image = np.repeat(np.where((y // 8 + x // 8) % 2, 90, 150)[..., None], 3, axis=2).astype(np.uint8)
    image[96:160, 96:160] = (200, 40, 30)
    lab = d.lab_of(image)
    found = saliency(lab, d.gradients_and_colour(lab, 16)[1])
    assert found[6:10, 6:10].mean() > 2 * found[:4].mean()
