"""Files that lie on a plain web server, as the models of rembg do: fetched in a stream, checked, then put in place."""

import hashlib
import sys
from collections.abc import Iterator
from itertools import chain

from dinosar.errors import WeightsError
from dinosar.weights.arriving import arriving
from dinosar.weights.catalogue import Model
from dinosar.weights.disk import Located, target
from dinosar.weights.web import PROBLEMS, ask, told

BLOCK = 1 << 20


def fetch_release(model: Model, progress: bool) -> tuple[Located, str]:
    """Fetch a file; it gets its name only when it is whole and has the published hash. Its SHA-256 comes with it."""
    path = target(model)
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    blocks = _blocks(model)
    first = next(blocks)  # nothing is touched before the server has given something
    with arriving(path) as file:
        for block in _shown(model, progress, chain([first], blocks)):
            file.write(block)
            sha256.update(block)
            md5.update(block)
        for name, digest, published in (("md5", md5, model.md5), ("sha256", sha256, model.sha256)):
            if published and digest.hexdigest() != published:
                raise _failed(model, f"what came has {name} {digest.hexdigest()}, but {published} is published; "
                                     "a network that wants a login first, or a changed file?")  # fmt: skip
    return Located(path, "", "rembg"), sha256.hexdigest()


def _blocks(model: Model) -> Iterator[tuple[bytes, int]]:
    """(block, bytes to come in all)."""
    try:
        with ask(model.url) as answer:
            length = int(answer.headers.get("Content-Length") or 0)
            came = 0
            while block := answer.read(BLOCK):
                came += len(block)
                yield block, length or model.size
    except PROBLEMS as problem:
        raise _failed(model, told(problem)) from problem
    if came < length or not came:
        raise _failed(model, f"the connection was cut after {came} of {length} bytes; try again")


def _shown(model: Model, progress: bool, blocks: Iterator[tuple[bytes, int]]) -> Iterator[bytes]:
    """The blocks, with a bar on stderr where a person looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    hidden = not (progress and sys.stderr.isatty())
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as bar:
        task = bar.add_task(model.name, total=model.size or None)
        for block, length in blocks:
            bar.update(task, advance=len(block), total=length or None)
            yield block


def _failed(model: Model, why: str) -> WeightsError:
    return WeightsError(f"weights of '{model.name}' cannot be fetched from {model.url}: {why}")
