"""Work spread over a cluster: the same items, the same index and the same answers as one process gives."""

import numpy as np
import pytest

from dinosar.config import Part, RetrievalImage
from dinosar.datasets.listed import Listed
from dinosar.errors import ResourceError
from dinosar.parts import build_backbone
from dinosar.retrieval import spread_dump, spread_votes
from dinosar.retrieval.asking import ALWAYS, WEIGHED, Way, here
from dinosar.retrieval.cluster import cluster
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.library import Library, told_of
from dinosar.retrieval.shelf import LibraryShelf
from dinosar.retrieval.tiles import VIEW

IMAGE = RetrievalImage(size=64)
PART = Part(use="sift")
pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask warns of is not ours


@pytest.fixture(scope="module")
def address():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        yield local.scheduler_address


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    from PIL import Image

    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(3)
    found = []
    for number in range(9):
        path = folder / f"{number}.png"
        Image.fromarray(random.integers(0, 255, (40, 60 + number, 3), dtype=np.uint8)).save(path)
        found.append(Listed(path.name, path))
    (folder / "broken.png").write_bytes(b"none")
    return [*found, Listed("broken.png", folder / "broken.png")]


@pytest.fixture(scope="module")
def alone(listed, tmp_path_factory):
    library = made(tmp_path_factory.mktemp("alone"))
    list(dump(listed, library, build_backbone(PART), IMAGE))
    return library


@pytest.fixture(scope="module")
def tiled(listed, tmp_path_factory):
    library = made(tmp_path_factory.mktemp("tiled"), tiled=True)
    list(dump(listed, library, build_backbone(PART), IMAGE))
    return library


def made(folder, *, tiled=False):
    return Library.made(folder, told_of(build_backbone(PART), PART), IMAGE, tiled=tiled)


def items(library):
    return {file.name: file.read_bytes() for file in library.store.folder.rglob("*.npy")}


@pytest.mark.parametrize("one", ["alone", "tiled"])
def test_a_library_filled_by_a_cluster_is_that_of_one_process(address, listed, one, tmp_path, monkeypatch, request):
    monkeypatch.setattr(spread_dump, "BATCH", 2)
    alone = request.getfixturevalue(one)
    library = made(tmp_path, tiled=alone.tiled)
    done = list(spread_dump.dump_spread(listed, library, PART, IMAGE, address))
    assert [each.name for each in done if each.problem] == ["broken.png"]
    assert items(library) == items(alone)
    assert library.index.sum() == alone.index.sum()
    again = list(spread_dump.dump_spread(listed, library, PART, IMAGE, address))
    assert sum(each.again for each in again) == 9


@pytest.mark.parametrize("own", [False, True])
def test_votes_of_a_cluster_are_those_of_one_process(address, alone, own, monkeypatch):
    monkeypatch.setattr(spread_votes, "SHARD", 4)
    shelf = LibraryShelf(alone, alone.names, Identity())
    way = Way("vop.tfidf", ("vop.tfidf", *ALWAYS, *WEIGHED), 0.6, "given", "pooled", None, own)
    blocks = [shelf.block(i) for i in (0, 5, 8)]
    places = [None, np.array([1, 5, 7]), np.array([], dtype=np.int64)]
    _the_same(address, shelf, blocks, places, way)


def test_votes_of_a_cluster_go_by_tiles_as_those_of_one_process(address, tiled, monkeypatch):
    monkeypatch.setattr(spread_votes, "SHARD", 4)
    shelf = LibraryShelf(tiled, tiled.names, Identity())
    way = Way("maxsim", ("maxsim", *ALWAYS[1:], *WEIGHED), 0.6, "given", "pooled", None, own=True, tiled=True)
    scores = _the_same(address, shelf, [shelf.tiles(2)[1], shelf.block(8)], [None, np.array([1, 5, 7])], way)
    assert (scores[VIEW] > 0).any()


def _the_same(address, shelf, blocks, places, way):
    with cluster(address) as client:
        there = list(spread_votes.spread_votes(shelf, None, client)(blocks, places, way))
    for ours, theirs in zip(here(shelf)(blocks, places, way), there, strict=True):
        assert np.array_equal(ours.candidates, theirs.candidates)
        assert list(ours.scores) == list(theirs.scores)
        for rule in ours.scores:
            assert np.allclose(ours.scores[rule], theirs.scores[rule], rtol=1e-12, atol=0, equal_nan=True), rule
    return there[0].scores


def test_no_scheduler_is_told(monkeypatch):
    from dinosar.retrieval import cluster as module

    monkeypatch.setattr(module, "PATIENCE", "1s")
    with pytest.raises(ResourceError, match="no Dask scheduler answers"), cluster("tcp://127.0.0.1:1"):
        pass
