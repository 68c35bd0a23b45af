"""An index that a full disk or a torn copy left: the truth is told, and a dump makes it anew of what is there."""

import numpy as np
import pytest
from small_library import filled, painted

from dinosar.backbones.sift import Sift
from dinosar.errors import InputError
from dinosar.notices import collected
from dinosar.retrieval.index import INDEX, Index
from dinosar.retrieval.library import Library

NAMES = ["b.png", "a.png", "sub/c.png"]


@pytest.fixture
def listed(tmp_path):
    return painted(tmp_path / "photos", NAMES)


@pytest.fixture
def told(tmp_path, listed):
    """What a whole library of them says of itself."""
    return filled(tmp_path / "db", listed)[0].index.sum()


def test_an_empty_index_is_told(tmp_path, told):
    (tmp_path / "db" / INDEX).write_bytes(b"")
    with pytest.raises(InputError, match=r"is empty, as a full disk or a torn copy .* dump the photos again") as raised:
        Library.open(tmp_path / "db")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "db" / INDEX).stat().st_size


@pytest.mark.parametrize("left", [b"", None])
def test_a_dump_makes_it_anew_and_takes_over_what_is_there(tmp_path, listed, told, left, monkeypatch):
    (tmp_path / "db" / INDEX).unlink()
    if left is not None:
        (tmp_path / "db" / INDEX).write_bytes(left)
    monkeypatch.setattr(Sift, "encode", lambda self, image: pytest.fail("it met the network again"))
    with collected() as warnings:
        library, done = filled(tmp_path / "db", listed)
    assert [each.problem for each in done] == ["", "", ""]
    assert any("made anew of these photos" in line for line in warnings)
    assert library.index.sum() == told
    assert np.isfinite(library.block("a.png").tokens).all()


def test_a_library_that_is_begun_has_nothing_to_say_of_an_index(tmp_path, listed):
    with collected() as warnings:
        filled(tmp_path / "db", listed)
        filled(tmp_path / "db", listed)
    assert not any("anew" in line for line in warnings)


def test_a_library_that_was_begun_and_left_is_told(tmp_path):
    Index(tmp_path / "db", create=True).close()
    with pytest.raises(InputError, match="was begun and holds nothing yet"):
        Library.open(tmp_path / "db")
