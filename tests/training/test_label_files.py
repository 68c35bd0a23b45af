"""Labels that were worked out before: lists of pairs, tables by their names, mirrored as pictures are."""

import numpy as np
import pytest
from PIL import Image

from dinosar.config.retrieval import RetrievalImage
from dinosar.config.sections import Part
from dinosar.errors import InputError
from dinosar.images import LoadOptions
from dinosar.parts import build_backbone
from dinosar.training.augmentation import Augmentation
from dinosar.training.label_files import LabelFile, Labelled, Listed, read_pairs
from dinosar.training.pairs import Pair
from dinosar.training.showing import SquareShower

h5py = pytest.importorskip("h5py")
PAIR = Pair("0063/images/a b.jpg".replace(" ", "_"), "0063/images/c.jpg", 0.4)
GROUP = "0063_images_a_b.jpg_0063_images_c.jpg"
SIDE = 4


@pytest.fixture
def collection(tmp_path):
    """Two pictures, a list, and tables of 16 x 16 patches of both kinds."""
    rng = np.random.default_rng(0)
    for name, size in ((PAIR.a, (30, 60)), (PAIR.b, (60, 40))):
        path = tmp_path / "Undistorted_SfM" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(path)
    tables = {kind: np.zeros((1, SIDE**2, SIDE**2), np.int16) for kind in ("gt_labels", "gt_labels_roma")}
    tables["gt_labels"][0, [0, 5, 8], [2, 6, 3]] = 1  # patch 8 is the first of the third row
    tables["gt_labels_roma"][0, [0, 5, 9], [2, 7, 7]] = 1
    with h5py.File(tmp_path / "supervision_train_check.h5", "w") as file:
        for kind, table in tables.items():
            file[f"{GROUP}/{kind}"] = table
    (tmp_path / "pairs.txt").write_text(f"{PAIR.a} {PAIR.b} 0.4\n{PAIR.b} {PAIR.a} 0.0\n")
    return tmp_path


def labels(folder, **kind):
    return LabelFile(folder / "supervision_train_check.h5", **kind)


def sampler(folder, look=None, **kind):
    backbone = build_backbone(Part(use="classic"))
    shower = SquareShower(Listed(folder, LoadOptions()), look or Augmentation(), backbone,
                          RetrievalImage(size=SIDE * backbone.patch), None)  # fmt: skip
    return Labelled(read_pairs(folder / "pairs.txt"), labels(folder, **kind), shower, 0, look)


def test_a_list_is_read(collection):
    assert read_pairs(collection / "pairs.txt") == [PAIR, Pair(PAIR.b, PAIR.a, 0.0)]


@pytest.mark.parametrize(
    "line", ["a.jpg b.jpg", "a.jpg b.jpg c.jpg 0.5", "a.jpg b.jpg 1.5", "a.jpg b.jpg nan", "a.jpg"]
)
def test_a_line_that_is_no_pair_is_named(tmp_path, line):
    (tmp_path / "list.txt").write_text(f"a.jpg b.jpg 0.5\n{line}\n")
    with pytest.raises(InputError, match=r"list\.txt', line 2"):
        read_pairs(tmp_path / "list.txt")


def test_a_missing_picture_is_missed_where_the_others_lie(collection):
    names = ["0063/images/7.jpg", PAIR.a, PAIR.b, "0064/images/c.jpg"]
    source = Listed(collection, LoadOptions(), names)
    there = collection / "Undistorted_SfM"
    for name in names[::3]:
        (path,) = source.files(name).paths.values()
        assert path == there / name
        with pytest.raises(InputError) as caught:
            source.photo(name)
        assert f"Undistorted_SfM/{name}' is not there" in str(caught.value)
    assert source.files(PAIR.a).paths == {PAIR.a: there / PAIR.a}
    top = there / "0063/images/top.jpg"
    (collection / "top.jpg").write_bytes((there / PAIR.a).read_bytes())
    assert source.files("top.jpg").paths == {"top.jpg": collection / "top.jpg"}
    assert not top.exists()
    assert Listed(collection, LoadOptions(), ["top.jpg", "gone.jpg"]).files("gone.jpg").paths == {
        "gone.jpg": collection / "gone.jpg"
    }


def test_an_empty_list_is_told(tmp_path):
    (tmp_path / "list.txt").write_text("# nothing\n")
    with pytest.raises(InputError, match="lists no pair"):
        read_pairs(tmp_path / "list.txt")


@pytest.mark.parametrize(("kind", "cells"), [
    ({}, [[0, 2], [5, 6], [8, 3]]),
    ({"roma": True}, [[0, 2], [5, 7], [9, 7]]),
    ({"combine": True}, [[0, 2]]),
])  # fmt: skip
def test_tables_of_each_kind(collection, kind, cells):
    assert np.argwhere(labels(collection, **kind).table(PAIR)).tolist() == cells


def test_a_pair_without_labels_is_named(collection):
    with pytest.raises(InputError, match=f"no labels of .*{PAIR.b}"):
        labels(collection).table(Pair(PAIR.b, PAIR.a, 0.3))


def test_examples_have_the_labels_of_patches_that_vote(collection):
    found = sampler(collection).example(0, 0)
    # a is half as wide as high: only the first two columns show something; b's last row is not there.
    assert set(found.a.patches % SIDE) == {0, 1}
    cells = np.stack([found.a.patches[found.positives[:, 0]], found.b.patches[found.positives[:, 1]]], axis=1)
    assert cells.tolist() == [[0, 2], [5, 6], [8, 3]]
    assert len(sampler(collection).example(0, 1).positives) == 0


def test_labels_are_mirrored_with_the_pictures(collection):
    learned = sampler(collection, Augmentation("flip", p=1.0))
    seen = set()
    for epoch in range(24):
        one, other = learned.look.looks(np.random.default_rng([0, 12, epoch, 0]))
        found = learned.example(epoch, 0)
        cells = [found.a.patches[found.positives[:, 0]], found.b.patches[found.positives[:, 1]]]
        for look, patches, expected in zip((one, other), cells, ([0, 5, 8], [2, 6, 3]), strict=True):
            row, column = np.divmod(np.sort(patches), SIDE)
            back = np.sort(row * SIDE + (SIDE - 1 - column)) if look.flip else np.sort(patches)
            assert back.tolist() == sorted(expected)
        seen.add((one.flip, other.flip))
        # What a mirrored patch shows is what the patch showed, from right to left.
        assert set(found.a.patches % SIDE) == ({2, 3} if one.flip else {0, 1})
    assert len(seen) == 4


def test_labels_of_other_patches_are_refused(collection):
    with h5py.File(collection / "supervision_train_check.h5", "a") as file:
        del file[f"{GROUP}/gt_labels"]
        file[f"{GROUP}/gt_labels"] = np.ones((1, 256, 256))
    with pytest.raises(InputError, match="256 x 256 patches; the backbone sees 16 x 16; set image.size to"):
        sampler(collection).example(0, 0)


def test_a_table_that_is_none_is_refused(collection):
    with h5py.File(collection / "supervision_train_check.h5", "a") as file:
        del file[f"{GROUP}/gt_labels"]
        file[f"{GROUP}/gt_labels"] = np.ones((2, 16, 16))
    with pytest.raises(InputError, match="no table of patches"):
        labels(collection).table(PAIR)


def test_what_labels_lack_is_told_before_anything_is_learned(collection, caplog):
    learned = sampler(collection)
    learned.look_up()
    assert not caplog.records
    (collection / "pairs.txt").write_text(f"{PAIR.a} {PAIR.b} 0.4\n{PAIR.a} {PAIR.a} 0.3\n{PAIR.b} {PAIR.b} 0.2\n")
    with pytest.raises(InputError, match=rf"no labels of .*{PAIR.a}"):
        sampler(collection).look_up()
    with h5py.File(collection / "supervision_train_check.h5", "a") as file:
        for name in ("a_b", "c"):
            file[f"0063_images_{name}.jpg_0063_images_{name}.jpg/gt_labels"] = np.zeros((1, 16, 16))
    learned = sampler(collection)
    learned.look_up()
    assert "the tables of 2 of 3 pairs that overlap are empty" in caplog.text
    assert learned.told == {Pair(PAIR.a, PAIR.a, 0.3), Pair(PAIR.b, PAIR.b, 0.2)}
    assert len(learned.example(0, 1).positives) == 0
    assert learned.unlabelled == {Pair(PAIR.a, PAIR.a, 0.3)}


def test_where_all_tables_are_empty_there_is_nothing_to_learn(collection):
    with h5py.File(collection / "supervision_train_check.h5", "a") as file:
        file[f"{GROUP}/gt_labels"][...] = 0
    with pytest.raises(InputError, match=r"the tables of all pairs that overlap \(1\) are empty"):
        sampler(collection).look_up()
