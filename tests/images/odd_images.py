"""Unusual files that must load, with the pixels they must load to, computed without the loader."""

import io
import struct
from typing import Any

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
    interlaced,
    png,
    png_of,
    saved,
    tiff,
    whole_files,
)
from PIL import Image

EIGHT = np.rint(DEEP / 257)  # 16 bits to 8


def grey(values: Any) -> Any:
    return np.repeat(np.asarray(values)[..., None], 3, axis=2)


def over(colour: Any, alpha: Any, level: int = 255) -> Any:
    share = np.asarray(alpha, float)[..., None] / 255
    return np.floor(colour * share + level * (1 - share) + 0.5)


def opened(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def grey_kinds() -> list[Case]:
    bits = GREY > 128
    four = np.arange(16, dtype=np.uint8).reshape(2, 8)
    packed = b"".join(b"\0" + ((row[::2] << 4) | row[1::2]).tobytes() for row in four)
    key = np.where(four == 5, 0, 255)
    return [
        Case("L", saved(Image.fromarray(GREY), "PNG"), pixels=grey(GREY)),
        Case("one-bit", saved(Image.fromarray(bits), "PNG"), pixels=grey(bits * 255)),
        Case("LA", png_of(np.dstack([GREY, ALPHA]), 8, 4), pixels=over(grey(GREY), ALPHA), notes="put on white"),
        Case("four-bits", png(8, 2, 4, 0, packed), pixels=grey(four * 17)),
        Case("four-bits-key", png(8, 2, 4, 0, packed, chunk(b"tRNS", b"\0\5")), pixels=over(grey(four * 17), key)),
        Case("L-key", png_of(GREY, 8, 0, chunk(b"tRNS", bytes([0, GREY[3, 3]]))), pixels=_keyed(GREY)),
        Case("fax", saved(Image.fromarray(bits), "TIFF", compression="group4"), pixels=grey(bits * 255)),
    ]


def _keyed(values: Any) -> Any:
    return np.where((values == values[3, 3])[..., None], 255, grey(values))


def colour_kinds() -> list[Case]:
    palette = Image.fromarray(PICTURE).quantize(16)
    table = np.array(palette.getpalette()[:48]).reshape(-1, 3)
    index = np.asarray(palette)
    fading = np.arange(16) * 17
    rgba = Image.fromarray(np.dstack([PICTURE, ALPHA]))
    ink = np.dstack([PICTURE, GREY])
    ink_rgb = (255.0 - ink[..., :3]) * (255.0 - ink[..., 3:]) / 255
    see_through = saved(palette, "PNG", transparency=bytes(fading.tolist()))
    cut_out, opaque = over(PICTURE, ALPHA), saved(rgba.convert("RGB").convert("RGBA"), "PNG")
    return [
        Case("P", saved(palette, "PNG"), pixels=table[index]),
        Case("P-transparent", see_through, pixels=over(table[index], fading[index]), notes="put on white"),
        Case("RGBA", saved(rgba, "PNG"), pixels=cut_out, notes="put on white"),
        Case("RGBA-black", saved(rgba, "PNG"), pixels=over(PICTURE, ALPHA, 0), options={"background": "black"}),
        Case("RGBA-grey", saved(rgba, "PNG"), pixels=over(PICTURE, ALPHA, 128), options={"background": "grey"}),
        Case("RGBA-opaque", opaque, pixels=PICTURE),
        Case("RGBA-tiff", saved(rgba, "TIFF"), pixels=cut_out),
        Case("RGBA-webp", saved(rgba, "WEBP", lossless=True, exact=True), pixels=cut_out),
        Case("RGBX", tiff(np.dstack([PICTURE, ALPHA]), photometric="rgb", extrasamples=[0]), pixels=PICTURE),
        Case("CMYK-tiff", tiff(ink, photometric="separated"), pixels=ink_rgb, tolerance=1, notes="CMYK"),
        Case("CMYK-jpeg", saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=100, subsampling=0), "", ink_rgb, 4),
        Case("YCbCr-tiff", saved(Image.fromarray(PICTURE, "YCbCr"), "TIFF"), pixels=ycbcr(PICTURE), tolerance=1.01),
        Case("LAB", saved(Image.frombytes("LAB", (WIDTH, HEIGHT), LAB.tobytes()), "TIFF"), "", lab_to_rgb(LAB), 2.5),
        Case("profile", saved(Image.fromarray(PICTURE), "PNG", icc_profile=b"x" * 200), "", PICTURE, notes="profile"),
    ]


def ycbcr(stored: Any) -> Any:
    y, cb, cr = (stored[..., i].astype(float) - (0, 128, 128)[i] for i in range(3))
    rgb = np.dstack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb])
    return np.clip(rgb, 0, 255)


# Lightness and two signed axes, mild enough to lie within sRGB.
LAB = np.dstack([PICTURE[..., 0] // 2 + 60, (PICTURE[..., 1:].astype(int) - 128) // 8]).astype(np.uint8)


def lab_to_rgb(stored: Any) -> Any:
    """CIE Lab under D50 to sRGB by the textbook: XYZ, Bradford to D65, linear RGB, gamma."""
    lightness, (a, b) = stored[..., 0] / 2.55, np.moveaxis(stored[..., 1:].copy().view(np.int8), -1, 0)
    fy = (lightness + 16) / 116
    f = np.dstack([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2) * (0.96422, 1, 0.82521)
    to_linear = np.array(
        [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.033454], [0.0719453, -0.2289914, 1.4052427]]
    )
    linear = np.clip(xyz @ to_linear.T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def deep_kinds() -> list[Case]:
    one, rgb = DEEP[..., 0], {"photometric": "rgb"}
    unit = DEEP / 65535
    planar = DEEP.transpose(2, 0, 1).copy()
    half = np.full((HEIGHT, WIDTH, 1), 32768)
    twelve, ten = one >> 4, one >> 6
    full_12 = grey(np.rint(twelve / 4095 * 255))
    alpha = DEEP[..., 1]
    on_white = over(EIGHT, np.rint(alpha / 257))
    keyed_colour = np.where((DEEP[3, 3] == DEEP).all(axis=2)[..., None], 255, EIGHT)
    reversed_rows = (unit[::-1, :, 0]).astype("<f4").tobytes()
    return [
        Case("png16-grey", png_of(one, 16, 0), "", grey(EIGHT[..., 0]), notes="uint16"),
        Case("png16-rgb", png_of(DEEP, 16, 2), "", EIGHT, notes="65535 is white"),
        Case("png16-rgba", png_of(np.dstack([DEEP, alpha]), 16, 6), "", on_white),
        Case("png16-la", png_of(np.dstack([one, alpha]), 16, 4), "", over(grey(EIGHT[..., 0]), np.rint(alpha / 257))),
        Case("png16-key", png_of(one, 16, 0, chunk(b"tRNS", struct.pack(">H", one[3, 3]))), "", _keyed16(one)),
        Case("png16-rgb-key", png_of(DEEP, 16, 2, chunk(b"tRNS", struct.pack(">3H", *DEEP[3, 3]))), "", keyed_colour),
        Case("tiff16-grey", tiff(one), "", grey(EIGHT[..., 0])),
        Case("tiff16-inverted", tiff(one, photometric="miniswhite"), "", grey(np.rint((65535.0 - one) / 257))),
        Case("tiff16-big-endian", tiff(one, byteorder=">"), "", grey(EIGHT[..., 0])),
        Case("tiff16-rgb-big-endian", tiff(DEEP, byteorder=">", **rgb), "", EIGHT),
        Case("tiff16-planar", tiff(planar, planarconfig="separate", **rgb), "", EIGHT),
        Case("tiff16-lzw", whole_files()["tiff16-lzw"], "", EIGHT),
        Case("tiff16-tiles", whole_files()["tiff16-tiles"], "", EIGHT),
        Case("tiff16-big", tiff(DEEP, bigtiff=True, **rgb), "", EIGHT),
        Case("tiff16-rgba", tiff(np.dstack([DEEP, alpha]), extrasamples=["unassalpha"], **rgb), "", on_white),
        Case("tiff16-premultiplied", tiff(np.dstack([DEEP // 2, half]).astype("u2"), extrasamples=[1], **rgb), "",
             over(EIGHT, np.full((HEIGHT, WIDTH), 128)), 1),
        Case("tiff16-extra", tiff(np.dstack([DEEP, one, one]), extrasamples=[0, 0], **rgb), "", EIGHT, notes="2 extra"),
        Case("tiff-12-in-16", tiff(twelve), "", grey(np.rint(twelve / 257)), notes="percentile"),
        Case("tiff-12-declared", tiff(twelve, extratags=[(281, 3, 1, 4095, True)]), "", full_12),
        Case("tiff-10-packed", tiff(ten, bitspersample=10), "", grey(np.rint(ten / 1023 * 255))),
        Case("tiff32", tiff(DEEP.astype(np.uint32) * 65537, **rgb), "", EIGHT),
        Case("tiff-signed", tiff((one // 2).astype(np.int16)), "", grey(np.rint(one // 2 / 32767 * 255))),
        Case("tiff-float32", tiff(unit.astype(np.float32), **rgb), "", EIGHT),
        Case("tiff-float64", tiff(unit, **rgb), "", EIGHT),
        Case("tiff-float16", tiff(unit.astype(np.float16), **rgb), "", EIGHT, 1),
        Case("pgm16", b"P5 32 24 65535\n" + one.astype(">u2").tobytes(), "", grey(EIGHT[..., 0])),
        Case("ppm16", b"P6\n# seen\n32 24 65535\n" + DEEP.astype(">u2").tobytes(), "", EIGHT, notes="16-bit"),
        Case("pfm", b"Pf\n32 24\n-1.0\n" + reversed_rows, "", grey(EIGHT[..., 0])),
        Case("jpeg2000-16", imagecodecs.jpeg2k_encode(one, level=0, reversible=True), "", grey(EIGHT[..., 0])),
    ]  # fmt: skip


def _keyed16(values: Any) -> Any:
    return np.where((values == values[3, 3])[..., None], 255, grey(np.rint(values / 257)))


def containers() -> list[Case]:
    image, other = Image.fromarray(PICTURE), Image.fromarray(255 - PICTURE)
    more: dict[str, Any] = {"save_all": True, "append_images": [other]}
    pages = tiff(np.stack([DEEP, DEEP[::-1]]), photometric="rgb")
    flat, planes = image.quantize(200), PICTURE.transpose(2, 0, 1).copy()
    mpo, avif, lossy = saved(image, "MPO", quality=95, **more), whole_files()["avif"], whole_files()["webp-lossy"]
    one, several = "", "several"
    return [
        Case("bmp", whole_files()["bmp"], one, PICTURE),
        Case("ppm", whole_files()["ppm"], one, PICTURE),
        Case("jpeg2000", whole_files()["jpeg2000"], one, PICTURE),
        Case("avif", avif, one, opened(avif)),
        Case("webp-lossy", lossy, one, opened(lossy)),
        Case("mpo", mpo, one, opened(mpo), notes=several),
        Case("apng", saved(image, "PNG", **more), one, PICTURE, notes=several),
        Case("webp-film", saved(image, "WEBP", lossless=True, **more), one, PICTURE, notes=several),
        Case("gif-film", saved(flat, "GIF", **more), one, np.asarray(flat.convert("RGB")), notes=several),
        Case("tiff-pages", saved(image, "TIFF", **more), one, PICTURE, notes=several),
        Case("tiff16-pages", pages, one, EIGHT, notes=several),
        Case("tiff-lzw", whole_files()["tiff-lzw"], one, PICTURE),
        Case("tiff-planar", tiff(planes, planarconfig="separate", photometric="rgb"), one, PICTURE),
        Case("one-pixel", saved(Image.fromarray(PICTURE[:1, :1]), "PNG"), one, PICTURE[:1, :1]),
        Case("one-row", saved(Image.fromarray(np.tile(GREY[:1], (1, 157))[:, :5000]), "PNG"), one,
             grey(np.tile(GREY[:1], (1, 157))[:, :5000])),
        Case("one-column-tiff", saved(Image.fromarray(np.tile(PICTURE[:, :1], (209, 1, 1))[:5000]), "TIFF"), one,
             np.tile(PICTURE[:, :1], (209, 1, 1))[:5000]),
        Case("interlaced", INTERLACED, one, grey(np.arange(64).reshape(8, 8))),
        Case("all-black", saved(Image.new("RGB", (9, 9)), "PNG"), one, np.zeros((9, 9, 3))),
        Case("all-grey", saved(Image.new("RGB", (99, 99), (128, 128, 128)), "JPEG"), one, np.full((99, 99, 3), 128)),
    ]  # fmt: skip


def _interlaced() -> bytes:
    """An 8 x 8 PNG in seven passes."""
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in steps for row in values[y::dy, x::dx])
    return interlaced(png(8, 8, 8, 0, rows))


INTERLACED = _interlaced()
ODD = [*grey_kinds(), *colour_kinds(), *deep_kinds(), *containers()]
