"""Many pairs, one after the other: each on its own, none of them twice."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dinosar.config import Pooling
from dinosar.errors import DinosarError, InputError, PluginError, ResourceError
from dinosar.folders import RunFolder
from dinosar.frames.judging import Judged
from dinosar.frames.listing import Pair
from dinosar.frames.pooling import cosine_distance, pooled
from dinosar.frames.seeing import Frame, Viewer
from dinosar.journal import Entry
from dinosar.progress import steps
from dinosar.publishing import sha256_of

Row = dict[str, Any]
Files = Iterator[tuple[str, bytes]]
Judge = Callable[[Frame, Frame], Judged]
Draw = Callable[[Judged], Iterable[tuple[str, bytes]]]
OF_THE_PAIR = (InputError, ResourceError, PluginError)
"""What may be wrong with one pair and leave the others as they are: its files, their size, what a part makes of it."""


@dataclass
class Batch:
    """Pairs, who judges them, and what was found so far.

    `draw` makes the files of a pair, named as within its folder. `options` is a hash of all that a judgement depends on
    beside the pictures. With `successive` the pairs are frames in order, and each is also held against the one before.
    """

    pairs: list[Pair]
    viewer: Viewer
    judge: Judge
    draw: Draw
    options: str
    successive: bool = False
    pooling: Pooling = "patches"
    rows: list[Row] = field(default_factory=list)
    again: int = 0
    _sums: dict[Path, str] = field(default_factory=dict)

    @property
    def failed(self) -> list[Row]:
        """The rows of pairs that could not be judged."""
        return [row for row in self.rows if row["status"] == "failed"]

    def run(self, output: RunFolder) -> Files:
        """The files of every pair; `rows` fills up on the way. What the output's journal holds is not done again."""
        before: Pair | None = None
        with steps(len(self.pairs), "pairs") as told:
            for pair in map(_whole, self.pairs):
                yield from self._one(pair, before if pair.follows else None, output)
                told(_said(self.rows[-1]))
                before = pair

    def _one(self, pair: Pair, before: Pair | None, output: RunFolder) -> Files:
        """The files of one pair, and its row."""
        key = self._key(pair, before)
        done = output.journal.known(key) if key else None
        if done is not None:
            output.adopt(done.files)
            self.rows.append(done.found)
            self.again += 1
            return
        written: list[str] = []
        try:
            if pair.problem:
                raise InputError(pair.problem)
            judged = self.judge(self.viewer.frame(pair.a), self.viewer.frame(pair.b))
            row = _row(pair, judged.found) | (self._steps(judged, before) if self.successive else {})
            for name, data in self.draw(judged):
                written.append(f"{pair.label}/{name}")
                yield written[-1], data
        except OF_THE_PAIR as problem:
            self.rows.append(_failure(pair, problem))
            return
        self.rows.append(row)
        if key:
            output.journal.add(Entry(key, row, {name: output.outputs[name] for name in written}))

    def _key(self, pair: Pair, before: Pair | None) -> str:
        """What a judgement depends on, as one name; empty where a file cannot be read, for that is tried again."""
        files = [pair.a, pair.b, *((before.a, before.b) if before else ())]
        try:
            sums = [self._sum(file) for file in files]
        except (OSError, ValueError):
            return ""
        return hashlib.sha256(json.dumps([self.options, pair.label, *map(str, files), *sums]).encode()).hexdigest()

    def _sum(self, file: Path) -> str:
        if file not in self._sums:
            self._sums[file] = sha256_of(file) if file.is_file() else ""
        if not self._sums[file]:
            raise FileNotFoundError(file)
        return self._sums[file]

    def _steps(self, judged: Judged, before: Pair | None) -> Row:
        """How far each sequence went since the frame before; None where there is none that can be seen."""
        return {
            "step_a": self._step(judged.a, before.a if before else None),
            "step_b": self._step(judged.b, before.b if before else None),
        }

    def _step(self, now: Frame, before: Path | None) -> float | None:
        if before is None:
            return None
        try:
            earlier = self.viewer.frame(before)
        except OF_THE_PAIR:  # told in the row of that frame
            return None
        first, second = (pooled(each.features, self.pooling)[0] for each in (earlier, now))
        return cosine_distance(first, second)


def _row(pair: Pair, found: Row) -> Row:
    return {"label": pair.label, "label_given": pair.given, "status": "done", "error": None, **found}


def _whole(pair: Pair) -> Pair:
    """A pair by whole paths: the same file is then known again, from whatever folder the list was reached."""
    return replace(pair, a=_resolved(pair.a), b=_resolved(pair.b))


def _resolved(path: Path) -> Path:
    """The whole path of a file that need not be there."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # no system has such a name
        return path


def _failure(pair: Pair, problem: DinosarError) -> Row:
    """A row that says why there are no numbers."""
    return {
        "label": pair.label, "label_given": pair.given, "status": "failed", "error": str(problem),
        "image_a": Path(pair.written[0]).name, "image_b": Path(pair.written[1]).name,
        "path_a": str(pair.a), "path_b": str(pair.b),
    }  # fmt: skip


def _said(row: Row) -> str:
    """What became of a pair, in a few words."""
    if row["status"] == "failed":
        return f"{row['label']} failed: {row['error']}"
    name = "cosine_distance" if "cosine_distance" in row else "raw_mean"
    return f"{row['label']} {name} {row[name]:.4f}"
