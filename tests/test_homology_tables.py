"""The cells of a comparison as files: every number stands where it belongs."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dinosar.comparison import compare
from dinosar.config import CompareConfig
from dinosar.homology_tables import (
    cells_csv,
    cells_shown_csv,
    homology,
    homology_arrays,
    homology_tables,
    landmarks_csv,
)
from dinosar.shape.fits import moved

TOY = Path(__file__).resolve().parent.parent / "toy_data"
GIVEN = {
    "backbone": "classic", "masker": "threshold", "mode": "tps_homology", "image": {"size": 256}, "store": False,
    "inputs": {"keypoints": str(TOY / "landmarks" / "landmarks.json")},
}  # fmt: skip
CONFIG = CompareConfig.model_validate({**GIVEN, "inputs": {"a": "a", "b": "b", **GIVEN["inputs"]}})


@pytest.fixture(scope="module")
def pair():
    return compare(*(TOY / f"fulgora-{name}_i1_p1.jpg" for name in ("alba", "fusca")), **GIVEN)


def rows_of(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def column(rows, *names):
    return np.array([[float(row[name]) for name in names] for row in rows])


def test_every_cell_that_counts_has_a_row_in_the_order_of_the_grid(pair):
    rows = rows_of(cells_csv(pair.homology, pair))
    assert [(int(row["row"]), int(row["column"])) for row in rows] == list(
        map(tuple, np.argwhere(pair.homology.counted))
    )
    np.testing.assert_allclose(column(rows, "dissimilarity")[:, 0], pair.homology.values, rtol=1e-8)
    np.testing.assert_allclose(column(rows, "ax", "ay"), pair.homology.a.centres[pair.homology.counted], rtol=1e-8)
    np.testing.assert_allclose(column(rows, "bx", "by"), pair.homology.b.centres[pair.homology.counted], rtol=1e-8)
    np.testing.assert_allclose(column(rows, "coverage_b")[:, 0], pair.homology.b.coverage[pair.homology.counted])


def test_places_on_a_photo_that_was_moved_are_told_in_the_pixels_of_its_file(pair):
    movement = np.array([[0.0, -1, 300], [1, 0, 20], [0, 0, 1]])
    turned = replace(pair, a=replace(pair.a, movement=movement))
    for table, names in ((cells_csv, ("ax", "ay")), (landmarks_csv, ("ax", "ay"))):
        original, seen = (column(rows_of(table(pair.homology, each)), *names) for each in (turned, pair))
        np.testing.assert_allclose(moved(movement, original), seen, rtol=1e-6)


def test_landmarks_stand_with_their_distance_to_the_mean_shape(pair):
    rows = rows_of(landmarks_csv(pair.homology, pair))
    assert [row["landmark"] for row in rows] == list(pair.homology.names)
    np.testing.assert_allclose(column(rows, "ax", "ay"), pair.a.landmarks.places)
    mean = column(rows, "consensus_x", "consensus_y")
    misses = np.linalg.norm(pair.homology.b.aligned - mean, axis=1)
    np.testing.assert_allclose(column(rows, "residual_b")[:, 0], misses, rtol=1e-5, atol=1e-6)


def test_numbers_in_the_pictures_are_those_of_the_table(pair):
    rows = rows_of(cells_shown_csv(pair.homology, 5))
    for name, extreme in (("homology_similar", np.nanmin), ("homology_different", np.nanmax)):
        own = [row for row in rows if row["picture"] == name]
        assert [int(row["number"]) for row in own] == list(range(1, len(own) + 1))
        assert float(own[0]["dissimilarity"]) == pytest.approx(extreme(pair.homology.dissimilarity))


def test_shares_of_the_histogram_add_up_to_one(pair):
    files = dict(homology_tables(pair.homology, pair, 5))
    rows = rows_of(files["homology_histogram.csv"])
    np.testing.assert_allclose(column(rows, "cells", "covered", "random").sum(axis=0), 1)


def test_what_a_program_wants_to_know(pair):
    found = homology(pair, CONFIG)
    assert (found["landmarks"], found["file"], found["used"]) == ("file", "landmarks.json", 16)
    assert found["cells"] == found["rows"] * found["columns"] == pair.homology.counted.size
    assert found["counted"] == len(pair.homology.values)
    assert found["cell"] == {"network_px": [16, 16], "patches": [1, 1]}
    assert found["not_shared"] == []
    assert found["consensus"] == "of the two specimens"


def test_landmarks_that_one_lacks_are_named(pair):
    seen = pair.b.landmarks.visibility.copy()
    seen[[1, 4]] = 0
    lacking = replace(pair, b=replace(pair.b, landmarks=replace(pair.b.landmarks, visibility=seen)))
    assert homology(lacking, CONFIG)["not_shared"] == [pair.a.landmarks.names[i] for i in (1, 4)]


def test_arrays_hold_the_whole_grid(pair):
    arrays = homology_arrays(pair.homology)
    rows, columns = pair.homology.shape
    assert arrays["cell_dissimilarity"].shape == arrays["cell_coverage_a"].shape == (rows, columns)
    assert arrays["cell_corners_b"].shape == (rows + 1, columns + 1, 2)
    assert np.array_equal(np.isnan(arrays["cell_dissimilarity"]), ~arrays["cell_counted"])
