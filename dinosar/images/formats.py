"""Tells from its first bytes which picture format a file is, whatever its name says."""

from dinosar.errors import shown
from dinosar.images.files import Refused

_READ = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
)
_TIFF = (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")
_PPM = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf")
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"))
_CANON_RAW = b"CR"  # Canon's older raw files are TIFFs with these letters after the header

# What people hand over by mistake, and what to do about it.
_REFUSED = (
    (b"%PDF", "a PDF document; export the picture in it as PNG or TIFF"),
    (b"%!PS", "a PostScript drawing; export it as PNG"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing; export it as PNG"),
    (b"8BPS", "a Photoshop document; export it as TIFF or PNG"),
    (b"gimp xcf", "a GIMP document; export it as TIFF or PNG"),
    (b"\xff\x0a", "a JPEG XL picture, which is not read; save it as PNG or TIFF"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture, which is not read; save it as PNG or TIFF"),
    (b"II\xbc", "a JPEG XR picture, which is not read; save it as PNG or TIFF"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture, which is not read; save it as 16-bit TIFF"),
    (b"#?RADIANCE", "a Radiance HDR picture, which is not read; save it as 16-bit TIFF"),
    (b"SIMPLE  =", "a FITS file, which is not read; save it as 16-bit TIFF"),
    (b"FUJIFILMCCD-RAW", "a camera raw file; develop it to TIFF or JPEG first"),
    (b"IIRO", "a camera raw file; develop it to TIFF or JPEG first"),
    (b"IIRS", "a camera raw file; develop it to TIFF or JPEG first"),
    (b"IIU\0", "a camera raw file; develop it to TIFF or JPEG first"),
    (b"\0\0\1\0", "an icon file, which is not read; save it as PNG"),
    (b"PK\3\4", "a zip archive; unpack it and name the pictures in it"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"\x89HDF", "an HDF5 file, not a picture; export the image in it as TIFF"),
    (b"\x93NUMPY", "a NumPy array, not a picture; save it as PNG or TIFF"),
)
_MARKUP = (
    (b"<svg", "an SVG drawing; export it as PNG"),
    (b"<!doctype html", "a web page, not a picture; download the picture itself"),
    (b"<html", "a web page, not a picture; download the picture itself"),
)


def recognised(head: bytes) -> str:
    """The name of the format these first bytes of a file belong to; anything that is not read is refused."""
    for start, kind in _READ:
        if head.startswith(start):
            return kind
    if head.startswith(_TIFF):
        return _tiff(head)
    if head.startswith(_PPM) and head[2:3].isspace():
        return "PPM"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    raise Refused(_no_picture(head))


def _tiff(head: bytes) -> str:
    if head[8:10] == _CANON_RAW:
        raise Refused("is a camera raw file; develop it to TIFF or JPEG first")
    return "TIFF"


def _by_brand(head: bytes) -> str:
    """HEIF, AVIF, films and raw files share one container and differ by the brands it names."""
    length = int.from_bytes(head[:4], "big")
    major, others = head[8:12], head[16 : max(16, min(length, len(head)))]
    brands = {others[i : i + 4] for i in range(0, len(others), 4)}
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1") and brands & {b"avif", b"avis"}):
        return "AVIF"
    if major in _HEIF_BRANDS:
        return "HEIF"
    if major == b"crx ":
        raise Refused("is a camera raw file; develop it to TIFF or JPEG first")
    brand = shown(major.decode("ascii", "backslashreplace"), 30)
    raise Refused(f"is a film or another kind of media file ('{brand}'), not a picture; export a frame as PNG")


def _no_picture(head: bytes) -> str:
    for start, what in _REFUSED:
        if head.startswith(start):
            return f"is {what}"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for tag, what in _MARKUP:
        if text.startswith(tag) or (text.startswith(b"<?xml") and tag in text):
            return f"is {what}"
    start_of_it = shown(head[:16].decode("ascii", "backslashreplace"), 80)
    return f"is not a picture that can be read (it starts with '{start_of_it}'); give a JPEG, PNG or TIFF file"
