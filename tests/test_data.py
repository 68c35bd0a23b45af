"""The nouns check themselves and cannot be written to."""

import re
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from dinosar.data import Comparison, Encoding, Features, Matches, Photo, Specimen
from dinosar.errors import InputError, PluginError
from dinosar.grid import fit_grid
from dinosar.testing import toy_specimen

GRID = fit_grid((96, 64), 16, size=96)
ROWS, COLUMNS, DEPTH = 4, 6, 5


def floats(*shape):
    return np.random.default_rng(0).random(shape).astype(np.float32)


def photo(**change):
    given = {"pixels": np.zeros((64, 96, 3), np.uint8), "name": "toy", "alpha": np.zeros((64, 96), np.uint8)}
    return Photo(**{**given, **change})


def encoding(**change):
    given = {
        "tokens": floats(ROWS, COLUMNS, DEPTH),
        "summary": floats(DEPTH),
        "attention": floats(2, ROWS, COLUMNS),
    }
    return Encoding(**{**given, **change})


def features(**change):
    given = {
        "tokens": floats(ROWS, COLUMNS, DEPTH),
        "grid": GRID,
        "backbone": "toy",
        "summary": floats(DEPTH),
        "attention": floats(2, ROWS, COLUMNS),
    }
    return Features(**{**given, **change})


def specimen(**change):
    given = {
        "photo": photo(),
        "features": features(),
        "mask": np.ones((64, 96), bool),
        "patches": np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) % 3 == 0,
        "share": np.ones((ROWS, COLUMNS)),
    }
    return Specimen(**{**given, **change})


def matches(**change):
    given = {
        "asked": np.arange(3),
        "answer": np.arange(3),
        "distance": np.zeros(3),
        "runners_up": np.zeros(3),
        "mutual": np.ones(3, bool),
        "verified": np.ones(3, bool),
    }
    return Matches(**{**given, **change})


def comparison(**change):
    one = specimen()
    given = {"a": one, "b": one, "matches": (matches(), matches()), "random": np.zeros(9), "scores": {}}
    return Comparison(**{**given, "headline": "foreground", "parts": {}, **change})


WRONG = [
    (photo, {"pixels": np.zeros((64, 96), np.uint8)}, "uint8 array of shape (_, _, 3)", "uint8 of shape (64, 96)"),
    (photo, {"pixels": np.zeros((64, 96, 4), np.uint8)}, "(_, _, 3)", "(64, 96, 4)"),
    (photo, {"pixels": np.zeros((64, 96, 3))}, "uint8", "float64 of shape (64, 96, 3)"),
    (photo, {"pixels": np.zeros((64, 96, 3), np.int8)}, "uint8", "int8"),
    (photo, {"alpha": np.zeros((96, 64), np.uint8)}, "(64, 96)", "(96, 64)"),
    (photo, {"alpha": np.zeros((64, 96), bool)}, "uint8", "bool"),
    (encoding, {"tokens": floats(24, DEPTH)}, "float array of shape (_, _, _)", "float32 of shape (24, 5)"),
    (encoding, {"tokens": np.ones((ROWS, COLUMNS, DEPTH), int)}, "float", "int64"),
    (encoding, {"tokens": np.ones((ROWS, COLUMNS, DEPTH)).tolist()}, "float array", "list"),
    (encoding, {"summary": floats(DEPTH + 1)}, "(5)", "(6,)"),
    (encoding, {"summary": floats(1, DEPTH)}, "(5)", "(1, 5)"),
    (encoding, {"attention": floats(ROWS, COLUMNS)}, "(_, 4, 6)", "(4, 6)"),
    (encoding, {"attention": floats(1, COLUMNS, ROWS)}, "(_, 4, 6)", "(1, 6, 4)"),
    (features, {"tokens": floats(COLUMNS, ROWS, DEPTH)}, "(4, 6, _)", "(6, 4, 5)"),
    (features, {"summary": floats(DEPTH + 1)}, "(5)", "(6,)"),
    (features, {"attention": floats(1, COLUMNS, ROWS)}, "(_, 4, 6)", "(1, 6, 4)"),
    (specimen, {"mask": np.ones((96, 64), bool)}, "(64, 96)", "(96, 64)"),
    (specimen, {"mask": np.ones((64, 96), np.uint8)}, "bool", "uint8"),
    (specimen, {"patches": np.ones((COLUMNS, ROWS), bool)}, "(4, 6)", "(6, 4)"),
    (specimen, {"share": np.ones((ROWS, COLUMNS), bool)}, "float", "bool"),
    (matches, {"asked": np.arange(4)}, "(3)", "(4,)"),
    (matches, {"answer": np.zeros(3)}, "integer", "float64"),
    (matches, {"distance": np.zeros((3, 1))}, "(_)", "(3, 1)"),
    (matches, {"runners_up": np.zeros(2)}, "(3)", "(2,)"),
    (matches, {"mutual": np.ones(3)}, "bool", "float64"),
    (matches, {"verified": np.ones((3, 3), bool)}, "(3)", "(3, 3)"),
]


@pytest.mark.parametrize(("make", "change", "expected", "found"), WRONG)
def test_a_wrong_array_is_refused_with_what_was_expected_and_found(make, change, expected, found):
    name = f"{type(make()).__name__}.{next(iter(change))}"
    with pytest.raises(PluginError) as caught:
        make(**change)
    told, was = str(caught.value).split(", but is ")
    assert told.startswith(f"{name} must be a ")
    assert expected in told
    assert found in was


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["tokens", "attention"])
def test_an_encoding_that_is_not_finite_is_refused(name, bad):
    array = getattr(encoding(), name).copy()
    array.flat[3] = bad
    with pytest.raises(PluginError, match=rf"Encoding\.{name} must be finite"):
        encoding(**{name: array})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e-9])
def test_a_distance_that_is_none_is_refused(bad):
    with pytest.raises(PluginError, match=re.escape("Matches.distance must be finite and >= 0")):
        matches(distance=np.array([0.0, bad, 1.0]))


def test_negative_attention_is_refused():
    with pytest.raises(PluginError, match="attention must be finite and >= 0"):
        encoding(attention=-floats(1, ROWS, COLUMNS))


@pytest.mark.parametrize("make", [photo, encoding, features, specimen, matches, comparison])
def test_nothing_can_be_written_to_and_the_callers_arrays_stay_writable(make):
    given = {name: value.copy() for name, value in vars(make()).items() if isinstance(value, np.ndarray)}
    thing = make(**given)
    assert given
    for name, array in given.items():
        with pytest.raises(ValueError, match="read-only"):
            getattr(thing, name)[...] = 0
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, array)
        assert array.flags.writeable
        assert np.shares_memory(array, getattr(thing, name))


@pytest.mark.parametrize("make", [encoding, features])
def test_summary_and_attention_may_be_missing(make):
    bare = make(summary=None, attention=None)
    assert bare.summary is None
    assert bare.attention is None


def test_the_size_of_a_photo_is_width_and_height():
    assert photo().size == (96, 64)


def test_features_know_their_tokens_as_a_list_and_which_have_a_direction():
    tokens = floats(ROWS, COLUMNS, DEPTH)
    tokens[1, 2] = 0
    one = features(tokens=tokens)
    assert np.array_equal(one.flat[1 * COLUMNS + 3], tokens[1, 3])
    assert (~one.directed).nonzero() == (np.array([1]), np.array([2]))


def test_the_last_map_is_the_one_that_weights_are_taken_from():
    maps = floats(3, ROWS, COLUMNS)
    assert np.array_equal(features(attention=maps).focus, maps[2])
    assert features(attention=None).focus is None


def test_a_specimen_lists_its_patches_with_tokens_and_places():
    one = specimen()
    assert one.name == "toy"
    assert one.indices.tolist() == [*range(0, 24, 3)]
    row, column = divmod(int(one.indices[3]), COLUMNS)
    assert np.array_equal(one.tokens[3], one.features.tokens[row, column])
    assert one.places[3].tolist() == [16 * column + 8, 16 * row + 8]


def test_matches_may_be_none_at_all():
    assert len(Matches(np.zeros(0, int), np.zeros(0, int), np.zeros(0))) == 0
    assert len(matches()) == 3


def test_values_spread_over_a_specimen_stand_at_their_index_and_nan_elsewhere():
    specimen = toy_specimen(3)
    spread = specimen.spread(specimen.indices, np.arange(len(specimen.indices)))
    assert np.array_equal(spread[specimen.patches], np.arange(len(specimen.indices)))
    assert np.isnan(spread[~specimen.patches]).all()


def test_places_of_a_specimen_that_was_moved_are_found_back_in_its_file():
    movement = np.array([[0.8, -0.6, 30], [0.6, 0.8, -4], [0, 0, 1.0]])
    points = np.array([[[3.0, 4], [10, -2]]])
    there = points @ movement[:2, :2].T + movement[:2, 2]
    np.testing.assert_allclose(specimen(movement=movement).originally(there), points)
    assert specimen().originally(points) is points


def test_a_comparison_without_patches_says_so_when_it_is_asked_for_them():
    bare = comparison(matches=None)
    with pytest.raises(InputError, match="the mode of this comparison is tps_homology"):
        _ = bare.forward
    one, other = matches(), matches()
    both = comparison(matches=(one, other))
    assert (both.forward, both.backward) == (one, other)
