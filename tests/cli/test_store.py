"""`dinosar store`: where features are kept, how many, and how to be rid of them."""

import json

import pytest

FAST = ("--masker", "whole", "--size", "96", "--no-figures", "--backbone", "classic")


@pytest.fixture
def used(here, photos):
    """A store that a comparison has filled."""
    assert here("compare", *photos, *FAST).code == 0


def test_an_empty_store_says_so(here, own_cache):
    assert here("store", "info").out == f"{own_cache / 'features-v2'}\n0 items, 0.0 MB\n"
    assert json.loads(here("store", "info", "--json").out) == {
        "folder": str(own_cache / "features-v2"), "items": 0, "bytes": 0, "backbones": {},
    }  # fmt: skip
    assert not list(own_cache.iterdir())


def test_a_comparison_leaves_two_images(here, used, own_cache):
    first, second, third = here("store", "info").out.splitlines()
    assert first == str(own_cache / "features-v2")
    assert second.startswith("2 items, ")
    assert third == "  classic-v1: 2"
    found = json.loads(here("store", "info", "--json").out)
    assert (found["items"], found["backbones"]) == (2, {"classic-v1": 2})
    assert found["bytes"] == sum(path.stat().st_size for path in own_cache.rglob("*.npy"))


def test_the_same_comparison_again_leaves_no_more(here, photos, used):
    assert here("compare", *photos, *FAST).code == 0
    assert json.loads(here("store", "info", "--json").out)["items"] == 2


def test_clearing_tells_what_it_removed_and_the_store_fills_again(here, photos, used, own_cache):
    assert here("store", "clear").out.startswith("removed 2 items, ")
    assert not list(own_cache.rglob("*.npy"))
    assert here("store", "clear").out == "removed 0 items, 0.0 MB\n"
    assert here("compare", *photos, *FAST).code == 0
    assert json.loads(here("store", "info", "--json").out)["items"] == 2


def test_without_a_name_in_the_environment_the_store_lies_in_the_home(run, tmp_path):
    assert str(tmp_path / "home") in run("store", "info").out
    assert not list((tmp_path / "home").iterdir())


def test_a_folder_named_in_the_environment_is_used(run, tmp_path):
    assert str(tmp_path / "elsewhere") in run("store", "info", DINOSAR_CACHE=str(tmp_path / "elsewhere")).out
