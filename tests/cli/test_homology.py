"""`dinosar compare --matching-mode tps_homology|both`: where landmarks come from, what is written, what goes wrong."""

import csv
import json
import shutil

import numpy as np
import pytest
from command_line import ROOT, inside
from PIL import Image

from dinosar.yaml_files import read_yaml

TOY = ROOT / "toy_data"
ALBA, FUSCA = "fulgora-alba_i1_p1.jpg", "fulgora-fusca_i1_p1.jpg"
WORDS = ("--backbone", "classic", "--masker", "grabcut", "--size", "256", "--no-figures")
TABLES = {"cells.csv", "cells_shown.csv", "landmarks.csv", "homology_histogram.csv"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A folder with two photos and nothing beside them, and all landmarks of the toy data in a folder of their own."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "marks").mkdir()
    for name in (ALBA, FUSCA):
        shutil.copy(TOY / name, folder)
    shutil.copy(TOY / "landmarks" / "landmarks.json", folder / "marks")
    return folder


@pytest.fixture(scope="module")
def there(lab):
    """Runs the command line in the lab."""
    return lambda *words: inside(*words, cwd=lab, cache=lab / "cache")


@pytest.fixture
def marks(lab, tmp_path):
    """The landmarks of both photos, changed by a function of the file and the two annotations."""

    def written(change):
        content = json.loads((lab / "marks" / "landmarks.json").read_text())
        of = {image["file_name"]: image["id"] for image in content["images"]}
        found = {each["image_id"]: each for each in content["annotations"]}
        change(content, found[of[ALBA]], found[of[FUSCA]])
        path = tmp_path / "marks.json"
        path.write_text(json.dumps(content))
        return path

    return written


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def numbers(found, *names):
    return np.array([[float(row[name]) for name in names] for row in found])


def test_landmarks_of_a_file_give_cells_a_table_and_scores(there, lab):
    answer = there(
        "compare", ALBA, FUSCA, *WORDS, "--mode", "both", "--keypoints", "marks/landmarks.json", "-o", "given"
    )
    assert (answer.code, answer.err) == (0, "")
    assert "between 16 landmarks of landmarks.json" in answer.out
    found = json.loads((lab / "given" / "scores.json").read_text())
    assert (found["distance_is"], found["homology"]["landmarks"]) == ("foreground", "file")
    assert found["homology"]["cell"] == {"network_px": [16, 16], "patches": [1, 1]}
    assert {"homology", "homology_covered", "foreground"} <= set(found["scores"])
    assert "homology_elsewhere" not in found["scores"]
    table = rows(lab / "given" / "cells.csv")
    assert list(table[0]) == ["row", "column", "ax", "ay", "bx", "by", "coverage_a", "coverage_b", "dissimilarity"]
    assert len(table) == found["homology"]["counted"] == found["scores"]["homology"]["pooled"]["n"]
    mean = numbers(table, "dissimilarity").mean()
    assert mean == pytest.approx(found["scores"]["homology"]["distance"], rel=1e-8)
    assert (numbers(table, "coverage_a", "coverage_b") > 0.5).all()
    with np.load(lab / "given" / "maps.npz") as maps:
        cells = numbers(table, "row", "column").astype(int)
        assert np.allclose(maps["cell_centres_a"][tuple(cells.T)], numbers(table, "ax", "ay"), rtol=1e-8)
    assert len(rows(lab / "given" / "landmarks.csv")) == 16


def test_homology_alone_leaves_patches_alone(there, lab):
    answer = there("compare", ALBA, FUSCA, *WORDS, "--mode", "tps_homology", "--keypoints", "marks/landmarks.json",
                   "-o", "alone")  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    assert {each.name for each in (lab / "alone").iterdir()} == TABLES | {"scores.json", "maps.npz", "run.yaml"}
    found = json.loads((lab / "alone" / "scores.json").read_text())
    assert found["distance"] == found["scores"]["homology"]["distance"]
    assert (found["distance_is"], found["matcher"]) == ("homology", "tps_homology")
    both = json.loads((lab / "given" / "scores.json").read_text())
    assert found["scores"]["homology"] == both["scores"]["homology"]
    assert set(read_yaml(lab / "alone" / "run.yaml").value["record"]["parts"]) == {"backbone", "masker"}


def test_a_file_beside_the_photos_is_taken_and_said_to_be(lab, tmp_path):
    for name in (ALBA, FUSCA):
        shutil.copy(TOY / name, tmp_path)
    (tmp_path / "landmarks").mkdir()
    shutil.copy(lab / "marks" / "landmarks.json", tmp_path / "landmarks")
    answer = inside("compare", ALBA, FUSCA, *WORDS, "--mode", "both", "-o", "X", cwd=tmp_path, cache=lab / "cache")
    assert answer.code == 0
    (line,) = answer.err.splitlines()
    assert "which lies beside the photos and names both" in line
    assert "keypoints: ../landmarks/landmarks.json" in (tmp_path / "X" / "run.yaml").read_text()
    assert (tmp_path / "X" / "cells.csv").read_bytes() == (lab / "given" / "cells.csv").read_bytes()
    again = inside("rerun", "X", cwd=tmp_path, cache=lab / "cache")
    assert again.code == 0, again.out


def test_without_a_file_the_features_propose_and_that_is_said_drawn_and_recorded(there, lab):
    answer = there("compare", ALBA, FUSCA, *WORDS, "--mode", "both", "-o", "proposed")
    assert answer.code == 0
    (line,) = answer.err.splitlines()
    assert line.startswith("dinosar: warning: landmarks: ")
    assert "proposed by the features that are compared, and so not independent of them" in line
    found = json.loads((lab / "proposed" / "scores.json").read_text())
    assert found["homology"]["landmarks"] == "proposed"
    assert "not independent" in found["homology"]["remark"]
    assert found["homology"]["used"] >= 6
    assert 0 < found["scores"]["homology_elsewhere"]["pooled"]["n"] < found["homology"]["counted"]
    record = read_yaml(lab / "proposed" / "run.yaml").value
    assert record["homology"]["landmarks"] == "proposed"
    assert record["record"]["parts"]["proposer"]["use"] == "mutual"
    shutil.copy(lab / "marks" / "landmarks.json", lab)  # a rerun does not come upon a file that was laid there later
    try:
        assert there("rerun", "proposed").code == 0
    finally:
        (lab / "landmarks.json").unlink()


@pytest.mark.parametrize("landmarks", ["file", "proposed"])
def test_the_same_photo_twice_is_nowhere_different(landmarks, lab, tmp_path, marks):
    shutil.copy(TOY / ALBA, tmp_path / ALBA)
    Image.open(TOY / ALBA).save(tmp_path / FUSCA.replace("jpg", "png"))  # another file, the same pixels

    def of_the_same(content, a, b):
        sizes = {image["id"]: image for image in content["images"]}
        here, there = sizes[a["image_id"]], sizes[b["image_id"]]
        there.update(file_name=FUSCA.replace("jpg", "png"), width=here["width"], height=here["height"])
        b.update(keypoints=a["keypoints"])

    path = marks(of_the_same)
    given = ("--keypoints", path) if landmarks == "file" else ("--landmarks", "proposed")
    answer = inside("compare", ALBA, FUSCA.replace("jpg", "png"), *WORDS, "--mode", "both", *given, "-o", "X",
                    cwd=tmp_path, cache=lab / "cache")  # fmt: skip
    assert answer.code == 0, answer.err
    table = rows(tmp_path / "X" / "cells.csv")
    assert len(table) > 30
    assert {row["dissimilarity"] for row in table} == {"0"}
    assert all((row["ax"], row["ay"]) == (row["bx"], row["by"]) for row in table)


@pytest.mark.parametrize("given", [("--keypoints", "marks/landmarks.json"), ()], ids=["file", "proposed"])
def test_swapping_the_photos_swaps_the_columns(given, there, lab):
    for first, second, name in ((ALBA, FUSCA, "there"), (FUSCA, ALBA, "back")):
        assert (
            there("compare", first, second, *WORDS, "--mode", "tps_homology", *given, "-o", f"{name}{len(given)}").code
            == 0
        )
    forward, backward = (rows(lab / f"{name}{len(given)}" / "cells.csv") for name in ("there", "back"))
    turned = {"ax": "bx", "ay": "by", "bx": "ax", "by": "ay", "coverage_a": "coverage_b", "coverage_b": "coverage_a"}
    assert forward == [{key: row[turned.get(key, key)] for key in row} for row in backward]


def test_a_landmark_less_in_one_file_leaves_every_other_pair_as_it_was(there, lab, marks):
    def without_the_third(content, a, b):
        a["keypoints"][6:9] = [0, 0, 0]

    answer = there(
        "compare", ALBA, FUSCA, *WORDS, "--mode", "both", "--keypoints", marks(without_the_third), "-o", "less"
    )
    assert answer.code == 0
    assert "landmarks that one specimen lacks: antenna base" in answer.out
    columns = ("landmark", "ax", "ay", "bx", "by")
    whole, less = (
        [[row[c] for c in columns] for row in rows(lab / name / "landmarks.csv")] for name in ("given", "less")
    )
    assert less == [row for row in whole if row[0] != "antenna base"]


NOT_COMPUTED = {
    "two are left": (
        lambda content, a, b: a.update(keypoints=a["keypoints"][:6] + [0, 0, 0] * 14),
        "share 2 landmarks",
    ),
    "duplicates": (
        lambda content, a, b: a.update(keypoints=a["keypoints"][:3] * 2 + a["keypoints"][6:]),
        "'head process tip' and 'eye centre' lie on the same place",
    ),
    "a line": (
        lambda content, a, b: b.update(keypoints=[n for i in range(16) for n in (100 + 20 * i, 100 + 10 * i, 2)]),
        "all 16",
    ),
}


@pytest.mark.parametrize("case", NOT_COMPUTED)
def test_what_fixes_no_warp_is_not_computed_with_4_beside_similarity_and_3_alone(case, there, lab, marks, tmp_path):
    change, reason = NOT_COMPUTED[case]
    words = ("compare", ALBA, FUSCA, *WORDS, "--keypoints", marks(change))
    answer = there(*words, "--mode", "both", "-o", tmp_path / "both")
    assert answer.code == 4
    assert reason in answer.complaint
    found = json.loads((tmp_path / "both" / "scores.json").read_text())
    assert found["homology"].startswith("not computed: ")
    assert reason in found["homology"]
    assert "distance" not in found["scores"]["homology"]
    assert found["distance"] == found["scores"]["foreground"]["distance"]
    assert "\nstatus: partial" in (tmp_path / "both" / "run.yaml").read_text()
    assert not (tmp_path / "both" / "cells.csv").exists()
    alone = there(*words, "--mode", "tps_homology", "-o", tmp_path / "alone")
    assert alone.code == 3
    assert reason in alone.complaint
    assert not (tmp_path / "alone").exists()


def test_what_was_not_computed_is_not_computed_again(there, marks, tmp_path):
    path = marks(NOT_COMPUTED["two are left"][0])
    there("compare", ALBA, FUSCA, *WORDS, "--keypoints", path, "--mode", "both", "-o", tmp_path / "both")
    again = there("rerun", tmp_path / "both")
    assert again.code == 0, again.out + again.err


@pytest.mark.parametrize("mode", ["both", "tps_homology"])
def test_a_file_that_lacks_a_photo_is_never_replaced_by_proposed_points(mode, there, lab, marks, tmp_path):
    def lacking(content, a, b):
        content["images"] = [image for image in content["images"] if image["file_name"] != FUSCA]
        content["annotations"].remove(b)

    answer = there("compare", ALBA, FUSCA, *WORDS, "--keypoints", marks(lacking), "--mode", mode, "-o", tmp_path / "X")
    assert answer.code == 2
    assert f"has no landmarks of '{FUSCA}'" in answer.complaint
    assert not (tmp_path / "X").exists()


def test_a_malformed_file_is_exit_2_and_nothing_is_written(there, marks, tmp_path):
    path = marks(lambda content, a, b: a["keypoints"].pop())
    answer = there("compare", ALBA, FUSCA, *WORDS, "--keypoints", path, "--mode", "both", "-o", tmp_path / "X")
    assert answer.code == 2
    assert "marks.json" in answer.complaint
    assert not (tmp_path / "X").exists()


def test_settings_of_homology_that_do_nothing_are_said_to(there, tmp_path):
    words = (
        "compare",
        ALBA,
        FUSCA,
        *WORDS,
        "-o",
        tmp_path / "X",
        "--cell",
        "32",
        "--keypoints",
        "marks/landmarks.json",
    )
    assert there(*words).complaint.endswith("no effect in mode similarity: homology, inputs.keypoints")


@pytest.mark.parametrize("stage", ["image", "mask", "both"])
@pytest.mark.parametrize("given", [("--keypoints", "marks/landmarks.json"), ()], ids=["landmarks", "masks"])
def test_alignment_says_what_moved_and_by_what(stage, given, there, lab, tmp_path):
    answer = there("compare", ALBA, FUSCA, *WORDS, "--align-stage", stage, *given, "--json", "-o", tmp_path / "X")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)["alignment"]
    assert found["stage"] == stage
    assert ("16 landmarks" if given else "masks") in found["how"]
    assert (found["movement"] is None) == (stage == "mask")
    assert ("only the mask" in answer.err) == (stage == "mask")


def test_places_in_the_tables_are_those_of_the_file_even_when_the_photo_was_moved(there, lab, tmp_path):
    given = ("--keypoints", "marks/landmarks.json", "--mode", "both")
    for name, stage in (("still", "none"), ("moved", "image")):
        words = ("--align-stage", stage, "-o", tmp_path / name)
        assert there("compare", ALBA, FUSCA, *WORDS, *given, *words).code == 0
    still, moved = (rows(tmp_path / name / "landmarks.csv") for name in ("still", "moved"))
    assert np.allclose(numbers(still, "ax", "ay", "bx", "by"), numbers(moved, "ax", "ay", "bx", "by"), atol=1e-6)
    places = numbers(rows(tmp_path / "moved" / "patches.csv"), "x", "y")
    assert (places > 0).all()
    assert (places < (900, 700)).all()


@pytest.mark.parametrize(
    ("words", "check"),
    [
        (("--tps-grid-cell-size", "32"), lambda h: h["cell"] == {"network_px": [32, 32], "patches": [2, 2]}),
        (("--tps-grid-cell-size", "20", "--tps-grid-snap"), lambda h: h["cell"]["network_px"] == [16, 16]),
        (("--tps-grid-rows", "7", "--tps-pad-cells", "0"), lambda h: (h["rows"], h["columns"]) == (7, 7)),
        (("--tps-grid-rows", "7", "--tps-grid-cols", "9"), lambda h: (h["rows"], h["columns"]) == (9, 11)),
        (("--cell-sample", "average"), lambda h: h["sampled"] == "average"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_options_of_the_grid_do_what_they_say(words, check, there, tmp_path):
    answer = there("compare", ALBA, FUSCA, *WORDS, "--mode", "tps_homology", "--keypoints-json", "marks/landmarks.json",
                   *words, "--json", "-o", tmp_path / "X")  # fmt: skip
    assert answer.code == 0, answer.err
    assert check(json.loads(answer.out)["homology"])


def test_a_mean_shape_of_ones_own_is_used_and_recorded(there, lab, tmp_path):
    with np.load(lab / "given" / "maps.npz") as maps:
        np.savez(tmp_path / "mean.npz", consensus_shape=maps["consensus_shape"] * 3 + 40)
    words = ("compare", ALBA, FUSCA, *WORDS, "--mode", "tps_homology", "--keypoints", "marks/landmarks.json")
    answer = there(*words, "--consensus-shape-db", tmp_path / "mean.npz", "--json", "-o", tmp_path / "X")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["homology"]["consensus"] == "mean.npz"
    alone = json.loads((lab / "alone" / "scores.json").read_text())
    assert found["distance"] == pytest.approx(alone["distance"], rel=1e-6)
    np.savez(tmp_path / "mean.npz", consensus_shape=np.zeros((5, 2)))
    wrong = there(*words, "--consensus", tmp_path / "mean.npz", "-o", tmp_path / "Y")
    assert wrong.code == 3
    assert "must be 16 finite places, but is an array of shape (5, 2)" in wrong.complaint
