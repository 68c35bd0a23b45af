"""A file of weights that changed since it was first seen is not computed with."""

import hashlib
import os
from dataclasses import replace

import pytest
from fake_hub import DINOV3, U2NET, in_hub_cache

from dinosar.errors import WeightsError
from dinosar.weights.disk import hub_cache, locate, target
from dinosar.weights.first_sight import check, remember


def laid_down(model, data):
    path = target(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return locate(model)


def test_the_first_sight_is_kept_and_agrees_from_then_on():
    found = laid_down(DINOV3, b"weights")
    assert check(DINOV3, found) == ()
    assert check(DINOV3, found) == ("the first sight of it",)


def test_a_file_that_changed_is_refused_with_both_hashes():
    found = laid_down(DINOV3, b"weights")
    check(DINOV3, found)
    laid_down(DINOV3, b"other weights")
    with pytest.raises(WeightsError, match="dinosar models fetch vits16") as caught:
        check(DINOV3, found)
    for data in (b"weights", b"other weights"):
        assert hashlib.sha256(data).hexdigest() in str(caught.value)


def test_a_change_that_shows_in_nothing_but_the_bytes_is_found_when_they_are_read_again(monkeypatch):
    monkeypatch.setattr("dinosar.weights.ledger.state_of", lambda path: [1, 2, 3])  # as a failing disk has it
    found = laid_down(DINOV3, b"weights")
    check(DINOV3, found)
    found.path.write_bytes(b"WEIGHTS")
    assert check(DINOV3, found) == ("the first sight of it",)
    with pytest.raises(WeightsError, match="first sight"):
        check(DINOV3, found, again=True)


def test_a_change_whose_time_was_put_back_is_seen_all_the_same():
    found = laid_down(DINOV3, b"weights")
    check(DINOV3, found)
    times = found.path.stat()
    found.path.write_bytes(b"WEIGHTS")
    os.utime(found.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(WeightsError, match="first sight"):
        check(DINOV3, found)


def test_the_name_that_the_hub_gave_a_file_speaks_for_it_or_against_it():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    found = locate(DINOV3)
    assert check(DINOV3, found) == ("the hub",)
    path.resolve().write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="according to the hub"):
        check(DINOV3, found)


def test_a_copy_in_the_hubs_cache_has_only_its_first_sight():
    in_hub_cache(hub_cache(), DINOV3, b"weights", link=False)
    assert check(DINOV3, locate(DINOV3)) == ()
    assert check(DINOV3, locate(DINOV3)) == ("the first sight of it",)


def test_every_revision_has_a_first_sight_of_its_own():
    in_hub_cache(hub_cache(), DINOV3, b"weights", link=False)
    check(DINOV3, locate(DINOV3))
    in_hub_cache(hub_cache(), DINOV3, b"newer", commit="beef" + "0" * 36, link=False)
    assert check(DINOV3, locate(DINOV3)) == ()


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_hash_of_the_release_is_compared(algorithm):
    right = hashlib.new(algorithm, b"onnx", usedforsecurity=False).hexdigest()
    model = replace(U2NET, **{"md5": "", algorithm: right})
    found = laid_down(model, b"onnx")
    assert check(model, found) == ("the release",)
    laid_down(model, b"ONNX!")
    with pytest.raises(WeightsError, match=f"{right} according to the release.*masker.model_path"):
        check(model, found)


def test_a_replaced_file_is_right_once_it_is_remembered():
    found = laid_down(DINOV3, b"weights")
    check(DINOV3, found)
    laid_down(DINOV3, b"chosen")
    remember(DINOV3, found, hashlib.sha256(b"chosen").hexdigest())
    assert check(DINOV3, found) == ("the first sight of it",)


def test_a_memory_that_is_damaged_or_cannot_be_kept_stops_nobody(own_cache, monkeypatch, tmp_path):
    found = laid_down(DINOV3, b"weights")
    check(DINOV3, found)
    (entry,) = (own_cache / "weights-v1" / "seen").iterdir()
    entry.write_bytes(b"{broken")
    assert check(DINOV3, found) == ()
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DINOSAR_CACHE", str(tmp_path / "file"))
    assert check(DINOV3, found) == ()


def test_a_file_that_is_gone_is_told():
    found = laid_down(DINOV3, b"weights")
    found.path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        check(DINOV3, found)
