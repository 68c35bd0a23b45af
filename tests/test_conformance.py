"""Every installed part keeps every promise of its slot, and the kit notices a part that does not."""

from pathlib import Path

import numpy as np
import pytest
import timm
from maskers.tiny_onnx import tiny_onnx
from PIL import Image
from random_weights import saved

from dinosar import contracts
from dinosar.data import Encoding, Matches
from dinosar.registry import cards
from dinosar.testing import check, toy_photo

QUICK = {"random-test": {"model": "vit_tiny_patch16_224"}}


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """What a part is given, by its name."""
    folder = tmp_path_factory.mktemp("masks")
    photo = toy_photo()
    Image.fromarray(np.where(photo.pixels.mean(axis=2) < 180, 255, 0).astype(np.uint8)).save(folder / "toy-0.png")
    parity = Path(__file__).parent / "parity"
    (folder / "tiny.onnx").write_bytes(tiny_onnx())
    network = timm.create_model("vit_tiny_patch16_224", pretrained=False)
    return {
        "file": {"path": str(folder)},
        "rembg": {"model_path": str(folder / "tiny.onnx")},
        "dinov2": {"checkpoint": str(parity / "dinov2_tiny_official.pth")},
        "dinov3": {"checkpoint": str(parity / "dinov3_tiny_official.pth")},
        "timm": {"model": "vit_tiny_patch16_224", "checkpoint": str(saved(folder, network.state_dict()))},
        **QUICK,
    }


@pytest.mark.parametrize("card", cards(), ids=lambda card: f"{card.kind} {card.name}")
def test_an_installed_part_keeps_every_promise(card, options):
    clauses = check(card.kind, card.target, **options.get(card.name, {}))
    assert [f"{clause}: {clause.why}" for clause in clauses if not clause.holds] == []
    assert len(clauses) >= 6


def test_a_part_that_lacks_an_option_it_needs_is_not_tried():
    assert str(check("masker", "file")[-1]) == "it works once given its option path (not tried)"


@pytest.mark.parametrize(("kind", "name"), [("backbone", "dinov3"), ("backbone", "dinov2"), ("masker", "rembg")])
def test_a_part_whose_weights_are_elsewhere_is_not_tried(kind, name):
    assert str(check(kind, name)[-1]) == "it works once its weights are here (not tried)"


def test_the_parts_that_belong_to_the_toolkit_are_installed():
    found = {(card.kind, card.name) for card in cards() if card.package == "dinosar"}
    assert found >= {
        ("backbone", "classic"), ("backbone", "dinov2"), ("backbone", "dinov3"), ("backbone", "random-test"),
        ("backbone", "timm"), ("masker", "attention"), ("masker", "file"), ("masker", "grabcut"), ("masker", "rembg"),
        ("masker", "threshold"), ("masker", "whole"), ("matcher", "mutual"), ("matcher", "salient"),
        ("matcher", "similarity"),
    }  # fmt: skip


class Forgetful(contracts.Masker):
    """Gives another mask each time it is asked."""

    calls = 0

    def mask(self, photo, features):
        Forgetful.calls += 1
        mask = np.ones(photo.pixels.shape[:2], dtype=bool)
        mask[0, 0] = Forgetful.calls % 2
        return mask


class Bytes(contracts.Masker):
    """Gives bytes where true and false are wanted."""

    def mask(self, photo, features):
        return np.ones(photo.pixels.shape[:2], dtype=np.uint8)


class Turned(contracts.Backbone):
    """Gives columns for rows, and the same whatever it sees."""

    patch = 8

    def encode(self, image):
        return Encoding(np.ones((image.shape[1] // 8, image.shape[0] // 8, 3)))


class Scribbler(contracts.Backbone):
    """Writes into the image it is given."""

    patch = 8

    def encode(self, image):
        image[0, 0] ^= 255
        return Encoding(image.reshape(image.shape[0] // 8, 8, -1, 24).astype(float).mean(axis=1))


class Careless(contracts.Matcher):
    """Answers with a patch that does not count."""

    def match(self, a, b):
        wrong = np.flatnonzero(~b.patches)[0]
        return Matches(a.indices, np.full(len(a.indices), wrong), np.full(len(a.indices), 0.5))


class Silent(contracts.Matcher):
    pass


Silent.__doc__ = None

BROKEN = {
    ("masker", "Forgetful"): {"the same photo gives the same mask"},
    ("masker", "Bytes"): {"its mask is a bool array of the photo's size", "a black photo gives a mask, full or empty"},
    ("backbone", "Turned"): {"tokens lie on the rectangle of patches", "a flat image gives finite tokens",
                             "another image gives other tokens"},
    ("backbone", "Scribbler"): {"it leaves the image as it was"},
    ("matcher", "Careless"): {"it names only patches that count as specimen",
                              "a specimen matched with itself is at distance 0"},
    ("matcher", "Silent"): {"its docstring says in one line what it does", "it can be made with its default options"},
    ("matcher", "Absent"): {"it loads"},
}  # fmt: skip


@pytest.mark.parametrize(("part", "broken"), BROKEN.items(), ids=lambda x: x[1] if isinstance(x, tuple) else "")
def test_a_part_that_breaks_promises_is_told_exactly_which(part, broken):
    kind, name = part
    clauses = check(kind, f"{__name__}:{name}")
    assert {str(clause) for clause in clauses if not clause.holds} == broken
    assert all(clause.why for clause in clauses if not clause.holds)
