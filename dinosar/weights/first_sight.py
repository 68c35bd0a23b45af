"""The hash of each file of weights when it was first seen, so that nobody computes with another one unawares.

Publishers of weights rarely say what the SHA-256 of a file is. What can be said is whether the file is still the one
that arrived here, and whether it is the one that the hub's own file names or the release it came from speak of.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from dinosar.cache import cache_folder
from dinosar.errors import ResourceError, WeightsError, shown
from dinosar.publishing import json_bytes, make_folder, publish, sha256_of
from dinosar.weights.catalogue import Model
from dinosar.weights.disk import Located
from dinosar.weights.ledger import remembered, sha256


def check(model: Model, located: Located, *, again: bool = False) -> tuple[str, ...]:
    """Who agrees that this is the right file; nobody when it was first seen just now. WeightsError if one differs.

    With `again` the file is read even where its hash is known, to find what a disk has changed by itself.
    """
    try:
        found = sha256_of(located.path) if again else sha256(located.path)
        agreeing = []
        for who, algorithm, expected in _witnesses(model, located):
            here = found if algorithm == "sha256" else _md5(located.path, again)
            if here != expected:
                raise differs(model, located.path, f"{algorithm} {here}", f"{expected} according to {who}")
            agreeing.append(who)
    except OSError as problem:
        raise WeightsError(
            f"weights '{shown(located.path)}' cannot be read: {problem.strerror or problem}"
        ) from problem
    if _seen(model, located) is None:
        remember(model, located, found)
    return tuple(agreeing)


def remember(model: Model, located: Located, digest: str) -> None:
    """Keep the hash of a file that has just arrived; a cache that cannot keep it is no reason to stop."""
    try:
        make_folder(_entry(model, located).parent)
        publish(_entry(model, located), json_bytes({"sha256": digest, "path": str(located.path)}))
    except ResourceError:
        return


def differs(model: Model, path: Path, found: str, expected: str) -> WeightsError:
    """What to say of a file that is not the one it should be."""
    cure = (
        f"if it is damaged delete it and run: dinosar models fetch {model.name}; if you changed it on purpose run: "
        f"dinosar models import FILE --as {model.name} --overwrite"
    )
    if model.md5 or model.sha256:
        cure = f"delete it and run: dinosar models fetch {model.name} (a model of your own goes into masker.model_path)"
    return WeightsError(f"weights of '{model.name}' in '{shown(path)}' have {found}, but {expected}; {cure}")


def _witnesses(model: Model, located: Located) -> Iterator[tuple[str, str, str]]:
    """(who says so, algorithm, hash) for everybody who knows what the file should be."""
    if model.sha256:
        yield "the release", "sha256", model.sha256
    if model.md5:
        yield "the release", "md5", model.md5
    blob = _blob(located.path) if located.source == "hub" else None
    if blob:
        yield "the hub", "sha256", blob
    seen = _seen(model, located)
    if seen:
        yield "the first sight of it", "sha256", seen


def _blob(path: Path) -> str | None:
    """The SHA-256 that the hub's cache has as a file name, where it could make links."""
    try:
        blob = path.readlink()
    except OSError:
        return None
    return blob.name if blob.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", blob.name) else None


def _md5(path: Path, again: bool) -> str:
    def find_out() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

    return find_out() if again else str(remembered(path, "md5", find_out))


def _seen(model: Model, located: Located) -> str | None:
    """The hash at first sight."""
    try:
        known = json.loads(_entry(model, located).read_bytes())
        return str(known["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _entry(model: Model, located: Located) -> Path:
    """A file of its own for each model and revision, so that processes need not wait for each other."""
    return cache_folder() / "weights-v1" / "seen" / f"{model.part}--{model.name}--{located.revision or 'given'}.json"
