"""Photographs held in tiles as well: an image scores as its best view would, were each view an image of its own."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dinosar.config import Part, QueryConfig, RetrievalImage
from dinosar.datasets.listed import Listed
from dinosar.errors import ConflictError, UsageError
from dinosar.grid import fit_grid
from dinosar.parts import build_backbone
from dinosar.retrieval.asking import Asked, here, rankings, way_of
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.library import Library, told_of
from dinosar.retrieval.shelf import LibraryShelf
from dinosar.retrieval.tiles import VIEWS, check_tiles, tile_boxes, tile_grids

IMAGE = RetrievalImage(size=96)
PART = Part(use="classic")
COUNT = 7


def painted(folder):
    """Photographs of soft blobs, of different shapes."""
    import cv2

    folder.mkdir()
    random = np.random.default_rng(4)
    for number in range(COUNT):
        small = random.integers(0, 255, (9, 12, 3), dtype=np.uint8)
        size = (210 + 16 * number, 180)
        Image.fromarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)).save(folder / f"{number}.png")
    return folder


def dumped(folder, photos, *, tiled=False, image=IMAGE):
    library = Library.made(folder, told_of(build_backbone(PART), PART), image, tiled=tiled)
    listed = [Listed(path.name, path) for path in sorted(photos.iterdir())]
    assert not [each for each in dump(listed, library, build_backbone(PART), image) if each.problem]
    return library


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("tiles")


@pytest.fixture(scope="module")
def photos(place):
    return painted(place / "photos")


@pytest.fixture(scope="module")
def tiled(place, photos):
    return dumped(place / "tiled", photos, tiled=True)


@pytest.fixture(scope="module")
def plain(place, photos):
    return dumped(place / "plain", photos)


@pytest.fixture(scope="module")
def apart(place, photos):
    """Every view of every photograph cut out, and dumped as a photograph of its own."""
    folder = place / "apart"
    folder.mkdir()
    for path in sorted(photos.iterdir()):
        photo = Image.open(path)
        photo.save(folder / f"{path.stem}-0.png")
        for number, (left, top, width, height) in enumerate(tile_boxes(photo.size), 1):
            photo.crop((left, top, left + width, top + height)).save(folder / f"{path.stem}-{number}.png")
    return dumped(place / "apart-db", folder)


def shelf_of(library, **how):
    return LibraryShelf(library, library.names, Identity(), **how)


def settings(*, rule="maxsim", size="off", by="pooled"):
    told = {"shortlist": {"size": size, "by": by}, "voting": {"rule": rule, "min_cosine": 0.7}}
    return QueryConfig.model_validate({"inputs": {"store": "db"}, **told})


def answers(shelf, asked, *, own=False, allowed=None, **how):
    way = way_of(settings(**how), shelf, own=own)
    return list(rankings(asked, shelf, way, lambda each: allowed, here(shelf)))


def zooms(plain, photos, folder):
    """A corner of each photograph, as a query."""
    backbone = build_backbone(PART)
    cut = folder / "cut"
    cut.mkdir()
    for path in sorted(photos.iterdir()):
        photo = Image.open(path)
        photo.crop((8, 8, photo.width // 2 - 4, photo.height // 2 - 6)).save(cut / f"zoom-{path.name}")
    library = Library.made(folder / "cut-db", told_of(backbone, PART), IMAGE)
    list(dump([Listed(path.name, path) for path in sorted(cut.iterdir())], library, backbone, IMAGE))
    return [Asked(library.block(name)) for name in library.names]


@pytest.fixture(scope="module")
def asked(plain, photos, place):
    return zooms(plain, photos, place)


@given(st.integers(2, 5000), st.integers(2, 5000))
def test_tiles_are_the_quarters_and_the_middle(width, height):
    boxes = np.array(tile_boxes((width, height)))
    assert len(boxes) == len(VIEWS) - 1
    assert (boxes[:, 2:] == [width // 2, height // 2]).all()
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, :2] + boxes[:, 2:] <= [width, height]).all()
    (left, top), (right, bottom) = boxes[0, :2], (boxes[3, :2] + boxes[3, 2:])
    assert (left, top, right, bottom) == (0, 0, width, height)
    off = boxes[4, :2] + boxes[4, 2:] / 2 - np.array([width, height]) / 2
    assert np.abs(off).max() <= 0.5


def test_a_tile_is_seen_as_a_photograph_of_its_own_would_be(tiled, apart):
    shelf, others = shelf_of(tiled), shelf_of(apart)
    for place, name in enumerate(shelf.names):
        blocks = [shelf.block(place), *shelf.tiles(place)]
        assert len(blocks) == len(VIEWS)
        for number, block in enumerate(blocks):
            alone = others.block(others.places[f"{name[0]}-{number}.png"])
            assert np.array_equal(block.tokens, alone.tokens)
            assert np.array_equal(block.patches, alone.patches)


@pytest.mark.parametrize("rule", ["maxsim", "coverage", "vop.sum"])
def test_an_image_scores_as_its_best_view_does(tiled, plain, apart, asked, rule):
    ours, others = shelf_of(tiled), shelf_of(apart)
    views = np.array([[others.places[f"{name[0]}-{n}.png"] for n in range(len(VIEWS))] for name in ours.names])
    for found, alone, whole in zip(
        answers(ours, asked, rule=rule), answers(others, asked, rule=rule), answers(shelf_of(plain), asked, rule=rule),
        strict=True,
    ):  # fmt: skip
        scores = np.empty(len(others.names))
        scores[alone.places] = alone.scores[rule]
        table = scores[views]
        best = table.max(axis=1)
        assert np.array_equal(found.score, best[found.places])
        assert (np.diff(found.score) <= 0).all()
        for i, image in enumerate(found.places):
            assert table[image, found.view(i)] == best[image]
        assert np.array_equal(np.sort(found.places), np.sort(whole.places))
        for name in ("maxsim", "coverage_sym", "vop.tfidf"):  # these speak of whole images
            values = [np.empty(COUNT), np.empty(COUNT)]
            for each, into in zip((found, whole), values, strict=True):
                into[each.places] = each.scores[name]
            assert np.array_equal(*values)


def test_a_corner_finds_its_photograph_by_the_tile_that_shows_it(tiled, plain, asked):
    found = answers(shelf_of(tiled), asked)
    assert [each.places[0] for each in found] == list(range(COUNT))
    assert {VIEWS[each.view(0)] for each in found} == {"top left"}
    without = answers(shelf_of(plain), asked)
    margins = [[each.score[0] - each.score[1] for each in some] for some in (found, without)]
    assert np.mean(margins[0]) > 2 * np.mean(margins[1])


def test_no_tile_of_an_image_answers_the_image_itself(tiled):
    shelf = shelf_of(tiled)
    for size in ("off", 3):
        for i, found in enumerate(answers(shelf, [Asked(shelf.block(i)) for i in range(COUNT)], own=True, size=size)):
            assert i not in found.places
            assert len(found.places) == (COUNT - 1 if size == "off" else 3)


def test_the_shortlist_goes_by_the_nearest_view(tiled, asked):
    shelf = shelf_of(tiled)
    vectors = shelf.vectors("pooled")
    assert len(vectors.each) == COUNT * len(VIEWS)
    odd = np.arange(1, COUNT, 2)
    for allowed in (None, odd):
        for each in answers(shelf, asked, size=2, allowed=allowed):
            mean = each.asked.block.tokens.mean(axis=0)
            cosine = vectors.each @ (mean / np.linalg.norm(mean))
            nearest = [cosine[vectors.images == i].max() if allowed is None or i in odd else -2 for i in range(COUNT)]
            assert sorted(each.places.tolist()) == sorted(np.argsort(nearest)[-2:].tolist())
    whole, short = answers(shelf, asked), answers(shelf, asked, size=COUNT)
    assert all(np.array_equal(one.score, other.score) for one, other in zip(whole, short, strict=True))


def test_without_tiles_the_library_is_a_plain_one(tiled, plain, asked):
    for one, other in zip(answers(shelf_of(tiled, tiled=False), asked), answers(shelf_of(plain), asked), strict=True):
        assert np.array_equal(one.places, other.places)
        assert np.array_equal(one.score, other.score)
        assert one.view(0) is None


def test_a_rule_that_weighs_by_all_images_is_refused(tiled):
    with pytest.raises(UsageError, match="--no-tiles"):
        way_of(settings(rule="vop.tfidf"), shelf_of(tiled), own=False)
    way_of(settings(rule="vop.tfidf"), shelf_of(tiled, tiled=False), own=False)


def test_tiles_and_no_tiles_are_not_mixed(place, photos, tiled, plain, tmp_path):
    with pytest.raises(ConflictError, match="without their tiles, and these would come with"):
        dumped(place / "plain", photos, tiled=True)
    with pytest.raises(ConflictError, match="dump them with --tiles"):
        dumped(place / "tiled", photos)
    with pytest.raises(ConflictError):
        plain.adopt(tiled)
    other = Library.made(tmp_path / "other", told_of(build_backbone(PART), PART), IMAGE, tiled=True)
    assert other.adopt(tiled) == (COUNT, [])
    assert other.index.sum() == tiled.index.sum()
    assert np.array_equal(shelf_of(other).tiles(2)[3].tokens, shelf_of(tiled).tiles(2)[3].tokens)


def test_a_tile_that_is_gone_is_told_and_comes_back_with_the_next_dump(photos, tmp_path, asked, caplog):
    library = dumped(tmp_path / "db", photos, tiled=True)
    item = library.row("3.png").tiles[1]
    file = library.store.path(library.title, item)
    before = file.read_bytes()
    file.unlink()
    shelf = shelf_of(library)
    found = answers(shelf, asked[:1])
    assert "the features of the top right tile of '3.png' are gone" in caplog.text
    assert list(shelf.lost) == ["3.png"]
    assert not np.isnan(found[0].score).any()
    dumped(tmp_path / "db", photos, tiled=True)
    assert file.read_bytes() == before


def test_a_photograph_too_small_for_tiles_has_none():
    whole = fit_grid((27, 200), 14, size=96)
    assert tile_grids(whole, IMAGE) == []
    with pytest.raises(UsageError, match="native"):
        check_tiles(RetrievalImage(size=96, fit="native"))


def test_tiles_belong_to_their_photo(tiled):
    row = tiled.row("1.png")
    views = tiled.views(row)
    assert [view.grid.crop for view in views[1:]] == tile_boxes(row.grid.photo)
    assert all(Path(tiled.store.path(tiled.title, view.item)).is_file() for view in views)
