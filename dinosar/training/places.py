"""Where a training is written: by the first process into a folder, by the others nowhere.

The state of the training lies in the folder until it is done. It belongs to the run from the start, so that it can be
tidied away, and is empty as long as nothing is learned.
"""

from pathlib import Path

from dinosar.folders import BEGUN, RECORD, RunFolder
from dinosar.publishing import sha256_of

STATE = "training_state.pt"
HEADS = "heads"


class TrainingFolder(RunFolder):
    """A folder of a run. What was begun in it and learned nothing is in nobody's way, whatever its options were."""

    def check(self) -> None:
        """Complain now about what would stop this run from writing later; touches nothing."""
        if (self.path / BEGUN).is_file() and not (self.path / RECORD).exists() and not self.learned():
            self.overwrite = True
        super().check()

    def learned(self) -> bool:
        """Whether anything was learned here: a state that says so, or a head of an epoch."""
        state = self.path / STATE
        return bool(self.kept()) or (state.is_file() and state.stat().st_size > 0)

    def kept(self) -> list[Path]:
        """Heads of epochs that lie here."""
        return sorted((self.path / HEADS).glob("epoch_*.safetensors"))

    def begin(self) -> None:
        """Make the state, and what an earlier try left, files of this run."""
        self.adopt({f"{HEADS}/{file.name}": sha256_of(file) for file in self.kept()})
        if not (self.path / STATE).exists():
            self.write(STATE, b"")
            self.outputs.pop(STATE, None)

    def forget(self, name: str) -> None:
        """Remove a file of this run."""
        (self.path / name).unlink(missing_ok=True)
        self.outputs.pop(name, None)


class Bystander:
    """The output of a process that only computes: it reads the state in the folder of the first, and writes nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outputs: dict[str, str] = {}

    @property
    def record(self) -> Path:
        """Where the first process puts the record."""
        return self.path / RECORD

    def check(self) -> None:
        """Nothing can stop what writes nothing."""

    def __enter__(self) -> "Bystander":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""

    def write(self, name: str, data: bytes) -> None:
        """The first process writes."""

    def adopt(self, files: dict[str, str]) -> None:
        """The first process has them."""

    def begin(self) -> None:
        """The first process does."""

    def forget(self, name: str) -> None:
        """The first process does."""

    def finish(self, record: str, *, resumable: bool = False) -> Path:
        """The first process finishes."""
        return self.record


Place = TrainingFolder | Bystander
"""Either of them."""
