"""A library filled by many processes: workers keep the items, and the index is written by the one that asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dinosar.config import FitConfig, Part
from dinosar.contracts import Backbone
from dinosar.data import Photo
from dinosar.datasets.listed import Listed
from dinosar.errors import InputError, PluginError, ResourceError
from dinosar.parts import build_backbone
from dinosar.retrieval.cluster import cluster
from dinosar.retrieval.dumping import Dumped, before_all, kept, loaded
from dinosar.retrieval.index import Row, Vector
from dinosar.retrieval.library import Library, another
from dinosar.store import Store, identity

BATCH = 32
"""Photographs of one task: a task should take a second or more."""
Done = tuple[str, Row | None, list[Vector], str]
"""Name, row and vectors, or why there are none."""
_built: dict[str, Backbone] = {}


def dump_spread(listed: Sequence[Listed], library: Library, part: Part, image: FitConfig,
                address: str) -> Iterator[Dumped]:  # fmt: skip
    """Fill a library by a cluster: the same items and the same index as one process makes."""
    fresh: list[Listed] = []
    yield from before_all(listed, library, fresh)
    with cluster(address) as client:
        batches = [fresh[i : i + BATCH] for i in range(0, len(fresh), BATCH)]
        folder = str(library.folder.absolute())
        tasks = [client.submit(batch_kept, batch, folder, part, image, library.settings, pure=False)
                 for batch in batches]  # fmt: skip
        with library.index.noting() as notes:
            for task in tasks:
                rows = task.result()
                task.release()
                for name, row, vectors, problem in rows:
                    if row is not None:
                        notes.add(row, vectors)
                    yield Dumped(name, problem=problem)
    library.forget()


def batch_kept(batch: Sequence[Listed], folder: str, part: Part, image: FitConfig,
               settings: dict[str, Any]) -> list[Done]:  # fmt: skip
    """What a worker does: show some photographs to the backbone, and keep what it says; `settings` of the library."""
    backbone, store = _backbone(part), Store(Path(folder), strict=True)
    other = another(settings["seen"], identity(backbone) or {})
    if other:
        raise ResourceError(f"a worker of the cluster has another backbone ({other}); install the same everywhere")
    done: list[Done] = []
    for each in batch:
        photo = loaded(each, image)
        if not isinstance(photo, Photo):
            done.append((each.name, None, [], str(photo)))
            continue
        try:
            done.append((each.name, *kept(each, photo, store, backbone, image, tiled=bool(settings.get("tiles"))), ""))
        except (InputError, PluginError) as problem:
            done.append((each.name, None, [], str(problem)))
    return done


def _backbone(part: Part) -> Backbone:
    """The backbone, built once in each worker."""
    key = part.model_dump_json()
    if key not in _built:
        _built[key] = build_backbone(part)
    return _built[key]
