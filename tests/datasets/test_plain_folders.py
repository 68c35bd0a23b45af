"""A folder of one's own: which files are photographs, what they are called, and what lists say of them."""

import os

import numpy as np
import pytest
from PIL import Image
from trees import draw_plain, noise

from dinosar.datasets.photo_files import photos_below
from dinosar.datasets.plain import Plain
from dinosar.errors import InputError
from dinosar.notices import collected


def names_in(folder):
    return [photo.name for photo in Plain(folder).photographs()]


def test_everything_that_is_told_is_found_again(tmp_path):
    views = draw_plain(tmp_path, between=" ")
    photos = Plain(tmp_path).photographs()
    assert [photo.name for photo in photos] == sorted(views)
    for photo in photos:
        assert photo.camera == views[photo.name].camera
        np.testing.assert_allclose(photo.pose, views[photo.name].pose, atol=1e-12)
        assert photo.path == tmp_path / photo.name
        assert photo.role == ("query" if photo.name.startswith("asked") else "database")
        assert photo.scene == ""


def test_scenes_are_the_folders_above_those_called_images(tmp_path):
    for name in ("a/images/1.jpg", "b/c/images/d/2.jpg", "images/3.jpg", "e/4.jpg"):
        noise(tmp_path / name)
    assert [photo.scene for photo in Plain(tmp_path).photographs()] == ["a", "b/c", "", ""]


def test_names_are_sorted_as_text_and_odd_ones_are_kept(tmp_path):
    names = ["b/2.jpg", "b/10.jpg", "Z.PNG", "a b/ü ñ.JPeG", "a-b.tif", "a/日本.png", "#1.jpg"]
    for name in names:
        noise(tmp_path / "drawn.png")
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.open(tmp_path / "drawn.png").save(tmp_path / name, {"JPeG": "JPEG"}.get(name[-4:]))
    (tmp_path / "drawn.png").unlink()
    assert names_in(tmp_path) == sorted(names)


def test_what_is_hidden_or_no_picture_is_left_out(tmp_path):
    for name in ("a.jpg", ".b.jpg", ".hidden/c.jpg"):
        noise(tmp_path / name)
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "features.npy").write_bytes(b"\x93NUMPY")
    noise(tmp_path / "d.png")
    (tmp_path / "d.png").rename(tmp_path / "picture without an ending")
    (tmp_path / "damaged.jpg").write_text("no picture, and said to be one")
    os.mkfifo(tmp_path / "pipe")
    assert names_in(tmp_path) == ["a.jpg", "damaged.jpg", "picture without an ending"]


def test_links_are_followed_and_never_in_circles(tmp_path):
    noise(tmp_path / "far" / "a.jpg")
    home = tmp_path / "home"
    noise(home / "b.jpg")
    (home / "away").symlink_to(tmp_path / "far")
    (home / "c.jpg").symlink_to(home / "b.jpg")
    (home / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (home / "deep").mkdir()
    (home / "deep" / "up").symlink_to(home)
    assert names_in(home) == ["away/a.jpg", "b.jpg", "c.jpg", "gone.jpg"]


def test_a_name_whose_bytes_are_no_text_becomes_text(tmp_path):
    noise(tmp_path / "a.jpg")
    try:
        (tmp_path / "a.jpg").rename(tmp_path / os.fsdecode(b"caf\xe9.jpg"))
    except OSError:
        pytest.skip("this file system takes text alone")
    (name,) = names_in(tmp_path)
    assert name.encode("utf-8") == b"caf\\udce9.jpg"
    assert photos_below(tmp_path, tmp_path)[name].is_file()


def test_folders_without_photographs_are_told(tmp_path):
    with pytest.raises(InputError, match="holds no picture; name a folder of photographs"):
        names_in(tmp_path)
    with pytest.raises(InputError, match="is not there; check the path"):
        names_in(tmp_path / "nowhere")
    noise(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="is a file; name the folder"):
        names_in(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("query", "database", "roles"),
    [
        (None, None, {"a": "both", "b": "both", "c": "both"}),
        ("a", None, {"a": "query", "b": "database", "c": "database"}),
        (None, "a", {"a": "database", "b": "query", "c": "query"}),
        ("a", "b", {"a": "query", "b": "database"}),
        ("a b", "b c", {"a": "query", "b": "both", "c": "database"}),
    ],
)
def test_lists_say_who_asks_and_who_answers(tmp_path, query, database, roles):
    for letter in "abc":
        noise(tmp_path / f"{letter}.jpg")
    for name, listed in (("query.txt", query), ("database.txt", database)):
        if listed is not None:
            (tmp_path / name).write_text("".join(f"{letter}.jpg\n" for letter in listed.split()))
    assert {photo.name[0]: photo.role for photo in Plain(tmp_path).photographs()} == roles


def test_a_list_that_names_nobody_is_told(tmp_path):
    noise(tmp_path / "a.jpg")
    (tmp_path / "query.txt").write_text("# asks\nb.jpg\n")
    with pytest.raises(InputError, match=r"query.txt', line 2: there is no photograph 'b.jpg'"):
        names_in(tmp_path)
    (tmp_path / "query.txt").unlink()
    (tmp_path / "poses.txt").write_text("b.jpg 1 0 0 0 0 0 0\n")
    with pytest.raises(InputError, match="tells of no photograph that is there"):
        names_in(tmp_path)
    (tmp_path / "poses.txt").write_text("b.jpg 1 0 0 0 0 0 0\na.jpg 1 0 0 0 0 0 0\n")
    with collected() as warnings:
        assert Plain(tmp_path).photographs()[0].pose is not None
    assert len(warnings) == 1
    assert "tells of 1 photographs that are not there" in warnings[0]


def test_accents_in_a_list_may_be_spelled_the_other_way(tmp_path):
    noise(tmp_path / "cafe\u0301.jpg")
    noise(tmp_path / "tea.jpg")
    (tmp_path / "query.txt").write_text("caf\u00e9.jpg\n", encoding="utf-8")
    assert {photo.role for photo in Plain(tmp_path).photographs() if photo.name.startswith("caf")} == {"query"}
