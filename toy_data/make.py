"""Draw photographs of pinned planthoppers of made-up species, with exact masks, landmarks and correspondence.

The pixel arrays are deterministic: the same seed and numbers give the same arrays. The bytes of a JPEG file depend on
the JPEG library too, so `SHA256SUMS` holds the sums of the files that were written with it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

# The script is run, and loaded, from its path; its parts are imported as the package of this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from toy_data.coco import LandmarksFile
from toy_data.photograph import Photograph, photographs

__all__ = ["Photograph", "main", "photographs", "write"]

JPEG_QUALITY = 88

_log = logging.getLogger("toy_data")


def _encoded(suffix: str, picture: np.ndarray, flags: Sequence[int] = ()) -> bytes:
    """The bytes of an image file."""
    done, buffer = cv2.imencode(suffix, picture, list(flags))
    if not done:
        raise RuntimeError(f"could not encode a {suffix} picture of shape {picture.shape}")
    return buffer.tobytes()


def _put(out: Path, relative: str, content: bytes, sums: dict[str, str]) -> None:
    """Write a file below `out` and keep its sum."""
    path = out / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    sums[relative] = hashlib.sha256(content).hexdigest()


def _put_correspondence(out: Path, shot: Photograph) -> None:
    """Write the dense map from the photograph to the canonical frame."""
    path = out / "correspondence" / f"{shot.name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, canonical=shot.canonical)


def write(out: Path, options: argparse.Namespace) -> None:
    """Write all files for the options of the command line below `out`."""
    sums: dict[str, str] = {}
    landmarks = LandmarksFile(options.seed, options.difference)
    shots = photographs(
        options.seed,
        species=options.species,
        individuals=options.individuals,
        photos=options.photos,
        difference=options.difference,
    )
    for shot in shots:
        flags = (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1)
        _put(out, f"{shot.name}.jpg", _encoded(".jpg", shot.pixels[..., ::-1], flags), sums)
        mask = shot.mask.astype(np.uint8) * 255
        _put(out, f"masks/{shot.name}.png", _encoded(".png", mask, (cv2.IMWRITE_PNG_COMPRESSION, 9)), sums)
        if options.correspondence:
            _put_correspondence(out, shot)
        landmarks.add(shot)
        _log.info("%s: %d x %d", shot.name, shot.pixels.shape[1], shot.pixels.shape[0])
    text = json.dumps(landmarks.content(), separators=(",", ":")) + "\n"
    _put(out, "landmarks/landmarks.json", text.encode(), sums)
    lines = (f"{digest}  {relative}\n" for relative, digest in sorted(sums.items()))
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Draw photographs of pinned planthoppers with known truth.")
    parser.add_argument("--seed", type=int, default=0, help="which species to draw (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent, help="folder to write to")
    parser.add_argument("--species", type=_positive, default=2, help="number of species (default: 2)")
    parser.add_argument("--individuals", type=_positive, default=3, help="individuals of each species (default: 3)")
    parser.add_argument("--photos", type=_positive, default=2, help="photographs of each individual (default: 2)")
    parser.add_argument(
        "--difference", type=float, default=1.0, help="how far the species differ; 0: not at all (default: 1)"
    )
    parser.add_argument("--correspondence", action="store_true", help="also write the dense true correspondence")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write(options.out, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
