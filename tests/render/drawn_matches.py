"""Two photos with tokens that vary smoothly over them and hand-made pairs of places, set up for drawing."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from dinosar.data import Features, Specimen
from dinosar.evaluation.keypoint_pairs import KeypointPair, Picture
from dinosar.features import unit
from dinosar.grid import fit_grid, share_per_patch
from dinosar.render.match_scene import MatchLook, match_scene
from dinosar.render.sheet import Style
from dinosar.sparse.matched import Ground, Matched
from dinosar.sparse.pairs import Agreement, Pairs
from dinosar.testing import toy_photo

FOOTER = "backbone toy-v1   masker pca"
VOTES = {"border": 0.98, "attention": 0.55, "skewness": -0.2}
EVIDENCE = {"method": "pca-joint", "sign": "+", "votes": VOTES, "attention_kind": "saliency", "confidence": 0.58,
            "separability": 0.71, "area": 0.2, "reasons": []}  # fmt: skip
GROUND = Ground("pca-joint", 0.234, (), EVIDENCE)


def specimen_of(seed, size=(240, 160), name=None, patch=16, long_side=240):
    """A photo seen whole; its foreground is an oval of whole patches."""
    photo, random = toy_photo(seed, size), np.random.default_rng(seed)
    grid = fit_grid(photo.size, patch, size=long_side)
    y, x = np.mgrid[: grid.rows, : grid.columns] / np.array([grid.rows, grid.columns]).reshape(2, 1, 1)
    noise = 0.2 * random.normal(size=(4, *x.shape))
    tokens = unit(np.moveaxis(np.stack([np.sin(3 * x), np.cos(4 * y), x * y, np.sin(5 * y + x), *noise]), 0, -1))
    patches = ((x - 0.4 - 0.05 * seed) / 0.34) ** 2 + ((y - 0.45) / 0.3) ** 2 < 1
    lengths = (20 + 10 * random.random(patches.shape)).astype(np.float32)
    mask = pixels_of(patches, grid)
    features = Features(tokens, grid, "toy-v1", lengths=lengths)
    named = replace(photo, name=name) if name else photo
    return Specimen(named, features, mask, patches, share_per_patch(mask, grid))


def pixels_of(patches, grid):
    """The pixels of some patches."""
    x, y = np.meshgrid(np.arange(grid.photo[0]) + 0.5, np.arange(grid.photo[1]) + 0.5)
    index = grid.patch_at(grid.to_network(np.stack([x.ravel(), y.ravel()], axis=1)))
    return patches.ravel()[index].reshape(x.shape)


def pairs_of(a, b, count, method="features", wrong=0.25, flat=None):
    """The first patches of both foregrounds, tied; a share of them is denied by the epipolar geometry."""
    n = min(count, len(a.indices), len(b.indices))
    held = np.arange(n) >= round(wrong * n)
    fundamental = Agreement(held, 2.4) if n >= 8 else Agreement(None)
    homography = Agreement(held, 1.5) if flat and n >= 4 else Agreement(None)
    distance = np.linspace(0.1, 0.5, n)
    return Pairs(method, "toy-v1, mutual", a.places[:n], b.places[:n], distance, "1 - cosine", homography, fundamental,
                 (0.44, None), {}, 1.25)  # fmt: skip


def matched_of(a=None, b=None, count=24, sift=None, grounds=(GROUND, GROUND)):
    """Two matched photos; of SIFT there are as many pairs as `sift` says, if any."""
    a, b = a or specimen_of(1), b or specimen_of(2)
    features = pairs_of(a, b, count)
    n, other = len(features), None if sift is None else pairs_of(a, b, sift, "sift")
    index = np.arange(n)
    return Matched(a, b, grounds, features, a.indices[index], b.indices[index], np.ones(n), np.ones(n, bool),
                   np.ones(n), {"backbone": "toy-v1"}, other)  # fmt: skip


def look_of(shown=50, **style):
    return MatchLook(Style(**{"dpi": 60, "footer": FOOTER, **style}), shown)


def scene_of(matched=None, shown=50, **style):
    return match_scene(matched or matched_of(), look_of(shown, **style))


def keypoints_of(count=6, box=(20.0, 30.0, 120.0, 90.0), names=None, **flags):
    """A pair with keypoints on a slope, in a box 100 px wide."""
    at = np.stack([np.linspace(30, 110, count), np.linspace(40, 80, count)], axis=1)
    pictures = [Picture(f"bird/{letter}", (240, 160), lambda: toy_photo(1, (240, 160))) for letter in "ab"]
    names = names or tuple(map(str, range(count)))
    return KeypointPair("7-a-b:bird", "bird", *pictures, names, at - 5, at, box, flags)


def colour_at(data, sheet, axes, point):
    """The colour of a picture where a point of a panel lies."""
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    x, y = axes.transData.transform(point)
    return image[int(image.shape[0] - y), int(x)].astype(float) / 255
