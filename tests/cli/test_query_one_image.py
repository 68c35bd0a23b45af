"""`dinosar retrieve query` of a library of one image, and of one whose index is empty."""

import csv
import json
import shutil

import pytest
from command_line import ROOT, inside, names_in

TOYS = sorted((ROOT / "toy_data").glob("fulgora-*_p1.jpg"))
CLASSIC = ("--backbone", "classic", "--size", "112")


@pytest.fixture
def asks(tmp_path):
    (tmp_path / "one").mkdir()
    shutil.copy(TOYS[0], tmp_path / "one" / "it.jpg")
    shutil.copy(TOYS[1], tmp_path / "q.jpg")

    def asked(*words):
        return inside("retrieve", *words, cwd=tmp_path, cache=tmp_path / "cache")

    assert asked("dump", "one", "--store", "db", *CLASSIC).code == 0
    return asked


def test_a_query_of_one_image_is_answered_and_nothing_is_made_up(asks, tmp_path):
    answer = asks("query", "q.jpg", "--store", "db", "--out", "run")
    assert answer.code == 0, answer.err
    assert "fewer than two images with patches" in answer.err
    assert "no limit to hits is known" in answer.out
    assert "no hit)" not in answer.out
    (row,) = csv.DictReader((tmp_path / "run" / "ranking.csv").read_text().splitlines())
    assert (row["voted"], row["coverage_sym"]) == ("NA", "NA")
    assert names_in(tmp_path / "run") == ["pairs.txt", "ranking.csv", "ranking.png", "run.yaml", "scores.csv",
                                          "scores.png"]  # fmt: skip
    answer = asks("query", "q.jpg", "--store", "db", "--out", "told", "--json", "--no-figures")
    assert json.loads(answer.out)["min_cosine"] is None
    answer = asks("query", "q.jpg", "--store", "db", "--out", "given", "--min-cosine", "0.5", "--json")
    assert json.loads(answer.out)["answers"]["q.jpg"][0]["overlap"] is not None


def test_a_rule_that_needs_a_limit_says_how_to_give_one(asks, tmp_path):
    answer = asks("query", "q.jpg", "--store", "db", "--out", "run", "--vote", "coverage")
    assert (answer.code, "--min-cosine" in answer.complaint) == (3, True)
    assert not (tmp_path / "run").exists()


def test_an_empty_index_is_told_and_made_anew(asks, tmp_path):
    (tmp_path / "db" / "index.sqlite").write_bytes(b"")
    answer = asks("query", "q.jpg", "--store", "db", "--out", "run")
    assert answer.code == 3
    assert "index.sqlite' is empty, as a full disk or a torn copy leaves it; dump the photos again" in answer.complaint
    answer = asks("dump", "one", "--store", "db", *CLASSIC)
    assert answer.code == 0
    assert "is made anew of these photos, and takes over their features" in answer.err
    assert asks("query", "q.jpg", "--store", "db", "--out", "run", "--no-figures").code == 0


def test_images_that_are_alone_in_their_scene_are_told_of(tmp_path, asks):
    for scene, path in zip("abc", TOYS[:3], strict=True):
        (tmp_path / "sites" / scene / "images").mkdir(parents=True)
        shutil.copy(path, tmp_path / "sites" / scene / "images")
    shutil.copy(TOYS[3], tmp_path / "sites" / "a" / "images")
    assert asks("dump", "sites", "--store", "three", *CLASSIC).code == 0
    answer = asks("register", "--store", "three", "--out", "run", "--no-figures")
    assert answer.code == 0
    assert "2 of 4 queries have no image that might answer" in answer.err
    assert "--within all" in answer.err
    answer = asks("register", "--store", "three", "--out", "all", "--no-figures", "--within", "all")
    assert "might answer" not in answer.err
