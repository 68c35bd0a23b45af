"""What is inherited: the numbers that make a species and an individual, drawn from a seed.

Every trait is a vector. An ancestor is drawn for each seed, a species departs from it by `difference` times its own
deviation, and an individual departs from its species by a deviation that does not depend on `difference`. With
`difference` 0 two species are therefore one and the same distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toy_data.anatomy import CONTROLS

Traits = dict[str, np.ndarray]

SPECIES_NAMES = (
    "fulgora-alba", "fulgora-fusca", "fulgora-picta", "fulgora-notata", "fulgora-tristis", "fulgora-ornata",
    "fulgora-vicina", "fulgora-lineola",
)  # fmt: skip

SPOTS = 18
BANDS = 3
CROSSVEINS = 209
FORKS = 40

# Stages of a draw, the first key after the seed: keys never depend on how many pictures are asked for.
_ANCESTOR, _SPECIES, _INDIVIDUAL = 1, 2, 3


@dataclass(frozen=True)
class Trait:
    """How one trait vector varies: its mean and the spread between seeds, species and individuals."""

    size: int
    mean: float
    ancestor: float
    species: float
    individual: float


# Colours are offsets in units of the palette (see `skin.py`); places on the wing are in wing coordinates (s, t).
TABLE: dict[str, Trait] = {
    "shape": Trait(2 * len(CONTROLS), 0.0, 0.30, 0.55, 0.28),
    "allometry": Trait(1, 0.0, 0.0, 0.0, 1.0),
    "lightness": Trait(1, 0.0, 0.45, 0.40, 0.55),
    "warmth": Trait(1, 0.0, 0.50, 0.42, 0.50),
    "greenness": Trait(1, 0.0, 0.50, 0.36, 0.45),
    "body_lightness": Trait(1, 0.0, 0.4, 0.35, 0.4),
    "eye_tint": Trait(1, 0.0, 0.5, 0.4, 0.3),
    "vein_tint": Trait(1, 0.1, 0.5, 0.6, 0.12),
    "vein_width": Trait(1, 0.0, 0.15, 0.22, 0.05),
    "cell_contrast": Trait(1, 0.0, 0.3, 0.45, 0.12),
    "mottle": Trait(1, 0.0, 0.3, 0.40, 0.15),
    "mottle_scale": Trait(1, 0.0, 0.25, 0.35, 0.06),
    "clavus_tint": Trait(1, 0.0, 0.35, 0.45, 0.15),
    "apex_tint": Trait(1, 0.0, 0.40, 0.55, 0.15),
    "stigma_tint": Trait(1, 1.0, 0.25, 0.35, 0.15),
    "costal_dashes": Trait(2, 0.0, 0.4, 0.6, 0.12),
    "spot_place": Trait(2 * SPOTS, 0.0, 0.5, 0.32, 0.12),
    "spot_strength": Trait(SPOTS, 0.05, 0.55, 0.75, 0.24),
    "spot_size": Trait(SPOTS, 0.0, 0.25, 0.28, 0.14),
    "spot_paleness": Trait(SPOTS, 0.15, 0.5, 0.5, 0.05),
    "band_place": Trait(BANDS, 0.0, 0.5, 0.5, 0.10),
    "band_strength": Trait(BANDS, -0.1, 0.4, 0.6, 0.14),
    "band_tilt": Trait(BANDS, 0.0, 0.4, 0.5, 0.12),
    "band_width": Trait(BANDS, 0.0, 0.2, 0.3, 0.10),
    "fork_place": Trait(FORKS, 0.0, 0.25, 0.45, 0.14),
    "crossvein_place": Trait(CROSSVEINS, 0.0, 0.5, 0.35, 0.12),
    "crossvein_presence": Trait(CROSSVEINS, 0.45, 0.5, 0.6, 0.2),
    "abdomen_bands": Trait(2, 0.0, 0.4, 0.6, 0.15),
    "pronotum_spots": Trait(8, 0.0, 0.5, 0.6, 0.12),
    "head_stripe": Trait(2, 0.0, 0.5, 0.6, 0.12),
    "leg_rings": Trait(2, 0.0, 0.5, 0.6, 0.12),
}


def _deviation(keys: tuple[int, ...], spread: str) -> Traits:
    """One independent standard draw of all traits, scaled by the named spread."""
    drawn: Traits = {}
    for number, (name, trait) in enumerate(TABLE.items()):
        rng = np.random.default_rng([*keys, number])
        # Truncated tails: a freak individual would fold the warp or lose its pattern.
        drawn[name] = np.clip(rng.standard_normal(trait.size), -1.8, 1.8) * getattr(trait, spread)
    return drawn


def species_traits(seed: int, species: int, difference: float = 1.0) -> Traits:
    """The mean traits of one species: the ancestor of the seed plus `difference` times the species' deviation."""
    ancestor = _deviation((seed, _ANCESTOR), "ancestor")
    own = _deviation((seed, _SPECIES, species), "species")
    return {name: trait.mean + ancestor[name] + difference * own[name] for name, trait in TABLE.items()}


def individual_traits(seed: int, species: int, individual: int, difference: float = 1.0) -> Traits:
    """The traits of one individual: those of its species plus its own deviation."""
    mean = species_traits(seed, species, difference)
    own = _deviation((seed, _INDIVIDUAL, species, individual), "individual")
    return {name: mean[name] + own[name] for name in TABLE}


def species_name(species: int) -> str:
    """The name of the species with this number; names repeat with a suffix after the last one."""
    turn, place = divmod(species, len(SPECIES_NAMES))
    return SPECIES_NAMES[place] + ("" if turn == 0 else f"-{turn + 1}")
