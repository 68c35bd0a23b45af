"""A comparison of two drawn specimens, set up for drawing, and a look at the figure behind the bytes."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.config import CompareConfig, ScoreConfig
from dinosar.data import Comparison, Encoding, Features, Specimen
from dinosar.features import rounded, unit
from dinosar.grid import fit_grid, share_per_patch
from dinosar.matchers.similarity import Similarity
from dinosar.matches import both_ways
from dinosar.render.pictures import scene
from dinosar.render.sheet import Sheet
from dinosar.scores import random_distances, score
from dinosar.testing import toy_photo


def specimen_of(seed, size=(360, 252), crop=(30, 24, 300, 210)):
    """An oval specimen on a grid of 20 x 14 patches of a cropped photo, with tokens that vary smoothly over it."""
    photo, random = toy_photo(seed, size), np.random.default_rng(seed)
    grid = fit_grid(photo.size, 16, size=320, crop=crop)
    y, x = np.mgrid[: grid.rows, : grid.columns] / np.array([grid.rows, grid.columns]).reshape(2, 1, 1)
    noise = 0.2 * random.normal(size=(4, *x.shape))
    smooth = np.stack([np.sin(3 * x), np.cos(4 * y), x * y, np.sin(5 * y + x), *noise])
    v, u = (np.mgrid[: size[1], : size[0]] + 0.5) / np.array(size[::-1]).reshape(2, 1, 1)
    mask = ((u - 0.5) / 0.34) ** 2 + ((v - 0.5) / 0.3) ** 2 < 1
    saliency = random.random((2, grid.rows, grid.columns)).astype(np.float32)
    tokens = unit(rounded(Encoding(np.moveaxis(smooth, 0, -1))).tokens)
    share = share_per_patch(mask, grid)
    features = Features(tokens, grid, "toy-v1", attention=saliency, attention_kind="saliency")
    return Specimen(photo, features, mask, share > 0.5, share)


PARTS = {"backbone": "toy-v1", "masker": "auto", "matcher": "similarity"}


def comparison_of(a, b):
    forward, backward = both_ways(Similarity(), a, b)
    random = random_distances(a, b, 512, 0)
    scores = score(a, b, forward, backward, random, ScoreConfig())
    return Comparison(a, b, forward, backward, random, scores, "foreground", PARTS)


def renamed(specimen, name):
    return replace(specimen, photo=replace(specimen.photo, name=name))


@pytest.fixture(scope="session")
def comparison():
    """Two specimens, compared."""
    return comparison_of(specimen_of(1), specimen_of(2))


@pytest.fixture(scope="session")
def compared():
    """Compares specimens of given sizes and crops."""
    return lambda **changes: comparison_of(specimen_of(1, **changes), specimen_of(2, **changes))


@pytest.fixture
def stage(comparison):
    """Makes a scene: of another comparison, under other names, at other scales, in another format."""

    def make(of=None, names=None, inputs=None, **figures):
        of = of or comparison
        if names:
            of = replace(of, a=renamed(of.a, names[0]), b=renamed(of.b, names[1]))
        given = {"inputs": {"a": "a.jpg", "b": "b.jpg", **(inputs or {})}, "figures": {"dpi": 60, **figures}}
        return scene(of, CompareConfig.model_validate(given))

    return make


@pytest.fixture
def sheets(monkeypatch):
    """The sheets that were rendered, in order."""
    rendered, render = [], Sheet.render

    def keep(self):
        rendered.append(self)
        return render(self)

    monkeypatch.setattr(Sheet, "render", keep)
    return rendered
