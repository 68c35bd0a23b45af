"""Sentences beneath the panels keep their words, and no line is longer than there is room."""

from hypothesis import given
from hypothesis import strategies as st

from dinosar.render.match_caption import ROOM, SIZE, caption_height, wrapped
from dinosar.render.sheet import width_in_points

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=80)


@given(WORDS, st.floats(90, 500))
def test_every_word_is_kept_and_every_line_fits(words, room):
    lines = wrapped([" ".join(words)], room)
    assert " ".join(lines).split() == words
    assert all(width_in_points(line, SIZE) <= room for line in lines)


def test_lines_are_as_long_as_they_can_be():
    first, second, *_ = wrapped(["many words " * 30])
    assert width_in_points(f"{first} {second.split()[0]}", SIZE) > ROOM


def test_each_sentence_begins_a_line_and_a_word_without_end_is_cut():
    lines = wrapped(["one", "two", "x" * 1000])
    assert lines[:2] == ["one", "two"]
    assert lines[2].endswith("…")
    assert len(lines) == 3


def test_no_line_takes_no_room():
    assert caption_height([]) == 0 < caption_height(["a"]) < caption_height(["a", "b"])
