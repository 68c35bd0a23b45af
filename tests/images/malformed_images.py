"""Files that must be refused, each with a word its message must hold."""

import io
import struct

import imagecodecs
import numpy as np
from images_corpus import (
    ALPHA,
    DEEP,
    GREY,
    HEIGHT,
    PICTURE,
    WIDTH,
    Case,
    chunk,
    exif,
    interlaced,
    large_png,
    png,
    png_of,
    saved,
    tiff,
    whole_files,
    with_tag,
)
from PIL import Image


def not_pictures() -> list[Case]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    starts = {
        "one-byte": (b"\xff", "not a picture"),
        "text": (b"Dear Sir,\nattached", "starts with 'Dear Sir,\\nattach'"),
        "escape": (b"\x1b[31mred\x07", "not a picture"),
        "web-page": (b"\n<!DOCTYPE html><html>", "web page"),
        "web-page-bare": (b"<html><body>404", "web page"),
        "svg": (svg, "SVG"),
        "svg-xml": (b'\xef\xbb\xbf<?xml version="1.0"?>\n' + svg, "SVG"),
        "pdf": (b"%PDF-1.7", "PDF"),
        "eps": (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        "psd": (b"8BPS\0\1", "Photoshop"),
        "xcf": (b"gimp xcf v011", "GIMP"),
        "jxl": (b"\xff\x0a\x00", "JPEG XL"),
        "jxr": (b"II\xbc\x01", "JPEG XR"),
        "exr": (b"\x76\x2f\x31\x01", "OpenEXR"),
        "fits": (b"SIMPLE  =                    T", "FITS"),
        "raf": (b"FUJIFILMCCD-RAW 0201", "raw"),
        "cr2": (b"II*\0\x10\0\0\0CR\2\0", "raw"),
        "cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "raw"),
        "mp4": (b"\0\0\0\x18ftypisom\0\0\0\1isommp42", "film"),
        "ico": (b"\0\0\1\0\1\0", "icon"),
        "zip": (b"PK\3\4", "zip"),
        "gzip": (b"\x1f\x8b\x08", "gzip"),
        "npy": (b"\x93NUMPY\1\0", "NumPy"),
        "noise": (bytes(range(128, 256)), "not a picture"),
    }
    return [Case("empty", b"", "empty"), *(Case(name, *start) for name, start in starts.items())]


def only_a_start() -> list[Case]:
    heads = {"png": 8, "jpeg": 3, "gif": 6, "bmp": 2, "webp": 12, "tiff": 8, "jpeg2000": 12, "avif": 20, "ppm": 3}
    return [Case(f"start-of-{kind}", whole_files()[kind][:size], "is ") for kind, size in heads.items()]


def cut_files() -> list[Case]:
    return [Case(f"half-{kind}", data[: len(data) // 2], "is ") for kind, data in whole_files().items()]


def broken_jpegs() -> list[Case]:
    rng = np.random.default_rng(5)
    noise = saved(Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)), "JPEG", quality=90)
    half, progressive = noise[: len(noise) // 2], whole_files()["progressive"]
    return [
        Case("half-jpeg-with-end", half + b"\xff\xd9", "cut short"),
        Case("half-jpeg-zeros", half + bytes(len(half)), "cut short"),
        Case("half-jpeg-many-zeros", half + bytes(40 * len(half)), "cut short"),
        Case("jpeg-lacks-last-bytes", noise[:-12], "cut short"),
        Case("progressive-without-end", progressive[:-2], "cut short"),
        Case("jpeg-zero-height", noise.replace(b"\x08\0\x40\0\x40\3", b"\x08\0\0\0\x40\3"), "is "),
    ]


def broken_pngs() -> list[Case]:
    sound = whole_files()["png"]
    middle = len(sound) // 2
    flipped = sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :]
    rows = b"".join(b"\0" + row.tobytes() for row in GREY[:9])
    text = chunk(b"tEXt", b"Title\0x")
    return [
        Case("png-bit-flip", flipped, "checksum"),
        Case("png-bad-text-checksum", png_of(GREY, 8, 0, text[:-1] + b"?"), "checksum"),
        Case("png-too-few-rows", png(WIDTH, HEIGHT, 8, 0, rows), "cut short"),
        Case("png-interlaced-too-short", interlaced(png(2, 8, 8, 0, bytes(25))), "cut short (it ends"),
        Case("png-no-width", png(0, 5, 8, 0, b""), "0 x 5"),
        Case("png-no-height", png(5, 0, 8, 0, b""), "5 x 0"),
        Case("png-widest", large_png(2**31 - 1, 2**31 - 1, b""), "megapixels"),
        Case("png-sign-bit", large_png(2**31, 1, b""), "is "),
        Case("png-odd-depth", png(4, 1, 3, 0, b"\0\0"), "is "),
        Case("png-no-header", sound[:8] + sound[33:], "header"),
        Case("png-no-pixels", sound[:33] + chunk(b"IEND", b""), "is "),
        Case("png16-nan-free-minmax", png_of(np.full((3, 3), 7), 16, 0), "contrast", options={"bit_depth": "minmax"}),
    ]


def broken_tiffs() -> list[Case]:
    plain, deep = whole_files()["tiff"], whole_files()["tiff16"]
    rgb = {"photometric": "rgb"}
    nan = np.where(GREY > 100, np.nan, 0.5).astype(np.float32)
    return [
        Case("tiff-directory-far-away", b"II*\0" + struct.pack("<I", 10**9) + bytes(99), "cut short"),
        Case("tiff-empty-directory", b"II*\0\x08\0\0\0" + bytes(40), "damaged"),
        Case("tiff-too-large", with_tag(with_tag(plain, 256, 10**6), 257, 10**6), "megapixels"),
        Case("tiff-taller", with_tag(with_tag(plain, 278, HEIGHT), 257, HEIGHT * 2), "missing"),
        Case("tiff16-taller", with_tag(with_tag(deep, 278, HEIGHT), 257, HEIGHT * 2), "missing"),
        Case("tiff-pixels-far-away", with_tag(plain, 273, 10**8), "cut short (it ends"),
        Case("tiff16-pixels-far-away", with_tag(deep, 273, 10**8), "cut short (it ends"),
        Case("tiff16-33-bits", with_tag(deep, 258, 33), "pixels that it tells of"),
        Case("tiff16-countless-bits", with_tag(deep, 258, 2**31), "is "),
        Case("tiff-empty-strip", with_tag(plain, 279, 0), "missing"),
        Case("tiff-thumbnail-first", tiff(PICTURE, subfiletype=1, **rgb), "thumbnail"),
        Case("dng", tiff(DEEP, extratags=[(50706, 1, 4, (1, 4, 0, 0), True)], **rgb), "raw"),
        Case(
            "tiff-giant-tiles",
            with_tag(with_tag(whole_files()["tiff16-tiles"], 322, 2**16), 323, 2**16),
            "tiles of 65536",
        ),
        Case("tiff16-cmyk", tiff(np.dstack([DEEP, DEEP[..., 0]]), photometric="separated"), "neither"),
        Case("tiff-complex", tiff(DEEP[..., 0].astype(np.complex64)), "neither"),
        Case(
            "tiff-five-channels",
            tiff(np.dstack([DEEP, DEEP])[..., :5], photometric="minisblack", planarconfig=1),
            "channels",
        ),
        Case(
            "tiff-volume", tiff(DEEP[:8, :16].transpose(2, 0, 1)[:2].copy(), volumetric=True, tile=(2, 16, 16)), "is "
        ),
        Case("tiff-nan", tiff(nan), "NaN"),
        Case("tiff-infinite", tiff(np.full((4, 4), np.inf, np.float32)), "infinite"),
        Case("tiff-float-too-bright", tiff(GREY.astype(np.float32)), "minmax"),
        Case("tiff-negative", tiff(GREY.astype(np.int16) - 300), "minmax"),
        Case("tiff-nan-alpha", tiff(np.dstack([nan, nan, nan, nan]), extrasamples=["unassalpha"], **rgb), "NaN"),
        Case("tiff-flat", tiff(np.full((9, 9), 7.5, np.float32)), "contrast", options={"bit_depth": "percentile"}),
        Case("bigtiff-big-endian", tiff(DEEP, bigtiff=True, byteorder=">", **rgb), "BigTIFF"),
    ]


def other_broken() -> list[Case]:
    bmp, gif, webp = (whole_files()[kind] for kind in ("bmp", "gif", "webp"))
    deep_jp2 = imagecodecs.jpeg2k_encode(DEEP, level=0, reversible=True)
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + b"\xff\xff\xff" * 2
    animated = b"RIFF" + struct.pack("<I", len(vp8x) + 4 + len(webp) - 12) + b"WEBP" + vp8x + webp[12:]
    return [
        Case("bmp-too-large", bmp[:18] + struct.pack("<II", 60000, 60000) + bmp[26:], "megapixels"),
        Case("bmp-odd-compression", bmp[:30] + struct.pack("<I", 77) + bmp[34:], "is "),
        Case("gif-too-large", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], "megapixels"),
        Case("webp-canvas-too-large", animated, "is "),
        Case("ppm-too-large", b"P6 99999 99999 255\n" + bytes(99), "megapixels"),
        Case("ppm-no-number", b"P6 three 4 255\n" + bytes(99), "is "),
        Case("ppm-maxval", b"P5 4 4 70000\n" + bytes(99), "is "),
        Case("jpeg2000-deep-colour", deep_jp2, "JPEG 2000"),
        Case("heic-stub", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "is "),
        Case("avif-stub", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(64), "is "),
        Case("too-large-by-option", whole_files()["png"], "max_megapixels", options={"max_megapixels": 0.0001}),
    ]


def hidden_faults() -> list[Case]:
    """Sound pixels with a damaged rest, where the damage must not be overlooked or must not hurt."""
    sound = saved(Image.fromarray(PICTURE), "JPEG", quality=95)
    garbage = sound[:2] + b"\xff\xe1\0\x20Exif\0\0" + b"II*\0" + b"\xff" * 20 + sound[2:]
    nonsense = sound[:2] + b"\xff\xe1\0\x20Exif\0\0" + b"nonsense" * 3 + sound[2:]
    reference = np.asarray(Image.open(io.BytesIO(sound)))
    alpha = Image.fromarray(np.dstack([PICTURE, np.zeros_like(ALPHA)]))
    return [
        Case("exif-99", saved(Image.fromarray(PICTURE), "PNG", exif=exif(99)), pixels=PICTURE, notes="orientation 99"),
        Case("exif-0", saved(Image.fromarray(PICTURE), "PNG", exif=exif(0)), pixels=PICTURE, notes="orientation 0"),
        Case("exif-garbage", garbage, pixels=reference),
        Case("exif-no-tiff-png", png_of(PICTURE, 8, 2, chunk(b"eXIf", b"nonsense")), pixels=PICTURE, notes="EXIF data"),
        Case("exif-no-tiff", nonsense, pixels=reference, notes="EXIF data cannot be read"),
        Case("jpeg-trailing-junk", sound + b"junk" * 99, pixels=reference),
        Case("jpeg-without-end", sound[:-2], pixels=reference, notes="end marker"),
        Case("jpeg-without-end-zeros", sound[:-2] + bytes(5000), pixels=reference, notes="end marker"),
        Case("png-without-end", whole_files()["png"][:-12], pixels=PICTURE, notes="lacks its end"),
        Case("png16-without-end", png_of(DEEP, 16, 2)[:-12], pixels=np.rint(DEEP / 257), notes="lacks its end"),
        Case("all-transparent", saved(alpha, "PNG"), pixels=np.full_like(PICTURE, 255), notes="every pixel"),
    ]


MALFORMED = [
    *not_pictures(),
    *only_a_start(),
    *cut_files(),
    *broken_jpegs(),
    *broken_pngs(),
    *broken_tiffs(),
    *other_broken(),
    *hidden_faults(),
]
