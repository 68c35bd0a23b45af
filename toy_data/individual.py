"""One painted individual: its traits, its canvas and the warp of its shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toy_data.body import paint_behind
from toy_data.forewing import paint_forewing
from toy_data.skin import Canvas, Grain
from toy_data.traits import Traits, individual_traits, species_name

_TEXTURE = 4  # key of the draws for noise, after those in `traits`


@dataclass(frozen=True)
class Individual:
    """An individual in the canonical frame."""

    seed: int
    species: int
    number: int
    traits: Traits
    canvas: Canvas

    @property
    def name(self) -> str:
        """Species and individual, as in the file names."""
        return f"{species_name(self.species)}_i{self.number + 1}"


def paint_individual(seed: int, species: int, number: int, difference: float = 1.0) -> Individual:
    """Draw the traits of an individual and paint it."""
    traits = individual_traits(seed, species, number, difference)
    rng = np.random.default_rng([seed, _TEXTURE, species, number])
    canvas, grain = Canvas(), Grain(rng)
    # Painting in single precision halves the time; a double scalar would promote whole fields.
    single = {name: value.astype(np.float32) for name, value in traits.items()}
    paint_behind(canvas, single, grain, rng)
    paint_forewing(canvas, single, grain, rng)
    return Individual(seed, species, number, traits, canvas)
