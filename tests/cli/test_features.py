"""`dinosar features`: the tokens of one photo in a file, with its record beside it."""

import json

import numpy as np
import pytest
from command_line import everything_in

from dinosar.store import Store
from dinosar.yaml_files import read_yaml

SMALL = ("--size", "96", "--backbone", "classic")


@pytest.fixture
def kept(here, desk, photos):
    """Runs `features` on the first photo; returns the arrays of the file."""

    def features(*words, out="f.npz"):
        answer = here("features", photos[0], *SMALL, "--out", out, *words)
        assert (answer.code, answer.err) == (0, "")
        with np.load(desk / out, allow_pickle=False) as file:
            return dict(file)

    return features


def test_a_file_holds_unit_tokens_on_the_grid_it_names(kept):
    found = kept()
    grid = json.loads(str(found["grid"]))
    rows, columns, depth = found["tokens"].shape
    assert (rows, columns) == (grid["rows"], grid["columns"])
    assert grid["crop"] == [0, 0, *grid["photo"]], "all of the photo is used"
    np.testing.assert_allclose(np.linalg.norm(found["tokens"], axis=-1), 1, atol=1e-5)
    assert found["saliency"].shape[1:] == (rows, columns)
    assert found["summary"].shape == (depth,)
    assert str(found["backbone"]) == "classic-v1"


def test_raw_tokens_have_their_own_length_and_no_other_direction(kept):
    fine, raw = kept()["tokens"], kept("--raw", out="raw.npz")["tokens"]
    assert raw.dtype == np.float32
    assert not np.array_equal(raw, fine)
    length = np.linalg.norm(raw, axis=-1, keepdims=True)
    np.testing.assert_allclose(raw / length, fine, atol=2e-3)
    assert not np.array_equal(raw, raw.astype(np.float16)), "nothing is rounded to what the store keeps"


def test_the_answer_says_what_was_written_and_where(here, desk, photos):
    answer = here("features", photos[0], *SMALL, "--out", "f.npz")
    assert answer.out.startswith("a: ")
    assert answer.out.splitlines()[-1] == str(desk / "f.npz")
    assert sorted(everything_in(desk)) == ["f.npz", "f.run.yaml"]


def test_json_is_one_object_and_nothing_else(here, photos, kept):
    found = json.loads(here("features", photos[0], *SMALL, "--out", "f.npz", "--json").out)
    arrays = kept(out="g.npz")
    assert (found["rows"], found["columns"], found["depth"]) == arrays["tokens"].shape
    assert found["arrays"] == sorted(arrays)
    assert found["raw"] is False


def test_the_record_names_photo_and_output_with_their_hashes(here, desk, photos, kept):
    from dinosar.publishing import sha256_of

    kept()
    document = read_yaml(desk / "f.run.yaml").value
    assert (desk / document["inputs"]["image"]).resolve() == photos[0].resolve()
    assert document["record"]["inputs"]["image"]["sha256"] == sha256_of(photos[0])
    assert document["record"]["outputs"] == {"f.npz": sha256_of(desk / "f.npz")}


@pytest.mark.parametrize("words", [[], ["--no-store"]], ids=str)
def test_the_file_is_the_same_to_the_byte_each_time(words, kept, desk):
    kept(*words)
    kept(*words, out="again.npz")
    assert (desk / "f.npz").read_bytes() == (desk / "again.npz").read_bytes()


def test_a_photo_meets_the_backbone_once(kept):
    kept()
    kept(out="again.npz")
    assert Store().contents().items == 1
    kept("--raw", "--size", "64", out="raw.npz")
    kept("--no-store", "--size", "64", out="none.npz")
    assert Store().contents().items == 1


@pytest.mark.parametrize("out", ["f", "f.csv", "f.NPZ", ".npz", "folder/"])
def test_a_name_that_is_no_npz_file_is_exit_2(out, here, desk, photos):
    answer = here("features", photos[0], *SMALL, "--out", out)
    assert (answer.code, answer.out) == (2, "")
    assert ".npz" in answer.complaint
    assert not list(desk.iterdir())


def test_a_missing_folder_is_made(here, desk, photos):
    assert here("features", photos[0], *SMALL, "--out", "not/yet/f.npz").code == 0
    assert (desk / "not" / "yet" / "f.run.yaml").is_file()


@pytest.mark.parametrize("there", ["f.npz", "f.run.yaml"])
def test_what_is_there_is_kept_unless_it_is_to_be_overwritten(there, here, desk, photos):
    (desk / there).write_text("mine")
    answer = here("features", photos[0], *SMALL, "--out", "f.npz")
    assert answer.code == 3
    assert f"'{there}' is there already" in answer.complaint
    assert everything_in(desk) == {there: b"mine"}
    assert here("features", photos[0], *SMALL, "--out", "f.npz", "--overwrite").code == 0


def test_many_files_may_share_a_folder(kept, desk):
    for name in ("a.npz", "b.npz", "a.b.npz"):
        kept(out=name)
    assert len(everything_in(desk)) == 6


def test_the_first_line_of_the_record_says_how_to_run_it_again_by_its_own_name(desk, kept):
    kept()
    assert (desk / "f.run.yaml").read_text(encoding="utf-8").splitlines()[0].endswith("dinosar rerun f.run.yaml")
