"""How strongly an adapter is added to its layers: rank and alpha, from all that say them, who must agree.

Each layer gets alpha / rank (or alpha / sqrt(rank), if the adapter was trained so) times the product of its pair.
"""

import math
from dataclasses import dataclass
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.adapter_config import NAME, AdapterConfig
from dinosar.weights.adapters import Pair


@dataclass(frozen=True)
class Target:
    """A pair, and how strongly it is added."""

    pair: Pair
    alpha: float
    scale: float


@dataclass(frozen=True)
class Statements:
    """What says how strong an adapter is: its file (`said`, and `alphas` by tensor), its config, and a person."""

    file: str
    said: dict[str, Any]
    alphas: dict[str, float]
    config: AdapterConfig | None = None
    asked_rank: int | None = None
    asked_alpha: float | None = None

    def general(self) -> dict[str, float]:
        """Who says which alpha for all layers. `alpha` alone may mean other things, so it counts where nothing else."""
        found = {NAME: self.config.alpha} if self.config else {}
        own = self.said.get("lora_alpha") or ([] if found or self.alphas else self.said.get("alpha", []))
        found |= dict(zip(("the file", "the same file elsewhere"), own, strict=False))  # two are enough to disagree
        return found | ({"--lora-alpha": self.asked_alpha} if self.asked_alpha is not None else {})


def weighed(pairs: tuple[Pair, ...], stated: Statements) -> tuple[Target, ...]:
    """Every pair with its strength; a WeightsError where nobody says it or two say different things."""
    if stated.said.get("use_dora"):
        raise WeightsError(f"weights '{stated.file}' are of DoRA, which is not read; save the network with it merged")
    if stated.said.get("unclear"):
        told = ", ".join(stated.said["unclear"])
        raise WeightsError(f"weights '{stated.file}' say {told}, which is neither on nor off; say true or false")
    _check_ranks(pairs, stated)
    general = stated.general()
    _agree(stated.file, "alpha", general)
    return tuple(_target(pair, stated, general) for pair in pairs)


def _target(pair: Pair, stated: Statements, general: dict[str, float]) -> Target:
    root = stated.config.root if stated.config else bool(stated.said.get("use_rslora"))
    own = stated.config.own_alpha(pair.full) if stated.config else None
    said = general if own is None else {NAME: own}
    if pair.alpha:
        said = said | {pair.alpha: stated.alphas[pair.alpha]}
    if not said:
        raise WeightsError(
            f"weights '{stated.file}' hold a LoRA adapter (rank {pair.rank}) that does not say its alpha, and without "
            f"it nobody knows how strongly it is added; lay the {NAME} that it was saved with beside it, or give alpha "
            "with --lora-alpha (backbone.lora_alpha)"
        )
    _agree(stated.file, f"alpha of {shown(pair.layer, 80)}", said)
    alpha = next(iter(said.values()))
    if not alpha > 0 or not math.isfinite(alpha):
        raise WeightsError(
            f"weights '{stated.file}' give {alpha:g} as alpha of {shown(pair.layer, 80)}; it must be > 0"
        )
    return Target(pair, alpha, alpha / (math.sqrt(pair.rank) if root else pair.rank))


def _check_ranks(pairs: tuple[Pair, ...], stated: Statements) -> None:
    """The ranks are those of the tensors; whatever else was said must agree."""
    found = {float(pair.rank) for pair in pairs}
    ranks = ", ".join(f"{rank:g}" for rank in sorted(found))
    if stated.config:
        for pair in pairs:
            said = stated.config.rank_of(pair.full)
            if said != pair.rank:
                raise WeightsError(f"weights '{stated.file}' have rank {pair.rank} in {shown(pair.down, 120)}, but "
                                   f"{NAME} says {said:g}; do the two belong together?")  # fmt: skip
    elif any({said} != found for said in stated.said.get("lora_r", [])):
        told = ", ".join(f"{each:g}" for each in stated.said["lora_r"])
        raise WeightsError(f"weights '{stated.file}' say that their adapter has rank {told}, but it has {ranks}")
    asked = stated.asked_rank
    if asked is not None and {float(asked)} != found and not (stated.config and stated.config.rank == asked):
        what = f"of several ranks ({ranks})" if len(found) > 1 else f"of rank {ranks}"
        raise WeightsError(f"weights '{stated.file}' hold an adapter {what}, but --lora-r says {asked}; leave --lora-r "
                           "out: the file tells")  # fmt: skip


def _agree(file: str, what: str, said: dict[str, float]) -> None:
    """Refuse numbers that contradict each other."""
    if len(set(said.values())) > 1:
        told = ", ".join(f"{value:g} according to {shown(who, 100)}" for who, value in said.items())
        raise WeightsError(f"the {what} of the adapter in '{file}' is {told}; give the one it was trained with")
