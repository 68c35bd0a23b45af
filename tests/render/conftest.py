"""A comparison of two drawn specimens, set up for drawing, and a look at the figure behind the bytes."""

from dataclasses import replace

import numpy as np
import pytest

from dinosar.config import CompareConfig, HomologyConfig, MaskConfig, ScoreConfig
from dinosar.data import Comparison, Encoding, Features, Specimen
from dinosar.features import rounded, unit
from dinosar.grid import fit_grid, share_per_patch
from dinosar.homology.comparing import compare_cells
from dinosar.homology.scoring import score_cells
from dinosar.landmarks.points import Landmarks
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
    return Comparison(a, b, (forward, backward), random, scores, "foreground", PARTS)


def with_landmarks(specimen, names, seed):
    """Landmarks on a spiral from the middle to the edge of the specimen, each a little off."""
    left, top, width, height = specimen.features.grid.crop
    turn, far = 2.4 * np.arange(len(names)), 0.36 * np.sqrt((np.arange(len(names)) + 0.5) / len(names))
    spiral = np.stack([np.cos(turn), np.sin(turn)], axis=1) * far[:, None] * (width, height)
    noise = 0.01 * np.random.default_rng(seed).normal(size=spiral.shape) * (width, height)
    places = spiral + (left + width / 2, top + height / 2) + noise
    return replace(specimen, landmarks=Landmarks(tuple(names), places, np.full(len(names), 2, np.int8)))


def homology_of(comparison, names, **config):
    """The comparison with its cells compared, too."""
    a, b = (with_landmarks(each, names, i) for i, each in enumerate((comparison.a, comparison.b)))
    found = compare_cells(a, b, HomologyConfig(**config), MaskConfig())
    scores = comparison.scores | score_cells(found, comparison.random, ScoreConfig())
    return replace(comparison, a=a, b=b, homology=found, scores=scores)


def proposed(comparison):
    """The same, had the features proposed the landmarks: a part of the cells took part in that."""
    found = comparison.homology
    seeded = np.zeros(found.shape, bool)
    seeded[::2] = True
    names = tuple(f"p{i}" for i in range(1, len(found.names) + 1))
    changed = replace(found, source="proposed", names=names, seeded=seeded)
    scores = comparison.scores | score_cells(changed, comparison.random, ScoreConfig())
    return replace(comparison, homology=changed, scores=scores)


def renamed(specimen, name):
    return replace(specimen, photo=replace(specimen.photo, name=name))


@pytest.fixture(scope="session")
def comparison():
    """Two specimens, compared."""
    return comparison_of(specimen_of(1), specimen_of(2))


@pytest.fixture(scope="session")
def by_cells(comparison):
    """Two specimens, compared by likeness and by homology."""
    return homology_of(comparison, ["tip", "eye", "wing base", "wing apex", "knee", "tail"])


@pytest.fixture(scope="session")
def by_proposal(by_cells):
    """The same, with landmarks that the features proposed."""
    return proposed(by_cells)


@pytest.fixture(scope="session")
def with_cells():
    """Compares the cells of a comparison, too, by landmarks of given names."""
    return homology_of


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
        if of.homology is not None:
            given["mode"] = "tps_homology" if of.matches is None else "both"
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
