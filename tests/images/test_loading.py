"""The loader gives the right pixels, or one line that says why not; nothing else ever comes out of it."""

import hashlib
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from images_corpus import (
    ALPHA,
    DEEP,
    PICTURE,
    Case,
    chunk,
    exif,
    png_of,
    saved,
    tiff,
    whole_files,
)
from malformed_images import MALFORMED
from odd_images import ODD
from PIL import Image

from dinosar.errors import InputError
from dinosar.images import LoadOptions, decoders, load_photo, photo_from_array

CASES = [*MALFORMED, *ODD]


def assert_one_line(message: str, name: str) -> None:
    assert message.isprintable()
    assert len(message) < 400
    assert name in message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_kind_of_file_loads_rightly_or_says_why_not(
    case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"{case.name}.jpg"
    file.write_bytes(case.data)
    options = LoadOptions(**case.options)
    if case.pixels is None:
        with pytest.raises(InputError) as caught:
            load_photo(file, options)
        assert_one_line(str(caught.value), file.name)
        assert case.says in str(caught.value)
        assert caught.value.exit_code == 3
    else:
        photo = load_photo(file, options)
        assert photo.pixels.shape == case.pixels.shape
        assert np.abs(photo.pixels - np.asarray(case.pixels, float)).max() <= case.tolerance
        assert case.notes in " ".join(photo.notes)
        assert all(note.isprintable() for note in photo.notes)
        assert photo.sha256 == hashlib.sha256(case.data).hexdigest()
        assert (photo.name, photo.path) == (case.name, file)
    assert capfd.readouterr() == ("", "")


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CASES) > 150
    assert len({case.name for case in CASES}) == len(CASES)


def test_alpha_is_kept_where_it_says_something(tmp_path: Path) -> None:
    known = {case.name: case.data for case in ODD}
    for name in known:
        (tmp_path / name).write_bytes(known[name])
    for name in ("RGBA", "LA", "RGBA-tiff", "RGBA-webp"):
        assert np.array_equal(load_photo(tmp_path / name).alpha, ALPHA), name
    assert np.array_equal(load_photo(tmp_path / "png16-rgba").alpha, np.rint(DEEP[..., 1] / 257))
    assert set(np.unique(load_photo(tmp_path / "four-bits-key").alpha)) == {0, 255}
    for name in ("RGBA-opaque", "RGBX", "P", "png16-rgb"):
        photo = load_photo(tmp_path / name)
        assert photo.alpha is None, name
        assert "put on" not in " ".join(photo.notes), name


# What the eight EXIF orientations do, in the words of NumPy.
TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.rot90(np.fliplr(a)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.fliplr(a), -1),
    8: lambda a: np.rot90(a),
}


def oriented(kind: str, orientation: int) -> bytes:
    rgba, tag = np.dstack([PICTURE, ALPHA]), [(274, 3, 1, orientation, True)]
    made = {
        "png": lambda: saved(Image.fromarray(PICTURE), "PNG", exif=exif(orientation)),
        "png-alpha": lambda: saved(Image.fromarray(rgba), "PNG", exif=exif(orientation)),
        "png16": lambda: png_of(DEEP, 16, 2, chunk(b"eXIf", exif(orientation)[6:])),
        "webp": lambda: saved(Image.fromarray(PICTURE), "WEBP", lossless=True, exif=exif(orientation)),
        "tiff": lambda: tiff(PICTURE, photometric="rgb", extratags=tag),
        "tiff-lzw": lambda: tiff(PICTURE, photometric="rgb", extratags=tag, compression="lzw"),
        "tiff16": lambda: tiff(DEEP, photometric="rgb", extratags=tag),
        "jpeg": lambda: saved(Image.fromarray(PICTURE), "JPEG", quality=95, exif=exif(orientation)),
        "avif": lambda: saved(Image.fromarray(PICTURE), "AVIF", exif=exif(orientation)),
    }
    return made[kind]()


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("kind", ["png", "png-alpha", "png16", "webp", "tiff", "tiff-lzw", "tiff16", "jpeg", "avif"])
def test_orientation_is_applied_once(kind: str, orientation: int, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(oriented(kind, 1))
    (tmp_path / "turned").write_bytes(oriented(kind, orientation))
    plain, turned = load_photo(tmp_path / "plain"), load_photo(tmp_path / "turned")
    assert np.array_equal(turned.pixels, TURNS[orientation](plain.pixels))
    assert (f"EXIF orientation {orientation} applied" in turned.notes) == (orientation != 1)
    if kind == "png-alpha":
        assert turned.alpha is not None
        assert np.array_equal(turned.alpha, TURNS[orientation](ALPHA))


def test_heic_is_read_and_turned_by_its_own_rules(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    large = np.asarray(Image.fromarray(PICTURE).resize((96, 64)))
    for orientation in (1, 6):
        with (tmp_path / f"{orientation}.heic").open("wb") as out:
            pillow_heif.from_pillow(Image.fromarray(large)).save(out, quality=95, exif=exif(orientation))
    upright, turned = (load_photo(tmp_path / f"{orientation}.heic").pixels.astype(int) for orientation in (1, 6))
    assert np.abs(upright - large).mean() < 6
    assert np.abs(turned - np.rot90(large.astype(int), -1)).mean() < 6


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("pillow_heif", "a.heic", "heif"), ("tifffile", "a.tif", "tiff"), ("imagecodecs", "lzw.tif", "tiff")],
)
def test_a_missing_extra_is_named(
    module: str, name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        "a.tif": whole_files()["tiff16"],
        "lzw.tif": whole_files()["tiff16-lzw"],
    }
    (tmp_path / name).write_bytes(files[name])
    for loaded in [each for each in sys.modules if each.split(".")[0] in (module, "tifffile")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf'pip install "dinosar\[{extra}\]"') as caught:
        load_photo(tmp_path / name)
    assert_one_line(str(caught.value), name)


def test_an_eight_bit_tiff_needs_no_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.tif").write_bytes(whole_files()["tiff-lzw"])
    monkeypatch.setitem(sys.modules, "tifffile", None)
    assert np.array_equal(load_photo(tmp_path / "a.tif").pixels, PICTURE)


def test_a_larger_limit_of_ours_goes_beyond_that_of_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    (tmp_path / "a.png").write_bytes(whole_files()["png"])
    assert np.array_equal(load_photo(tmp_path / "a.png").pixels, PICTURE)


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    for name, data in whole_files().items():
        (tmp_path / name).write_bytes(data)
    alone = {name: load_photo(tmp_path / name).pixels for name in whole_files()}
    filters, threads = list(warnings.filters), threading.active_count()
    names = list(alone) * 6
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda name: load_photo(tmp_path / name).pixels, names))
    assert all(np.array_equal(pixels, alone[name]) for name, pixels in zip(names, together, strict=True))
    assert (list(warnings.filters), threading.active_count()) == (filters, threads)


def test_one_picture_is_decoded_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because what is done about warnings meanwhile is done for all threads of the process."""
    (tmp_path / "a.png").write_bytes(whole_files()["png"])
    inside, most, real = [], [], decoders.opened

    def slowly(*asked: Any) -> Any:
        inside.append(asked)
        time.sleep(0.01)
        most.append(len(inside))
        inside.pop()
        return real(*asked)

    monkeypatch.setattr(decoders, "opened", slowly)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load_photo, [tmp_path / "a.png"] * 8))
    assert most == [1] * 8


def test_a_photo_from_an_array_is_a_copy() -> None:
    array = PICTURE.copy()
    photo = photo_from_array(array, "made")
    array[:] = 0
    assert np.array_equal(photo.pixels, PICTURE)
    assert np.array_equal(photo_from_array(PICTURE[..., 0], "grey").pixels, np.repeat(PICTURE[..., :1], 3, axis=2))
    assert np.array_equal(photo_from_array(Image.fromarray(PICTURE), "pillow").pixels, PICTURE)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 4, 3)), "float64"),
        (np.zeros((4, 4), np.uint16), "uint16"),
        (np.zeros((4, 4, 4), np.uint8), "alpha"),
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "shape"),
        (np.zeros(4, np.uint8), "shape"),
        ("fish.jpg", "uint8"),
        (None, "uint8"),
    ],
)
def test_other_arrays_are_refused(array: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        photo_from_array(array, "made")
