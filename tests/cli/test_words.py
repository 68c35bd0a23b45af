"""Lists of numbers on the command line, however they are written; and where global flags go."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dinosar.cli.words import arranged, whole_numbers
from dinosar.errors import UsageError

LISTS = {"--layers", "--attn-layers"}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("compare a b --layers -3 -2 -1", "compare a b --layers=-3,-2,-1"),
        ("compare a b --layers -3,-2,-1", "compare a b --layers=-3,-2,-1"),
        ("compare a b --layers=-3,-2,-1", "compare a b --layers=-3,-2,-1"),
        ("compare a b --layers -3, -2, -1", "compare a b --layers=-3,-2,-1"),
        ("compare --layers -1 a b", "compare --layers=-1 a b"),
        ("compare --layers 9 10 a.jpg 11.jpg", "compare --layers=9,10 a.jpg 11.jpg"),
        ("compare --layers 9 2019-0123 b", "compare --layers=9 2019-0123 b"),
        ("compare --layers 9 10 -- 11 12", "compare --layers=9,10 -- 11 12"),
        ("compare --layers -2 --attn-layers 9 10 a b", "compare --layers=-2 --attn-layers=9,10 a b"),
        ("compare a b --layers -2 --topk 7", "compare a b --layers=-2 --topk 7"),
        ("compare a b --layers=-2 --layers 1 2", "compare a b --layers=-2 --layers=1,2"),
        ("compare a b --topk 7 -2", "compare a b --topk 7 -2"),
        ("compare a b --layers +3 1.5 -2", "compare a b --layers=+3,1.5,-2"),
        ("compare a b -q --layers 1 --debug", "-q --debug compare a b --layers=1"),
        ("compare -- --layers 1 -q", "compare -- --layers 1 -q"),
        ("", ""),
    ],
)
def test_numbers_after_a_list_flag_become_one_word(line, wanted):
    assert arranged(line.split(), LISTS) == wanted.split()


@pytest.mark.parametrize("rest", [[], ["--topk", "5"], ["a.jpg", "b.jpg"], ["--", "3"], ["nan"], ["x" * 999]])
def test_a_list_flag_without_numbers_is_named(rest):
    with pytest.raises(UsageError, match=r"^--layers needs whole numbers, and .*; write --layers -3 -2 -1") as caught:
        arranged(["compare", "a", "b", "--layers", *rest], LISTS)
    assert len(str(caught.value)) < 200


@given(some.lists(some.integers(-(10**6), 10**6), min_size=1), some.sampled_from([" ", ",", ", "]))
def test_numbers_survive(numbers, between):
    words = ["features", "--layers", *between.join(map(str, numbers)).split(" "), "photo.jpg"]
    command, flag, photo = arranged(words, LISTS)
    assert (command, photo) == ("features", "photo.jpg")
    assert whole_numbers(*flag.split("=")) == numbers


@pytest.mark.parametrize("text", ["1.5", "-3,2.0", "1e3", "", ",", "1,,2", "1,", "x", "1 x", "½", "٣", "0x1", "1_0"])
def test_what_is_no_whole_number_is_refused_with_the_name_of_the_flag(text):
    with pytest.raises(UsageError, match=r"^--attn-layers: .*(no whole number|missing); write --attn-layers "):
        whole_numbers("--attn-layers", text)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--layers", "-3", "-2.5"], "'-2.5' is no whole number"),
        (["--layers", "", "1"], "a number is missing"),
        (["--layers="], "a number is missing"),
        (["--layers=-1,,-2"], "a number is missing"),
        (["--layers"], "nothing follows it"),
        (["--layers", "all"], "'all' is none"),
    ],
)
@pytest.mark.parametrize("command", [["compare", "a.jpg", "b.jpg"], ["features", "a.jpg", "--out", "x.npz"]])
def test_such_a_mistake_is_one_line_and_exit_2(command, words, says, here):
    answer = here(*command, *words)
    assert (answer.code, answer.out) == (2, "")
    assert "--layers" in answer.complaint
    assert says in answer.complaint
