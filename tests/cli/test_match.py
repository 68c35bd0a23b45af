"""What a person gets from `dinosar match`: foregrounds with their reasons, both methods side by side, every file."""

import json
import shutil

import numpy as np
import pytest
from command_line import ROOT, inside, outputs_of
from PIL import Image

import dinosar
from dinosar.yaml_files import read_yaml

A, B = (ROOT / "toy_data" / f"fulgora-alba_i{i}_p1.jpg" for i in (1, 2))
CLASSIC = ("--backbone", "classic", "--size", "384")
QUICK = (*CLASSIC, "--no-figures")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """One run with everything, and what it said."""
    desk = tmp_path_factory.mktemp("desk")
    answer = inside("match", A, B, *CLASSIC, "--compare-with", "sift", "--dpi", "60", "--out", "M", cwd=desk,
                    cache=desk / "cache")  # fmt: skip
    assert answer.code == 0, answer.err
    return desk / "M", answer


def size_of(picture):
    with Image.open(picture) as opened:
        return opened.size


def summary_of(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def matches_of(folder):
    return json.loads((folder / "matches.json").read_text(encoding="utf-8"))


def test_every_file_that_is_promised_is_there(full):
    folder, _ = full
    assert set(outputs_of(folder)) == {
        "summary.json", "matches.json", "fg_A.png", "fg_B.png", "pca_joint.png", "norms.png", "masks_local.png",
        "matches_features.png", "matches_sift.png", "methods.png",
    }  # fmt: skip
    for picture in folder.glob("*.png"):
        assert min(size_of(picture)) > 100


def test_the_screen_says_what_counts_as_foreground_and_why_and_sets_both_methods_side_by_side(full):
    _, answer = full
    assert "foreground of A: pca" in answer.out
    assert "border +" in answer.out
    assert "saliency +" in answer.out, "what classic has is no attention"
    assert "attention +" not in answer.out
    lines = answer.out.splitlines()
    assert any(line.split() == ["features", "sift"] for line in lines)
    for row in ("kept", "held by a homography", "held by an epipolar geometry", "near a match, A / B", "seconds"):
        assert sum(line.startswith(row) for line in lines) >= 1


def test_the_numbers_say_method_sign_votes_confidence_area_and_reason(full):
    folder, _ = full
    found = summary_of(folder)
    for side in "ab":
        ground = found["foreground"][side]
        assert ground["method"] in ("pca", "pca-joint")
        assert ground["sign"] == "+"
        assert set(ground["votes"]) == {"border", "attention", "skewness"}
        assert ground["attention_kind"] == "saliency"
        assert 0.2 < ground["confidence"] <= 1
        assert 0 < ground["area"] < 1
        assert ground["fallback_reason"] is None
    assert "seconds" not in json.dumps(found), "times are in the record: a table is the same whenever it is made"
    assert read_yaml(folder / "run.yaml").value["record"]["result"]["methods"]["sift"]["seconds"] > 0


def test_matches_lie_in_pixels_of_the_photos_and_on_the_specimens(full):
    folder, _ = full
    found = matches_of(folder)
    every = found["matches"]
    assert len(every) == 50
    assert [each["rank"] for each in every] == list(range(1, 51))
    distances = [each["distance"] for each in every]
    assert distances == sorted(distances)
    for each in every:
        for end, photo in (("a", A), ("b", B)):
            x, y = each[end]
            width, height = size_of(photo)
            assert 0 <= x <= width
            assert 0 <= y <= height
        assert -1 <= each["cosine"] <= 1
        assert isinstance(each["mutual"], bool)
    for ends in ("patch_a", "patch_b"):
        assert len({tuple(each[ends]) for each in every}) == 50, "one to one"
    assert found["sift"]["matches"]


def test_python_gives_what_the_command_line_gives(full):
    folder, _ = full
    found = dinosar.match(A, B, backbone="classic", image={"size": 384}, compare_with="sift")
    every = matches_of(folder)
    assert np.array_equal(found.features.a, [each["a"] for each in every["matches"]])
    assert np.array_equal(found.cosine, [each["cosine"] for each in every["matches"]])
    assert np.array_equal(found.sift.b, [each["b"] for each in every["sift"]["matches"]])


def test_a_rerun_is_identical_but_for_the_picture_that_tells_times(full, tmp_path, here):
    folder, _ = full
    answer = here("rerun", folder, "--out", tmp_path / "again")
    assert answer.code == 0, answer.out
    assert "not held   methods.png: it tells how long things took" in answer.out
    assert "DIFFERS" not in answer.out


def test_json_is_one_object_and_nothing_else(here):
    answer = here("match", A, B, *QUICK, "--json")
    found = json.loads(answer.out)
    assert answer.code == 0
    assert found["methods"]["features"]["kept"] == 50
    assert "sift" not in found["methods"]


@pytest.mark.parametrize("matcher", ["mutual", "similarity", "assignment"])
def test_every_matcher_may_be_named(here, desk, matcher):
    assert here("match", A, B, *QUICK, "--matcher", matcher, "--out", matcher).code == 0
    found = matches_of(desk / matcher)
    assert found["matcher"].startswith(matcher)
    assert found["distance_is"] == ("Euclidean distance of raw tokens" if matcher == "assignment" else "1 - cosine")


def test_assignment_serves_compare_as_well(here):
    answer = here("compare", A, B, *QUICK, "--matcher", "assignment", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["patches"]["a"]["matched"] == found["patches"]["b"]["matched"] > 50


def test_pca_serves_compare_as_well(here):
    answer = here(
        "compare", A, B, "--backbone", "classic", "--size", "384", "--no-figures", "--masker", "pca", "--json"
    )
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["masker"] == "pca"


def test_the_sign_can_be_turned_round(here, desk):
    assert here("match", A, B, *QUICK, "--fg-sign", "plus", "--out", "P").code == 0
    assert here("match", A, B, *QUICK, "--fg-sign", "-", "--out", "N").code == 0
    plus, minus = summary_of(desk / "P")["foreground"]["a"], summary_of(desk / "N")["foreground"]["a"]
    assert (plus["sign"], minus["sign"]) == ("+", "-")
    assert minus["area"] > plus["area"]


def test_masks_that_somebody_made_are_taken(here, desk):
    width, height = size_of(A)
    mask = np.zeros((height, width), np.uint8)
    mask[:, : width // 2] = 255
    for photo in (A, B):
        size = size_of(photo)
        Image.fromarray(mask).resize(size).save(desk / f"{photo.stem}.png")
    answer = here("match", A, B, *QUICK, "--fg-mask", desk, "--fg-sign", "+", "--out", "M")
    assert answer.code == 0, answer.err
    assert "--fg-sign: no effect beside --fg-mask" in answer.err
    ground = summary_of(desk / "M")["foreground"]["a"]
    assert ground["method"] == "file"
    assert ground["area"] == pytest.approx(0.5, abs=0.01)


def plain(path, seed):
    """A picture without anything on it."""
    noise = np.random.default_rng(seed).normal(128, 12, (192, 256, 3))
    Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8)).save(path)
    return path


def test_the_side_that_somebody_gave_is_said_to_be_given(here, desk):
    answer = here("match", A, B, *QUICK, "--fg-sign", "minus", "--out", "N")
    assert "sign - as given; votes for it: border -" in answer.out
    assert summary_of(desk / "N")["foreground"]["a"]["given"] is True


def test_patches_at_the_edge_are_matched_where_they_are_wanted_and_those_of_a_given_mask_always(here, desk):
    words = (A, B, *QUICK, "--matcher", "similarity", "--keep", "9999")
    assert here("match", *words, "--out", "inner").code == 0
    assert here("match", *words, "--keep-edge", "--out", "all").code == 0
    inner, every = (len(matches_of(desk / out)["matches"]) for out in ("inner", "all"))
    assert inner < every == summary_of(desk / "all")["foreground"]["a"]["patches"]
    assert here("match", *words, "--fg-mask", ROOT / "toy_data" / "masks", "--out", "given").code == 0
    given = summary_of(desk / "given")["foreground"]["a"]["patches"]
    assert len(matches_of(desk / "given")["matches"]) == given


def test_of_sift_as_many_are_kept(full):
    folder, _ = full
    found = summary_of(folder)["methods"]["sift"]
    assert found["kept"] == min(50, found["counts"]["matches"])


def test_where_nothing_stands_out_the_whole_photo_is_taken_aloud_and_with_the_reasons(here, desk):
    answer = here("match", plain(desk / "n1.png", 1), plain(desk / "n2.png", 2), *QUICK, "--out", "M")
    assert answer.code == 0, answer.err
    found = summary_of(desk / "M")["foreground"]
    assert {found[side]["method"] for side in "ab"} == {"whole"}
    assert found["a"]["area"] == 1.0
    assert found["a"]["abstained"][0]["masker"] == "pca"
    assert found["a"]["abstained"][0]["confidence"] is not None
    assert "pca" in found["a"]["fallback_reason"]
    assert "warning" in answer.err
    assert "masker 'whole'" in answer.err
    assert read_yaml(desk / "M" / "run.yaml").value["record"]["warnings"]


def test_a_fallback_is_asked_before_the_whole_photo_is_taken(here, desk):
    pair = plain(desk / "n1.png", 1), plain(desk / "n2.png", 2)
    mask = np.zeros((192, 256), np.uint8)
    mask[40:120, 60:200] = 255
    for each in pair:
        Image.fromarray(mask).save(desk / f"{each.stem}_mask.png")
    words = ("--fallback-masker", "file", "--set", f"fallback_masker.path={desk}/{{name}}_mask.png")
    assert here("match", *pair, *QUICK, *words, "--out", "M").code == 0
    assert summary_of(desk / "M")["foreground"]["a"]["method"] == "file"
    answer = here("compare", *pair, *QUICK, "--masker", "pca", "--out", "C")
    assert answer.code == 3
    assert "--fallback-masker" in answer.complaint
    assert here("compare", *pair, *QUICK, "--masker", "pca", *words, "--out", "D").code == 0


def test_two_photos_of_a_folder(here, desk):
    folder = desk / "photos"
    folder.mkdir()
    for i, photo in enumerate((A, B, A)):
        shutil.copy(photo, folder / f"p{i}.jpg")
    answer = here("match", "--images", folder, "--index", "2", "1", *QUICK, "--out", "M")
    assert answer.code == 0, answer.err
    found = summary_of(desk / "M")
    assert (found["a"], found["b"]) == ("p2", "p1")
    assert here("match", "--images", folder, *QUICK, "--json").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name two photos"),
        ((A,), "only"),
        ((A, B, "--images", "x"), "two photos .A B. and --images were named"),
        ((A, B, "--index", "0", "1"), "--images DIR"),
        (("--images", ROOT / "toy_data", "--index", "0", "999"), "--index 999"),
        (("--images", ROOT / "toy_data", "--index", "0"), "two numbers"),
        (("--spair", "nowhere", "1"), "nowhere"),
        ((A, B, "--fg-sign", "?"), "fg-sign"),
        ((A, B, "--keep", "0"), "keep"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(here, desk, words, told):
    answer = here("match", *words, *QUICK, "--out", "M")
    assert answer.code in (2, 3)
    assert told.replace(".A B.", "(A B)") in answer.err
    assert not (desk / "M").exists()
