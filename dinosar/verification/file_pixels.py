"""Places told in the pixels of a picture file, as places in the photograph that is looked at: upright, at full size.

Other tools may have looked at the file as it lies there, whatever its EXIF data say, at the photograph upright, or at a
copy of either in another size. The size that they note tells which it was.
"""

import numpy as np
from numpy.typing import NDArray

from dinosar.datasets.upright import QUARTERS, SAME_SHAPE, Header, turned_pose
from dinosar.errors import InputError, shown
from dinosar.notices import note, warn

Points = NDArray[np.float64]
Size = tuple[int, int]
Move = NDArray[np.float64]
"""(2, 3): the new x and y are its first two columns times the old ones, plus the third."""
STAY = np.eye(2, 3)


def to_upright(header: Header, size: Size | None, name: str, teller: str) -> Move:
    """From pixels of a picture of `size`, made of the photograph `name`, to those of the photograph upright.

    An InputError where that can be no picture of it. Without a size, or where the size does not tell whether the
    picture was turned, it is taken as it lies in the file, which is hloc's way and COLMAP's; that is warned of.
    """
    lying, upright = (header.width, header.height), header.upright
    told = lying if size is None else size
    already = None if size is None else _already_turned(told, lying, upright)
    if already is None and not _alike(told, lying):
        raise InputError(
            f"{teller} tells of '{shown(name, 80)}' as a picture of {told[0]} x {told[1]} px, and the photograph has "
            f"{lying[0]} x {lying[1]}; name the photographs that it was made of"
        )
    if told not in (lying, upright):
        note(f"{teller} tells of '{shown(name, 80)}' in another size than it is stored in: taken in proportion")
    if already is None and header.orientation != 1:
        warn(
            f"the EXIF data turns '{shown(name, 80)}', and {teller} does not tell whether it was turned there, too: "
            "taken as it lies in its file"
        )
    return _scaled(told, upright) if already else moved(turning(header), _scaled(told, lying))


def _already_turned(size: Size, lying: Size, upright: Size) -> bool | None:
    """Whether a picture was made of the photograph upright, by its size; None where that does not tell."""
    if lying != upright and size in (lying, upright):
        return size == upright
    fits = _alike(size, lying), _alike(size, upright)
    return None if fits[0] == fits[1] else fits[1]


def turning(header: Header) -> Move:
    """From pixels as they lie in a file to those of the photograph upright."""
    width, height = header.upright
    across, down = header.orientation in (2, 3, 6, 7), header.orientation in (3, 4, 7, 8)
    axes = np.eye(2)[::-1] if header.orientation >= 5 else np.eye(2)
    signs = np.array([-1.0 if across else 1.0, -1.0 if down else 1.0])
    return np.column_stack([signs[:, None] * axes, [width if across else 0, height if down else 0]])


def moved(move: Move, first: Move) -> Move:
    """One move after another."""
    return np.column_stack([move[:, :2] @ first[:, :2], move[:, :2] @ first[:, 2] + move[:, 2]])


def at(move: Move, places: Points) -> Points:
    """Where places (n, 2) come to lie."""
    return np.asarray(places @ move[:, :2].T + move[:, 2])


def as_filed(pose: NDArray[np.float64], header: Header | None) -> NDArray[np.float64]:
    """The pose of an upright photograph as that of the picture in its file, which is what lists of poses tell of."""
    back = turned_pose(pose, -QUARTERS.get(1 if header is None else header.orientation, 0) % 4)
    assert back is not None
    return back


def _scaled(size: Size, other: Size) -> Move:
    return np.column_stack([np.diag([other[0] / size[0], other[1] / size[1]]), np.zeros(2)])


def _alike(size: Size, other: Size) -> bool:
    """Whether two sizes may be those of one picture."""
    if min(size) < 1:
        return False
    x, y = size[0] / other[0], size[1] / other[1]
    return abs(x / y - 1) <= SAME_SHAPE
