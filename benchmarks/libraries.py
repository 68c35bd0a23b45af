"""What a library costs: to fill, on the disk, and to open and shortlist when it is large.

    python benchmarks/libraries.py
    python benchmarks/libraries.py --photos 200 --images 10000 100000 --depth 384

First table: drawn photographs of 1600 x 1200 px, as JPEG, dumped at 224 px by `classic` and by an untrained ViT-S: per
photograph, wall and processor seconds, and bytes of its item. The ratio is to reading and shrinking the photograph
alone. Second table: an index of made rows with a vector each: seconds to open and list it, to read all vectors, and to
find the 100 nearest of one query exactly; bytes of the file, and by how much the process grew.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dinosar.config import Part, RetrievalImage
from dinosar.datasets.listed import Listed
from dinosar.features import network_image, unit
from dinosar.grid import Grid, fit_grid
from dinosar.images import load_photo
from dinosar.parts import build_backbone
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.index import INDEX, Index, Row
from dinosar.retrieval.library import Library, told_of
from dinosar.retrieval.shelf import lengthened
from dinosar.retrieval.shortlist import nearest

IMAGE = RetrievalImage()
BACKBONES = (Part(use="classic"), Part(use="random-test"))
PHOTO = (1600, 1200)


def photographs(folder: Path, count: int) -> list[Listed]:
    """So many pictures of soft blobs, no two alike."""
    import cv2

    random = np.random.default_rng(0)
    listed = []
    for number in range(count):
        small = random.integers(0, 255, (30, 40, 3), dtype=np.uint8)
        path = folder / f"{number:05d}.jpg"
        cv2.imwrite(str(path), cv2.resize(small, PHOTO, interpolation=cv2.INTER_CUBIC))
        listed.append(Listed(path.name, path))
    return listed


def clocked(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def shrunk(listed: Sequence[Listed]) -> None:
    """Read and shrink photographs, and nothing else."""
    for each in listed:
        photo = load_photo(each.path, IMAGE)
        network_image(photo.pixels, fit_grid(photo.size, 16, size=IMAGE.size))


def filling(count: int, folder: Path) -> list[list[str]]:
    """Rows of the first table."""
    (folder / "photos").mkdir()
    listed = photographs(folder / "photos", count)
    wall, alone = clocked(lambda: shrunk(listed))
    rows = [["read and shrunk alone", f"{1000 * wall / count:.1f}", f"{1000 * alone / count:.1f}", "1.0", "-"]]
    for part in BACKBONES:
        backbone = build_backbone(part)
        library = Library.made(folder / part.use, told_of(backbone, part), IMAGE)
        list(dump(listed[:2], library, backbone, IMAGE))  # what is made once is not counted
        wall, processor = clocked(lambda: list(dump(listed[2:], library, backbone, IMAGE)))  # noqa: B023
        items = [file.stat().st_size for file in library.store.files()]
        done = count - 2
        rows.append([backbone.title, f"{1000 * wall / done:.1f}", f"{1000 * processor / done:.1f}",
                     f"{processor / done / (alone / count):.1f}", f"{np.mean(items):,.0f}"])  # fmt: skip
    return rows


def indexed(count: int, depth: int, folder: Path) -> list[str]:
    """A row of the second table."""
    folder.mkdir()
    index = Index(folder, create=True)
    random = np.random.default_rng(0)
    grid = Grid(PHOTO, (0, 0, *PHOTO), (224, 176), (0, 4, 224, 168), 16)
    for start in range(0, count, 10_000):
        numbers = range(start, min(count, start + 10_000))
        rows = [Row(f"scene/{n:07d}.jpg", f"{n:064x}", f"{n:064x}", grid, path=f"/photos/{n:07d}.jpg") for n in numbers]
        made = unit(random.standard_normal((len(rows), depth), dtype=np.float32))
        index.add(rows, [(row.item, "pooled", vector) for row, vector in zip(rows, made, strict=True)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listing, _ = clocked(lambda: Index(folder).listing())
    items = [item for _, item, *_ in index.listing()]
    found: list[np.ndarray] = []
    reading, _ = clocked(lambda: found.append(lengthened(index.vectors("pooled", items)[0])))
    asking, _ = clocked(lambda: nearest(found[0][:1], found[0], 100))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = (folder / INDEX).stat().st_size / count
    return [f"{count:,}", f"{listing:.2f}", f"{reading:.2f}", f"{asking:.3f}", f"{size:,.0f}", f"{grown:,.0f}"]


def shown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on the screen."""
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        cells = [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
        sys.stdout.write("  ".join(cells) + "\n")
    sys.stdout.write("\n")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--images", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--depth", type=int, default=384)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = filling(max(4, given.photos), Path(folder))
        shown(("a photograph", "wall ms", "processor ms", "ratio", "bytes of its item"), rows)
        rows = [indexed(count, given.depth, Path(folder) / str(count)) for count in given.images]
        shown(("images", "list s", "vectors s", "100 nearest s", "bytes each", "grew MB"), rows)


if __name__ == "__main__":
    main()
