"""A training as it stands, kept in a file that is whole or not there, so that a killed one goes on where it was."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dinosar.errors import ConflictError, WeightsError, shown
from dinosar.publishing import publish
from dinosar.weights.formats import unpickled

NAMED = 3
"""Things that changed which are named."""


@dataclass(frozen=True)
class StateFile:
    """Where a training is kept on the way. `learned_from`: what it learns from by name, each with its SHA-256."""

    path: Path
    learned_from: Mapping[str, str] = field(default_factory=dict)


@dataclass
class State:
    """How far a training has come: epochs done, batches done of the next one, steps in all; and what was learned.

    `sums` are losses since the last point of the curve, over `counted` pairs. `best` are the weights of the lowest
    validation loss so far. Chance needs no place here: every step draws by its own number.
    """

    signature: str
    learned_from: dict[str, str] = field(default_factory=dict)
    epoch: int = 0
    batch: int = 0
    step: int = 0
    network: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    scaler: dict[str, Any] = field(default_factory=dict)
    sums: list[float] = field(default_factory=list)
    counted: int = 0
    points: list[list[Any]] = field(default_factory=list)
    best: dict[str, Any] = field(default_factory=dict)


def save_state(path: Path, state: State) -> None:
    """Keep a training; what was there stays until the new file is whole."""
    import torch

    buffer = io.BytesIO()
    torch.save({each.name: getattr(state, each.name) for each in fields(state)}, buffer)
    publish(path, buffer.getvalue())


def load_state(file: StateFile, signature: str) -> State | None:
    """The training that was kept there; None where there is none. One on other data or with other options is refused,
    and what is other is told."""  # noqa: D205, D209
    path = file.path
    if not path.exists() or not path.stat().st_size:
        return None
    try:
        told = unpickled(path)
    except WeightsError as problem:
        raise WeightsError(
            f"'{shown(path)}' keeps no whole training; begin anew with --overwrite, or remove that file"
        ) from problem
    names = {each.name for each in fields(State)}
    if not isinstance(told, dict) or set(told) != names:
        raise WeightsError(
            f"'{shown(path)}' keeps no training of this version; begin anew with --overwrite, or remove that file"
        )
    state = State(**told)
    changed = differences(state.learned_from, file.learned_from)
    if changed:
        raise ConflictError(
            f"the training in '{shown(path)}' learned from other files: {changed}; put back what it learned from, or "
            "begin anew with --overwrite"
        )
    if state.signature != signature:
        raise ConflictError(
            f"'{shown(path)}' keeps a training on other pairs, or with other options; remove it, or name another folder"
        )
    return state


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What changed, is gone and has come since, in words; empty where nothing did."""
    changed = sorted(name for name in then if name in now and now[name] != then[name])
    gone, come = sorted(set(then) - set(now)), sorted(set(now) - set(then))
    kinds = (
        (changed, "has changed", "have changed"), (gone, "is gone", "are gone"), (come, "is new", "are new"),
    )  # fmt: skip
    return ", ".join(f"{_named(names)} {one if len(names) == 1 else more}" for names, one, more in kinds if names)


def _named(names: list[str]) -> str:
    listed = ", ".join(f"'{shown(name, 80)}'" for name in names[:NAMED])
    return f"{listed} and {len(names) - NAMED} more" if len(names) > NAMED else listed
