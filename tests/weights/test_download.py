"""Getting weights: from disk, else from the hub, else a line that helps."""

import hashlib
from dataclasses import replace

import pytest
from fake_hub import COMMIT, DINOV2, DINOV3, U2NET, in_hub_cache

from dinosar.errors import WeightsError
from dinosar.notices import collected
from dinosar.weights import download, hub
from dinosar.weights.disk import hub_cache, locate, target
from dinosar.weights.first_sight import check


def test_what_is_on_disk_is_taken_and_nobody_is_asked(online):
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    assert download.obtain(DINOV3).path == path
    assert online.asked == []


def test_what_is_not_is_fetched_and_its_hash_remembered(online, own_cache):
    online.offer(DINOV3, b"weights")
    found = download.obtain(DINOV3)
    assert (found.path.read_bytes(), found.revision) == (b"weights", COMMIT)
    (entry,) = (own_cache / "weights-v1" / "seen").iterdir()
    assert entry.name == f"dinov3--vits16--{COMMIT}.json"
    assert hashlib.sha256(b"weights").hexdigest() in entry.read_text()
    asked = len(online.asked)
    assert download.obtain(DINOV3) == found
    assert len(online.asked) == asked


def test_what_was_damaged_on_disk_is_not_taken():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    path.resolve().write_bytes(b"damage!")
    with pytest.raises(WeightsError, match="according to the hub"):
        download.obtain(DINOV3)


@pytest.mark.parametrize("model", [DINOV3, DINOV2], ids=lambda m: m.name)
def test_without_a_hub_one_line_says_everything_that_helps(model):
    with pytest.raises(WeightsError) as caught:
        download.obtain(model)
    line = str(caught.value)
    needed = (model.name, model.id, model.file, model.url, f"dinosar models fetch {model.name}",
              "dinosar models import", "--checkpoint", "HF_HUB_OFFLINE")  # fmt: skip
    assert [word for word in needed if word not in line] == []
    assert "\n" not in line


def test_without_a_hub_a_pinned_revision_is_named_and_so_is_its_own_address():
    in_hub_cache(hub_cache(), DINOV3, b"weights")
    with pytest.raises(WeightsError, match=r"at revision v1.*/resolve/v1/model\.safetensors"):
        download.obtain(DINOV3, "v1")


def test_a_damaged_download_is_not_kept_as_right(online, monkeypatch):
    online.offer(DINOV3, b"weights")
    monkeypatch.setattr(hub, "_download", lambda *_: str(_spoilt()))
    with pytest.raises(WeightsError, match="according to the hub"):
        download.fetch(DINOV3)


def _spoilt():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    path.resolve().write_bytes(b"wrong")
    return path


def test_fetching_again_without_a_network_keeps_what_is_here_and_says_so(monkeypatch):
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    with collected() as warnings:
        assert download.fetch(DINOV3).path == path
    assert "what is here already stays in use" in warnings[0]


def test_a_model_of_a_release_is_fetched_once_and_checked(online):
    data = b"\x08onnx"
    online.files["/u2net.onnx"] = data
    model = replace(U2NET, url=f"{online.url}/u2net.onnx", md5=hashlib.md5(data, usedforsecurity=False).hexdigest())
    found = download.fetch(model)
    assert found.path == target(model)
    assert check(model, found) == ("the release", "the first sight of it")
    assert download.fetch(model) == download.obtain(model) == found == locate(model)
    assert online.asked == ["GET /u2net.onnx"]
