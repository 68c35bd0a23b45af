"""`dinosar evaluate retrieval`: a made ranking held against a made truth, from end to end."""

import csv
import json
import shutil

import numpy as np
import pytest
from command_line import inside, names_in, outputs_of

from dinosar.testing import toy_photo
from dinosar.yaml_files import read_yaml

RANKING = """query,rank,image,voted,score,maxsim,coverage_sym
"q 1.jpg",1,a.jpg,yes,0.9,0.9,0.5
"q 1.jpg",2,b.jpg,yes,0.8,0.8,0.25
"q 1.jpg",3,"c, d.jpg",yes,0.7,0.7,0.125
"q 1.jpg",4,e.jpg,no,0.6,0.6,0
q2.jpg,1,e.jpg,yes,0.9,0.9,0.5
q2.jpg,2,a.jpg,yes,0.5,0.5,0.1
q2.jpg,3,b.jpg,yes,0.4,0.4,NA
q2.jpg,4,"c, d.jpg",no,0.3,0.3,0
q3.jpg,1,a.jpg,yes,0.3,0.3,0.1
q3.jpg,2,b.jpg,no,0.2,0.2,0
q3.jpg,3,"c, d.jpg",no,0.1,0.1,0
q3.jpg,4,e.jpg,no,0,0,0
"""
TRUTH = """query,image,overlap
q 1.jpg,a.jpg,0.6
q 1.jpg,b.jpg,0.2
q 1.jpg,"c, d.jpg",0.3
q2.jpg,b.jpg,0.8
q2.jpg,a.jpg,0.05
"""


@pytest.fixture
def asks(desk, own_cache):
    """Calls the command from a desk with a run and a table of the truth."""
    (desk / "run").mkdir()
    (desk / "run" / "ranking.csv").write_text(RANKING)
    (desk / "overlaps.csv").write_text(TRUTH)
    return lambda *words: inside("-q", *words, cwd=desk, cache=own_cache)


def judged(asks, *words):
    """The result of a call that must succeed."""
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "--json", *words)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_everything_is_as_counted_by_hand(asks, desk):
    found = judged(asks, "-k", "1", "-k", "3", "--out", "out")
    means = found["means"]
    assert {key: (each["mean"], each["queries"]) for key, each in means.items()} == {
        "recall@1": (0.5, 2), "recall@3": (1, 2), "share_of_best@1": (0.5, 2),
        "share_of_best@3": (1, 2), "rho_maxsim": (pytest.approx(0.5), 1),
        "rho_coverage_sym": (pytest.approx(0.5), 1),
    }  # fmt: skip
    assert means["recall@1"]["interval"] == [0, 1]
    assert (found["queries"], found["with_an_answer"], found["images"], found["ranking"]) == (3, 2, 4, {})
    told = found["overlap"]
    assert (told["pairs"], told["queries"], told["both_directions"], told["not_listed"]) == (4, 2, 0, 0)
    assert told["mean_absolute_error"] == pytest.approx((0.1 + 0.05 + 0.175 + 0.05) / 4)
    assert told["pearson"] == pytest.approx(np.corrcoef([0.5, 0.25, 0.125, 0.1], [0.6, 0.2, 0.3, 0.05])[0, 1])
    assert told["sharing_nothing"] == {"pairs": 7, "mean_reported": pytest.approx(0.6 / 7)}
    assert names_in(desk / "out") == ["overlaps.csv", "queries.csv", "retrieval.json", "retrieval.png", "run.yaml"]
    assert json.loads((desk / "out" / "retrieval.json").read_text()) == {
        k: v for k, v in found.items() if k != "folder"
    }
    pairs = rows_of(desk / "out" / "overlaps.csv")
    assert pairs[2] == {"query": "q 1.jpg", "image": "c, d.jpg", "reported": "0.125", "true": "0.3"}
    assert pairs[4] == {"query": "q2.jpg", "image": "b.jpg", "reported": "NA", "true": "0.8"}
    assert len(pairs) == 5
    queries = rows_of(desk / "out" / "queries.csv")
    assert [row["recall@1"] for row in queries] == ["1", "0", "NA"]


def test_the_screen_tells_means_with_their_intervals(asks, desk):
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "-k", "1")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].split() == ["mean", "95", "%", "interval", "queries"]
    assert lines[1].split() == ["recall@1", "0.500", "0.000", "to", "1.000", "2"]
    assert lines[3].split() == ["rho_maxsim", "0.500", "-", "1"]
    assert "2 of 3 queries have an image that shows at least 0.1 of them" in answer.out
    assert "Pearson 0.88 (-), off by 0.09 (0.050 to 0.108) on average (4 pairs)" in answer.out
    assert str(desk / "output") == lines[-1]


def test_a_rerun_gives_the_same_though_only_the_folder_was_named(asks, desk):
    judged(asks, "-k", "1", "-k", "3", "--out", "out")
    record = read_yaml(desk / "out" / "run.yaml").value
    assert record["inputs"] == {"ranking": "../run/ranking.csv", "truth": "../overlaps.csv"}
    again = asks("rerun", "out")
    assert again.code == 0, again.err
    assert "DIFFERS" not in again.out
    assert outputs_of(desk / "out") == outputs_of(desk / "out-rerun")
    changed = RANKING.replace("0.125", "0.126")
    (desk / "run" / "ranking.csv").write_text(changed)
    again = asks("rerun", "out")
    assert "is not the file it was" in again.err
    assert "DIFFERS" in again.out


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_pictures_are_drawn_as_told(asks, desk, kind, start):
    judged(asks, "--out", "out", "--figures", kind, "--dpi", "80")
    assert (desk / "out" / f"retrieval.{kind}").read_bytes().startswith(start)
    judged(asks, "--out", "bare", "--no-figures")
    assert names_in(desk / "bare") == ["overlaps.csv", "queries.csv", "retrieval.json", "run.yaml"]


def registered():
    """A registration of four images as a table, and the shares behind it."""
    shares = np.array([[1, 0.5, 0.2, 0], [0.4, 1, 0, 0], [0.1, 0, 1, 0.6], [0, 0, 0.9, 1]])
    names, lines = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], ["query,rank,image,voted,score,coverage_sym"]
    for row in (3, 0, 2, 1):
        order = [column for column in np.argsort(-shares[row]).tolist() if column != row]
        for rank, column in enumerate(order, 1):
            score = min(shares[row, column], shares[column, row])
            lines.append(f"{names[row]},{rank},{names[column]},yes,{score},{score}")
    return "\n".join(lines) + "\n", shares


def test_a_matrix_without_names_is_that_of_a_registration(asks, desk):
    table, shares = registered()
    (desk / "run" / "ranking.csv").write_text(table)
    np.save(desk / "gt_score_0015.npy", shares.astype(np.float32))
    answer = asks("evaluate", "retrieval", "run", "--truth", "gt_score_0015.npy", "-k", "1", "--json", "--out", "out")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["means"]["recall@1"]["mean"] == found["means"]["share_of_best@1"]["mean"] == 1
    assert found["overlap"]["mean_absolute_error"] == pytest.approx(0, abs=1e-7)
    assert found["overlap"]["both_directions"] == found["overlap"]["pairs"] == 6
    assert "DIFFERS" not in asks("rerun", "out").out
    np.save(desk / "small.npy", shares[:3, :3])
    answer = asks("evaluate", "retrieval", "run", "--truth", "small.npy")
    assert (answer.code, "and the ranking asks 4 images" in answer.complaint) == (3, True)


def test_a_collection_of_ones_own_tells_the_truth_and_its_rankings_say_how_they_were_made(asks, desk):
    from PIL import Image

    (desk / "photos").mkdir()
    for seed in range(4):
        Image.fromarray(toy_photo(seed).pixels).save(desk / "photos" / f"{seed}.png")
    assert asks("retrieve", "dump", "photos", "--store", "db", "--backbone", "classic").code == 0
    assert asks("retrieve", "register", "--store", "db", "--out", "found", "--no-figures").code == 0
    (desk / "truth.csv").write_text("query,image,overlap\n0.png,1.png,0.5\n1.png,0.png,0.5\n")
    words = ("evaluate", "retrieval", "found", "--truth", "truth.csv", "--json", "--out")
    found = json.loads(asks(*words, "out").out)
    assert (found["ranking"]["backbone"], found["ranking"]["rule"]) == ("classic-v1", "maxsim")
    assert found["means"]["recall@5"]["mean"] == 1
    table = desk / "found" / "ranking.csv"
    table.write_text(table.read_text().replace("yes", "no"))
    assert json.loads(asks(*words, "again").out)["ranking"] == {}  # it is no longer what that run wrote


def test_names_of_which_only_one_of_both_tells_are_counted_and_told(asks, desk):
    assert judged(asks, "--no-figures", "--out", "out")["apart"] == {"in_no_ranking": 0, "not_asked": 0, "untold": 1}
    (desk / "overlaps.csv").write_text(TRUTH + "q2.jpg,gone.jpg,0.5\nq2.jpg,far.jpg,0\nq7.jpg,a.jpg,0.5\n")
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "--no-figures")
    assert "1 images that share something with a query are in no ranking (the first is 'gone.jpg')" in answer.err
    assert "images of the truth in no ranking 1" in answer.out
    assert "not asked 1, queries asked of which it tells nothing 1" in answer.out
    queries = rows_of(desk / "output" / "queries.csv")
    assert [row["recall@10"] for row in queries] == ["1", "1", "NA"]
    assert [row["share_of_best@1"] for row in queries] == ["1", "0", "NA"]


def test_what_changes_how_numbers_read_is_told(asks, desk):
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "-k", "10")
    assert answer.err == ""  # each lists the whole database
    (desk / "run" / "ranking.csv").write_text(RANKING.replace("q2.jpg,4,\"c, d.jpg\",no,0.3,0.3,0\n", "")
                                              .replace("q2.jpg,3,b.jpg,yes,0.4,0.4,NA\n", ""))  # fmt: skip
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "-k", "10", "--out", "b")
    assert "3 of 3 queries list fewer than 10 images: what is not listed counts as not found" in answer.err
    (desk / "run" / "ranking.csv").write_text(RANKING.replace("e.jpg,no,0.6", "q 1.jpg,no,0.6"))
    answer = asks("evaluate", "retrieval", "run", "--truth", "overlaps.csv", "-k", "1", "--out", "c")
    assert "images of their own name, of which the truth does not tell" in answer.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("gone", "--truth", "overlaps.csv"), 3, "'gone' is not there"),
        (("empty", "--truth", "overlaps.csv"), 3, "ranking.csv' is not there"),
        (("run", "--truth", "gone.csv"), 3, "'gone.csv' is not there"),
        (("run", "--truth", "run"), 3, "say with --dataset whose tree it is"),
        (("run", "--truth", "others.csv"), 3, "tells of no pair of 'run'; are names in both relative"),
        (("run", "--truth", "semicolons.csv"), 3, "between semicolons, so save it with commas"),
        (("run", "--truth", "overlaps.npy"), 3, "is no NPY of numbers"),
        (("run", "--truth", "overlaps.csv", "-k", "0"), 2, "k"),
        (("run", "--truth", "overlaps.csv", "--relevant", "0"), 2, "relevant"),
        (("run", "--truth", "overlaps.csv", "--dataset", "megadeth"), 2, "did you mean 'megadepth'"),
        (("run", "--truth", "run", "--dataset", "plain"), 3, "does not say how much its images overlap"),
    ],
)
def test_mistakes_are_told_in_one_sentence(asks, desk, words, code, told):
    (desk / "empty").mkdir()
    (desk / "others.csv").write_text("query,image,overlap\nfolder/q 1.jpg,folder/a.jpg,0.6\n")
    (desk / "semicolons.csv").write_text(TRUTH.replace(",", ";"))
    shutil.copy(desk / "overlaps.csv", desk / "overlaps.npy")
    answer = asks("evaluate", "retrieval", *words)
    assert (answer.code, told in answer.complaint) == (code, True), answer.err
    assert not (desk / "output").exists()
