"""A training as it stands, kept in a file that is whole or not there, so that a killed one goes on where it was."""

import io
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dinosar.errors import ConflictError, WeightsError, shown
from dinosar.publishing import publish
from dinosar.weights.formats import unpickled


@dataclass
class State:
    """How far a training has come: epochs done, batches done of the next one, steps in all; and what was learned.

    `sums` are losses since the last point of the curve, over `counted` pairs. `best` are the weights of the lowest
    validation loss so far. Chance needs no place here: every step draws by its own number.
    """

    signature: str
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


def load_state(path: Path, signature: str) -> State | None:
    """The training that was kept there; None where there is none; one of other pairs or options is refused."""
    if not path.exists() or not path.stat().st_size:
        return None
    try:
        told = unpickled(path)
    except WeightsError as problem:
        raise WeightsError(f"'{shown(path)}' keeps no whole training; remove it to begin anew") from problem
    names = {each.name for each in fields(State)}
    if not isinstance(told, dict) or set(told) != names:
        raise WeightsError(f"'{shown(path)}' keeps no training of this version; remove it to begin anew")
    if told["signature"] != signature:
        raise ConflictError(
            f"'{shown(path)}' keeps a training on other pairs, or with other options; remove it, or name another folder"
        )
    return State(**told)
