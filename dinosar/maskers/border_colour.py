"""How far each pixel is from the colours along the border of a photo, which specimens seldom reach."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar


class BorderOptions(dinosar.Options):
    """What every masker that starts from the border colour may be told."""

    ring: float = Field(0.03, gt=0, le=0.4, description="Border taken for background, of the short side.")
    shadow: float = Field(
        18, ge=0, le=100, description="Lab lightness a soft shadow may take from the ground; 0 for pale specimens."
    )


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The photo with its long side at most `side`."""
    import cv2

    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    width, height = (max(1, round(length * scale)) for length in (pixels.shape[1], pixels.shape[0]))
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def grown(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A small mask brought to the photo's size, its edge interpolated."""
    import cv2

    if mask.shape == shape[:2]:
        return mask
    soft = cv2.resize(mask.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft > 0.5)


def border_distance(pixels: NDArray[np.uint8], ring: float, shadow: float = 0.0) -> NDArray[np.float32]:
    """Lab distance (height, width) of each pixel from the background, in units of its spread along the border.

    The background is a smooth surface fitted to the border ring: vignettes and gradients of light are part of it.
    What stands out of the ring (a label, a leg) is left out of the fit by its residual. Being darker by up to `shadow`
    units of lightness costs nothing: so does ground in a soft shadow.
    """
    import cv2

    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    height, width = lab.shape[:2]
    y, x = np.mgrid[:height, :width]
    x, y = (2 * (x + 0.5) / width - 1).astype(np.float32), (2 * (y + 0.5) / height - 1).astype(np.float32)
    depth = max(1, round(ring * min(height, width)))
    on_ring = np.ones((height, width), dtype=bool)
    on_ring[depth:-depth, depth:-depth] = False
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    surface, spread = _robust_surface(terms[on_ring].astype(np.float64), lab[on_ring].astype(np.float64))
    residual = lab - terms @ surface.astype(np.float32)
    darker = residual[..., 0] < 0
    residual[..., 0] = np.where(darker, np.minimum(residual[..., 0] + shadow, 0), residual[..., 0])
    residual /= spread.astype(np.float32)
    return np.asarray(np.sqrt((residual**2).sum(axis=-1)), dtype=np.float32)


def _robust_surface(
    terms: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least squares, refitted a few times without what stands out; the spread of what stays, at least one Lab unit."""
    weight = np.ones(len(terms), dtype=bool)
    for _ in range(5):
        surface = np.linalg.lstsq(terms[weight], values[weight], rcond=None)[0]
        residual = values - terms @ surface
        middle = np.median(np.abs(residual), axis=0)
        size = np.sqrt(((residual / np.maximum(middle, 0.5)) ** 2).sum(axis=1))
        weight = size <= max(4.0, float(np.median(size)))
    return np.asarray(surface), np.maximum(1.4826 * np.asarray(middle), 1.0)
