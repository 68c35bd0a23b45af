"""What networks said, kept by content: the same pixels shown to the same network never meet it twice.

One file for each image, `<id of the part>/<2 hex>/<sha256>.npy`: a single record of a structured dtype, uncompressed,
features in half precision, masks as bits, with a checksum behind it, so that it can be memory-mapped and a damaged file
counts as not there.
"""

import contextlib
import hashlib
import inspect
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dinosar.cache import cache_folder
from dinosar.config import names_a_file
from dinosar.contracts import Plugin
from dinosar.data import Encoding
from dinosar.errors import ResourceError
from dinosar.notices import warn
from dinosar.publishing import make_folder, publish, sweep
from dinosar.registry import origin_of

LAYOUT = "features-v2"
CHECKSUM = 16


_swept: set[Path] = set()
"""Folders in which this process has looked for what killed ones left."""
_identities: "WeakKeyDictionary[Plugin, dict[str, Any] | None]" = WeakKeyDictionary()


def identity(part: Plugin) -> dict[str, Any] | None:
    """Everything about a part that its word depends on; None when its code cannot be read (in a notebook, say).

    Found out once for each part: it takes a look at every installed package, and there may be a million images.
    """
    if part not in _identities:
        code = code_of(type(part))
        facts = part.facts()
        known: dict[str, Any] = {"layout": LAYOUT, **origin_of(part), "code": code}
        known |= {"options": open_options(part, facts), "facts": facts}
        _identities[part] = None if code is None else known
    return _identities[part]


def open_options(part: Plugin, facts: dict[str, str]) -> dict[str, Any]:
    """Options but those that the facts say more truly: what `auto` became, the hash of a file instead of its place."""
    options: dict[str, Any] = part.options.model_dump(mode="json")
    files = {key for key in options if names_a_file(key)} if "weights_sha256" in facts else set()
    return {key: value for key, value in options.items() if key not in facts and key not in files}


def code_of(part: type) -> str | None:
    """A hash of the file a class stands in, and of its neighbours in a package; None where it cannot be read."""
    try:
        file = Path(inspect.getfile(part))
        files = sorted(file.parent.rglob("*.py")) if sys.modules[part.__module__].__package__ else [file]
        return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()
    except (OSError, TypeError, KeyError):
        return None


def key_of(image: NDArray[np.uint8], part: dict[str, Any]) -> str:
    """The name of an item: a hash of the very pixels the part sees, and of the part's identity."""
    digest = hashlib.sha256(json.dumps([part, image.shape], sort_keys=True).encode())
    digest.update(image.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Contents:
    """What a store holds."""

    items: int
    size: int
    by_backbone: dict[str, int]


class Store:
    """A folder of features and masks. Any number of processes may use it at once.

    What cannot be kept costs time later, and a warning now; in a `strict` store, which is no cache, it is an error.
    """

    def __init__(self, folder: Path | None = None, *, strict: bool = False) -> None:
        self.folder, self.strict = (folder or cache_folder()) / LAYOUT, strict

    def path(self, title: str, key: str) -> Path:
        """Where an item lies."""
        return self.folder / re.sub(r"[^A-Za-z0-9._-]|^[.]", "_", title) / key[:2] / f"{key}.npy"

    def get(self, title: str, key: str) -> Encoding | None:
        """An encoding, or None when it is not there or not whole."""
        record = self._read(title, key)
        return None if record is None else unpacked(record)

    def put(self, title: str, key: str, encoding: Encoding) -> None:
        """Keep an encoding."""
        self._keep(title, key, packed(encoding), "features are")

    def get_mask(self, title: str, key: str) -> NDArray[np.bool_] | None:
        """A mask, or None when it is not there or not whole."""
        record = self._read(title, key)
        if record is None:
            return None
        height, width = (int(side) for side in record["shape"])
        return np.unpackbits(record["bits"], count=height * width).reshape(height, width).astype(bool)

    def put_mask(self, title: str, key: str, mask: NDArray[np.bool_]) -> None:
        """Keep a mask, one bit for each pixel."""
        bits = np.packbits(mask)
        record = np.zeros((), dtype=[("shape", "<i4", 2), ("bits", "u1", bits.shape)])
        record["shape"], record["bits"] = mask.shape, bits
        self._keep(title, key, record, "a mask is")

    def _read(self, title: str, key: str) -> NDArray[Any] | None:
        """A record, or None when it is not there or not whole."""
        path = self.path(title, key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if whole(data):
            return np.lib.format.read_array(BytesIO(data), allow_pickle=False)
        with contextlib.suppress(OSError):
            path.unlink()  # damaged: the next put makes it again
        return None

    def _keep(self, title: str, key: str, record: NDArray[Any], what: str) -> None:
        """Keep a record."""
        path = self.path(title, key)
        file = BytesIO()
        np.save(file, record, allow_pickle=False)
        try:
            make_folder(path.parent)
            if path.parent not in _swept:  # a killed process is mostly followed by one that keeps the same item
                _swept.add(path.parent)
                with contextlib.suppress(OSError):
                    sweep(path.parent, shared=True)
            _published(path, file.getvalue() + checksum(file.getvalue()))
        except ResourceError:
            if self.strict:
                raise
            warn(f"{what} not kept for next time: the store at '{self.folder}' cannot be written")

    def holds(self, title: str, key: str) -> bool:
        """Whether an item is there, and whole."""
        with contextlib.suppress(OSError):
            return whole(self.path(title, key).read_bytes())
        return False

    def sum_of(self, title: str, key: str) -> str | None:
        """The checksum that stands behind an item; None when it is not there."""
        with contextlib.suppress(OSError), self.path(title, key).open("rb") as file:
            file.seek(-CHECKSUM, os.SEEK_END)
            return file.read().hex()
        return None

    def files(self) -> Iterator[Path]:
        """Every item's file."""
        return self.folder.glob("*/*/*.npy")

    def contents(self) -> Contents:
        """Count and size, per backbone too."""
        by_backbone: dict[str, int] = {}
        size = 0
        for file in self.files():
            by_backbone[file.parent.parent.name] = by_backbone.get(file.parent.parent.name, 0) + 1
            size += file.stat().st_size
        return Contents(sum(by_backbone.values()), size, by_backbone)

    def clear(self) -> Contents:
        """Remove every item and what killed processes left; returns what was there."""
        before = self.contents()
        for file in self.files():
            file.unlink(missing_ok=True)
        for folder in sorted(self.folder.glob("*/*")) + sorted(self.folder.glob("*")):
            if not folder.is_dir():
                continue
            sweep(folder)
            if not any(folder.iterdir()):
                folder.rmdir()
        return before


def _published(path: Path, data: bytes) -> None:
    """Publish an item, once more where another machine took its temporary file for that of a dead process."""
    try:
        publish(path, data)
    except ResourceError as problem:
        if not isinstance(problem.__cause__, FileNotFoundError):
            raise
        make_folder(path.parent)
        publish(path, data)


def packed(encoding: Encoding) -> NDArray[Any]:
    """An encoding as one structured record; the field of the map is called what the map is."""
    arrays: dict[str, NDArray[Any]] = {"tokens": encoding.tokens.astype("<f2")}
    if encoding.summary is not None:
        arrays["summary"] = encoding.summary.astype("<f2")
    if encoding.lengths is not None:
        arrays["lengths"] = encoding.lengths.astype("<f4")
    if encoding.summary_length is not None:
        arrays["summary_length"] = np.asarray(encoding.summary_length, dtype="<f4")
    if encoding.attention is not None:
        arrays[encoding.attention_kind] = encoding.attention.astype("<f4")
        arrays["layers"] = np.asarray(encoding.attention_layers, dtype="<i4")
    record = np.zeros((), dtype=[(name, array.dtype.str, array.shape) for name, array in arrays.items()])
    for name, array in arrays.items():
        record[name] = array
    return record


def unpacked(record: NDArray[Any]) -> Encoding:
    """The encoding in a record."""
    names = record.dtype.names or ()
    kind = "saliency" if "saliency" in names else "attention"
    return Encoding(
        tokens=record["tokens"].astype(np.float32),
        summary=record["summary"].astype(np.float32) if "summary" in names else None,
        attention=np.array(record[kind], dtype=np.float32) if kind in names else None,
        attention_kind=kind,  # type: ignore[arg-type]
        attention_layers=tuple(int(layer) for layer in record["layers"]) if "layers" in names else (),
        lengths=record["lengths"].astype(np.float32) if "lengths" in names else None,
        summary_length=float(record["summary_length"]) if "summary_length" in names else None,
    )


def checksum(data: bytes) -> bytes:
    """What stands at the end of an item, behind the array: readers of .npy files never look there."""
    return hashlib.blake2b(data, digest_size=CHECKSUM).digest()


def whole(data: bytes) -> bool:
    """Whether an item is as it was written."""
    return len(data) > CHECKSUM and checksum(data[:-CHECKSUM]) == data[-CHECKSUM:]
