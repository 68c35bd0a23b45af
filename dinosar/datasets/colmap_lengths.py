"""Whether the binary files of a COLMAP model are as long as they say; pycolmap reads on and on in some that are not.

Nothing is taken from them here: only counts are followed, to see where a file must end.
"""

import mmap
import struct
from collections.abc import Callable
from pathlib import Path

Ending = Callable[[mmap.mmap, int], int]
"""Where a record that begins at a place ends."""
_SENSOR, _POSE = 8, 56


def check_lengths(folder: Path, parameters: Callable[[int], int]) -> None:
    """A ValueError where a binary file is cut short. `parameters` says how many a camera of a kind (a number) has."""

    def camera(data: mmap.mmap, place: int) -> int:
        return place + 24 + 8 * parameters(struct.unpack_from("<i", data, place + 4)[0])

    for name, ending in (("cameras", camera), ("images", _image), ("rigs", _rig), ("frames", _frame)):
        path = folder / f"{name}.bin"
        if path.is_file() and not _is_whole(path, ending):
            raise ValueError(f"{path.name} is cut short")


def _is_whole(path: Path, ending: Ending) -> bool:
    size = path.stat().st_size
    if size < 8:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        (count,) = struct.unpack_from("<Q", data)
        place = 8
        try:
            for _ in range(count):
                place = ending(data, place)
                if place > size:
                    return False
        except struct.error:
            return False
    return True


def _image(data: mmap.mmap, place: int) -> int:
    """A number, a pose, the number of a camera, a name that ends with a zero, and observations."""
    name_ends = data.find(b"\0", place + 4 + _POSE + 4)
    if name_ends < 0:
        raise struct.error
    (count,) = struct.unpack_from("<Q", data, name_ends + 1)
    return int(name_ends + 9 + 24 * count)


def _rig(data: mmap.mmap, place: int) -> int:
    """A number, and sensors; all but the first may have a pose."""
    (count,) = struct.unpack_from("<I", data, place + 4)
    place += 8 + _SENSOR * min(count, 1)
    for _ in range(1, count):
        place += _SENSOR + 1 + _POSE * (struct.unpack_from("<B", data, place + _SENSOR)[0] != 0)
    return place


def _frame(data: mmap.mmap, place: int) -> int:
    """Two numbers, a pose, and which data each sensor gave."""
    (count,) = struct.unpack_from("<I", data, place + 8 + _POSE)
    return int(place + 8 + _POSE + 4 + (_SENSOR + 8) * count)
