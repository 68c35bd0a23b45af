"""What strangers' parts do wrong at work is told under their name, and never becomes a number or a silence."""

import numpy as np
import pytest

from dinosar.comparison import compare
from dinosar.errors import InputError, PluginError
from dinosar.store import code_of
from dinosar.testing import toy_photo

SETTINGS = {"backbone": "classic", "masker": "whole", "image": {"size": 96, "crop": False}}


def compared(**settings):
    return compare(toy_photo(1), toy_photo(2), **{**SETTINGS, **settings})


FAULTS = {
    "raises": ("raise RuntimeError('boom')", "RuntimeError: boom"),
    "leaves": ("raise SystemExit(0)", "SystemExit: 0"),
    "bare array": ("return np.zeros((3, 4, 5))", "encode must return a dinosar.Encoding, but returned ndarray"),
    "not finite": ("return dinosar.Encoding(np.full((4, 6, 5), np.nan))", "must be finite"),
    "wrong grid": ("return dinosar.Encoding(np.ones((2, 2, 5)))", "patches got 2 x 2 tokens"),
}


@pytest.mark.parametrize(("body", "words"), FAULTS.values(), ids=FAULTS)
def test_a_backbone_that_fails_at_work_is_named(body, words, stranger):
    name = stranger.part("Backbone", f"patch = 16\n\ndef encode(self, image):\n    {body}\n")
    with pytest.raises(PluginError) as caught:
        compared(backbone=name)
    assert f"backbone '{name}' failed: " in str(caught.value)
    assert words in str(caught.value)


def test_a_masker_that_fails_at_work_is_named(stranger):
    name = stranger.part("Masker", "def mask(self, photo, features):\n    raise SystemExit(0)\n")
    with pytest.raises(PluginError, match=r"masker '.*' failed: SystemExit: 0 \(--debug shows where\)"):
        compared(masker=name)


def test_a_matcher_that_returns_nothing_is_named(stranger):
    name = stranger.part("Matcher", "def match(self, a, b):\n    return None\n")
    with pytest.raises(PluginError, match=r"matcher '.*' failed: .*match must return dinosar.Matches"):
        compared(matcher=name)


def test_a_matcher_that_finds_no_match_leaves_the_scores_not_computed(stranger):
    empty = "np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)"
    name = stranger.part("Matcher", f"def match(self, a, b):\n    return dinosar.Matches({empty})\n")
    found = compared(matcher=name)
    assert found.scores["foreground"].distance is None
    assert found.scores["bidirectional"].not_computed == "the matcher found no match"
    with pytest.raises(InputError, match="'foreground' was not computed: the matcher found no match from A to B"):
        _ = found.distance


@pytest.mark.parametrize("photo", [np.zeros((4, 4, 3), np.uint8), None, 5], ids=["array", "nothing", "number"])
def test_what_is_no_photo_is_refused_in_words(photo):
    with pytest.raises(InputError, match=r"given by its path, or as a dinosar\.Photo"):
        compare(toy_photo(1), photo, **SETTINGS)


def test_numbers_of_numpy_are_numbers():
    assert compared(seed=np.int64(3)).distance == compared(seed=3).distance


def test_a_change_in_a_neighbour_of_a_part_changes_what_its_features_are_kept_under(tmp_path, monkeypatch):
    package = tmp_path / "neighbourly"
    package.mkdir()
    (package / "__init__.py").write_text("from neighbourly.part import Part\n")
    (package / "part.py").write_text("class Part:\n    pass\n")
    (package / "words.py").write_text("WORD = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from neighbourly import Part

    before = code_of(Part)
    (package / "words.py").write_text("WORD = 2\n")
    assert before
    assert code_of(Part) != before


def test_the_code_of_a_part_made_in_a_notebook_is_unknown():
    part = type("Part", (), {"__module__": "nowhere"})
    assert code_of(part) is None
