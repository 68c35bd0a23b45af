"""Every number of a comparison stands in a file that a program can read, and agrees with the comparison."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dinosar.comparison import compare_photos
from dinosar.config import CompareConfig
from dinosar.errors import InputError
from dinosar.images import load_photo
from dinosar.matchers.similarity import Similarity
from dinosar.matches import both_ways
from dinosar.parts import build_parts
from dinosar.render.links import most_different, strongest
from dinosar.scores import score
from dinosar.tables import maps_npz, matches_csv, patches_csv, result, tables

TOY = Path(__file__).resolve().parent.parent / "toy_data"
CONFIG = CompareConfig.model_validate(
    {"inputs": {"a": "a", "b": "b"}, "backbone": "classic", "masker": "threshold", "image": {"size": 256},
     "figures": {"top": 8}, "store": False}
)  # fmt: skip


def compared(a, b):
    return compare_photos(a, b, CONFIG, build_parts(CONFIG))


@pytest.fixture(scope="module")
def pair():
    """Two shipped photographs, compared."""
    photos = (load_photo(TOY / f"fulgora-{name}_i1_p1.jpg") for name in ("alba", "fusca"))
    return compared(*photos)


@pytest.fixture(scope="module")
def files(pair):
    """Every file by name."""
    return dict(tables(pair, CONFIG))


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def column(rows, name, kind=float):
    return np.array([kind(row[name]) for row in rows])


def strict(text):
    def no_constant(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=no_constant)


def test_every_file_is_there_in_the_order_told(files):
    assert list(files) == ["scores.json", "patches.csv", "matches.csv", "histogram.csv", "maps.npz"]


def test_scores_say_what_they_are_and_hold_no_nan(files, pair):
    found = strict(files["scores.json"])
    assert found["higher_is"] == "more different"
    assert found["distance"] == pair.distance
    assert (found["distance_is"], found["backbone"]) == ("foreground", pair.a.features.backbone)
    assert (found["a"], found["b"]) == ("fulgora-alba_i1_p1", "fulgora-fusca_i1_p1")
    assert found["scores"]["foreground"]["a_to_b"]["mean"] == pair.forward.distance.mean()
    assert found["random_patch_pairs"]["mean"] == pair.random.mean()
    assert found["patches"]["a"]["compared"] == len(pair.a.indices)
    assert found["patches"]["b"]["grid"]["crop"] == list(pair.b.features.grid.crop)


def test_a_score_that_was_not_computed_has_a_reason_and_no_number(pair):
    patches = np.zeros_like(pair.a.patches).ravel()
    patches[pair.a.indices[:3]] = True
    few = replace(pair.a, patches=patches.reshape(pair.a.patches.shape))
    forward, backward = both_ways(Similarity(), few, pair.b)
    scores = score(few, pair.b, forward, backward, pair.random, CONFIG.scores)
    topk = result(replace(pair, scores=scores), CONFIG)["scores"]["topk_mean"]
    assert set(topk) == {"meaning", "not_computed"}


def test_a_headline_that_was_not_computed_is_an_error_and_not_a_number(pair):
    absent = replace(pair.scores["foreground"], distance=None, not_computed="of a test")
    broken = replace(pair, scores={**pair.scores, "foreground": absent})
    assert "distance" not in result(replace(broken, headline="topk_mean"), CONFIG)["scores"]["foreground"]
    with pytest.raises(InputError, match="of a test"):
        result(broken, CONFIG)


def test_patches_have_one_row_for_each_patch_compared(files, pair):
    rows = rows_of(files["patches.csv"])
    assert Counter(row["specimen"] for row in rows) == {"a": len(pair.a.indices), "b": len(pair.b.indices)}
    for side, specimen, matches in (("a", pair.a, pair.forward), ("b", pair.b, pair.backward)):
        own = [row for row in rows if row["specimen"] == side]
        index = column(own, "row", int) * specimen.features.grid.columns + column(own, "column", int)
        assert np.array_equal(index, specimen.indices)
        assert np.allclose(column(own, "dissimilarity"), matches.distance, rtol=1e-8)
        assert np.allclose(column(own, "topk_dissimilarity"), matches.runners_up, rtol=1e-8)
        assert np.array_equal(column(own, "mutual", int), matches.mutual)
        assert np.allclose(column(own, "share"), specimen.share.ravel()[index], rtol=1e-8)
        assert np.allclose(column(own, "saliency"), specimen.features.focus.ravel()[index], rtol=1e-8)


def test_places_are_patch_centres_within_the_photo_and_on_the_specimen(files, pair):
    for row in rows_of(files["patches.csv"]):
        own, other = (pair.a, pair.b) if row["specimen"] == "a" else (pair.b, pair.a)
        for specimen, prefix in ((own, ""), (other, "answer_")):
            grid = specimen.features.grid
            cell = [(int(row[f"{prefix}column"]) + 0.5) * grid.patch, (int(row[f"{prefix}row"]) + 0.5) * grid.patch]
            expected = (np.array(cell) - grid.content[:2]) / grid.scale + grid.crop[:2]
            place = np.array([float(row[f"{prefix}x"]), float(row[f"{prefix}y"])])
            assert np.allclose(place, expected, rtol=1e-8)
            assert (place >= 0).all()
            assert (place <= specimen.photo.size).all()
            assert specimen.patches[int(row[f"{prefix}row"]), int(row[f"{prefix}column"])]


def test_matches_stand_once_each_nearest_first_and_mutual_ones_are_asked_by_both(files, pair):
    rows = rows_of(files["matches.csv"])
    asked = Counter(row["asked_by"] for row in rows)
    mutual = int(pair.forward.mutual.sum())
    assert asked == {"both": mutual, "A": len(pair.forward) - mutual, "B": len(pair.backward) - mutual}
    ends = {(row["a_row"], row["a_column"], row["b_row"], row["b_column"]) for row in rows}
    assert len(ends) == len(rows)
    assert (np.diff(column(rows, "dissimilarity")) >= 0).all()


def test_matches_name_the_places_of_both_ends(files, pair):
    a, b = (specimen.features.grid for specimen in (pair.a, pair.b))
    there, back = pair.forward, pair.backward
    pairs = dict(zip(zip(there.asked, there.answer, strict=True), there.distance, strict=True))
    pairs |= dict(zip(zip(back.answer, back.asked, strict=True), back.distance, strict=True))
    for row in rows_of(files["matches.csv"]):
        i = int(row["a_row"]) * a.columns + int(row["a_column"])
        j = int(row["b_row"]) * b.columns + int(row["b_column"])
        assert float(row["dissimilarity"]) == pytest.approx(pairs.pop((i, j)), rel=1e-8)
        assert (float(row["ax"]), float(row["ay"])) == pytest.approx(tuple(a.centres_in_photo()[i]), rel=1e-8)
        assert (float(row["bx"]), float(row["by"])) == pytest.approx(tuple(b.centres_in_photo()[j]), rel=1e-8)
    assert not pairs


def test_matches_that_are_drawn_carry_the_number_of_the_plot(files, pair):
    a, b = (specimen.features.grid.columns for specimen in (pair.a, pair.b))
    shown = {}
    for row in rows_of(files["matches.csv"]):
        for label in filter(None, row["shown"].split("; ")):
            assert label not in shown
            shown[label] = int(row["a_row"]) * a + int(row["a_column"]), int(row["b_row"]) * b + int(row["b_column"])
    expected = {f"similar {i}": (link.a, link.b) for i, link in enumerate(strongest(pair, 8), 1)}
    expected |= {f"different {i}": (link.a, link.b) for i, link in enumerate(most_different(pair, 8), 1)}
    assert shown == expected


def test_a_match_drawn_for_both_askers_carries_both_numbers(pair):
    everything = compared(pair.a.photo, pair.a.photo)
    labels = [row["shown"] for row in rows_of(matches_csv(everything, 4))]
    numbers = [label for text in labels for label in text.split("; ") if label]
    assert sorted(numbers) == sorted([f"similar {i}" for i in (1, 2, 3, 4)] + [f"different {i}" for i in (1, 2, 3, 4)])


def test_the_shares_of_the_histogram_sum_to_one_and_agree_with_the_values(files, pair):
    rows = rows_of(files["histogram.csv"])
    low, high = column(rows, "bin_low"), column(rows, "bin_high")
    assert low[0] == 0
    assert np.array_equal(low[1:], high[:-1])
    series = {"a_to_b": pair.forward.distance, "b_to_a": pair.backward.distance, "random": pair.random}
    for name, values in series.items():
        shares = column(rows, name)
        assert shares.sum() == pytest.approx(1, abs=1e-6)
        expected = [((values >= lo) & (values < hi)).mean() for lo, hi in zip(low, high, strict=True)]
        assert np.allclose(shares, expected, atol=2 / len(values))


def test_the_histogram_of_a_photo_with_itself_is_whole(pair):
    same = dict(tables(compared(pair.a.photo, pair.a.photo), CONFIG))
    rows = rows_of(same["histogram.csv"])
    assert column(rows, "a_to_b").tolist() == [1] + [0] * (len(rows) - 1)
    assert strict(same["scores.json"])["distance"] == 0


def test_the_arrays_behind_the_maps_are_there_for_both(files, pair):
    arrays = np.load(io.BytesIO(files["maps.npz"]), allow_pickle=False)
    names = ("dissimilarity", "mask", "share", "patches", "pca", "saliency")
    assert set(arrays.files) == {f"{name}_{side}" for name in names for side in "ab"}
    for side, specimen, matches in (("a", pair.a, pair.forward), ("b", pair.b, pair.backward)):
        values = arrays[f"dissimilarity_{side}"]
        assert np.array_equal(np.isfinite(values), specimen.patches)
        assert np.array_equal(values[specimen.patches], matches.distance.astype(np.float32))
        assert np.array_equal(arrays[f"mask_{side}"], specimen.mask)
        assert np.array_equal(arrays[f"patches_{side}"], specimen.patches)
        assert np.array_equal(arrays[f"saliency_{side}"], specimen.features.attention)


def test_what_a_backbone_does_not_give_is_missing_and_not_zero(pair):
    blind = [replace(each, features=replace(each.features, attention=None)) for each in (pair.a, pair.b)]
    forward, backward = (replace(matches, runners_up=None) for matches in (pair.forward, pair.backward))
    bare = replace(pair, a=blind[0], b=blind[1], matches=(forward, backward))
    row = rows_of(patches_csv(bare))[0]
    assert row["saliency"] == row["topk_dissimilarity"] == "NA"
    assert "saliency_a" not in np.load(io.BytesIO(maps_npz(bare)), allow_pickle=False).files


def test_the_same_comparison_gives_the_same_bytes(files, pair):
    assert dict(tables(pair, CONFIG)) == files
