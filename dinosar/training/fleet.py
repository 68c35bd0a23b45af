"""Processes that train one head together, where `accelerate launch` started several; else this one alone."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from dinosar.errors import UsageError

ALONE = 1


def processes() -> int:
    """How many train together."""
    word = os.environ.get("WORLD_SIZE", "1")
    return int(word) if word.isdecimal() else ALONE


def rank() -> int:
    """Which of them this one is; 0 writes the files."""
    word = os.environ.get("RANK", "0")
    return int(word) if word.isdecimal() and processes() > ALONE else 0


class Fleet:
    """The processes of a training, seen from one of them. Each computes its share of every batch."""

    def __init__(self, device: str) -> None:
        self.rank, self.world, self.device = rank(), processes(), device
        self._accelerator: Any = None
        if self.world > ALONE:
            self._accelerator = _accelerator(device)
            self.device = str(self._accelerator.device)

    def share(self, numbers: Sequence[int]) -> Sequence[int]:
        """Which of a batch are this process's."""
        return numbers[self.rank :: self.world]

    def wait(self) -> None:
        """Go on when all have come this far: the first has then put the folder in order that the others read from."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()

    def add_up(self, tensors: Iterable[Any]) -> None:
        """Make each tensor the sum of what it is in all processes."""
        if self._accelerator is not None:
            for tensor in tensors:
                tensor.copy_(self._accelerator.reduce(tensor, reduction="sum"))


def _accelerator(device: str) -> Any:
    try:
        from accelerate import Accelerator
    except ImportError:
        raise UsageError(
            "several processes train together through accelerate, which is not installed; run: "
            "pip install 'dinosar[accelerate]', or start one process"
        ) from None
    return Accelerator(cpu=device == "cpu")
