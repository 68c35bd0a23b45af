"""From a name and options to a part that works."""

import numpy as np
import pytest

from dinosar.config import CompareConfig, Part
from dinosar.contracts import Backbone, Masker, Matcher
from dinosar.errors import DinosarError, PluginError, UsageError
from dinosar.parts import build, build_parts
from dinosar.testing import toy_photo


def test_a_part_is_built_with_its_options_and_name():
    part = build("masker", Part(use="threshold", ring=0.1))
    assert (part.name, part.options.ring, part.options.polarity) == ("threshold", 0.1, "any")
    assert part.mask(toy_photo(), None).dtype == np.bool_


def test_all_three_parts_of_a_comparison_are_built():
    parts = build_parts(CompareConfig(inputs={"a": "a", "b": "b"}, backbone=Part(use="classic"), masker="whole"))
    assert isinstance(parts.backbone, Backbone)
    assert isinstance(parts.masker, Masker)
    assert isinstance(parts.matcher, Matcher)
    assert (parts.backbone.name, parts.masker.name, parts.matcher.name) == ("classic", "whole", "similarity")
    assert parts.second_masker is None
    assert parts.maskers == (parts.masker,)


def test_a_second_masker_is_built_beside_the_first():
    second = Part(use="threshold", ring=0.2)
    given = {"backbone": Part(use="classic"), "masker": "whole", "second_masker": second}
    parts = build_parts(CompareConfig(inputs={"a": "a", "b": "b"}, **given))
    assert [masker.name for masker in parts.maskers] == ["whole", "threshold"]
    assert parts.second_masker.options.ring == 0.2


def test_a_name_that_is_not_there_is_a_usage_error():
    with pytest.raises(UsageError, match="did you mean 'threshold'"):
        build("masker", Part(use="treshold"))


@pytest.mark.parametrize("options", [{"rng": 0.1}, {"ring": 5}, {"ring": "wide"}])
def test_options_that_do_not_fit_are_an_error_of_ours_that_names_the_part(options):
    with pytest.raises(DinosarError, match="threshold"):
        build("masker", Part(use="threshold", **options))


@pytest.mark.parametrize(
    "body",
    [
        "def __init__(self, options=None): raise RuntimeError('no licence server')\ndef mask(self, *_): return None",
        "def __init__(self, options=None): import no_such_library_at_all\ndef mask(self, *_): return None",
        "x = 1",
    ],
)
def test_a_part_that_cannot_be_made_is_a_plugin_error_that_names_it(body, stranger):
    target = stranger.part("Masker", body)
    with pytest.raises(PluginError, match=target):
        build("masker", Part(use=target))
