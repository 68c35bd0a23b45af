"""Tables of rankings and of true overlaps: what is read, and what is said of those that cannot be."""

import math

import numpy as np
import pytest

from dinosar.errors import DinosarError, InputError
from dinosar.evaluation.overlap_matrix import read_matrix
from dinosar.evaluation.overlap_tables import Overlaps, Ranked, ranking_file, read_overlaps, read_ranking
from dinosar.publishing import csv_bytes

RANKING = "query,rank,image,voted,score,maxsim,coverage_sym\n"
TRUTH = "query,image,overlap\n"


@pytest.fixture
def table(tmp_path):
    """Writes a table and gives its place."""

    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def complaint(read, *words):
    with pytest.raises(DinosarError) as raised:
        read(*words)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# rankings


def test_a_ranking_is_read_query_by_query(table):
    path = table(RANKING + "q,1,b,yes,0.9,0.9,0.5\nq,2,a,no,0.5,0.5,0\np,1,a,yes,0.4,0.4,NA\n")
    found = read_ranking(path)
    assert list(found) == ["q", "p"]
    assert found["q"] == Ranked(["b", "a"], {"maxsim": [0.9, 0.5], "coverage_sym": [0.5, 0]})
    assert math.isnan(found["p"].scores["coverage_sym"][0])


def test_queries_may_take_turns(table):
    found = read_ranking(table(RANKING + "q,1,b,yes,1,1,1\np,1,a,yes,1,1,1\nq,2,a,yes,0,0,0\n"))
    assert (found["q"].images, found["p"].images) == (["b", "a"], ["a"])


def test_the_folder_of_a_run_stands_for_its_table(table, tmp_path):
    table(RANKING + "q,1,b,yes,1,1,1\n", "ranking.csv")
    assert list(read_ranking(tmp_path)) == ["q"]
    assert ranking_file(tmp_path) == ranking_file(tmp_path / "ranking.csv") == tmp_path / "ranking.csv"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "ranking.csv" in complaint(read_ranking, empty)


@pytest.mark.parametrize("text", [
    RANKING + '"a, b.jpg",1,"c ""d"".jpg",yes,1,1,1\n', "\ufeff" + RANKING + '"a, b.jpg",1,"c ""d"".jpg",yes,1,1,1\n',
    (RANKING + '"a, b.jpg",1,"c ""d"".jpg",yes,1,1,1\n').replace("\n", "\r\n") + "\r\n",
    RANKING.replace("image", "database") + '"a, b.jpg",1,"c ""d"".jpg",yes,1,1,1\n\n,,,,,,\n',
])  # fmt: skip
def test_names_with_commas_a_mark_of_utf_8_and_lines_of_windows(table, text):
    found = read_ranking(table(text))
    assert {query: each.images for query, each in found.items()} == {"a, b.jpg": ['c "d".jpg']}


def test_what_the_package_writes_is_read_back(table):
    rows = [["q, 1", 1, "b\nc", "yes", 1 / 3, 1 / 3, float("nan")]]
    found = read_ranking(table(csv_bytes(RANKING.strip().split(","), rows)))
    assert found["q, 1"].images == ["b\nc"]
    assert found["q, 1"].scores["maxsim"][0] == pytest.approx(1 / 3, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no column 'query'; it has nothing"),
        ("rank,image\n1,a\n", "has no column 'query'; it has rank, image"),
        ("query,rank,score\nq,1,1\n", "has no column 'image' or 'database'"),
        ("query;rank;image\nq;1;a\n", "stand between semicolons"),
        ("query\trank\timage\nq\t1\ta\n", "stand between tabs"),
        (RANKING, "tells of no query"),
        (RANKING + "q,2,a,yes,1,1,1\n", "line 2: expected rank 1 of 'q', found '2'"),
        (RANKING + "q,1,a,yes,1,1,1\nq,3,b,yes,1,1,1\n", "line 3: expected rank 2"),
        (RANKING + "q,1,a,yes,1,1,1\nq,1,b,yes,1,1,1\n", "line 3: expected rank 2"),
        (RANKING + "q,1.0,a,yes,1,1,1\n", "found '1.0'"),
        (RANKING + "q,1,a,yes,1,1,1\nq,2,a,yes,1,1,1\n", "line 3: 'q' is answered by 'a' twice"),
        (RANKING + "q,1,a,yes,1,high,1\n", "line 2: maxsim 'high' is no number"),
        (RANKING + "q,1,a,yes,1,1_0,1\n", "maxsim '1_0' is no number"),
        (RANKING + "q,1,a,yes,1,,1\n", "maxsim '' is no number"),
        (RANKING + "q,1,a,yes,1,1\n", "line 2: 6 cells under 7 columns"),
        (RANKING + "a, b,1,a,yes,1,1,1\n", "line 2: 8 cells under 7 columns; names with commas stand in quotes"),
        (RANKING + '"q,1,a,yes,1,1,1\n', "line 2: expected a row of cells"),
        ("query,rank,image,image\n", "columns image more than once"),
        ("query,rank,image,database\n", "columns image and database more than once, or for one thing"),
        ("query,rank,image,\xe9\n".encode("latin-1"), "is no UTF-8 text"),
        ("query,rank,image\n".encode("utf-16"), "is no UTF-8 text"),
    ],
)
def test_a_ranking_that_cannot_be_read_is_told_in_one_sentence(table, text, told):
    path = table(text)
    found = complaint(read_ranking, path)
    assert told in found
    assert "table.csv" in found


# tables of overlaps


def test_overlaps_are_shares_of_the_query(table):
    assert read_overlaps(table(TRUTH + "q,a,0.25\nq,b,0\np,a,1\n")) == Overlaps(
        {"q": {"a": 0.25, "b": 0}, "p": {"a": 1}}
    )


def test_a_table_may_tell_the_other_direction(table):
    text = "query,database,overlap_of_query,overlap_of_database\nq,a,0.25,0.5\n"
    assert read_overlaps(table(text)) == Overlaps({"q": {"a": 0.25}}, {("q", "a"): 0.5})


def test_a_line_that_is_told_twice_must_say_the_same(table):
    assert read_overlaps(table(TRUTH + "q,a,0.25\nq,a,0.250\n")).shown == {"q": {"a": 0.25}}
    told = complaint(read_overlaps, table(TRUTH + "q,a,0.25\nq,a,0.5\n"))
    assert "line 3: the overlap of 'q' and 'a' was 0.25 before, and is 0.5 here" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("query,image\nq,a\n", "has no column 'overlap' or 'overlap_of_query'"),
        ("query;image;overlap\nq;a;0,5\n", "stand between semicolons"),
        (TRUTH, "tells of no overlap"),
        (TRUTH + "q,a,1.01\n", "line 2: an overlap lies between 0 and 1, and overlap is '1.01'"),
        (TRUTH + "q,a,-0.1\n", "overlap is '-0.1'"),
        (TRUTH + "q,a,NA\n", "overlap is 'NA'; correct it, or leave the line out"),
        (TRUTH + "q,a,nan\n", "overlap is 'nan'"),
        (TRUTH + "q,a,inf\n", "overlap is 'inf'"),
        (TRUTH + "q,a,50%\n", "overlap '50%' is no number"),
        ("query,image,overlap,overlap_of_database\nq,a,1,1.5\n", "overlap_of_database is '1.5'"),
        ("query,image,overlap,overlap_of_query\nq,a,1,1\n", "overlap and overlap_of_query more than once"),
    ],
)
def test_a_table_of_overlaps_that_cannot_be_read_is_told_in_one_sentence(table, text, told):
    found = complaint(read_overlaps, table(text))
    assert told in found
    assert "table.csv" in found


def test_what_is_no_file(tmp_path):
    assert "is not there" in complaint(read_overlaps, tmp_path / "gone.csv")
    assert "is a folder" in complaint(read_overlaps, tmp_path)


# matrices

ASKED = {"c": Ranked(["a", "b"]), "a": Ranked(["b", "c"]), "b": Ranked(["a"])}


@pytest.fixture
def matrix(tmp_path):
    """Writes an array and gives its place."""

    def write(array, name="gt_score_0015.npy"):
        np.save(tmp_path / name, array, allow_pickle=True)
        return tmp_path / name

    return write


@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
def test_rows_of_a_matrix_are_images_by_name(matrix, kind):
    shares = np.array([[7, 0.5, 0], [0.25, np.nan, 1], [-1, 0, -3]], kind)
    found = read_matrix(matrix(shares), ASKED)
    assert found == Overlaps({"a": {"b": 0.5}, "b": {"a": 0.25, "c": 1}})
    assert read_matrix(matrix(np.asfortranarray(shares)), ASKED) == found


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.ones((2, 2)), "of shape (2, 2) and type float64, and the ranking asks 3 images"),
        (np.ones((3, 4)), "of shape (3, 4)"),
        (np.ones(9), "of shape (9,)"),
        (np.ones((3, 3, 1)), "of shape (3, 3, 1)"),
        (np.full((3, 3), "0.5"), "type <U3"),
        (np.ones((3, 3), complex), "type complex128"),
        (np.array([[0, 0, 0], [0, 0, 1.5], [0, 0, 0]]), "[1, 2] is 1.5"),
        (np.array([[0, 0, 0], [-0.5, 0, 0], [0, 0, 0]]), "[1, 0] is -0.5"),
        (np.array([[0, np.nan, 0], [0, 0, 0], [0, 0, 0]]), "[0, 1] is nan"),
        (np.eye(3), "tells of no overlap"),
        (np.full((3, 3), object()), "is no NPY of numbers"),
    ],
)
def test_other_matrices_are_refused_in_one_sentence(matrix, array, told):
    assert told in complaint(read_matrix, matrix(array), ASKED)


def test_what_is_no_matrix_is_refused(matrix, table, tmp_path):
    assert "is no NPY of numbers" in complaint(read_matrix, table("query,image,overlap\n", "a.npy"), ASKED)
    assert "is no NPY of numbers" in complaint(read_matrix, table(b"", "b.npy"), ASKED)
    whole = matrix(np.ones((3, 3))).read_bytes()
    assert "is no NPY of numbers" in complaint(read_matrix, table(whole[:-9], "c.npy"), ASKED)
    np.savez(tmp_path / "d.npz", np.ones((3, 3)))
    assert "is no NPY of numbers" in complaint(read_matrix, tmp_path / "d.npz", ASKED)
    assert "is not there" in complaint(read_matrix, tmp_path / "gone.npy", ASKED)


def test_a_matrix_is_that_of_a_registration(matrix):
    with pytest.raises(InputError, match="'z.jpg' answers and does not ask"):
        read_matrix(matrix(np.ones((1, 1))), {"q": Ranked(["z.jpg"])})
