"""Whose an output folder is: free, taken by a finished run, or begun and left by one that may go on.

A run's folder holds `.running.yaml` (which options it was begun with) from its first file to its last, and `run.yaml`
once it is finished. A run to which the same command may add later keeps both, and its journal. A kernel lock keeps two
processes from writing into one folder; it dies with its process.

What is no run's folder is taken only while it is empty, also by --overwrite: that replaces runs, and nothing else.
"""

import contextlib
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Protocol

from dinosar.errors import ConflictError, DinosarError, ResourceError, shown
from dinosar.journal import Journal
from dinosar.publishing import make_folder, publish, sweep
from dinosar.yaml_files import read_yaml, write_yaml

RECORD = "run.yaml"
BEGUN = ".running.yaml"
LOCK = ".running.lock"
JOURNAL = ".done.jsonl"


def signature(config: Any) -> str:
    """A hash of everything a run was told."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


def slug(name: str, limit: int = 40) -> str:
    """A name that any file system takes; never empty."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:limit].strip("-.") or "photo"


def check_above(path: Path) -> None:
    """Complain when a file stands where a folder above the path should be, or when no disk takes the name."""
    try:
        near = next(each for each in path.absolute().parents if each.exists())
        path.exists()
    except (OSError, ValueError) as problem:
        raise unwritable(path, problem) from problem
    if not near.is_dir():
        raise ResourceError(
            f"output '{shown(path)}' lies below '{shown(near)}', which is a file; choose another folder"
        )


def unwritable(path: Path, problem: OSError | ValueError) -> ResourceError:
    """The system's own words on why a path cannot be written."""
    return ResourceError(f"cannot write '{shown(path)}': {getattr(problem, 'strerror', None) or problem}")


def mapping(path: Path) -> dict[str, Any]:
    """What a YAML file of ours holds; nothing where it cannot be read any more."""
    try:
        value = read_yaml(path).value
    except DinosarError:
        return {}
    return value if isinstance(value, dict) else {}


class Output(Protocol):
    """Where a run puts its files: a folder of its own, or one named file with its record beside it."""

    path: Path
    outputs: dict[str, str]

    @property
    def record(self) -> Path:
        """Where the record goes."""

    def check(self) -> None:
        """Complain now about what would stop this run from writing later."""

    def __enter__(self) -> "Output":
        """Claim it."""

    def __exit__(self, *error: object) -> None:
        """Let it go."""

    def write(self, name: str, data: bytes) -> None:
        """Publish one output."""

    def finish(self, record: str, *, resumable: bool = False) -> Path:
        """Publish the record, last of all. A `resumable` run may go on here: what failed is tried again."""


class RunFolder:
    """A folder that one run writes into. Use as a context: entering claims it, leaving lets it go.

    A `numbered` folder is always a new one: `name`, or `name-2`, `name-3`, … when taken, settled on entering. Files are
    named relative to it and may lie in folders of their own. What is done of a run of many items is in its `journal`.
    """

    def __init__(self, path: Path, options: dict[str, Any], *, overwrite: bool = False,
                 numbered: bool = False) -> None:  # fmt: skip
        self.options = {key: signature(value) for key, value in options.items()}
        self.path, self.overwrite, self._numbered = path, overwrite, numbered
        self.outputs: dict[str, str] = {}
        self.journal = Journal(path / JOURNAL)
        self._earlier: list[str] = []
        self._lock: Any = None

    @property
    def record(self) -> Path:
        """Where the record goes."""
        return self.path / RECORD

    def check(self) -> None:
        """Complain now about what would stop this run from writing later; touches nothing."""
        check_above(self.path)
        if self._numbered or not self.path.exists():
            return
        if not self.path.is_dir():
            raise ConflictError(f"output '{shown(self.path)}' is a file; name a folder")
        if not self._is_a_run and any(not self._ours(file) for file in self.path.iterdir()):
            raise ConflictError(
                f"output '{shown(self.path)}' is not empty, and holds no run that --overwrite could replace; choose "
                "another folder"
            )
        if self.overwrite:
            return
        if (self.path / RECORD).exists() and not (self.path / JOURNAL).is_file():
            raise ConflictError(
                f"output '{shown(self.path)}' holds a finished run ({RECORD}); choose another folder, or --overwrite"
            )
        if self._is_a_run and self._begun_with() != self.options:
            raise ConflictError(
                f"output '{shown(self.path)}' holds a run that was begun with other options{self._differing()}; "
                "choose another folder, or --overwrite"
            )

    @property
    def _is_a_run(self) -> bool:
        """Whether a run was finished or begun here."""
        return (self.path / RECORD).exists() or (self.path / BEGUN).is_file()

    def _begun_with(self) -> Any:
        """The options of the run that was begun here; None where that cannot be read any more."""
        return mapping(self.path / BEGUN).get("options")

    def _differing(self) -> str:
        """Which sections of the options are others."""
        then = self._begun_with()
        names = [key for key, value in self.options.items() if isinstance(then, dict) and then.get(key) != value]
        return f" ({', '.join(names)})" if names else ""

    def __enter__(self) -> "RunFolder":
        if self._numbered:
            self._make_numbered()
        else:
            make_folder(self.path)
        self._take_lock()
        try:
            self.check()
        except DinosarError:
            self.__exit__()
            raise
        self._earlier = earlier = self._earlier_outputs()
        for folder in {self.path, *((self.path / name).parent for name in earlier)}:
            with contextlib.suppress(OSError):
                sweep(folder)
        # What lies here is noted before its record goes, so that no kill leaves files that nobody knows of.
        publish(self.path / BEGUN, (write_yaml({"options": self.options}) + "wrote:\n" + _items(earlier)).encode())
        self.record.unlink(missing_ok=True)
        if self.overwrite:
            self._tidy([*earlier, JOURNAL])
        self.journal = Journal(self.path / JOURNAL)
        return self

    def _tidy(self, names: list[str]) -> None:
        """Remove what earlier runs wrote, and the folders that this leaves empty."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)
        for folder in sorted({(self.path / name).parent for name in names} - {self.path}):
            with contextlib.suppress(OSError):  # something of somebody else's lies in it
                folder.rmdir()

    def write(self, name: str, data: bytes) -> None:
        """Publish one output and remember its hash; what was begun notes the name, so that it can be tidied away."""
        with contextlib.suppress(OSError), (self.path / BEGUN).open("a", encoding="utf-8") as begun:
            begun.write(_items([name]))
        if "/" in name:
            make_folder((self.path / name).parent)
        self.outputs[name] = publish(self.path / name, data)

    def adopt(self, files: dict[str, str]) -> None:
        """Take files that an earlier try wrote, name and SHA-256, as outputs of this run."""
        self.outputs |= files

    def finish(self, record: str, *, resumable: bool = False) -> Path:
        """Write the record, last of all. Where the run may go on or grow, what was begun and is done stays noted."""
        self._tidy([name for name in self._earlier if name not in self.outputs])  # of a try that came out otherwise
        publish(self.record, record.encode())
        if not resumable:
            (self.path / JOURNAL).unlink(missing_ok=True)
        if not (self.path / JOURNAL).is_file():  # without one nothing can be added
            (self.path / BEGUN).unlink(missing_ok=True)
        return self.record

    def __exit__(self, *error: object) -> None:
        if self._lock is not None:
            # The name goes before the lock, so that nobody can take a lock whose file then goes away. Windows refuses
            # to remove a file that is held; there it stays, and harms nobody.
            with contextlib.suppress(OSError):
                (self.path / LOCK).unlink(missing_ok=True)
            self._lock.release()

    def _make_numbered(self) -> None:
        base, number = self.path, 1
        while True:
            try:
                make_folder(self.path, exclusive=True)
                return
            except FileExistsError:
                number += 1
                self.path = base.with_name(f"{base.name}-{number}")

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ConflictError(
                f"output '{shown(self.path)}' is being written by another process; wait for it or choose another folder"
            ) from None
        except OSError as problem:
            raise unwritable(self.path, problem) from problem
        self._lock = lock

    def _earlier_outputs(self) -> list[str]:
        """What earlier runs wrote or were about to: by the record of a finished one, by the note of a broken one."""
        facts, wrote = mapping(self.record).get("record"), mapping(self.path / BEGUN).get("wrote")
        outputs = facts.get("outputs") if isinstance(facts, dict) else None
        names = (*(outputs if isinstance(outputs, dict) else ()), *(wrote if isinstance(wrote, list) else ()))
        return list(dict.fromkeys(name for name in names if self._inside(name)))

    def _inside(self, name: object) -> bool:
        """Whether a name may be that of a file in here: nobody's list can name files elsewhere, nor folders."""
        if not isinstance(name, str) or any(step in ("", ".", "..") for step in re.split(r"[/\\]", name)):
            return False
        file = self.path / name
        return not file.is_dir() and file.parent.resolve().is_relative_to(self.path.resolve())

    @staticmethod
    def _ours(file: Path) -> bool:
        return file.name in (LOCK, BEGUN, JOURNAL) or file.name.startswith(".") and ".tmp-" in file.name


def _items(names: list[str]) -> str:
    """Names as items of a YAML list, to which more may be added later."""
    return write_yaml(names) if names else ""


class RunFile:
    """One named file (`F.npz`) with its record beside it (`F.run.yaml`), in a folder that others may share."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path, self.overwrite = path, overwrite
        self.outputs: dict[str, str] = {}

    @property
    def record(self) -> Path:
        """The record's path."""
        return self.path.with_suffix(f".{RECORD}")

    def check(self) -> None:
        """Complain now about what would stop this run from writing later; touches nothing."""
        check_above(self.path)
        for file in (self.path, self.record):
            if file.is_dir():
                raise ConflictError(f"output '{shown(file)}' is a folder; name a file")
            if file.exists() and not self.overwrite:
                raise ConflictError(f"output '{shown(file)}' is there already; choose another name, or --overwrite")

    def __enter__(self) -> "RunFile":
        self.check()
        make_folder(self.path.parent)
        self.record.unlink(missing_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""

    def write(self, name: str, data: bytes) -> None:
        """Publish the file (it has only one name: the one it was given) and remember its hash."""
        self.outputs[name or self.path.name] = publish(self.path, data)

    def finish(self, record: str, *, resumable: bool = False) -> Path:
        """Write the record, last of all; a single file is done, or it is not there."""
        publish(self.record, record.encode())
        return self.record
