"""Draw a small collection in the layout of SPair-71k, with three drawn categories and true keypoints.

    python toy_data/spair.py --out DIR
    python toy_data/spair.py --zip drawn.zip --pairs 90 --seed 5

The pictures show made-up planthoppers, beetles and teapots on grounds that say nothing about them. Individuals differ
in proportions, colour and pattern, and no pair shows one individual twice. Each picture turns its thing by up to 15
degrees and takes it from near or far; some things are cut off by the frame, some lie under a strip. The number of a
keypoint is its place in `KINDS`; keypoints that cannot be seen are null in ImageAnnotation and in no pair. Keypoints
are indices of the pixels they fall into. The pixel arrays depend on the options only; the bytes of the files also
depend on the JPEG and PNG libraries.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

# The script is run, and loaded, from its path; its parts are imported as the package of this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from toy_data import beetle, teapot
from toy_data.anatomy import LANDMARKS
from toy_data.individual import paint_individual
from toy_data.pose import draw_pose
from toy_data.snapshots import Snapshot, Thing, random_bumps, take, thing

KINDS = {"planthopper": tuple(LANDMARKS)[:12], "beetle": beetle.KEYPOINTS, "teapot": teapot.KEYPOINTS}
SPLITS = {"trn": (4, 5), "val": (6, 7), "test": (0, 1, 2, 3)}
"""Which individuals of each category are in a split."""
PHOTOS = 3
PAIRS = 48
VIEWPOINT, SCALE = (8.0, 18.0), (1.25, 1.6)
"""From which difference in degrees, and from which ratio of lengths, a pair is medium and hard."""
_SHAPE, _PHOTO, _PICK = 11, 12, 13  # keys of the draws, unlike those of the other scripts
_CUT, _COVERED = 0.25, 0.25  # shares of pictures
_FIRST_ID, _VOID = 21, 255  # numbers in the masks: those of PASCAL VOC end at 20
_COLOURS = {21: (0, 92, 230), 22: (206, 148, 0), 23: (0, 158, 115), _VOID: (224, 224, 192)}
_EVERY = 5  # a fifth of the pairs is in the small lists
_ROOT = "SPair-71k"
WINDOWS = os.name == "nt"
Files = Iterator[tuple[str, bytes]]
Pair = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Shot:
    """A picture of the collection: its category, its name, and what is known of it."""

    category: str
    name: str
    taken: Snapshot

    @property
    def size(self) -> list[int]:
        """Width, height and channels."""
        return [self.taken.pixels.shape[1], self.taken.pixels.shape[0], 3]

    @property
    def box(self) -> list[int]:
        """The outermost pixels of what is seen: left, top, right, bottom."""
        rows, columns = np.nonzero(self.taken.mask)
        return [int(each) for each in (columns.min(), rows.min(), columns.max(), rows.max())]

    @property
    def keypoints(self) -> dict[str, list[int] | None]:
        """The pixel of each keypoint by its number, None where it cannot be seen."""
        places = np.floor(self.taken.places).astype(int).tolist()
        return {
            str(i): place if seen else None for i, (place, seen) in enumerate(zip(places, self.taken.seen, strict=True))
        }


def collection(seed: int = 0, pairs: int = PAIRS, splits: Iterable[str] = tuple(SPLITS)) -> Files:
    """The files of the collection by their names within it; folders end with `/`. Only what a pair needs is drawn."""
    yield "devkit/", b""
    for split in splits:
        before = sum(len(KINDS) * _share(each, pairs) for each in itertools.takewhile(split.__ne__, SPLITS))
        chosen = {kind: _chosen(seed, kind, split, pairs) for kind in KINDS}
        shots: dict[tuple[str, tuple[int, int]], Shot] = {}
        for kind, those in chosen.items():
            for key, shot in _shots(seed, kind, {each for pair in those for each in pair}):
                shots[kind, key] = shot
                yield from _picture_files(shot)
        names = []
        for kind, those in chosen.items():
            for source, target in those:
                number = before + len(names) + 1
                a, b = shots[kind, source], shots[kind, target]
                names.append(f"{number}-{a.name}-{b.name}:{kind}")
                yield f"PairAnnotation/{split}/{names[-1]}.json", _json(_pair(number, names[-1], a, b))
        for size, listed in (("large", names), ("small", names[::_EVERY])):
            yield f"Layout/{size}/{split}.txt", "".join(f"{name}\n" for name in listed).encode()


def _share(split: str, pairs: int) -> int:
    """How many pairs of each category a split has."""
    part = {"test": 1, "trn": 2, "val": 4}[split]
    return max(1, pairs // part // len(KINDS))


def _possible(split: str) -> list[Pair]:
    """Every ordered pair of photographs of two individuals of a split."""
    photos = list(itertools.product(SPLITS[split], range(PHOTOS)))
    return [(a, b) for a, b in itertools.permutations(photos, 2) if a[0] != b[0]]


def _chosen(seed: int, kind: str, split: str, pairs: int) -> list[Pair]:
    """Some of the possible pairs."""
    possible, n = _possible(split), _share(split, pairs)
    if n > len(possible):
        raise ValueError(f"there are only {len(possible)} pairs of each category in {split}")
    rng = np.random.default_rng([seed, _PICK, list(KINDS).index(kind), list(SPLITS).index(split)])
    return [possible[i] for i in rng.permutation(len(possible))[:n]]


def _shots(seed: int, kind: str, wanted: set[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], Shot]]:
    """Photographs by individual and number; each depends on the seed and these two only."""
    for individual, photos in itertools.groupby(sorted(wanted), key=lambda each: each[0]):
        subject = _subject(seed, kind, individual)
        for _, photo in photos:
            rng = np.random.default_rng([seed, _PHOTO, list(KINDS).index(kind), individual, photo])
            cut, covered = (bool(rng.random() < share) for share in (_CUT, _COVERED))
            taken = take(subject, rng, cut=cut, covered=covered)
            yield (individual, photo), Shot(kind, f"{kind}_{individual + 1:02d}{photo + 1:02d}", taken)


def _subject(seed: int, kind: str, number: int) -> Thing:
    """Paint an individual."""
    rng = np.random.default_rng([seed, _SHAPE, list(KINDS).index(kind), number])
    if kind == "planthopper":
        painted = paint_individual(seed, number % 2, number // 2)
        bumps = draw_pose(painted.traits, rng).bumps
        return thing(painted.canvas, {name: LANDMARKS[name] for name in KINDS[kind]}, bumps)
    if kind == "beetle":
        return thing(*beetle.paint_beetle(rng), random_bumps(rng, 9.0), upright=90.0)
    return thing(*teapot.paint_teapot(rng), random_bumps(rng, 9.0))


def _picture_files(shot: Shot) -> Files:
    """A photograph, its mask and its annotation."""
    place = f"{shot.category}/{shot.name}"
    flags = [cv2.IMWRITE_JPEG_QUALITY, 92]
    done, buffer = cv2.imencode(".jpg", shot.taken.pixels[..., ::-1], flags)
    if not done:
        raise RuntimeError(f"could not encode {place}")
    yield f"JPEGImages/{place}.jpg", buffer.tobytes()
    yield f"Segmentation/{place}.png", _mask(shot)
    yield f"ImageAnnotation/{place}.json", _json(_image(shot))


def _mask(shot: Shot) -> bytes:
    """The mask as numbers of colours; the pixels around it are undecided."""
    mask = shot.taken.mask.astype(np.uint8)
    indices = mask * np.uint8(_FIRST_ID + list(KINDS).index(shot.category))
    indices[cv2.dilate(mask, np.ones((3, 3), np.uint8)) != mask] = _VOID
    image = Image.fromarray(indices, mode="L")
    image.putpalette([level for i in range(256) for level in _COLOURS.get(i, (0, 0, 0))])
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _image(shot: Shot) -> dict[str, object]:
    """What ImageAnnotation says of a picture."""
    width, height, depth = shot.size
    return {
        "filename": f"{shot.name}.jpg", "src_database": "drawn", "src_annotation": "drawn", "src_image": "drawn",
        "image_width": width, "image_height": height, "image_depth": depth, "category": shot.category,
        "pose": "Unspecified", "truncated": int(shot.taken.truncated), "occluded": int(shot.taken.occluded),
        "difficult": 0, "bndbox": shot.box, "kps": shot.keypoints, "azimuth_id": 0,
    }  # fmt: skip


def _pair(number: int, name: str, a: Shot, b: Shot) -> dict[str, object]:
    """What PairAnnotation says of a pair; only keypoints that both pictures show."""
    left, right = a.keypoints, b.keypoints
    shared = [i for i in left if left[i] is not None and right[i] is not None]
    ratio = max(a.taken.length, b.taken.length) / min(a.taken.length, b.taken.length)
    return {
        "pair_id": number, "filename": name, "src_imname": f"{a.name}.jpg", "trg_imname": f"{b.name}.jpg",
        "src_imsize": a.size, "trg_imsize": b.size, "src_bndbox": a.box, "trg_bndbox": b.box,
        "category": a.category, "src_pose": "Unspecified", "trg_pose": "Unspecified",
        "src_kps": [left[i] for i in shared], "trg_kps": [right[i] for i in shared], "kps_ids": shared, "mirror": 0,
        "viewpoint_variation": _grade(abs(a.taken.turn - b.taken.turn), VIEWPOINT),
        "scale_variation": _grade(ratio, SCALE),
        "truncation": int(a.taken.truncated) + 2 * int(b.taken.truncated),
        "occlusion": int(a.taken.occluded) + 2 * int(b.taken.occluded),
    }  # fmt: skip


def _grade(value: float, limits: tuple[float, float]) -> int:
    """0 easy, 1 medium, 2 hard."""
    return sum(value >= limit for limit in limits)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def to_folder(files: Files, out: Path) -> None:
    """Write the files into a folder, as an archive would be unpacked there."""
    for name, data in files:
        path = out / _ROOT / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)


def to_zip(files: Files, path: Path) -> None:
    """Write the files into a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(f"{_ROOT}/{name}"), data, zipfile.ZIP_DEFLATED)


def to_tar(files: Files, path: Path) -> None:
    """Write the files into a tar, packed by gzip if its name ends so."""
    packed = path.suffix in (".gz", ".tgz")
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if packed else raw as out,
        tarfile.open(fileobj=out, mode="w") as archive,
    ):
        for name, data in files:
            member = tarfile.TarInfo(f"{_ROOT}/{name.rstrip('/')}")
            member.size, member.type = len(data), tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            member.mode = 0o755 if name.endswith("/") else 0o644
            archive.addfile(member, io.BytesIO(data))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Draw a small collection in the layout of SPair-71k.")
    parser.add_argument("--seed", type=int, default=0, help="which individuals to draw (default: 0)")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"pairs of the split test (default: {PAIRS})")
    parser.add_argument("--out", type=Path, help=f"folder to write {_ROOT} to")
    archive = parser.add_mutually_exclusive_group()
    archive.add_argument("--zip", type=Path, help="a zip to write")
    archive.add_argument("--tar", type=Path, help="a tar to write; packed if it ends with .gz or .tgz")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    most = len(KINDS) * len(_possible("test"))
    if not len(KINDS) <= options.pairs <= most or options.seed < 0:
        parser.error(f"--pairs must be {len(KINDS)} to {most}, and --seed 0 or more")
    if not (options.out or options.zip or options.tar):
        parser.error("say where to write: --out DIR, --zip FILE or --tar FILE")
    if options.out and WINDOWS:
        parser.error("the names of the files hold a ':', which Windows does not allow; use --zip FILE, read as it is")
    if options.out and (options.out / _ROOT).exists():
        parser.error(f"{options.out / _ROOT} is there already; name another folder with --out")
    files = list(collection(options.seed, options.pairs))
    for write, where in ((to_folder, options.out), (to_zip, options.zip), (to_tar, options.tar)):
        if where:
            write(iter(files), where)
    return 0


if __name__ == "__main__":
    sys.exit(main())
