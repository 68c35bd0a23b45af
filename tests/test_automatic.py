"""What `auto` stands for, and that it is said."""

import pytest

from dinosar.automatic import announce, resolve
from dinosar.config import CompareConfig, Part
from dinosar.notices import collected
from dinosar.parts import build_backbone
from dinosar.registry import find
from dinosar.settings import Layers, settle


def test_auto_is_a_backbone_that_is_installed():
    assert resolve("backbone", "auto") == "classic"
    assert find("backbone", resolve("backbone", "auto")).load()


@pytest.mark.parametrize(("kind", "name"), [("backbone", "random-test"), ("masker", "auto"), ("matcher", "auto")])
def test_every_other_name_stands_for_itself(kind, name):
    assert resolve(kind, name) == name


def test_second_best_is_said_aloud_and_the_best_is_not():
    with collected() as warnings:
        announce("classic", "classic")
        announce("", "classic")
    assert warnings == []
    with collected() as warnings:
        announce("auto", "classic")
    assert "not comparable" in warnings[0]
    assert "--backbone classic" in warnings[0]


def test_it_is_said_when_the_run_begins_and_only_where_auto_was_asked_for():
    inputs = {"a": "a.jpg", "b": "b.jpg"}
    with collected() as warnings:
        auto = settle(CompareConfig, Layers().add({"inputs": inputs}, "here"))
        named = settle(CompareConfig, Layers().add({"inputs": inputs, "backbone": "classic"}, "here"))
        build_backbone(named.backbone)
    assert warnings == []
    with collected() as warnings:
        assert build_backbone(auto.backbone).name == "classic"
    assert len(warnings) == 1


def test_a_part_remembers_what_was_asked_for_without_writing_it_down():
    part = Part.resolved("auto", "classic", {"step": 8})
    assert (part.asked, Part(use="classic").asked, Part.resolved("classic", "classic", {}).asked) == ("auto", "", "")
    assert part.model_dump() == {"use": "classic", "step": 8}
