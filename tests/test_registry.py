"""Parts are found by name; listing imports nothing, and a broken part harms only who names it."""

import subprocess
import sys
from importlib.metadata import EntryPoints

import pytest

from dinosar import registry
from dinosar.errors import PluginError, UsageError
from dinosar.registry import cards, find, find_anywhere

LISTING = """
import sys
from dinosar.registry import cards, find
assert len(cards()) > 4
assert find("masker", "threshold").target == "dinosar.maskers.threshold:Threshold"
heavy = ["numpy", "pydantic", "cv2", "torch", "yaml", "dinosar_pixels", "dinosar.contracts", "dinosar.data"]
print([name for name in heavy if name in sys.modules])
"""


def test_listing_and_finding_import_nothing():
    done = subprocess.run([sys.executable, "-c", LISTING], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "[]\n"


def test_built_in_parts_are_declared_like_anybody_elses():
    found = {(card.kind, card.name): card for card in cards() if card.package == "dinosar"}
    assert {("backbone", "classic"), ("masker", "grabcut"), ("matcher", "similarity")} <= found.keys()
    assert found["masker", "whole"].version


def test_cards_are_sorted_by_kind_and_name_and_can_be_of_one_kind(stranger):
    stranger.offer("matcher", "aaa", "no_such_module:Matcher")
    assert [card.kind for card in cards()] == sorted((card.kind for card in cards()), key=registry.KINDS.index)
    matchers = [card.name for card in cards("matcher")]
    assert matchers == sorted(matchers)
    assert matchers[0] == "aaa"


def test_a_strangers_part_is_found_and_loaded_by_name(stranger):
    target = stranger.part("Masker", "def mask(self, photo, features): return None")
    stranger.offer("masker", "strange", target, "strange-things", "3.1")
    card = find("masker", "strange")
    assert card.title() == "masker 'strange' from strange-things 3.1"
    assert card.origin() == {"target": target, "package": "strange-things", "version": "3.1"}
    assert card.load().__name__ == "Part"


def test_a_part_that_is_not_installed_is_named_by_module_and_class(stranger):
    target = stranger.part("Masker", "def mask(self, photo, features): return None")
    card = find("masker", target)
    assert card.load().__module__ == target.split(":")[0]
    assert card.origin() == {"target": target, "package": "(not installed)", "version": "?"}
    stranger.offer("masker", "strange", target, "strange-things", "3.1")
    assert find("masker", target).origin()["package"] == "strange-things"


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("masker", "threshhold", "no masker named 'threshhold'; did you mean 'threshold'?"),
        ("masker", "Whole", "did you mean 'whole'?"),
        ("backbone", "grabcut", "no backbone named 'grabcut'; known: classic, "),
        ("masker", "zebra", "; known: attention, file, grabcut, "),
        ("masker", "bad\nname", r"no masker named 'bad\nname'"),
        ("masker", "", "no masker named ''"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_what_is(kind, name, says):
    with pytest.raises(UsageError) as caught:
        find(kind, name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a:", ":b", "a b:C", "a:B.C", "a-b:C", "C:\\mask.py", "a:b:c", "1a:B"])
def test_what_is_no_module_and_class_is_refused(name):
    with pytest.raises(UsageError, match=r"neither an installed name nor of the form 'module:Class'"):
        find("masker", name)


BROKEN = {
    "raises": ("raise RuntimeError('no libGL here')\nPart = 1", "did not load: RuntimeError: no libGL here"),
    "raises-at-length": ("raise ValueError('first\\nsecond')", "did not load: ValueError: first"),
    "raises-without-a-word": ("raise AssertionError", "did not load: AssertionError"),
    "exits": ("import sys\nsys.exit(0)", "did not load: SystemExit: 0"),
    "missing-library": ("import no_such_library_at_all", "No module named 'no_such_library_at_all'"),
    "wrong-syntax": ("def f(:\n  pass", "did not load: SyntaxError"),
    "missing-attribute": ("x = 1", "has no attribute 'Part'"),
    "not-a-class": ("Part = 1", "is not a dinosar.Masker"),
    "another-class": ("class Part: pass", "is not a dinosar.Masker"),
    "another-slot": (
        "import dinosar\nclass Part(dinosar.Matcher):\n    def match(self, a, b): return None",
        "is not a dinosar.Masker",
    ),
    "wrong-options": (
        "import dinosar\nclass Part(dinosar.Masker):\n    class Options: pass",
        "did not load: TypeError: Part.Options must be a dinosar.Options",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_part_harms_only_who_names_it(case, stranger):
    source, says = BROKEN[case]
    stranger.offer("masker", "broken", f"{stranger.module(source)}:Part")
    stranger.offer("backbone", "broken-too", "not even a target")
    assert "broken" in [card.name for card in cards("masker")]
    assert find("masker", "whole").load()
    with pytest.raises(PluginError) as caught:
        find("masker", "broken").load()
    message = str(caught.value)
    assert message.startswith("masker 'broken' from strange 1.0 ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize("target", ["not even a target", "dinosar", "", ":", "dinosar:", ".dinosar:Masker"])
def test_a_target_that_is_none_is_one_error(target):
    with pytest.raises(PluginError, match="did not load"):
        registry.Card("masker", "odd", target, "strange", "1.0").load()


def test_two_packages_with_one_name_are_both_named(stranger):
    stranger.offer("masker", "twin", "left_module:Mask", "left-package")
    stranger.offer("masker", "twin", "right_module:Mask", "right-package")
    with pytest.raises(UsageError) as caught:
        find("masker", "twin")
    for word in ("left-package (left_module:Mask)", "right-package (right_module:Mask)", "module:Class"):
        assert word in str(caught.value)


def test_one_name_may_be_used_in_two_slots(stranger):
    stranger.offer("masker", "both", "one_module:Mask")
    stranger.offer("matcher", "both", "one_module:Match")
    assert [card.kind for card in find_anywhere("both")] == ["masker", "matcher"]
    assert find("matcher", "both").target == "one_module:Match"


def test_a_package_whose_metadata_is_torn_does_not_hide_the_others(stranger):
    stranger.offer("masker", "torn", "torn_module:Mask", "torn")
    (stranger.folder / "torn-1.0.dist-info" / "METADATA").unlink()
    stranger.offer("masker", "torn", "other_module:Mask", "other")
    assert find("masker", "whole").name == "whole"
    assert len([card for card in cards() if card.name == "torn"]) == 2


@pytest.mark.parametrize(("slot", "method"), [("Backbone", "encode"), ("Masker", "mask"), ("Matcher", "match")])
def test_the_kind_of_a_module_and_class_is_found_by_looking(slot, method, stranger):
    target = stranger.part(slot, f"def {method}(self, *_): return None")
    assert [card.kind for card in find_anywhere(target)] == [slot.lower()]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pathlib:Path", "'pathlib:Path' is no dinosar.Backbone, Masker or Matcher"),
        ("no_such_module_at_all:Part", "No module named 'no_such_module_at_all'"),
        ("grabcat", "no plugin named 'grabcat'; did you mean 'grabcut'?"),
    ],
)
def test_looking_anywhere_for_what_is_not_there_is_a_usage_error(name, says):
    with pytest.raises(UsageError) as caught:
        find_anywhere(name)
    assert says in str(caught.value)


def test_a_package_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(registry, "entry_points", lambda **_: EntryPoints())
    with pytest.raises(UsageError, match=r"not even the built-in ones; run: python -m pip install -e \."):
        find("masker", "whole")
