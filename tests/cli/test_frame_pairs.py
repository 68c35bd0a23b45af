"""`mismatch` and `distance` of one pair: what is written, what is said, and what is refused."""

import json

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dinosar.testing import toy_photo
from dinosar.yaml_files import read_yaml

CLASSIC = ("--backbone", "classic", "--size", "128")
MODEL = "vit_base_patch14_dinov2.lvd142m"
MISMATCH = {"mismatch_B_norm_overlay.png", "mismatch_maps.png", "histogram.png", "histogram.csv", "mismatch.json",
            "patches.csv", "run.yaml"}  # fmt: skip
DRAWN = {"similarity_A2B.png", "similarity_B2A.png", "mismatch_A.png", "mismatch_B.png", "vector_field.png",
         "pca_features.png", "histogram.png", "histogram.csv", "patches.csv", "summary.json", "run.yaml"}  # fmt: skip
ORIGINAL_KEYS = {"image_a", "image_b", "grid_size", "num_patches", "embedding_dim", "mean_similarity_a2b",
                 "mean_similarity_b2a", "mean_mismatch_a", "mean_mismatch_b", "cosine_distance",
                 "cosine_similarity"}  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A picture, the same in other files, and another of which a part was made noise."""
    folder = tmp_path_factory.mktemp("pair")
    pixels = toy_photo(size=(150, 110)).pixels.copy()
    Image.fromarray(pixels).save(folder / "A.png")
    Image.fromarray(pixels).save(folder / "A.tif")
    Image.fromarray(pixels).save(folder / "A.bmp")
    pixels[30:70, 60:110] = np.random.default_rng(0).integers(0, 256, (40, 50, 3))
    Image.fromarray(pixels).save(folder / "B.png")
    Image.fromarray(pixels).rotate(90, expand=True).save(folder / "tall.png")
    return folder


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_mismatch_writes_what_it_promises(here, pair, desk):
    answer = here("mismatch", "--ref", pair / "A.png", "--proc", pair / "B.png", "--out", "M", *CLASSIC)
    assert answer.code == 0, answer.err
    assert names(desk / "M") == MISMATCH
    with Image.open(desk / "M" / "mismatch_B_norm_overlay.png") as overlay:
        assert overlay.size == (150, 110)
        seen = np.asarray(overlay.convert("RGB"), dtype=float)
    plain = np.asarray(Image.open(pair / "B.png"), dtype=float)
    # Where it matches `hot` is black, so the picture is half as bright; inside the noise it is not.
    assert np.allclose(seen[100:, :30], plain[100:, :30] / 2, atol=20)
    assert seen[45:55, 75:95].mean() > plain[45:55, 75:95].mean() / 2 + 50
    told = json.loads((desk / "M" / "mismatch.json").read_text())
    assert told["degenerate"] is False
    assert told["backbone"] == "classic-v1"
    assert 0 < told["raw_mean"] < told["raw_p95"] < 2
    assert all("higher = worse" in told["meaning"][name] for name in ("raw_mean", "raw_p95", "non_reciprocal"))
    assert read_yaml(desk / "M" / "run.yaml").value["status"] == "done"
    assert f"{told['raw_mean']:.4f}" in answer.out


def test_overlays_on_one_scale_can_be_compared(here, pair, desk):
    """The same mismatch has the same colour, whatever else is in its pair."""
    for name, b in (("one", "B.png"), ("two", "A.tif")):
        scale = ("--vmin", "0", "--vmax", "0.5", "--colormap", "gray", "--alpha", "1")
        answer = here("mismatch", "--ref", pair / "A.png", "--proc", pair / b, "--out", name, *scale, *CLASSIC)
        assert answer.code == 0, answer.err
    one, two = (
        np.asarray(Image.open(desk / name / "mismatch_B_norm_overlay.png").convert("L")) for name in ("one", "two")
    )
    assert two.max() == 0
    told = json.loads((desk / "one" / "mismatch.json").read_text())
    assert told["shown"] == {"boost": 1.25, "normalization": "none", "low": 0.0, "high": 0.5}
    assert one.max() > 100


def test_identical_pictures_are_degenerate_and_the_overlay_is_all_dark(here, pair, desk):
    answer = here("mismatch", "--ref", pair / "A.png", "--proc", pair / "A.tif", "--out", "M", "--json", *CLASSIC)
    found = json.loads(answer.out)
    assert (found["raw_mean"], found["raw_p95"], found["non_reciprocal"], found["degenerate"]) == (0, 0, 0, True)
    seen = np.asarray(Image.open(desk / "M" / "mismatch_B_norm_overlay.png"), dtype=int)
    black = np.array([0.0416, 0, 0]) * 255 / 2  # with which `hot` begins
    assert np.abs(seen - np.asarray(Image.open(pair / "A.png"), dtype=int) / 2 - black).max() <= 1


def test_distance_is_nothing_for_the_same_pixels_in_any_file_and_the_same_both_ways(here, pair, desk):
    def far(a, b):
        answer = here("distance", pair / a, pair / b, "--json", *CLASSIC)
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    assert [far("A.png", other)["cosine_distance"] for other in ("A.png", "A.tif", "A.bmp")] == [0, 0, 0]
    there, back = far("A.png", "B.png"), far("B.png", "A.png")
    assert there["cosine_distance"] == back["cosine_distance"] > 0
    assert there["cosine_similarity"] == 1 - there["cosine_distance"]
    assert (there["embedding_dim"], there["pooling"], there["band"]) == (128, "patches", "uncalibrated")
    assert names(desk) == set(), "one pair that is not drawn writes nothing"


def test_distance_draws_what_vfi_similarity_draws(here, pair, desk):
    answer = here("distance", pair / "A.png", pair / "B.png", "--visualize", "--dpi", "60", *CLASSIC)
    assert answer.code == 0, answer.err
    assert names(desk) == {"output"}
    assert names(desk / "output") == DRAWN
    told = json.loads((desk / "output" / "summary.json").read_text())
    assert set(told) >= ORIGINAL_KEYS
    assert (told["image_a"], told["image_b"]) == ("A.png", "B.png")
    assert told["grid_size"] == [8, 8]
    assert 0 < told["mean_mismatch_b"] <= 1.25
    answer = here("distance", pair / "A.png", pair / "B.png", "--visualize", "--dpi", "60", *CLASSIC)
    assert answer.code == 3
    assert "holds a finished run" in answer.complaint


def test_out_alone_writes_the_numbers_and_no_pca_leaves_out_one_picture(here, pair, desk):
    assert here("distance", pair / "A.png", pair / "B.png", "--out", "D", *CLASSIC).code == 0
    assert names(desk / "D") == {"summary.json", "run.yaml"}
    words = ("--visualize", "--no-pca", "--arrow-stride", "2", "--arrow-filter", "reciprocal", "--dpi", "60")
    assert here("distance", pair / "A.png", pair / "B.png", "--out", "E", *words, *CLASSIC).code == 0
    assert names(desk / "E") == DRAWN - {"pca_features.png"}


@pytest.mark.parametrize("words", [("--fit", "squash"), ("--fit", "pad"), ("--fit", "native"), ("--size", "150")])
def test_pictures_of_unlike_shape_are_compared_in_every_fit(here, pair, desk, words):
    answer = here("mismatch", "--ref", pair / "A.png", "--proc", pair / "tall.png", "--out", "M", *CLASSIC, *words)
    assert answer.code == 0, answer.err
    with Image.open(desk / "M" / "mismatch_B_norm_overlay.png") as overlay:
        assert overlay.size == (110, 150)
    told = json.loads((desk / "M" / "mismatch.json").read_text())
    wanted = {"squash": [128, 128], "pad": [96, 128], "native": [112, 160], "150": [144, 144]}[words[1]]
    assert told["shown_b"] == wanted


def test_the_names_of_the_originals_are_understood(here, pair, desk):
    long = here("distance", "--image-a", pair / "A.png", "--image-b", pair / "B.png", "--json", "--resize", "128",
                "--backbone", "classic", "--batch-size", "4")  # fmt: skip
    short = here("distance", pair / "A.png", pair / "B.png", "--json", *CLASSIC)
    assert long.out == short.out
    assert "--batch-size has no effect" in long.err


def test_out_of_reach_the_network_becomes_classic_aloud(here, pair, desk):
    answer = here("distance", pair / "A.png", pair / "B.png", "--json", "--device", "cpu", "--model-name", MODEL)
    assert answer.code == 0
    assert json.loads(answer.out)["backbone"] == "classic-v1"
    (line,) = answer.err.splitlines()
    assert "warning: backbone 'auto' became 'classic'" in line
    assert "vitb14 is out of reach" in line
    assert "with it went backbone.device" in line


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--require-dino",), 5, "weights of 'vitb14'"),
        (("--checkpoint", "no.pth"), 5, "is not there"),
        (("--checkpoint", ""), 2, "backbone.checkpoint is given, but empty"),
        (("--base", "no.pth"), 2, "is for an adapter, and none was named"),
        (("--backbone", "dinov2"), 5, "are not on this machine"),
        (("--model", "vit_basee_patch14_dinov2.lvd142m"), 2, "did you mean 'vit_base_patch14_dinov2'?"),
        (("--model", "u2net"), 2, "is a model for masks"),
        (("--size", "10"), 2, "image.size"),
        (("--backbone", "classic", "--layers", "3"), 2, "unknown key 'layers'"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(here, pair, desk, words, code, said):
    answer = here("distance", pair / "A.png", pair / "B.png", *words)
    assert answer.code == code
    assert said in answer.complaint
    assert names(desk) == set()


def test_without_a_checkpoint_wins_and_is_said(here, pair, desk):
    answer = here("mismatch", "--ref", pair / "A.png", "--proc", pair / "B.png", "--out", "M", "--checkpoint", "no.pth",
                  "--no-checkpoint", "--lora-r", "8", *CLASSIC[2:])  # fmt: skip
    assert answer.code == 0, answer.err
    assert "--checkpoint: no effect beside --no-checkpoint" in answer.err
    answer = here(
        "mismatch", "--ref", pair / "A.png", "--proc", pair / "B.png", "--out", "N", "--no-checkpoint", *CLASSIC
    )
    assert answer.code == 0, answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("distance",), "nothing was named"),
        (("distance", "A.png"), "only 'A.png' was named"),
        (("distance", "A.png", "B.png", "--pairs", "p.json"), "two pictures and --pairs were named"),
        (("distance", "--frames", "one"), "--frames"),
        (("distance", "--frames", "one", "--out", "D"), "--frames needs two folders, and got 'one' and '--out'"),
        (("distance", ".", ".."), "compare two folders of frames with --frames '.' '..'"),
        (("distance", "A.png", "B.png", "--image-a", "C.png"), "both named for the same"),
        (("mismatch", "--ref", "A.png"), "only 'A.png' was named"),
        (("distance", "clip.mp4", "B.png"), "ffmpeg -i"),
        (("distance", "A.png", "B.png", "--arrow-stride", "0"), "arrows.stride"),
        (("mismatch", "--ref", "A.png", "--proc", "B.png", "--boost", "0.5"), "map.boost"),
        (("mismatch", "--ref", "A.png", "--proc", "B.png", "--vmin", "0.5", "--vmax", "0.2"), "must be below vmax"),
        (("mismatch", "--ref", "A.png", "--proc", "B.png", "--colormap", "hott"), "hott"),
        (("mismatch", "--ref", "A.png", "--proc", "B.png", "--alpha", "nan"), "map.alpha"),
        (("distance", "A.png", "B.png", "--fail-above", "-1"), "fail_above"),
    ],
)
def test_a_mistake_on_the_command_line_is_a_line_and_writes_nothing(here, desk, words, said):
    Image.fromarray(toy_photo(size=(40, 30)).pixels).save(desk / "A.png")
    Image.fromarray(toy_photo(size=(40, 30)).pixels).save(desk / "B.png")
    (desk / "clip.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    before = names(desk)
    answer = here(*words, "--backbone", "classic")
    assert answer.code == 2, answer.err
    assert said in answer.complaint
    assert names(desk) == before


def test_above_the_limit_is_exit_code_7_and_json_stays_whole(here, pair, desk):
    words = ("distance", pair / "A.png", pair / "B.png", "--json", *CLASSIC)
    far = json.loads(here(*words).out)["cosine_distance"]
    answer = here(*words, "--fail-above", str(far / 2))
    assert (answer.code, json.loads(answer.out)["cosine_distance"]) == (7, far)
    assert "1 of 1 distances above" in answer.complaint
    assert here(*words, "--fail-above", str(far)).code == 0


def test_a_rerun_of_both_is_identical(here, pair, desk):
    assert here("mismatch", "--ref", pair / "A.png", "--proc", pair / "B.png", "--out", "M", *CLASSIC).code == 0
    assert (
        here("distance", pair / "A.png", pair / "B.png", "--visualize", "--out", "D", "--dpi", "60", *CLASSIC).code == 0
    )
    for folder, count in (("M", len(MISMATCH) - 1), ("D", len(DRAWN) - 1)):
        answer = here("rerun", folder)
        assert answer.code == 0, answer.out + answer.err
        assert f"files: {count} of {count} identical" in answer.out


def test_a_run_that_moved_with_its_pictures_reruns_the_same(here, pair, desk):
    (desk / "study").mkdir()
    for name in ("A.png", "B.png"):
        (desk / "study" / name).write_bytes((pair / name).read_bytes())
    words = ("mismatch", "--ref", "study/A.png", "--proc", "study/B.png", "--out", "study/M")
    assert here(*words, *CLASSIC).code == 0
    (desk / "study").rename(desk / "moved")
    answer = here("rerun", "moved/M")
    assert answer.code == 0, answer.out


def test_a_config_may_name_the_pictures(here, pair, desk):
    assert here("distance", pair / "A.png", pair / "B.png", "--out", "D", *CLASSIC).code == 0
    first = json.loads((desk / "D" / "summary.json").read_text())["cosine_distance"]
    answer = here("distance", "--config", desk / "D" / "run.yaml", "--json", "--out", "E")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["cosine_distance"] == first


def test_a_config_that_is_a_list_is_the_list_of_pairs(here, pair, desk):
    item = {"ref_img": str(pair / "A.png"), "dist_img": str(pair / "B.png"), "label": "first"}
    (desk / "pairs.json").write_text(json.dumps({"pairs": [item]}))
    answer = here("distance", "--config", "pairs.json", "--json", *CLASSIC)
    assert answer.code == 0, answer.err
    assert [row["label"] for row in json.loads(answer.out)["results"]] == ["first"]
    assert {name for name in names(desk / "output") if name[0] != "."} == {"results.json", "results.csv", "run.yaml"}


def test_blur_is_worse_the_more_there_is(here, pair, desk):
    """The numbers go with what a person sees."""
    found = []
    for radius in (0, 1, 3):
        Image.open(pair / "A.png").filter(ImageFilter.GaussianBlur(radius)).save(desk / f"{radius}.png")
        found.append(json.loads(here("distance", pair / "A.png", desk / f"{radius}.png", "--json", *CLASSIC).out))
    assert found[0]["cosine_distance"] == 0
    assert found[0]["cosine_distance"] < found[1]["cosine_distance"] < found[2]["cosine_distance"]
