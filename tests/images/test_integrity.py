"""Bombs cost little, damage gives an InputError or a picture, and neither leaves a trace in the process."""

import io
import logging
import random
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from images_corpus import chunk, large_png, whole_files, with_right_checksums, zeros
from malformed_images import MALFORMED
from odd_images import ODD
from PIL import Image, ImageFile

from dinosar.errors import InputError
from dinosar.images import load_photo


def test_what_decoders_say_of_odd_tags_stays_off_the_screen(tmp_path: Path) -> None:
    data = whole_files()["tiff16"]
    entry = data.index(struct.pack("<HH", 305, 2))  # the tag that names the writer, which is text
    (tmp_path / "a.tif").write_bytes(data[: entry + 8] + struct.pack("<I", 10**9) + data[entry + 12 :])
    code = "import sys; from dinosar.images import load_photo; load_photo(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.tif")], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


BOMBS = {
    "14000-squared": lambda: large_png(14000, 14000, zeros(14000 * 14001)),
    "declared-50000": lambda: large_png(50000, 50000, zeros(1000)),
    "text-of-300-mb": lambda: large_png(9, 9, zeros(90), chunk(b"zTXt", b"Title\0\0" + zeros(300 << 20))),
    "international-text": lambda: large_png(9, 9, zeros(90), chunk(b"iTXt", b"T\0\1\0\0\0" + zeros(300 << 20))),
    "unpacks-to-more": lambda: large_png(9, 9, zeros(300 << 20)),
}
MEASURE = """
import resource, sys, time
from dinosar.errors import InputError
from dinosar.images import load_photo
load_photo(sys.argv[1])
for path in sys.argv[2:]:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        load_photo(path)
        end = "loaded"
    except InputError as fault:
        end = "refused"
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    sys.stdout.write(f"{end} {more} {time.monotonic() - start:.2f}\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory the POSIX way")
def test_bombs_cost_little(tmp_path: Path) -> None:
    (tmp_path / "sound.png").write_bytes(whole_files()["png"])
    for name, make in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    paths = [str(tmp_path / name) for name in ("sound.png", *BOMBS)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, timeout=60, check=True
    )
    rows = dict(zip(BOMBS, (line.split() for line in done.stdout.splitlines()), strict=True))
    assert all(int(megabytes) < 100 and float(seconds) < 3 for _, megabytes, seconds in rows.values()), rows
    ends = {name: row[0] for name, row in rows.items()}
    assert ends.pop("unpacks-to-more") == "loaded"  # what lies behind the last pixel is never unpacked
    assert set(ends.values()) == {"refused"}, rows


def mutants(count: int) -> list[tuple[str, bytes]]:
    """Sound files cut at ten places, and sound files with flipped bits, always the same ones."""
    chance, made = random.Random(7), []
    kinds = ["jpeg", "png", "tiff", "tiff16-lzw", "webp", "gif", "bmp", "png16"]
    for kind in kinds:
        data = whole_files()[kind]
        made += [(kind, data[: len(data) * tenth // 10]) for tenth in range(10)]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        changed = bytearray(whole_files()[kind])
        for _ in range(chance.choice([1, 2, 8, 40])):
            changed[chance.randrange(len(changed) if number % 3 else 200)] ^= 1 << chance.randrange(8)
        fixed = with_right_checksums(bytes(changed)) if kind.startswith("png") else bytes(changed)
        made.append((kind, fixed))
    return made


def test_damaged_files_give_an_input_error_or_a_picture_of_the_declared_size(tmp_path: Path) -> None:
    loaded, refusals = 0, []
    for number, (kind, data) in enumerate(mutants(480)):
        file = tmp_path / f"{number}-{kind}"
        file.write_bytes(data)
        try:
            photo = load_photo(file)
        except InputError as fault:
            refusals.append(str(fault))
            continue
        loaded += 1
        if kind != "tiff16-lzw":  # of which Pillow cannot tell the size
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert sorted(photo.size) == sorted(Image.open(io.BytesIO(data)).size)
    assert loaded > 40
    assert len(refusals) > 200
    assert all(said.isprintable() and len(said) < 400 for said in refusals)


def test_nothing_global_is_changed(tmp_path: Path) -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters), logging.root.handlers[:])
    for number, case in enumerate([*MALFORMED, *ODD]):
        file = tmp_path / str(number)
        file.write_bytes(case.data)
        try:
            load_photo(file)
        except InputError:
            continue
    after = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters), logging.root.handlers[:])
    assert after == before
