"""Features kept by content: right ones or none."""

import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import dinosar
from dinosar.config import Part
from dinosar.data import Encoding
from dinosar.features import encode, rounded
from dinosar.notices import collected
from dinosar.parts import build_backbone
from dinosar.store import LAYOUT, Store, code_of, identity, key_of
from dinosar.testing import toy_photo

KEY = "ab" + "0" * 62


def word(seed=0, **change):
    """What a backbone may say, in storage precision."""
    random = np.random.default_rng(seed)
    given = {
        "tokens": random.normal(size=(3, 4, 5)).astype(np.float32),
        "summary": random.normal(size=5).astype(np.float32),
        "attention": random.random((2, 3, 4)).astype(np.float32),
        "attention_kind": "attention",
        "attention_layers": (9, 11),
    }
    return rounded(Encoding(**{**given, **change}))


def same(one, other):
    def equal(a, b):
        return np.array_equal(a, b) if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a is b

    arrays = all(equal(getattr(one, name), getattr(other, name)) for name in ("tokens", "summary", "attention"))
    return arrays and (one.attention_kind, one.attention_layers) == (other.attention_kind, other.attention_layers)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def item(store):
    """The file of one item that is kept."""
    store.put("toy", KEY, word())
    return store.path("toy", KEY)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"attention_kind": "saliency", "attention_layers": ()},
        {"summary": None},
        {"attention": None, "attention_layers": ()},
        {"summary": None, "attention": None, "attention_layers": ()},
        {"tokens": np.zeros((2, 7, 5), np.float32)},
    ],
)
def test_what_is_kept_comes_back_the_same(change, store):
    if "tokens" in change:
        change = {**change, "attention": None, "attention_layers": ()}
    kept = word(**change)
    store.put("toy", KEY, kept)
    assert same(store.get("toy", KEY), kept)


def test_what_was_not_rounded_comes_back_to_storage_precision(store):
    raw = Encoding(np.random.default_rng(0).normal(size=(3, 4, 5)) / 3)
    store.put("toy", KEY, raw)
    assert np.abs(store.get("toy", KEY).tokens - raw.tokens).max() < 2**-10


def test_what_is_not_kept_is_none(store, item):
    assert store.get("toy", "ab" + "1" * 62) is None
    assert store.get("other", KEY) is None


def test_an_item_can_be_memory_mapped(item):
    record = np.load(item, mmap_mode="r")
    assert isinstance(record, np.memmap)
    assert record["tokens"].dtype == np.float16
    assert np.array_equal(record["tokens"].astype(np.float32), word().tokens)
    assert set(record.dtype.names) == {"tokens", "summary", "attention", "layers", "lengths", "summary_length"}


def test_a_map_that_is_no_attention_is_called_what_it_is(store):
    store.put("toy", KEY, word(attention_kind="saliency"))
    assert "attention" not in np.load(store.path("toy", KEY)).dtype.names


class Counting(dinosar.Backbone):
    """Counts how often it is asked."""

    class Options(dinosar.Options):
        level: int = 1

    patch, calls, weights = 16, 0, "w1"

    def encode(self, image):
        self.calls += 1
        cells = image.reshape(image.shape[0] // 16, 16, image.shape[1] // 16, 16, 3)
        return dinosar.Encoding(cells.mean((1, 3)).astype(np.float32) + self.options.level)

    def facts(self):
        return {"weights": self.weights}


@pytest.fixture
def counting(stranger):
    stranger.offer("backbone", "counting", "some_module:Counting", version="1.0")

    def make(**options):
        backbone = Counting(Counting.Options(**options))
        backbone.name = "counting"
        return backbone

    return make


def test_the_same_pixels_meet_the_same_backbone_once(counting, store):
    backbone, image = counting(), toy_photo(0, (64, 48)).pixels
    first = encode(image, backbone, store)
    again = encode(np.asfortranarray(image.copy()), backbone, store)
    assert backbone.calls == 1
    assert same(first, again)
    assert same(first, encode(image, backbone, None))


def test_one_other_pixel_shape_option_weight_or_version_is_another_item(counting, store, stranger, monkeypatch):
    image = toy_photo(0, (64, 48)).pixels.copy()
    other = image.copy()
    other[5, 5, 1] ^= 1
    keys = [key_of(pixels, identity(counting())) for pixels in (image, other, image.reshape(64, 48, 3))]
    keys.append(key_of(image, identity(counting(level=2))))
    monkeypatch.setattr(Counting, "weights", "w2")
    keys.append(key_of(image, identity(counting())))
    stranger.offer("backbone", "renamed", "another_module:Counting")
    backbone = counting()
    backbone.name = "renamed"
    keys.append(key_of(image, identity(backbone)))
    assert len(set(keys)) == len(keys)


def test_another_version_of_the_package_is_another_backbone(counting, stranger):
    before = identity(counting())
    (info,) = stranger.folder.glob("*.dist-info")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.1\n")
    assert identity(counting()) != before


def test_a_part_under_development_is_another_one_once_its_code_has_changed(stranger):
    target = stranger.part("Backbone", "patch = 16\ndef encode(self, image): return 1")
    source = stranger.folder / f"{target.split(':')[0]}.py"
    before = identity(build_backbone(Part(use=target)))
    source.write_text(source.read_text().replace("return 1", "return 2"))
    assert identity(build_backbone(Part(use=target))) != before


DAMAGE = {
    "empty": lambda data: b"",
    "cut-header": lambda data: data[:40],
    "cut-middle": lambda data: data[: len(data) // 2],
    "cut-end": lambda data: data[:-1],
    "longer-name": lambda data: data.replace(b"summary", b"summarx"),
    "other-order": lambda data: data.replace(b"<f2", b">f2"),
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"not an array",
    "zip": lambda data: b"PK\x03\x04" + data,
    "pickle": lambda data: b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_item_counts_as_not_there_and_is_replaced(damage, store, item):
    whole = item.read_bytes()
    item.write_bytes(DAMAGE[damage](whole))
    assert store.get("toy", KEY) is None
    store.put("toy", KEY, word())
    assert same(store.get("toy", KEY), word())


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.filterwarnings("ignore")  # numpy has much to say of odd headers
@pytest.mark.parametrize("part", ["header", "data"])
def test_a_single_flipped_bit_never_gives_a_wrong_item(part, store, item):
    whole = item.read_bytes()
    header = 10 + int.from_bytes(whole[8:10], "little")
    bits = range(8 * header) if part == "header" else range(8 * header, 8 * len(whole), 7)
    for bit in bits:
        item.write_bytes(flipped(whole, bit))
        found = store.get("toy", KEY)
        assert found is None or same(found, word()), f"byte {bit // 8}, bit {bit % 8}"


WRITER = """
import sys, numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_store import word
from dinosar.store import Store
store = Store(Path(sys.argv[2]))
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    key = f"{number % 20:064x}"
    store.put("toy", key, word(number % 20))
"""


def writer(folder, count):
    here = str(pathlib.Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", WRITER, here, str(folder), str(count)], stdout=subprocess.PIPE)


def assert_only_right_items(store):
    found = list(store.files())
    assert found
    for file in found:
        assert same(store.get("toy", file.stem), word(int(file.stem, 16)))
        assert file.exists()


def test_several_processes_may_write_the_same_items(tmp_path):
    writers = [writer(tmp_path, 60) for _ in range(3)]
    for each in writers:
        each.communicate(timeout=60)
        assert each.returncode == 0
    assert len(list(Store(tmp_path).files())) == 20
    assert_only_right_items(Store(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_a_killed_writer_leaves_only_whole_items(tmp_path):
    chance = random.Random(0)
    for _ in range(3):
        together = [writer(tmp_path, 10**6) for _ in range(3)]
        for each in together:
            assert each.stdout.readline() == b"ready\n"
        for each in together:
            time.sleep(chance.uniform(0.01, 0.06))
            each.send_signal(signal.SIGKILL)
            each.communicate()
        assert_only_right_items(Store(tmp_path))
    Store(tmp_path).clear()
    assert not list((tmp_path / LAYOUT).rglob("*"))


HALF = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from test_store import KEY, word
from dinosar import publishing
from dinosar.store import Store

def never(*_):
    print("writing", flush=True)
    sys.stdin.read()

publishing.os.fsync = never
Store(Path(sys.argv[2]), strict=True).put("toy", KEY, word())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_what_a_killed_writer_left_goes_when_its_item_is_kept_and_what_others_write_stays(tmp_path, monkeypatch):
    command = [sys.executable, "-c", HALF, str(pathlib.Path(__file__).parent), str(tmp_path)]
    killed, alive = (subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2))
    assert [each.stdout.readline() for each in (killed, alive)] == [b"writing\n"] * 2
    torn = [next(tmp_path.rglob(f"*.tmp-{each.pid}-*")) for each in (killed, alive)]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    monkeypatch.setattr("dinosar.store._swept", set())
    store = Store(tmp_path, strict=True)
    store.put("toy", KEY, word())
    left = [file.exists() for file in torn]
    alive.communicate()
    assert (left, alive.returncode) == ([False, True], 0)
    assert list(tmp_path.rglob("*.tmp-*")) == []
    assert same(store.get("toy", KEY), word())


def test_a_writer_whose_file_another_machine_swept_writes_it_again(tmp_path, monkeypatch):
    store, replaced, rename = Store(tmp_path, strict=True), [], pathlib.Path.replace

    def swept_once(file, target):
        replaced.append(file)
        if len(replaced) == 1:
            file.unlink()
        return rename(file, target)

    monkeypatch.setattr(pathlib.Path, "replace", swept_once)
    store.put("toy", KEY, word())
    assert len(replaced) == 2
    assert same(store.get("toy", KEY), word())


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_store_that_cannot_be_written_warns_once_and_gives_features_all_the_same(place, tmp_path, counting):
    (tmp_path / "file").write_bytes(b"")
    backbone, store = counting(), Store(tmp_path / place)
    with collected() as warnings:
        found = [encode(toy_photo(seed, (64, 48)).pixels, backbone, store) for seed in (0, 1, 2)]
    assert all(each.tokens.shape == (3, 4, 3) for each in found)
    assert len(warnings) == 1
    assert "features are not kept for next time" in warnings[0]


def test_an_item_that_can_be_neither_read_nor_removed_is_computed_anew(store, item, monkeypatch):
    item.write_bytes(b"damaged")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pathlib.Path, "unlink", refuse)
    assert store.get("toy", KEY) is None


def test_a_name_too_long_for_the_disk_is_a_miss(store):
    assert store.get("x" * 300, KEY) is None


@pytest.mark.parametrize("title", ["..", ".", "../x", "a/b", "/etc", "C:\\x", "甲虫", "a\nb"])
def test_an_item_lies_in_the_store_whatever_a_backbone_calls_itself(title, store):
    store.put(title, KEY, word())
    assert [file.name for file in store.files()] == [f"{KEY}.npy"]
    assert same(store.get(title, KEY), word())


def test_contents_count_items_and_bytes_by_backbone(store):
    for number in range(5):
        store.put("even" if number % 2 == 0 else "odd", f"{number:064x}", word(number))
    found = store.contents()
    assert (found.items, found.by_backbone) == (5, {"even": 3, "odd": 2})
    assert found.size == sum(file.stat().st_size for file in store.files())
    assert Store(store.folder / "nowhere").contents().items == 0


def test_clearing_removes_items_and_what_killed_writers_left_and_nothing_else(store, item):
    (item.parent / f".{item.name}.tmp-1-00").write_bytes(b"torn")
    (store.folder / ".DS_Store").write_bytes(b"of somebody else")
    (store.folder.parent / "weights.bin").write_bytes(b"not an item")
    assert store.clear().items == 1
    assert store.contents().items == 0
    assert sorted(file.name for file in store.folder.parent.rglob("*")) == [".DS_Store", LAYOUT, "weights.bin"]
    assert store.clear().items == 0


def test_clearing_an_empty_store_is_nothing(tmp_path):
    assert Store(tmp_path / "nowhere").clear().items == 0


def test_who_a_backbone_is_is_found_out_once_however_many_images_it_sees(monkeypatch):
    backbone, asked = build_backbone(Part(use="classic")), []
    monkeypatch.setattr("dinosar.store.code_of", lambda part: asked.append(part) or code_of(part))
    first = identity(backbone)
    assert identity(backbone) is first
    assert len(asked) == 1
    assert identity(build_backbone(Part(use="classic"))) == first
