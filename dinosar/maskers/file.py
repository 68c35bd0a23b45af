"""Masks that somebody made: pictures, or segmentations in a COCO file."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar


class File(dinosar.Masker):
    """A mask from a picture (white or opaque = specimen), or from the segmentations of a COCO file."""

    class Options(dinosar.Options):
        """Where the masks lie."""

        path: str = Field(
            min_length=1,
            description="A COCO .json, a folder of <photo name>.png, or a name such as masks/{name}.png; "
            "one picture alone serves every photo.",
        )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._used: dict[str, str] = {}

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """The mask that belongs to this photo."""
        source = self._source(photo)
        self._used[f"sha256 of the mask of {photo.name}"] = hashlib.sha256(source.read_bytes()).hexdigest()
        mask = _from_coco(source, photo) if source.suffix.lower() == ".json" else _from_picture(source)
        if mask.shape != photo.pixels.shape[:2]:
            height, width = mask.shape
            raise dinosar.InputError(
                f"mask '{source}' is {width} x {height} px, but photo '{photo.name}' is "
                f"{photo.size[0]} x {photo.size[1]}; a mask must have its photo's size"
            )
        return mask

    def facts(self) -> dict[str, str]:
        """The SHA-256 of every file that a mask was read from."""
        return dict(self._used)

    def _source(self, photo: dinosar.Photo) -> Path:
        path = Path(self.options.path.replace("{name}", photo.name))
        if path.is_dir():
            path = path / f"{photo.name}.png"
        if not path.is_file():
            raise dinosar.InputError(f"photo '{photo.name}' has no mask: '{path}' is not there")
        return path


def _from_picture(path: Path) -> NDArray[np.bool_]:
    picture = dinosar.load_photo(path)
    shade: NDArray[Any] = picture.pixels.mean(axis=2) if picture.alpha is None else picture.alpha
    return np.asarray(shade > (127 if shade.max() > 1 else 0))  # a mask of 0 and 1 is one, too


def _from_coco(path: Path, photo: dinosar.Photo) -> NDArray[np.bool_]:
    """The union of all segmentations that a COCO file has for this photo, found by its file name."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        file_name = photo.path.name if photo.path else photo.name
        images = [i for i in data["images"] if i["file_name"].replace("\\", "/").rsplit("/", 1)[-1] == file_name]
        found = [a for a in data["annotations"] if images and str(a["image_id"]) == str(images[0]["id"])]
        height, width = (int(images[0][side]) for side in ("height", "width")) if images else (0, 0)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise dinosar.InputError(f"'{path}' is not a COCO file: {type(problem).__name__} {problem}") from problem
    pieces = [a["segmentation"] for a in found if a.get("segmentation")]
    if not pieces:
        raise dinosar.InputError(f"'{path}' has no segmentation for '{file_name}'")
    if not all(_is_polygons(piece) or _is_run_lengths(piece, height, width) for piece in pieces):
        raise dinosar.InputError(
            f"'{path}' has a segmentation for '{file_name}' that cannot be read: it must be a list of polygons "
            f"[x, y, x, y, x, y, …], or run lengths with the photo's size [{height}, {width}] and counts"
        )
    union: NDArray[np.bool_] = np.any([_decoded(piece, height, width) for piece in pieces], axis=0)
    return union


def _is_polygons(piece: Any) -> bool:
    """pycocotools does not look before it leaps; so we do."""
    return isinstance(piece, list) and all(
        isinstance(ring, list)
        and len(ring) >= 6
        and len(ring) % 2 == 0
        and all(isinstance(v, (int, float)) for v in ring)
        for ring in piece
    )


def _is_run_lengths(piece: Any, height: int, width: int) -> bool:
    if not isinstance(piece, dict) or piece.get("size") != [height, width]:
        return False
    counts = piece.get("counts")
    if isinstance(counts, list):
        return all(isinstance(run, int) and run >= 0 for run in counts) and sum(counts) == height * width
    return isinstance(counts, str) and bool(counts)


def _decoded(piece: Any, height: int, width: int) -> NDArray[np.bool_]:
    """One segmentation: polygons, or run lengths, compressed or not."""
    from pycocotools import mask as coco_mask

    if isinstance(piece, list):
        piece = coco_mask.merge(coco_mask.frPyObjects(piece, height, width))
    elif isinstance(piece["counts"], list):
        piece = coco_mask.frPyObjects(piece, height, width)
    return np.asarray(coco_mask.decode(piece), dtype=bool)
