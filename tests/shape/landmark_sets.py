"""Configurations of landmarks for the tests of shapes."""

import numpy as np
from hypothesis import strategies as st

seeds = st.integers(0, 2**32 - 1)


def turn(angle):
    """The rotation (2, 2) by an angle, for points written as columns."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def somewhere(points, random):
    """The same shape at another place, size and turn."""
    return points @ turn(random.uniform(0, 2 * np.pi)).T * random.uniform(0.1, 100) + random.normal(size=2) * 1000


def specimens(random, count, landmarks, noise, missing=0.0):
    """Noisy copies of one random shape, anywhere; at least three landmarks of each are there."""
    shape = random.normal(size=(landmarks, 2))
    made = np.array([somewhere(shape + noise * random.normal(size=shape.shape), random) for _ in range(count)])
    gone = random.random((count, landmarks)) < missing
    gone[:, :3] = False
    made[gone] = np.nan
    return made
