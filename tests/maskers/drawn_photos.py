"""Drawn specimens on plain ground whose masks are known, and the photos that are shipped."""

from pathlib import Path

import numpy as np

from dinosar.data import Photo

TOY = Path(__file__).resolve().parents[2] / "toy_data"
SHIPPED = sorted(TOY.glob("*.jpg"))
HEIGHT, WIDTH = 200, 280
Y, X = np.mgrid[:HEIGHT, :WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)
TRUTH = ((X - 0.5) / 0.3) ** 2 + ((Y - 0.5) / 0.25) ** 2 < 1
GROUNDS = {
    "dark on light": (lambda x, y: 225 + 0 * x, 70),
    "light on dark": (lambda x, y: 40 + 0 * x, 190),
    "on a slant of light": (lambda x, y: 180 + 50 * x + 15 * y, 60),
    "in a vignette": (lambda x, y: 235 - 80 * ((x - 0.5) ** 2 + (y - 0.5) ** 2), 80),
}


def photographed(ground, level, truth=TRUTH):
    random = np.random.default_rng(1)
    grey = np.where(truth, level + 25 * np.sin(30 * X), ground(X, Y)) + random.normal(0, 2, truth.shape)
    pixels = grey[..., None] * np.where(truth[..., None], (1.0, 0.85, 0.6), 1.0)
    return Photo(np.clip(pixels, 0, 255).astype(np.uint8), "drawn")


def overlap(mask, truth):
    return (mask & truth).sum() / (mask | truth).sum()


def photographed_in_grey(grey):
    noisy = grey + np.random.default_rng(3).normal(0, 1.5, grey.shape)
    return Photo(np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2), "grey")
