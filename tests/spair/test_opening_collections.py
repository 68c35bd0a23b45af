"""A collection reads the same wherever it lies, nothing is read before it is asked for, and nothing stays open."""

import bz2
import gc
import io
import logging
import lzma
import os
import tarfile
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_collection import FIRST, SECOND, as_folder, as_tar, as_zip, files, packed, tar_bytes

from dinosar.cache import cache_folder
from dinosar.errors import InputError, ResourceError
from dinosar.spair import Collection

WAYS = {
    "holder": lambda at: as_folder(at / "data", files()),
    "folder": lambda at: as_folder(at / "data", files()) / "SPair-71k",
    "renamed folder": lambda at: as_folder(at / "other", files(), top=""),
    "zip": lambda at: as_zip(at / "s.zip", files()),
    "stored zip": lambda at: as_zip(at / "s.zip", files(), method=zipfile.ZIP_STORED),
    "zip without a folder": lambda at: as_zip(at / "s.zip", files(), top=""),
    "zip under no name": lambda at: as_zip(at / "s", files()),
    "zip behind a program": lambda at: behind(at / "s.zip", as_zip(at / "t.zip", files()).read_bytes()),
    "tar": lambda at: as_tar(at / "s.tar", files()),
    "tar from here": lambda at: as_tar(at / "s.tar", files(), top="./SPair-71k/"),
    "tar without a folder": lambda at: as_tar(at / "s.tar", files(), top=""),
    "tgz": lambda at: as_tar(at / "s.tgz", files(), pack=packed),
    "tar.gz": lambda at: as_tar(at / "s.tar.gz", files(), pack=packed),
    "tar.bz2": lambda at: as_tar(at / "s.tar.bz2", files(), pack=bz2.compress),
    "tar.xz": lambda at: as_tar(at / "s.tar.xz", files(), pack=lzma.compress),
}
OPEN = Path("/proc/self/fd")


def unpacked():
    """What lies in the cache but for locks."""
    return [each for each in (cache_folder() / "spair").iterdir() if each.suffix != ".lock"]


def behind(path, data):
    path.write_bytes(b"#!/bin/sh\nexit\n" + data)
    return path


@pytest.fixture(params=WAYS)
def root(request, tmp_path):
    return WAYS[request.param](tmp_path)


def test_every_way_gives_the_same_bytes(root):
    collection = Collection.open(root)
    for name, data in files().items():
        assert collection.members.has(name)
        assert collection.members.read(name) == data
    assert collection.members.listed("PairAnnotation/test") == sorted([f"{FIRST}.json", f"{SECOND}.json"])
    assert collection.members.listed("JPEGImages") == []
    assert not collection.members.has("devkit")


def test_every_way_gives_the_same_pairs(root):
    with Collection.open(root) as collection:
        assert collection.pair_ids("test") == [FIRST, SECOND]
        pair = collection.find("7")
    assert pair.id == FIRST
    assert pair.source.load().size == (40, 30)  # after the block, too
    assert pair.target.digest() == collection.pair("test", SECOND).source.digest()


def test_opening_reads_no_file_and_a_list_reads_no_annotation(tmp_path, monkeypatch):
    content = files() | {f"PairAnnotation/test/{FIRST}.json": b"no JSON", "Layout/large/trn.txt": b"\xff\xff"}
    for root in (
        as_folder(tmp_path, content),
        as_zip(tmp_path / "s.zip", content),
        as_tar(tmp_path / "s.tar", content),
    ):
        collection = Collection.open(root)
        assert collection.pair_ids("test") == [FIRST, SECOND]
        assert collection.pair("test", SECOND).category == "cat"
        with pytest.raises(InputError, match="expected JSON"):
            collection.pair("test", FIRST)


def test_a_pair_reads_no_pixels(tmp_path):
    root = as_folder(tmp_path, files())
    (tmp_path / "SPair-71k/JPEGImages/cat/2001_a.jpg").unlink()
    pair = Collection.open(root).pair("test", FIRST)
    assert pair.source.size == (40, 30)
    with pytest.raises(InputError, match=r"2001_a\.jpg' is not there"):
        pair.source.load()


@pytest.mark.skipif(not OPEN.is_dir(), reason="needs /proc")
def test_nothing_stays_open(root):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        before = len(list(OPEN.iterdir()))
        collection = Collection.open(root)
        collection.pair("test", FIRST).source.load()
        assert len(list(OPEN.iterdir())) == before
        del collection
        gc.collect()


def test_long_names_of_every_kind_of_tar(tmp_path):
    long = f"Layout/{'x' * 90}/{'y' * 120}.txt"
    for layout in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        path = tmp_path / f"{layout}.tar"
        path.write_bytes(tar_bytes({**files(), long: b"here"}, layout=layout))
        assert Collection.open(path).members.read(long) == b"here"


def test_links_within_a_tar_are_what_they_lead_to(tmp_path):
    out = io.BytesIO(tar_bytes(files()))
    with tarfile.open(fileobj=out, mode="a") as archive:
        link = tarfile.TarInfo("SPair-71k/Layout/large/val.txt")
        link.type, link.linkname = tarfile.LNKTYPE, "SPair-71k/Layout/large/test.txt"
        archive.addfile(link)
    (tmp_path / "s.tar").write_bytes(out.getvalue())
    assert Collection.open(tmp_path / "s.tar").pair_ids("val") == [FIRST, SECOND]


def test_a_tar_that_ends_with_a_zip_is_a_tar(tmp_path):
    inner = as_zip(tmp_path / "inner.zip", {"x": b"y"}).read_bytes()
    root = as_tar(tmp_path / "s.tar", files() | {"devkit/tools.zip": inner})
    assert Collection.open(root).pair_ids("test") == [FIRST, SECOND]


def test_a_packed_tar_is_unpacked_once_and_anew_when_it_changes(tmp_path, caplog):
    caplog.set_level(logging.INFO, "dinosar")
    root = as_tar(tmp_path / "s.tgz", files(), pack=packed)
    for _ in range(2):
        Collection.open(root)
    made = unpacked()
    assert len(made) == 1
    assert caplog.text.count("unpacked once") == 1
    changed = files() | {"Layout/large/test.txt": f"{SECOND}\n".encode()}
    as_tar(root, changed, pack=packed)
    os.utime(root, (1, 1))
    assert Collection.open(root).pair_ids("test") == [SECOND]
    assert len(unpacked()) == 1, "that of the earlier state is gone"
    assert unpacked() != made


@pytest.mark.parametrize("keep", [0.2, 0.7, 0.999])
@pytest.mark.parametrize("pack", [packed, bz2.compress, lzma.compress])
def test_a_packed_tar_that_is_cut_short_leaves_nothing_behind(tmp_path, keep, pack):
    root = as_tar(tmp_path / "s.tgz", files(), pack=pack)
    data = root.read_bytes()
    root.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(InputError, match=r"s\.tgz' is cut short or damaged .*; fetch it again"):
        Collection.open(root)
    assert unpacked() == []


def test_what_packs_no_tar_is_refused_before_it_is_unpacked(tmp_path):
    (tmp_path / "s.gz").write_bytes(packed(b"a page of text"))
    with pytest.raises(InputError, match="packs something else than a tar; give the folder"):
        Collection.open(tmp_path / "s.gz")
    assert unpacked() == []


def test_runs_at_the_same_time_unpack_once(tmp_path, caplog):
    caplog.set_level(logging.INFO, "dinosar")
    root = as_tar(tmp_path / "s.tgz", files(), pack=packed)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Collection.open(root).pair_ids("test"), range(16)))
    assert found == [[FIRST, SECOND]] * 16
    assert caplog.text.count("unpacked once") == 1


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DINOSAR_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceError, match="file"):
        Collection.open(as_tar(tmp_path / "s.tgz", files(), pack=packed))


def test_a_tar_that_is_cut_short_is_refused(tmp_path):
    root = as_tar(tmp_path / "s.tar", files())
    data = root.read_bytes()
    last = data.rstrip(b"\0")
    root.write_bytes(data[: len(last) - 700])
    with pytest.raises(InputError, match="tar that cannot be read"):
        Collection.open(root)


def test_a_tar_that_shrinks_while_it_is_read_is_told(tmp_path):
    root = as_tar(tmp_path / "s.tar", files())
    collection = Collection.open(root)
    root.write_bytes(root.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"s\.tar/Segmentation/cat/2001_c\.png' cannot be read \(the archive ends"):
        collection.members.read("Segmentation/cat/2001_c.png")
    root.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        collection.members.read("Segmentation/cat/2001_c.png")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damage_within_a_zip_is_found_by_its_checksum(tmp_path, method):
    root = as_zip(tmp_path / "s.zip", files(), method=method)
    collection = Collection.open(root)
    name = "JPEGImages/cat/2001_a.jpg"
    place = collection.members.places[name]
    data = bytearray(root.read_bytes())
    data[place.offset + 30 + len(f"SPair-71k/{name}") + place.packed // 2] ^= 0x55
    root.write_bytes(data)
    with pytest.raises(InputError, match=r"2001_a\.jpg' cannot be read .*fetch the archive again"):
        collection.members.read(name)
    assert collection.members.read("JPEGImages/cat/2001_b.jpg") == files()["JPEGImages/cat/2001_b.jpg"]


def test_a_zip_that_shifted_is_told(tmp_path):
    root = as_zip(tmp_path / "s.zip", files())
    collection = Collection.open(root)
    root.write_bytes(b"?" + root.read_bytes())
    with pytest.raises(InputError, match="no member where the directory says"):
        collection.members.read("Layout/large/test.txt")
    root.write_bytes(b"short")
    with pytest.raises(InputError, match="cannot be read"):
        collection.members.read("Layout/large/test.txt")


@pytest.mark.parametrize(("flag", "method", "told"), [(1, None, "is encrypted"), (0, 14, "packed in another way")])
def test_zips_that_are_not_read_are_refused(tmp_path, flag, method, told):
    root = as_zip(tmp_path / "s.zip", files())
    data = bytearray(root.read_bytes())
    at = data.find(b"PK\1\2")
    data[at + 8] |= flag
    if method:
        data[at + 10] = method
    root.write_bytes(data)
    with pytest.raises(InputError, match=f"{told}.*give the folder"):
        Collection.open(root)


def test_a_zip_whose_directory_is_damaged_is_refused(tmp_path):
    root = as_zip(tmp_path / "s.zip", files())
    data = bytearray(root.read_bytes())
    data[data.find(b"PK\1\2")] = 0
    root.write_bytes(data)
    with pytest.raises(InputError, match="zip that cannot be read"):
        Collection.open(root)


@pytest.mark.parametrize(
    "make", [as_folder, lambda at, c: as_zip(at / "s.zip", c), lambda at, c: as_tar(at / "s.tar", c)]
)
def test_what_is_no_collection_is_refused_with_what_it_holds(tmp_path, make):
    content = {"photos/a.jpg": b"x", "Layout_old/large/test.txt": b"y"}
    told = r"is no SPair-71k: expected PairAnnotation or Layout or JPEGImages in it, found SPair-71k[;,]"
    with pytest.raises(InputError, match=told) as caught:
        Collection.open(make(tmp_path, content))
    assert "MACOSX" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"PK\3\4 and then nothing", b"version https://git-lfs.github.com"]
)
def test_what_is_no_archive_is_refused(tmp_path, data):
    path = tmp_path / "s.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"neither a folder nor a zip or tar that is whole; give the folder SPair-71k"):
        Collection.open(path)


def test_what_is_not_there_is_told_with_a_near_name(tmp_path):
    as_zip(tmp_path / "SPair-71k.zip", files())
    with pytest.raises(InputError, match=r"did you mean 'SPair-71k\.zip'\?"):
        Collection.open(tmp_path / "SPair71k.zip")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="neither a folder nor a regular file"):
        Collection.open(tmp_path / "pipe")


def test_a_name_that_lost_its_colon_is_recognised(tmp_path):
    root = as_folder(tmp_path, files())
    file = root / "SPair-71k/PairAnnotation/test" / f"{FIRST}.json"
    file.rename(file.with_name(file.name.replace(":", "_")))
    with pytest.raises(InputError, match="unpacked as .* its name holds a ':'; give the archive itself"):
        Collection.open(root).pair("test", FIRST)
