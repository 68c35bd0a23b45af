"""What Pillow is trusted with: opening one known format, the EXIF orientation, and colours of 8 bits."""

import io
import struct
import zlib
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.errors import shown
from dinosar.images.files import Refused

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

SAVE_ANEW = "open it in an image editor and save it anew as PNG or TIFF"
# Each format by its own reader: Image.open would try others too, and holds the size against a limit of its own.
_READERS = {
    "JPEG": ("PIL.JpegImagePlugin", "jpeg_factory"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "PPM": ("PIL.PpmImagePlugin", "PpmImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "JPEG2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "HEIF": ("pillow_heif", "HeifImageFile"),
}
_ALPHA_MODES = ("LA", "PA", "RGBA", "La", "RGBa")
_ORIENTATION = 0x0112


def faults() -> tuple[type[Exception], ...]:
    """What decoders raise on malformed files; anything else is a fault of ours and must be seen."""
    from PIL.Image import DecompressionBombError

    documented = (OSError, SyntaxError, ValueError, EOFError, NotImplementedError, OverflowError, MemoryError)
    parsers = (struct.error, zlib.error, DecompressionBombError, IndexError, TypeError, KeyError)
    return (*documented, *parsers, RuntimeError)  # RuntimeError: pillow_heif, imagecodecs


def opened(kind: str, data: bytes, max_pixels: float) -> "ImageFile":
    """A picture of which only the header is read, and found to be of a size that can be loaded."""
    module, reader = _READERS[kind]
    try:
        read = getattr(import_module(module), reader)
    except ImportError:
        hint = 'install it with: pip install "dinosar[heif]"'
        raise Refused(f"is a HEIC picture, for which pillow-heif is missing; {hint}") from None
    image: ImageFile = read(io.BytesIO(data), "")
    check_size(*image.size, max_pixels)
    return image


def check_size(width: int, height: int, max_pixels: float) -> None:
    """Refuse a size before any pixel is unpacked."""
    if width < 1 or height < 1:
        raise Refused(f"says it is {width} x {height} pixels large; {SAVE_ANEW}")
    if width * height > max_pixels:
        raise Refused(
            f"says it is {width} x {height} pixels large, more than {max_pixels / 1e6:g} megapixels; "
            "make it smaller, or raise max_megapixels if that is its true size"
        )


def orientation_of(image: "ImageFile") -> tuple[int, tuple[str, ...]]:
    """The EXIF orientation of a loaded picture, 1 where there is none or it makes no sense, and a note."""
    try:
        exif = image.getexif()
        if exif or not image.info.get("exif"):
            return judged(exif.get(_ORIENTATION, 1))
    except faults():
        pass  # a second reading gives no fault but nothing either, so both end here
    return 1, ("its EXIF data cannot be read; taken to be upright",)


def judged(value: object) -> tuple[int, tuple[str, ...]]:
    """A value of the orientation tag, which may be anything, as one of 1 to 8, and a note."""
    if value == 1:
        return 1, ()
    if isinstance(value, int) and 2 <= value <= 8:
        return value, (f"EXIF orientation {value} applied",)
    return 1, (f"EXIF orientation {shown(value, 20)} means nothing; taken to be upright",)


def remarks(image: "Image") -> tuple[str, ...]:
    """What the record should know of a picture whose colours mean something else than sRGB."""
    notes = []
    if image.mode == "CMYK":
        notes.append("CMYK turned into RGB without a colour profile")
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and b"sRGB" not in profile and "sRGB".encode("utf-16-be") not in profile:
        notes.append("embedded colour profile ignored")
    return tuple(notes)


def eight_bits(image: "Image") -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB, and alpha where the picture has it."""
    if image.mode == "LAB":
        image = _from_lab(image)
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode not in _ALPHA_MODES and "transparency" not in image.info:
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB")), None
    rgba = np.asarray(image.convert("RGBA"))
    return np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])


def _from_lab(image: "Image") -> "Image":
    """CIE Lab under D50, as printing and Photoshop mean it, to sRGB."""
    from PIL import ImageCms

    profiles = (ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"))
    turned = ImageCms.profileToProfile(image, *profiles, outputMode="RGB")
    if turned is None:  # only when asked to work in place
        raise Refused(f"is a Lab picture that cannot be turned into RGB; {SAVE_ANEW}")
    return turned
