"""A file of weights that a person names: what it declares, what of it is left out, and the adapter in it.

Everything that has to be known before the first image comes without torch once the file has been seen.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.errors import WeightsError, shown
from dinosar.weights.adapter_config import AdapterConfig, config_beside
from dinosar.weights.adapter_scales import Statements, Target, weighed
from dinosar.weights.adapters import Pair
from dinosar.weights.declarations import number
from dinosar.weights.ledger import remembered
from dinosar.weights.soundness import finite, usable
from dinosar.weights.tensors import contents, stored


@dataclass(frozen=True)
class Adapter:
    """An adapter (LoRA), ready to be merged. `alone`: its file has no other weights; `silent`: it changes nothing."""

    file: Path
    targets: tuple[Target, ...]
    alone: bool
    silent: bool
    config: AdapterConfig | None = None

    def tensors(self) -> dict[str, Any]:
        """Name -> torch tensor of its halves; numbers that are none are refused."""
        found = _halves(self.file, tuple(target.pair for target in self.targets), stored(self.file))
        finite(self.file, found)
        return found

    def alpha_for_all(self) -> float | None:
        """The alpha that says all by itself of how strongly it is added, where one number does."""
        plain = all(target.scale == target.alpha / target.pair.rank for target in self.targets)
        alphas = {target.alpha for target in self.targets}
        return alphas.pop() if plain and len(alphas) == 1 and not (self.config and self.config.alphas) else None


def adapter(path: Path, rank: int | None = None, alpha: float | None = None) -> Adapter | None:
    """The adapter in a file, or None. What a person said of its rank and alpha must agree with what the file says."""
    found = contents(path)
    pairs = found.parts.pairs
    if not pairs:
        return None
    known = remembered(path, "adapter", lambda: _summary(path, pairs))
    stated = Statements(shown(path), found.said, known["alphas"], config_beside(path), rank, alpha)
    return Adapter(path, weighed(pairs, stated), found.adapter_alone, known["silent"], stated.config)


def adapter_alone(path: Path) -> bool:
    """Whether a file is an adapter without the weights it belongs to."""
    return contents(path).adapter_alone


def holds_adapter(path: Path) -> bool:
    """Whether an adapter is in a file, whatever else is."""
    return bool(contents(path).parts.pairs)


def declared(path: Path) -> dict[str, str]:
    """What a file says of itself: the id of a `calibration`, and the `lora_alpha` of its adapter."""
    found = contents(path)
    told = {"calibration": found.said.get("calibration", "")}
    config = config_beside(path) if found.parts.pairs else None
    alphas = [config.alpha] if config else found.said.get("lora_alpha", [])
    if len(alphas) == 1:
        told["lora_alpha"] = f"{alphas[0]:g}"
    return {name: value for name, value in told.items() if value}


def left_out(path: Path) -> list[str]:
    """Sentences on what lies in a file and is not used."""
    found = contents(path)
    nameless = found.said.get("calibration") == ""
    return found.left_out + ["it has a 'calibration' without an id, which says nothing"] * nameless


def networks_left_out(path: Path) -> list[str]:
    """The keys of whole networks that lie in a file and are not used."""
    return contents(path).networks


def _summary(path: Path, pairs: tuple[Pair, ...]) -> dict[str, Any]:
    """What of an adapter's numbers has to be known before the first image."""
    table = stored(path)
    found = _halves(path, pairs, table)
    alphas = {pair.alpha: _number(path, pair.alpha, table[pair.alpha]) for pair in pairs if pair.alpha}
    silent = not any(found[pair.down].float().any() and found[pair.up].float().any() for pair in pairs)
    return {"alphas": alphas, "silent": silent}


def _number(path: Path, name: str, value: Any) -> float:
    """The number in a tensor."""
    found = number(value)
    if found is None:
        raise WeightsError(f"weights '{shown(path)}' hold an alpha that is no number: {shown(name, 120)}")
    return found


def _halves(path: Path, pairs: tuple[Pair, ...], table: dict[str, Any]) -> dict[str, Any]:
    """Name -> tensor of both halves of every pair."""
    return usable(path, {name: table[name] for pair in pairs for name in (pair.down, pair.up)})
