"""The public surface: few names, each documented, none of them paid for before it is used."""

import importlib
import inspect
import subprocess
import sys

import pytest

import dinosar

HEAVY = ("numpy", "cv2", "torch", "timm", "PIL", "matplotlib", "scipy", "skimage", "pydantic", "yaml", "typer", "rembg")


def test_the_names_are_those_that_users_and_plugins_need():
    assert dinosar.__all__ == sorted([
        "Backbone", "Comparison", "DinosarError", "Encoding", "Features", "Grid", "InputError", "Masker", "Matcher",
        "Matches", "Options", "Photo", "Specimen", "compare", "distance", "load_photo", "match", "mismatch",
    ])  # fmt: skip
    assert len(dinosar.__all__) <= 18


@pytest.mark.parametrize("name", dinosar.__all__)
def test_a_public_name_can_be_imported_and_says_what_it_is(name):
    thing = getattr(dinosar, name)
    assert inspect.getdoc(thing)
    assert thing.__name__ == name
    assert thing.__module__.startswith("dinosar.")


@pytest.mark.parametrize("name", dinosar.__all__)
def test_what_a_public_name_offers_says_what_it_does(name):
    thing = getattr(dinosar, name)
    offered = {each: value for each, value in vars(thing).items() if not each.startswith("_")}
    own = [each for each, value in offered.items() if callable(value) or isinstance(value, property)]
    assert [each for each in own if not inspect.getdoc(getattr(thing, each))] == []


def test_a_star_and_a_look_around_give_the_same_names():
    found = {}
    exec("from dinosar import *", found)
    assert set(dinosar.__all__) == {name for name in found if not name.startswith("__")}
    assert set(dir(dinosar)) == {*dinosar.__all__, "__version__"}


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'dinosar' has no attribute 'comparre'"):
        _ = dinosar.comparre
    with pytest.raises(ImportError):
        importlib.import_module("dinosar.comparre")


@pytest.mark.parametrize("statement", ["import dinosar", "import dinosar; dir(dinosar); dinosar.__version__"])
def test_importing_costs_nothing(statement):
    code = f"import sys; {statement}; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_typed_programs_are_told_so():
    from importlib.resources import files

    assert (files("dinosar") / "py.typed").is_file()
