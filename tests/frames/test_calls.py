"""`mismatch` and `distance` from Python: the names, defaults and numbers of the command line."""

import json
import re

import pytest
from command_line import inside
from PIL import Image

import dinosar
from dinosar.cli import distance as distance_command
from dinosar.cli import mismatch as mismatch_command
from dinosar.errors import UsageError
from dinosar.frames import cosine_distance, mismatch_between, pooled, viewer
from dinosar.frames.calls import OF_DISTANCE, OF_MISMATCH, SETTINGS, DistanceOptions, MismatchOptions
from dinosar.images import load_photo
from dinosar.testing import toy_photo

ASIDE = {"config", "set", "overwrite", "json", "pairs", "frames", "outlier_k", "image_a", "image_b", "batch_size",
         "fail_above", "no_checkpoint", "no_charts", "no_store", "no_pca"}  # fmt: skip
"""Flags that are for lists, for the shell, or that stand for no single setting."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    for i in range(2):
        Image.fromarray(toy_photo(seed=i, size=(90, 70)).pixels).save(folder / f"{i}.png")
    return folder / "0.png", folder / "1.png"


@pytest.mark.parametrize(
    ("flags", "known", "options"),
    [(mismatch_command.FLAGS, SETTINGS | OF_MISMATCH, MismatchOptions),
     (distance_command.FLAGS, SETTINGS | OF_DISTANCE, DistanceOptions)],
)  # fmt: skip
def test_options_are_called_as_on_the_command_line(flags, known, options):
    """Each flag that stands for one setting is an option of that name that stands for the same."""
    there = {name.lstrip("-").replace("-", "_"): flag.setting
             for flag in flags for name in flag.names if flag.key not in ASIDE}  # fmt: skip
    alias = {"model_name", "c"}
    assert {name: setting for name, setting in there.items() if name not in alias}.items() <= known.items()
    assert set(known) | {"out", "overwrite", "no_checkpoint"} == options.__optional_keys__


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ()),
        ({"size": 96}, ("--size", "96")),
        ({"resize": 96, "pooling": "all"}, ("--resize", "96", "--pooling", "all")),
        ({"fit": "pad", "store": False}, ("--fit", "pad", "--no-store")),
    ],
)
def test_distance_is_that_of_the_command_line(pair, own_cache, tmp_path, options, words):
    found = dinosar.distance(*pair, backbone="classic", **options)
    answer = inside("distance", *pair, "--backbone", "classic", "--json", *words, cwd=tmp_path, cache=own_cache)
    told = json.loads(answer.out)
    assert found.found == {name: told[name] for name in found.found}
    assert found["cosine_distance"] > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, ()), ({"boost": 1, "normalization": "none"}, ("--boost", "1", "--normalization", "none")),
     ({"vmax": 0.5, "fit": "native"}, ("--vmax", "0.5", "--fit", "native"))],
)  # fmt: skip
def test_mismatch_is_that_of_the_command_line(pair, own_cache, tmp_path, options, words):
    found = dinosar.mismatch(*pair, backbone="classic", **options)
    named = ("--ref", pair[0], "--proc", pair[1], "--out", "M", "--backbone", "classic", "--json")
    answer = inside("mismatch", *named, *words, cwd=tmp_path, cache=own_cache)
    told = json.loads(answer.out)
    assert found.found == {name: told[name] for name in found.found}
    assert found.maps.raw_b.mean() == pytest.approx(found["raw_mean"])


def test_out_writes_the_run_as_the_command_does(pair, tmp_path):
    found = dinosar.distance(*pair, backbone="classic", size=96, visualize=True, dpi=60, out=tmp_path / "D")
    assert (tmp_path / "D" / "vector_field.png").is_file()
    told = json.loads((tmp_path / "D" / "summary.json").read_text())
    assert found["cosine_distance"] == told["cosine_distance"]
    assert (tmp_path / "D" / "run.yaml").is_file()


def test_loaded_photos_are_taken_too(pair):
    photos = [load_photo(each) for each in pair]
    assert dinosar.distance(*photos, backbone="classic").found == dinosar.distance(*pair, backbone="classic").found


def test_a_warning_is_kept_with_the_result(pair):
    (warning,) = dinosar.distance(*pair).warnings
    assert "backbone 'auto' became 'classic'" in warning


@pytest.mark.parametrize(
    ("call", "options", "said"),
    [
        (dinosar.distance, {"poolling": "all"}, "distance() knows no option 'poolling'; did you mean 'pooling'?"),
        (dinosar.mismatch, {"pooling": "all"}, "mismatch() knows no option 'pooling'"),
        (dinosar.mismatch, {"boost": 0.5}, "mismatch(boost=…): map.boost"),
        (dinosar.distance, {"fit": "stretched"}, "distance(fit=…): image.fit"),
        (dinosar.distance, {"size": "large"}, "distance(size=…): image.size"),
    ],
)
def test_a_mistake_names_the_option(pair, call, options, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        call(*pair, backbone="classic", **options)


def test_in_a_loop_the_steps_give_the_same(pair):
    look = viewer(backbone="classic", size=96)
    a, b = (look.frame(each) for each in pair)
    whole = dinosar.distance(*pair, backbone="classic", size=96)
    assert cosine_distance(pooled(a.features)[0], pooled(b.features)[0]) == whole["cosine_distance"]
    maps = mismatch_between(a.features, b.features)
    assert (maps.raw_b == dinosar.mismatch(*pair, backbone="classic", size=96).maps.raw_b).all()
