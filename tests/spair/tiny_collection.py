"""A collection of three pictures and two pairs, file by file, and every way in which it can lie on a disk."""

import gzip
import io
import json
import tarfile
import zipfile

import numpy as np
from PIL import Image

FIRST = "7-2001_a-2001_b:cat"
SECOND = "12-2001_b-2001_c:cat"
SIZES = {"2001_a": (40, 30), "2001_b": (36, 50), "2001_c": (25, 25)}
VOC_CAT = 8


def annotation(source="2001_a", target="2001_b", **changed):
    """What a pair's file holds."""
    held = {
        "pair_id": 7, "src_imname": f"{source}.jpg", "trg_imname": f"{target}.jpg",
        "src_imsize": [*SIZES[source], 3], "trg_imsize": [*SIZES[target], 3],
        "src_bndbox": [1, 2, 30, 20], "trg_bndbox": [10, 12, 30, 47], "category": "cat",
        "src_kps": [[3, 4], [10, 11], [20, 5]], "trg_kps": [[12, 13], [20, 40], [29, 14]], "kps_ids": ["0", "4", "11"],
        "mirror": 0, "viewpoint_variation": 1, "scale_variation": 2, "truncation": 3, "occlusion": 0,
    }  # fmt: skip
    return held | changed


def picture(name, **saved):
    """A JPEG of the size of that name."""
    width, height = SIZES[name]
    pixels = np.random.default_rng(len(name) + width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95, **saved)
    return out.getvalue()


def mask(name):
    """A palette PNG with a cat in the middle, its rim undecided, and a dog (12) in a corner."""
    width, height = SIZES[name]
    indices = np.zeros((height, width), np.uint8)
    indices[8:20, 6:18] = 255
    indices[9:19, 7:17] = VOC_CAT
    indices[:3, :3] = 12
    image = Image.fromarray(indices, mode="L")
    image.putpalette([(7 * i) % 256 for i in range(768)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def files(**pairs):
    """Every file by its name within the collection; pairs replace what the annotation of one holds."""
    found = {
        f"PairAnnotation/test/{FIRST}.json": json.dumps(annotation(**pairs)).encode(),
        f"PairAnnotation/test/{SECOND}.json": json.dumps(
            annotation("2001_b", "2001_c", trg_bndbox=[0, 0, 9, 9])
        ).encode(),
        "Layout/large/test.txt": f"{FIRST}\n{SECOND}\n".encode(),
        "Layout/small/test.txt": f"{SECOND}\n".encode(),
    }
    for name in SIZES:
        found[f"JPEGImages/cat/{name}.jpg"] = picture(name)
        found[f"Segmentation/cat/{name}.png"] = mask(name)
    return found


def as_folder(path, content, top="SPair-71k/"):
    """Write a folder; returns it."""
    for name, data in content.items():
        file = path / f"{top}{name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def as_zip(path, content, top="SPair-71k/", method=zipfile.ZIP_DEFLATED):
    """Write a zip as macOS does, with its leavings; returns it."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(f"{top}{name}", data)
            archive.writestr(f"__MACOSX/{top}{name}", b"leavings")
        archive.mkdir("devkit")
    return path


def tar_bytes(content, top="SPair-71k/", layout=tarfile.GNU_FORMAT):
    """A plain tar, with folders and what macOS leaves."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=layout) as archive:
        folder = tarfile.TarInfo(f"{top}devkit")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in content.items():
            above, _, last = name.rpartition("/")
            for each, held in ((f"{top}{above}/._{last}", b"leavings"), (f"{top}{name}", data)):
                member = tarfile.TarInfo(each)
                member.size = len(held)
                archive.addfile(member, io.BytesIO(held))
    return out.getvalue()


def as_tar(path, content, top="SPair-71k/", pack=bytes):
    """Write a tar, packed by a function; returns it."""
    path.write_bytes(pack(tar_bytes(content, top)))
    return path


def packed(data):
    """Bytes as gzip packs them."""
    return gzip.compress(data, mtime=0)
