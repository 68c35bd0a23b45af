"""Maskers in line: the next is asked where one abstains or finds nothing, and the noun says who it was and why."""

import numpy as np
import pytest

from dinosar.config import MatchMask
from dinosar.contracts import Masker
from dinosar.data import Photo
from dinosar.errors import Abstained, InputError
from dinosar.notices import collected
from dinosar.sparse.grounds import foregrounds

A, B = (Photo(np.zeros((40, 60, 3), np.uint8), name) for name in "ab")


class Knows(Masker):
    """Knows the photos of these names, by so many columns."""

    def __init__(self, name, known):
        super().__init__()
        self.name, self.known, self.asked = name, known, []

    def mask(self, photo, features):
        self.asked.append(photo.name)
        if photo.name not in self.known:
            raise Abstained(f"masker '{self.name}' abstained on '{photo.name}'")
        mask = np.zeros(photo.pixels.shape[:2], bool)
        mask[:, : self.known[photo.name]] = True
        return mask

    def evidence(self, photo):
        return {"method": f"{self.name} of {photo.name}"} if self.name == "votes" else {}


def found_by(*line):
    with collected() as told:
        found = foregrounds([A, B], [None, None], line, MatchMask())
    return found, told


def test_each_photo_gets_the_word_of_the_first_that_can_tell():
    votes, other, last = Knows("votes", {"a": 6}), Knows("other", {"a": 9, "b": 30}), Knows("last", {"a": 60, "b": 60})
    (a, b), told = found_by(votes, other, last)
    assert votes.asked == ["a", "b"]
    assert other.asked == ["b"]
    assert last.asked == []
    assert (a.mask.mean(), b.mask.mean()) == (0.1, 0.5)
    assert (a.ground.method, a.ground.area, a.ground.reasons) == ("votes of a", 0.1, ())
    assert (b.ground.method, b.ground.area) == ("other", 0.5)
    assert b.ground.reasons == ("masker 'votes' abstained on 'b'",)
    assert len(told) == 1
    assert "'b'" in told[0]
    assert "masker 'other'" in told[0]


def test_nothing_found_is_no_foreground():
    (a, _), told = found_by(Knows("empty", {"a": 0, "b": 60}), Knows("last", {"a": 60, "b": 60}))
    assert a.ground.method == "last"
    assert a.ground.reasons == ("masker 'empty' found nothing in 'a'",)
    assert len(told) == 1


def test_where_nobody_can_tell_all_reasons_are_given():
    with pytest.raises(InputError, match="in 'b': masker 'one' abstained on 'b'; masker 'two' found nothing"):
        found_by(Knows("one", {"a": 5}), Knows("two", {"b": 0}))


def test_the_transparent_is_no_foreground():
    alpha = np.zeros((40, 60), np.uint8)
    alpha[:, :20] = 255
    photo = Photo(np.zeros((40, 60, 3), np.uint8), "a", alpha=alpha)
    found = foregrounds([photo], [None], [Knows("one", {"a": 30})], MatchMask())
    assert found[0].mask[:, :20].all()
    assert not found[0].mask[:, 20:].any()
