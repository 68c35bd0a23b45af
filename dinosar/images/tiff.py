"""The first picture of a TIFF file: what its directory promises, and pixels of more than 8 bits."""

import io
import logging
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.images.deep_pixels import DeepPixels, linear
from dinosar.images.files import AGAIN, CUT_SHORT, Refused
from dinosar.images.pillow import check_size

_EXTRA = 'install it with: pip install "dinosar[tiff]"'
_LARGEST_TILE = 1 << 26  # pixels; one tile is unpacked in one go, however small the picture
_RAW = "is a camera raw file, or starts with a thumbnail; export it as an ordinary TIFF or JPEG first"
_UNSIGNED, _SIGNED, _FLOAT, _UNDEFINED = 1, 2, 3, 4
_PREMULTIPLIED = 1


@dataclass(frozen=True)
class Directory:
    """What is needed of the first directory of a TIFF file; the names are those of its tags."""

    width: int
    height: int
    bits: int
    sample_format: int
    samples: int
    photometric: int
    extra_samples: tuple[int, ...]
    orientation: int
    has_more: bool
    declared_white: int = 0

    @property
    def is_deep(self) -> bool:
        """More than Pillow brings home unharmed."""
        return self.bits > 8 or self.sample_format not in (_UNSIGNED, _UNDEFINED)

    @property
    def white(self) -> float:
        """The stored value that means white."""
        if self.sample_format == _FLOAT:
            return 1.0
        if self.declared_white in (511, 1023, 2047, 4095, 8191, 16383, 32767):  # 9 to 15 significant bits
            return float(self.declared_white)
        return float(2 ** (self.bits - (self.sample_format == _SIGNED)) - 1)

    @property
    def colours(self) -> int:
        """How many of the channels are colours."""
        return 3 if self.photometric == 2 else 1

    @property
    def extra(self) -> tuple[int, ...]:
        """Kinds of the other channels; a fourth one that nobody declared is taken as alpha, as everybody does."""
        return (2,) if self.samples == 4 and self.colours == 3 and not self.extra_samples else self.extra_samples


def read_directory(data: bytes, max_pixels: float) -> Directory:
    """The first directory of a TIFF file, refused where its pixels cannot all be there."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    if data[:4] == b"MM\0\x2b":
        raise Refused("is a big-endian BigTIFF, which is not read; save it as an ordinary TIFF")
    tags = ImageFileDirectory_v2(data[:16] if data[2:3] == b"\x2b" else data[:8])
    if tags.next >= len(data):
        raise Refused(CUT_SHORT)
    file = io.BytesIO(data)
    file.seek(tags.next)
    tags.load(file)
    if 50706 in tags or _numbers(tags, 254, 0)[0] & 1:
        raise Refused(_RAW)
    samples = _numbers(tags, 277, 1)[0]
    directory = Directory(
        width=_numbers(tags, 256)[0],
        height=_numbers(tags, 257)[0],
        bits=max(_numbers(tags, 258, 1)),
        sample_format=max(_numbers(tags, 339, _UNSIGNED)),
        samples=samples,
        photometric=_numbers(tags, 262, 1 if samples < 3 else 2)[0],
        extra_samples=_numbers(tags, 338, 0) if 338 in tags else (),
        orientation=_numbers(tags, 274, 1)[0],
        has_more=bool(tags.next),
        declared_white=_numbers(tags, 281, 0)[0],
    )
    check_size(directory.width, directory.height, max_pixels)
    _check_parts(tags, directory, len(data))
    return directory


def _numbers(tags: Any, tag: int, default: int | None = None) -> tuple[int, ...]:
    """A tag's whole numbers; a tag that is missing or holds something else means a damaged file."""
    value = tags.get(tag, default)
    numbers = value if isinstance(value, tuple) else (value,)
    if not numbers or not all(isinstance(each, int) for each in numbers):
        raise Refused(f"is damaged (TIFF tag {tag} is missing or wrong); open it in an image editor and save it anew")
    return numbers


def _check_parts(tags: Any, directory: Directory, length: int) -> None:
    """All strips or tiles must be there and lie inside the file: decoders fill what is missing with black."""
    where, sizes = (324, 325) if 324 in tags else (273, 279)
    offsets = _numbers(tags, where)
    if len(offsets) < _parts(tags, directory, tiled=where == 324):
        raise Refused(f"is damaged (parts of the picture are missing); {AGAIN}")
    if sizes not in tags:
        return  # old writers leave it out; the decoder then reads as far as it must
    counts = _numbers(tags, sizes)
    if any(offset + count > length for offset, count in zip(offsets, counts, strict=False)):
        raise Refused(CUT_SHORT)
    if len(counts) < len(offsets) or 0 in counts or 0 in offsets:
        raise Refused(f"is damaged (parts of the picture are missing); {AGAIN}")


def _parts(tags: Any, directory: Directory, tiled: bool) -> int:
    """How many strips or tiles a picture of this size has."""
    planes = directory.samples if _numbers(tags, 284, 1)[0] == 2 else 1
    if tiled:
        across, down = (max(1, _numbers(tags, tag)[0]) for tag in (322, 323))
        if across * down > _LARGEST_TILE:
            raise Refused(f"is made of tiles of {across} x {down} pixels; save it as an ordinary TIFF")
        return ceil(directory.width / across) * ceil(directory.height / down) * planes
    rows = max(1, _numbers(tags, 278, directory.height)[0])
    return ceil(directory.height / rows) * planes


def deep_tiff(data: bytes, directory: Directory) -> DeepPixels:
    """Stored pixels of more than 8 bits, or signed, or float; grey or RGB, not yet turned by the orientation."""
    _check_channels(directory)
    try:
        import tifffile
    except ImportError:
        raise Refused(f"is a TIFF of {directory.bits}-bit pixels, for which tifffile is missing; {_EXTRA}") from None
    # Without a handler of its own, its remarks on odd tags would be written to the user's screen.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            # Before anything is unpacked, and after: where tifffile makes no sense of a page it hands out nothing.
            _check_count(page.size, directory)
            axes, stored = page.axes, page.asarray(maxworkers=1)
            _check_count(stored.size, directory)
    except (ValueError, KeyError, ImportError) as fault:
        if "imagecodecs" not in str(fault):
            raise
        raise Refused(f"is a TIFF whose compression needs imagecodecs, which is missing; {_EXTRA}") from None
    return _arranged(_channels_last(stored, axes), directory)


def _check_count(count: int, directory: Directory) -> None:
    if count != directory.width * directory.height * directory.samples:
        raise Refused(f"is damaged (it does not hold the pixels that it tells of); {AGAIN}")


def _channels_last(stored: NDArray[Any], axes: str) -> NDArray[Any]:
    if axes == "YX":
        return stored[..., None]
    if axes == "YXS":
        return stored
    if axes == "SYX":
        return np.moveaxis(stored, 0, -1)
    raise Refused(f"is a stack of more than two dimensions ({axes}); save one layer of it as TIFF")


def _check_channels(directory: Directory) -> None:
    if directory.photometric not in (0, 1, 2) or directory.sample_format not in (
        _UNSIGNED,
        _SIGNED,
        _FLOAT,
        _UNDEFINED,
    ):
        raise Refused(f"is a {directory.bits}-bit TIFF that is neither grey nor RGB; convert it to grey or RGB")
    if directory.bits > 64:
        raise Refused(f"is damaged (it tells of {directory.bits}-bit pixels); {AGAIN}")
    extra = len(directory.extra)
    if directory.samples != directory.colours + extra or extra > (1 if directory.colours == 1 else 13):
        raise Refused(f"has {directory.samples} channels that are neither grey nor RGB; save it with 1 or 3 channels")


def _arranged(stored: NDArray[Any], directory: Directory) -> DeepPixels:
    """Colour and alpha apart, black as 0, and extra channels left behind."""
    extra, colours = directory.extra, directory.colours
    values = stored[..., 0] if colours == 1 else stored[..., :3]
    if directory.photometric == 0:
        values = (directory.white - values).astype(stored.dtype)
    kinds = [kind for kind in extra if kind in (1, 2)]
    if not kinds:
        notes = (f"{len(extra)} extra channels ignored",) if extra else ()
        return DeepPixels(values, directory.white, notes=notes)
    alpha = stored[..., colours + extra.index(kinds[0])]
    if alpha.dtype.kind == "f" and not np.isfinite(alpha).all():
        raise Refused("has an alpha channel with NaN or infinity in it; save it without transparency")
    if kinds[0] == _PREMULTIPLIED:
        values = _unmultiplied(values, alpha, directory.white)
    return DeepPixels(values, directory.white, linear(alpha, 0, directory.white))


def _unmultiplied(values: NDArray[Any], alpha: NDArray[Any], white: float) -> NDArray[Any]:
    """Colours as they were before somebody multiplied them by alpha."""
    share = np.maximum(alpha, 1 if alpha.dtype.kind != "f" else 1e-6) / white
    whole = np.clip(values / (share[..., None] if values.ndim == 3 else share), 0, white)
    return np.asarray(whole if values.dtype.kind == "f" else np.rint(whole), dtype=values.dtype)
