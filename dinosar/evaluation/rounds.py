"""Many pairs with known keypoints, one after the other: each on its own, none of them twice."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import DinosarError, InputError, PluginError, ResourceError
from dinosar.evaluation.keypoint_pairs import KeypointPair
from dinosar.evaluation.landmarks import within
from dinosar.evaluation.pck import PairErrors
from dinosar.folders import RunFolder
from dinosar.journal import Entry
from dinosar.progress import steps

Row = dict[str, Any]
Points = NDArray[np.float64]
SHOWN = 0.1
"""The alpha whose share is told while a run goes on."""
OF_THE_PAIR = (InputError, ResourceError, PluginError)
"""What may be wrong with one pair and leave the others as they are."""


@dataclass
class Round:
    """Pairs by their names, how each is read and answered, and what was found so far.

    `options` is a hash of all that an answer depends on beside the pair itself.
    """

    names: Sequence[str]
    read: Callable[[str], KeypointPair]
    answer: Callable[[KeypointPair], Points]
    options: str
    rows: list[Row] = field(default_factory=list)
    again: int = 0
    pictures: dict[str, str] = field(default_factory=dict)
    """Every picture of the pairs that were read, with its digest."""

    @property
    def failed(self) -> list[Row]:
        """The rows of pairs that could not be answered."""
        return [row for row in self.rows if row["status"] == "failed"]

    @property
    def done(self) -> list[Row]:
        """The rows of the others."""
        return [row for row in self.rows if row["status"] == "done"]

    def run(self, output: RunFolder) -> None:
        """Answer every pair; `rows` fills up on the way. What the output's journal holds is not done again."""
        with steps(len(self.names), "pairs") as told:
            for name in self.names:
                self.rows.append(self._row(name, output))
                told(_said(self.rows[-1]))

    def _row(self, name: str, output: RunFolder) -> Row:
        pair: KeypointPair | None = None
        try:
            pair = self.read(name)
            key = self._key(pair)
            done = output.journal.known(key)
            if done is not None:
                self.again += 1
                return done.found
            row = row_of(pair, self.answer(pair))
        except OF_THE_PAIR as problem:
            return _failure(name, problem, pair)
        output.journal.add(Entry(key, row, {}))
        return row

    def _key(self, pair: KeypointPair) -> str:
        """What an answer depends on, as one name: the options, the very files, and what is asked and known of them."""
        files = [(each.name, each.size, each.digest()) for each in (pair.source, pair.target)]
        self.pictures |= {name: digest for name, _, digest in files}
        known = pair.names, pair.a.tolist(), pair.b.tolist(), pair.box, pair.category, dict(pair.flags)
        return hashlib.sha256(json.dumps([self.options, pair.id, files, known]).encode()).hexdigest()


def row_of(pair: KeypointPair, found: Points) -> Row:
    """What was found of a pair as plain data: null where a keypoint has no answer."""
    left, top, right, bottom = pair.box
    errors = np.hypot(*(found - pair.b).T)
    return {
        "id": pair.id, "category": pair.category, "status": "done", "error": None, "names": list(pair.names),
        "source": pair.source.name, "target": pair.target.name, "truth": pair.b.tolist(),
        "found": [None if np.isnan(place).any() else place.tolist() for place in found],
        "errors": [None if np.isnan(error) else float(error) for error in errors],
        "side_box": float(max(right - left, bottom - top)), "side_image": float(max(pair.target.size)),
        "flags": dict(pair.flags),
    }  # fmt: skip


def errors_of(row: Row) -> PairErrors:
    """A row as the tables of PCK want it: infinitely far off where there is no answer."""
    errors = np.array([np.inf if each is None else each for each in row["errors"]], dtype=np.float64)
    return PairErrors(row["id"], row["category"], tuple(row["names"]), errors, row["side_box"], row["side_image"],
                      row["flags"])  # fmt: skip


def truth_sum(rows: Sequence[Row]) -> str:
    """One SHA-256 of what was taken for true: the keypoints of every pair, and the sides that alphas are shares of."""
    known = [[row[key] for key in ("id", "names", "truth", "side_box", "side_image")] for row in rows]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _failure(name: str, problem: DinosarError, pair: KeypointPair | None) -> Row:
    """A row that says why there are no numbers; of which pictures, where the pair itself could be read."""
    named = {} if pair is None else {"source": pair.source.name, "target": pair.target.name}
    return {"id": name, "status": "failed", "error": str(problem), **named}


def _said(row: Row) -> str:
    """What became of a pair, in a few words."""
    if row["status"] == "failed":
        return f"{row['id']} failed: {row['error']}"
    right = within(errors_of(row).errors, row["side_box"], SHOWN)
    return f"{row['id']} {int(right.sum())} of {len(right)} within {SHOWN:g}"
