"""An adapter (LoRA) merged into the weights of a network before it runs: W + scale * B A, layer by layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from dinosar import weights
from dinosar.errors import UsageError, WeightsError, shown
from dinosar.notices import note, warn
from dinosar.weights.adapter_scales import Target
from dinosar.weights.adapters import listed, times
from dinosar.weights.already_merged import Likeness, likeness, seem_to_hold
from dinosar.weights.base_names import differing

ALSO = ("", "encoder.", "model.")
"""What stands before the names of a network's layers in some layouts, and is taken off where all names share it."""


@dataclass(frozen=True)
class Slot:
    """Where the weight of a layer lies: rows of a tensor, from `start` on."""

    tensor: str
    shape: list[int]
    start: int = 0


@dataclass(frozen=True)
class Fitted:
    """A target of an adapter, and where it is added."""

    target: Target
    slot: Slot


def fitted(adapter: weights.Adapter, slots: Mapping[str, Slot]) -> tuple[Fitted, ...]:
    """Every target with its place among a network's layers, in the network's order."""
    order = {tensor: number for number, tensor in enumerate(dict.fromkeys(slot.tensor for slot in slots.values()))}
    found = [Fitted(target, _slot(adapter.file, target, slots)) for target in adapter.targets]
    return tuple(sorted(found, key=lambda each: (order[each.slot.tensor], each.slot.start)))


def _slot(file: Path, target: Target, slots: Mapping[str, Slot]) -> Slot:
    pair = target.pair
    slot = next((slots[start + pair.layer] for start in ALSO if start + pair.layer in slots), None)
    if slot is None:
        raise WeightsError(
            f"the adapter in '{shown(file)}' changes {shown(pair.layer, 120)} ({shown(pair.down, 120)}), which is no "
            "layer of this network; is it of another model?"
        )
    if slot.shape != pair.size:
        raise WeightsError(
            f"the adapter in '{shown(file)}' does not fit this network: {listed([pair.down, pair.up])} are for a layer "
            f"of {times(pair.size)}, but {shown(pair.layer, 120)} is {times(slot.shape)}; is it of another model?"
        )
    return slot


def merged(state: dict[str, Any], adapter: weights.Adapter, places: tuple[Fitted, ...]) -> tuple[dict[str, Any], bool]:
    """Tensors of a network with the products of an adapter added, and whether they seem to have held them before.

    Summed in float64, rounded once.
    """
    found, halves = dict(state), adapter.tensors()
    held: list[Likeness] = []
    for each in places:
        pair, slot = each.target.pair, each.slot
        down, up = (halves[name].double().flatten(1) for name in (pair.down, pair.up))
        change = each.target.scale * (up @ down).reshape(slot.shape)
        if not change.any():
            continue  # not even the sign of a zero is touched
        whole = found[slot.tensor].float().clone()  # what was mapped from a file is not written to
        rows = whole[slot.start : slot.start + slot.shape[0]]
        before = rows.double()
        rows.copy_(before + change)
        if not rows.square().sum().isfinite():  # products of such numbers overflow in the network
            raise WeightsError(
                f"the adapter in '{shown(adapter.file)}' with alpha {each.target.alpha:g} makes numbers in "
                f"{shown(pair.layer, 120)} that are too large to compute with; give the alpha it was trained with"
            )
        held.append(likeness(before, change))
        found[slot.tensor] = whole
    return found, seem_to_hold(held)


def twice(adapter: weights.Adapter) -> str:
    """What is said of an adapter that seems to be added a second time."""
    where = "that the adapter in '{}' is added to" if adapter.alone else "beside the adapter in '{}'"
    return (
        f"the weights {where.format(shown(adapter.file))} seem to hold it already, so that it counts twice; if they "
        "were saved merged, take them without the adapter"
    )


def facts_of(adapter: weights.Adapter, places: tuple[Fitted, ...]) -> dict[str, str]:
    """What the record remembers of an adapter."""
    config = adapter.config
    beside = {"adapter_config_sha256": weights.sha256(config.place)} if config else {}
    based = {"adapter_base": shown(config.base, 100)} if config and config.base else {}
    return (
        beside
        | based
        | {
            "adapter": adapter.file.name,
            "adapter_sha256": weights.sha256(adapter.file),
            "adapter_rank": by_value(places, lambda target: f"{target.pair.rank}"),
            "adapter_alpha": by_value(places, lambda target: f"{target.alpha:.12g}"),
            "adapter_scale": by_value(places, lambda target: f"{target.scale:.12g}"),
            "adapter_targets": in_words([each.target.pair.layer for each in places]),
        }
    )


def by_value(places: tuple[Fitted, ...], tell: Any) -> str:
    """One value where all targets share it; else each with its targets."""
    found: dict[str, list[str]] = {}
    for each in places:
        found.setdefault(tell(each.target), []).append(each.target.pair.layer)
    return "; ".join(found) if len(found) == 1 else "; ".join(f"{key} ({in_words(v)})" for key, v in found.items())


def in_words(layers: list[str]) -> str:
    """Names of layers, blocks with the same ones among them together: `blocks 8-11: attn.qkv, attn.proj`."""
    inside: dict[int, list[str]] = {}
    outside = []
    for layer in layers:
        number = next((part for part in layer.split(".") if part.isdecimal()), "")
        if number:
            inside.setdefault(int(number), []).append(layer.split(f".{number}.", 1)[-1])
        else:
            outside.append(layer)
    ranges = [(", ".join(inside[block]), block) for block in sorted(inside)]
    told = [f"{_blocks([block for _, block in same])}: {names}" for names, same in groupby(ranges, key=lambda r: r[0])]
    return "; ".join(told + outside)


def _blocks(numbers: list[int]) -> str:
    """Numbers of blocks, neighbours as a range."""
    runs = [[each for _, each in run] for _, run in groupby(enumerate(numbers), key=lambda at: at[1] - at[0])]
    told = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"block{'s' if len(numbers) > 1 else ''} {told}"


def check_config(adapter: weights.Adapter, held: dict[str, str]) -> None:
    """Say in what the config of an adapter contradicts its tensors, or the network it is laid over (`held`: traits)."""
    config, file = adapter.config, shown(adapter.file)
    if config is None:
        return
    lost = config.without_pair(target.pair.full for target in adapter.targets)
    if lost:
        warn(
            f"'{shown(config.place)}' lists {listed(lost)}, for which the adapter in '{file}' has nothing; is it whole?"
        )
    wrong = differing(config.base, held)
    if wrong:
        warn(f"the adapter in '{file}' was trained on '{shown(config.base, 100)}', but it is laid over a network "
             f"{'; '.join(wrong)}")  # fmt: skip


def check_options(options: Any, adapter: weights.Adapter | None) -> None:
    """Say which options have no effect without an adapter, and refuse two files for the same weights."""
    if options.base_path and not options.checkpoint:
        raise UsageError(
            "backbone.base_path names the weights of an adapter, but no adapter was named with --checkpoint"
        )
    if options.base_path and not (adapter and adapter.alone):
        raise WeightsError(
            f"weights '{shown(options.checkpoint)}' need none of '{shown(options.base_path)}': they are no adapter "
            "alone; leave backbone.base_path out"
        )
    idle = [f"backbone.{name}" for name in ("lora_r", "lora_alpha") if getattr(options, name) is not None]
    if idle and adapter is None:
        what = f"'{shown(options.checkpoint)}' holds no LoRA adapter" if options.checkpoint else "no adapter was named"
        note(f"{' and '.join(idle)} change{'s' * (len(idle) == 1)} nothing: {what}")
    if adapter and adapter.silent:
        warn(f"the adapter in '{shown(adapter.file)}' changes nothing: in every pair one half is zero, as untrained")


def without_adapter(file: Path) -> Path:
    """A file of weights that an adapter belongs to, or that is used as it is; one in it would go unused."""
    if weights.holds_adapter(file):
        raise WeightsError(f"weights '{shown(file)}' hold an adapter; name that file with --checkpoint, or take others")
    return file
