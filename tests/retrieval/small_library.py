"""Small libraries of painted noise, dumped by a backbone that takes no time."""

import numpy as np

from dinosar.config import Part, RetrievalImage
from dinosar.datasets.listed import Listed
from dinosar.parts import build_backbone
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.library import Library, told_of

IMAGE = RetrievalImage(size=64)


def backbone(**options):
    """A part and what is built of it."""
    part = Part(use="sift", **options)
    return part, build_backbone(part)


def painted(folder, names, seed=0, size=(40, 60)):
    """Photographs of noise, as a data set lists them."""
    from PIL import Image

    random = np.random.default_rng(seed)
    listed = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 255, (*size, 3), dtype=np.uint8)).save(path)
        listed.append(Listed(name, path))
    return listed


def filled(folder, listed, **options):
    """A library of these photographs, and what became of each."""
    part, built = backbone(**options)
    library = Library.made(folder, told_of(built, part), IMAGE)
    done = list(dump(listed, library, built, IMAGE))
    return library, done
