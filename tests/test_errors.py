"""The tree of errors, and words that can stand in a one-line message."""

import pytest

from dinosar import errors
from dinosar.errors import ConflictError, DinosarError, InputError, shown, suggestion

TREE = {
    "UsageError": 2,
    "InputError": 3,
    "ConflictError": 3,
    "Abstained": 3,
    "PartialError": 4,
    "WeightsError": 5,
    "ResourceError": 6,
    "ExpectationError": 7,
    "PluginError": 1,
    "DinosarError": 1,
}


@pytest.mark.parametrize(("name", "code"), TREE.items())
def test_each_error_has_its_exit_code(name, code):
    assert getattr(errors, name).exit_code == code
    assert issubclass(getattr(errors, name), DinosarError)


def test_the_tree_has_no_other_branches_and_the_docstring_shows_them_all():
    found = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
    assert found == set(TREE)
    assert all(f"{name} " in errors.__doc__ for name in TREE)
    assert issubclass(ConflictError, InputError)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\udcffb", "a\tb", "a\x00b", "\u2028"])
def test_shown_is_one_printable_line_that_can_be_encoded(name):
    line = shown(name)
    assert line.isprintable()
    assert line.encode()
    assert "\\" in line


def test_shown_keeps_what_can_be_read():
    assert shown("Käfer 甲虫.jpg") == "Käfer 甲虫.jpg"
    assert shown(12) == "12"


def test_shown_is_not_endless():
    assert len(shown("x" * 1000, 50)) == 50
    assert shown("x" * 1000, 50).endswith("…")
    assert shown("x" * 50, 50) == "x" * 50


@pytest.mark.parametrize("word", ["grabcutt", "GrabCut", "grabut"])
def test_something_near_is_suggested(word):
    assert suggestion(word, ["whole", "grabcut"]) == "; did you mean 'grabcut'?"


def test_without_anything_near_all_is_listed():
    assert suggestion("zebra", ["whole", "grabcut"]) == "; known: grabcut, whole"
    assert suggestion("zebra", []) == ""
