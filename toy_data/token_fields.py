"""Draw grids of tokens in which some patches are a thing and the others its ground, with the truth and attention.

    from toy_data.token_fields import REGIMES, field, pair

Nothing here was learned and no network is imitated in detail: what is drawn is the structure that a rule for finding
the foreground has to cope with. A thing of one to three parts lies on a ground of two to five kinds; both have texture;
light falls off across the picture; there is noise; a few patches of the ground may hold tokens far longer than the
others. Attention looks at the thing, vaguely, or is absent, or looks elsewhere. Everything depends on the seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

REGIMES = ("small", "large", "border", "misdirected")
"""Small and centred; most of the picture; across an edge of it; and of any middling size, with attention elsewhere."""
AREAS = {"small": (0.03, 0.12), "large": (0.45, 0.75), "border": (0.08, 0.35), "misdirected": (0.06, 0.35)}
"""Least and largest share of the patches that is the thing."""
DEPTHS = (64, 128, 256, 384)
SIDES = (14, 41)
_FIELD, _PAIR = 31, 32  # keys of the draws


@dataclass(frozen=True)
class Field:
    """Unit tokens (rows, columns, depth), the lengths they had, which patches are the thing, and attention."""

    tokens: np.ndarray
    lengths: np.ndarray
    truth: np.ndarray
    attention: np.ndarray | None
    regime: str


@dataclass(frozen=True)
class _World:
    """What pictures of one thing share: how its parts look, what grounds there are, how strong all of it is."""

    parts: np.ndarray
    grounds: np.ndarray
    textures: np.ndarray
    light: np.ndarray
    noise: float


def field(seed: int, regime: str) -> Field:
    """One picture of a regime."""
    rng = np.random.default_rng([seed, _FIELD, REGIMES.index(regime)])
    return _picture(_world(rng), regime, rng)


def pair(seed: int, regime: str) -> tuple[Field, Field]:
    """Two pictures of the same thing on grounds of the same kinds, laid out anew; attention fails in both or none."""
    rng = np.random.default_rng([seed, _PAIR, REGIMES.index(regime)])
    world = _world(rng)
    return _picture(world, regime, rng), _picture(world, regime, rng)


def _world(rng: np.random.Generator) -> _World:
    depth = int(rng.choice(DEPTHS))
    common = rng.uniform(0.0, 0.7) * _directions(rng, 1, depth)
    thing = rng.uniform(0.6, 1.3) * _directions(rng, 1, depth)
    parts = common + thing + rng.uniform(0.1, 0.5) * _directions(rng, int(rng.integers(1, 4)), depth)
    grounds = common + rng.uniform(0.1, 0.7) * _directions(rng, int(rng.integers(2, 6)), depth)
    textures = rng.uniform(0.1, 0.4) * _directions(rng, 6, depth) / np.sqrt(3)
    light = rng.uniform(0.0, 0.45) * _directions(rng, 1, depth)[0]
    return _World(parts, grounds, textures, light, float(rng.uniform(0.3, 1.0)))


def _directions(rng: np.random.Generator, count: int, depth: int) -> np.ndarray:
    """Random unit vectors (count, depth)."""
    vectors = rng.standard_normal((count, depth))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _picture(world: _World, regime: str, rng: np.random.Generator) -> Field:
    rows, columns = (int(side) for side in rng.integers(*SIDES, 2))
    truth = _thing(rng, (rows, columns), regime)
    depth = world.light.size
    tokens = np.where(
        truth[..., None], _patched(rng, world.parts, truth.shape), _patched(rng, world.grounds, truth.shape)
    )
    # The thing and the ground are textured each in its own way.
    for mine, textures in ((truth, world.textures[:3]), (~truth, world.textures[3:])):
        for texture in textures:
            tokens += np.where(mine, _smooth(rng, truth.shape, rng.uniform(0.6, 2.5)), 0)[..., None] * texture
    tokens += _ramp(rng, truth.shape)[..., None] * world.light
    tokens += rng.standard_normal((rows, columns, depth)) * world.noise / np.sqrt(depth)
    lengths = rng.lognormal(0, 0.06, truth.shape) * np.where(truth, rng.uniform(0.9, 1.25), 1.0)
    _outliers(rng, tokens, lengths, truth)
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    attention = _attention(rng, truth, regime)
    return Field(tokens.astype(np.float32), lengths.astype(np.float32), truth, attention, regime)


def _patched(rng: np.random.Generator, kinds: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A patchwork (rows, columns, depth) of kinds, in regions a few patches wide."""
    wide = rng.uniform(1.5, 0.25 * min(shape))
    fields = np.stack([_smooth(rng, shape, wide) + rng.normal(0, 0.5) for _ in kinds])
    return kinds[fields.argmax(axis=0)]


def _smooth(rng: np.random.Generator, shape: tuple[int, int], wide: float) -> np.ndarray:
    """Smooth noise of mean 0 and variance 1."""
    values = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), wide)
    return (values - values.mean()) / max(float(values.std()), 1e-12)


def _ramp(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Light from one side, from -1 to 1 or so."""
    y, x = _places(shape)
    angle = rng.uniform(0, 2 * np.pi)
    return 2 * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle))


def _places(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Centres of the patches, from 0 to 1 along each side."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    return y / shape[0], x / shape[1]


def _thing(rng: np.random.Generator, shape: tuple[int, int], regime: str) -> np.ndarray:
    """The patches of the thing: one blob or two of exactly the area that is drawn."""
    area = rng.uniform(*AREAS[regime])
    middle = _middle(rng, regime)
    height = _blob(rng, shape, middle)
    if regime != "large" and rng.random() < 0.25:
        beside = middle + rng.uniform(-0.2, 0.2, 2)
        height = np.maximum(height, rng.uniform(0.5, 1.0) * _blob(rng, shape, beside))
    if regime in ("small", "misdirected"):
        rim = np.ones(shape, bool)
        rim[2:-2, 2:-2] = False
        height = np.where(rim, -1, height)
    count = max(4, round(area * height.size))
    order = np.argsort(-height, axis=None, kind="stable")
    truth = np.zeros(height.size, bool)
    truth[order[:count]] = True
    return truth.reshape(shape)


def _middle(rng: np.random.Generator, regime: str) -> np.ndarray:
    """Where the thing lies (y, x), from 0 to 1."""
    spread = {"small": 0.2, "large": 0.08, "misdirected": 0.15, "border": 0.3}[regime]
    middle = 0.5 + rng.uniform(-spread, spread, 2)
    if regime == "border":
        middle[int(rng.integers(2))] = rng.choice([rng.uniform(-0.02, 0.1), rng.uniform(0.9, 1.02)])
    return middle


def _blob(rng: np.random.Generator, shape: tuple[int, int], middle: np.ndarray) -> np.ndarray:
    """A hill around `middle` whose outline is an ellipse, an oblong, or lobed; higher is nearer."""
    y, x = _places(shape)
    angle, narrow = rng.uniform(0, np.pi), rng.uniform(0.45, 1.0)
    along = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
    across = (-(x - middle[1]) * np.sin(angle) + (y - middle[0]) * np.cos(angle)) / narrow
    power = float(rng.choice([2.0, 2.0, 6.0]))
    distance = (np.abs(along) ** power + np.abs(across) ** power) ** (1 / power)
    lobes, depth = int(rng.integers(2, 7)), rng.choice([0.0, rng.uniform(0.1, 0.35)])
    wavy = 1 + depth * np.cos(lobes * np.arctan2(across, along) + rng.uniform(0, 2 * np.pi))
    return 1 / (distance / wavy + 0.05)


def _outliers(rng: np.random.Generator, tokens: np.ndarray, lengths: np.ndarray, truth: np.ndarray) -> None:
    """In some pictures, a few patches of the ground hold long tokens that are alike and mean something else."""
    if rng.random() > 0.3:
        return
    ground = np.flatnonzero(~truth)
    chosen = rng.choice(ground, max(1, round(rng.uniform(0.003, 0.02) * truth.size)), replace=False)
    alike = _directions(rng, 1, tokens.shape[-1])[0]
    tokens.reshape(-1, tokens.shape[-1])[chosen] = alike + 0.3 * _directions(rng, len(chosen), tokens.shape[-1])
    lengths.ravel()[chosen] *= rng.uniform(2, 6)


def _attention(rng: np.random.Generator, truth: np.ndarray, regime: str) -> np.ndarray | None:
    """A vague map of the thing, or of something in the ground where it is misdirected; now and then there is none."""
    looked_at = truth
    if regime == "misdirected":
        away = np.where(truth, -1, _blob(rng, truth.shape, rng.uniform(0.1, 0.9, 2)))
        looked_at = away >= np.quantile(away, 1 - rng.uniform(0.04, 0.15))
    elif rng.random() < 0.2:
        return None
    vague = cv2.GaussianBlur(looked_at.astype(np.float64), (0, 0), rng.uniform(0.6, 2.0))
    seen = 0.3 + rng.uniform(0.5, 2.0) * vague + 0.15 * (1 + _smooth(rng, truth.shape, 1.5))
    noisy = np.maximum(seen, 0.02) * rng.lognormal(0, rng.uniform(0.3, 0.9), truth.shape)
    spikes = rng.random(truth.shape) < 0.005
    return np.where(spikes, 5 * noisy, noisy).astype(np.float32)
