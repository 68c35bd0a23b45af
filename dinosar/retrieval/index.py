"""The index of a library: which images there are, where their items lie, and what is known of each.

One SQLite file. Rows are only ever added; of several rows with one name the last one holds, and one without an item
says that there is no image of that name any more. A row is written after its item, so that a kill leaves an item
without a row, and never a row without its item.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.cameras import Camera, Pose
from dinosar.datasets.listed import Role
from dinosar.errors import InputError, ResourceError, shown
from dinosar.grid import Grid
from dinosar.publishing import make_folder

INDEX = "index.sqlite"
WAIT = 60.0
"""Seconds for which a process waits while another writes."""
TABLES = """
create table if not exists settings (key text primary key, value text not null);
create table if not exists images (
    id integer primary key autoincrement, name text not null, item text not null, sha256 text, grid text not null,
    role text not null, scene text not null, camera text, pose blob, path text not null, depth text, tiles text
);
create index if not exists by_name on images (name, id);
create index if not exists by_content on images (sha256);
create table if not exists vectors (item text not null, kind text not null, vector blob not null,
    primary key (item, kind)) without rowid;
"""
Vector = tuple[str, str, NDArray[np.float32]]
"""(item, kind, vector)."""
MOST, SECONDS = 64, 2.0
"""Rows that are written together, and how long the first of them waits."""
COLUMNS = "name, item, sha256, grid, role, scene, camera, pose, path, depth, tiles"
HOLDING = "(select * from images where id in (select max(id) from images group by name) and item != '')"


@dataclass(frozen=True, eq=False)
class Row:
    """What is known of one image. `item` is the name of its features in the store; `path` is where its file lay.

    `tiles` are the names of the features of its tiles, where the library holds such.
    """

    name: str
    item: str
    sha256: str | None
    grid: Grid
    role: Role = "both"
    scene: str = ""
    camera: Camera | None = None
    pose: Pose | None = None
    path: str = ""
    depth: str | None = None
    tiles: tuple[str, ...] = ()

    def packed(self) -> tuple[Any, ...]:
        """The row as SQLite keeps it."""
        camera = None if self.camera is None else json.dumps(self.camera.as_dict(), sort_keys=True)
        pose = None if self.pose is None else np.asarray(self.pose, dtype="<f8").tobytes()
        grid = json.dumps(asdict(self.grid), sort_keys=True)
        return (self.name, self.item, self.sha256, grid, self.role, self.scene, camera, pose, self.path, self.depth,
                " ".join(self.tiles) or None)  # fmt: skip

    def withdrawn(self) -> "Row":
        """The row that says that there is no image of this name any more."""
        return replace(self, item="", tiles=())


def unpacked(values: tuple[Any, ...]) -> Row:
    """A row as it was before it was packed."""
    name, item, sha256, grid, role, scene, camera, pose, path, depth, tiles = values
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(grid).items()
    }
    taken = None if camera is None else json.loads(camera)
    return Row(
        name, item, sha256, Grid(**plain), role, scene,
        None if taken is None else Camera(taken["model"], taken["width"], taken["height"], tuple(taken["params"])),
        None if pose is None else np.frombuffer(pose, dtype="<f8").reshape(4, 4).astype(np.float64), path, depth,
        tuple((tiles or "").split()),
    )  # fmt: skip


def holds(folder: Path) -> bool:
    """Whether a folder is a library."""
    return (folder / INDEX).is_file()


class Noting:
    """Rows and vectors on their way into an index. What a kill takes of them is found again by its items."""

    def __init__(self, index: "Index") -> None:
        self._index, self._since = index, time.monotonic()
        self._rows: list[Row] = []
        self._vectors: list[Vector] = []

    def add(self, row: Row, vectors: Iterable[Vector]) -> None:
        """Note a row and its vectors."""
        self._rows.append(row)
        self._vectors += vectors
        if len(self._rows) >= MOST or time.monotonic() - self._since > SECONDS:
            self.write()

    def write(self) -> None:
        """Write what was noted."""
        rows, vectors, self._rows, self._vectors = self._rows, self._vectors, [], []
        self._since = time.monotonic()
        if rows:
            self._index.add(rows, vectors)


class Index:
    """The index of a library, open. Any number of processes may read it, and one at a time writes."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.path = folder / INDEX
        if create:
            make_folder(folder)
        elif not self.path.is_file():
            raise InputError(
                f"'{shown(folder)}' holds no library ({INDEX}); make one with: dinosar retrieve dump PHOTOS --store "
                f"{shown(folder)}"
            )
        elif not self.path.stat().st_size:
            raise InputError(
                f"'{shown(self.path)}' is empty, as a full disk or a torn copy leaves it; dump the photos again, which "
                f"takes over the features that are there: dinosar retrieve dump PHOTOS --store {shown(folder)}"
            )
        with self._told():
            self._base = sqlite3.connect(self.path, timeout=WAIT)
            if create:
                self._base.executescript(TABLES)
            self._base.execute("select id from images limit 1").fetchone()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever SQLite says, in one sentence."""
        try:
            yield
        except sqlite3.OperationalError as problem:
            what = "is no index of this version" if "no such" in str(problem) else f"cannot be used ({problem})"
            advice = "name another store" if "no such" in str(problem) else "check the disk and its permissions"
            raise ResourceError(f"'{shown(self.path)}' {what}; {advice}") from problem
        except sqlite3.DatabaseError as problem:
            raise InputError(
                f"'{shown(self.path)}' is damaged ({problem}); remove it and dump again, which takes over the items "
                "that are there"
            ) from problem

    def close(self) -> None:
        """Let the file go."""
        self._base.close()

    def settings(self) -> dict[str, Any]:
        """What the library as a whole was made with."""
        with self._told():
            return {key: json.loads(value) for key, value in self._base.execute("select key, value from settings")}

    def set(self, values: Mapping[str, Any]) -> None:
        """Note what the library was made with; what is noted stays."""
        plain = [(key, json.dumps(value, sort_keys=True)) for key, value in values.items()]
        with self._told(), self._base:
            self._base.executemany("insert or ignore into settings values (?, ?)", plain)

    def add(self, rows: Iterable[Row], vectors: Iterable[Vector] = ()) -> None:
        """Append rows, and vectors as (item, kind, vector), all or nothing."""
        halves = [(item, kind, np.asarray(vector, dtype="<f2").tobytes()) for item, kind, vector in vectors]
        with self._told(), self._base:
            self._base.executemany(
                f"insert into images ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [row.packed() for row in rows],
            )
            self._base.executemany("insert or ignore into vectors values (?, ?, ?)", halves)

    @contextmanager
    def noting(self) -> Iterator["Noting"]:
        """A notebook whose rows reach the file a few at a time: each writing waits for the disk."""
        notes = Noting(self)
        try:
            yield notes
        finally:
            notes.write()

    def listing(self) -> list[tuple[str, str, str, str]]:
        """(name, item, role, scene) of every image, sorted by name: what a search needs of a million."""
        with self._told():
            return sorted(self._base.execute(f"select name, item, role, scene from {HOLDING}"))

    def tiles(self) -> dict[str, tuple[str, ...]]:
        """What the features of tiles are called, of every image that has such."""
        with self._told():
            found = self._base.execute(f"select name, tiles from {HOLDING} where tiles is not null").fetchall()
        return {name: tuple(items.split()) for name, items in found}

    def row(self, name: str) -> Row | None:
        """The row of an image that holds; None where there is none."""
        asked = f"select {COLUMNS} from images where name = ? order by id desc limit 1"
        with self._told():
            found = self._base.execute(asked, (name,)).fetchone()
        row = None if found is None else unpacked(found)
        return row if row is not None and row.item else None

    def of_content(self, sha256: str) -> list[Row]:
        """The rows that hold of images whose files had this content."""
        asked = f"select {COLUMNS} from {HOLDING} where sha256 = ? order by name"
        with self._told():
            return [unpacked(values) for values in self._base.execute(asked, (sha256,))]

    def paths(self) -> list[tuple[str, str]]:
        """(name, path) of every image, sorted: where its file lay."""
        with self._told():
            return sorted(self._base.execute(f"select name, path from {HOLDING}"))

    def rows(self) -> Iterator[Row]:
        """The row that holds of every image, sorted by name."""
        with self._told():
            for values in self._base.execute(f"select {COLUMNS} from {HOLDING} order by name"):
                yield unpacked(values)

    def vectors(self, kind: str, items: Sequence[str]) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """Vectors (n, depth) of a kind for items in this order, and which have one; the rows of the others are zero.

        All of the kind are read in one go: looking up a million, one by one, takes a hundred times as long.
        """
        places: dict[str, list[int]] = {}
        for place, item in enumerate(items):
            places.setdefault(item, []).append(place)
        found, known = np.zeros((len(items), 0), np.float16), np.zeros(len(items), dtype=bool)
        with self._told():
            for item, blob in self._base.execute("select item, vector from vectors where kind = ?", (kind,)):
                if item in places:
                    if not found.shape[1]:
                        found = np.zeros((len(items), len(blob) // 2), np.float16)
                    found[places[item]] = np.frombuffer(blob, dtype="<f2")
                    known[places[item]] = True
        return found, known

    def has(self, kind: str) -> bool:
        """Whether any image has a vector of a kind."""
        with self._told():
            return self._base.execute("select 1 from vectors where kind = ? limit 1", (kind,)).fetchone() is not None

    def sum(self) -> str:
        """A hash of everything that holds, whatever the order in which it came."""
        digest = hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode())
        told = COLUMNS.replace(", path", "")  # where files lie is no part of what they are
        with self._told():
            for values in self._base.execute(f"select {told} from {HOLDING} order by name"):
                digest.update(repr(values).encode())
        return digest.hexdigest()
