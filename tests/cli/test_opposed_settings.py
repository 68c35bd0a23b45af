"""A flag and --set that give one setting two values are refused; where they agree both may stand."""

import pytest
from command_line import names_in

from dinosar.cli.flags import refuse_opposed
from dinosar.errors import UsageError

COMPARE = ("compare", "a.jpg", "b.jpg")


@pytest.mark.parametrize(("words", "told"), [
    (("--size", "96", "--set", "image.size=128"), "--size and --set image.size give two values (96 and 128)"),
    (("--set", "image.size=128", "--img-size", "96"), "--size and --set image.size give two values (96 and 128)"),
    (("--size", "96", "--set", "image={size: 128}"), "--size and --set image give two values for image.size"),
    (("--backbone", "classic", "--set", "backbone=dinov3"), "--backbone and --set backbone give two values"),
    (("--backbone", "classic", "--set", "backbone.use=dinov3"), "--backbone and --set backbone.use give two values"),
    (("--layers", "-2", "-1", "--set", "backbone.layers=[-1]"), "--layers and --set backbone.layers give two values"),
    (("--no-figures", "--set", "figures.draw=true"), "--set figures.draw give two values (false and true)"),
    (("--no-store", "--set", "store=null", "--set", "store=true"), "--no-store and --set store give two values"),
    (("--model", "vits16", "--set", "backbone.model=null"), "(vits16 and null); leave one of them out"),
])  # fmt: skip
def test_opposed_words_are_refused_in_one_sentence(here, desk, words, told):
    answer = here(*COMPARE, *words)
    assert answer.code == 2
    assert told in answer.complaint
    assert not names_in(desk)


@pytest.mark.parametrize("words", [
    ("query", "q.jpg", "--store", "db", "--radius", "0.4", "--set", "voting.min_cosine=0.7"),
    ("query", "q.jpg", "--store", "db", "-pre", "off", "--set", "shortlist.size=20"),
    ("query", "q.jpg", "--store", "db", "--no-cls", "--set", "shortlist.size=20"),
    ("dump", "photos", "--store", "db", "--set", "into=other"),
    ("verify", "pairs.txt", "--images", "room", "--set", "inputs.images=hall"),
    ("localize", "pairs.txt", "--dataset", "inloc", "room", "--set", "dataset=plain"),
], ids=" ".join)  # fmt: skip
def test_flags_that_are_translated_are_held_against_set_as_well(here, desk, words):
    (desk / "photos").mkdir()
    (desk / "q.jpg").touch()
    (desk / "pairs.txt").write_text("a.jpg b.jpg\n")
    answer = here("retrieve", *words)
    assert answer.code == 2
    assert "give two values" in answer.complaint


def test_flags_of_other_commands_are_held_against_set_as_well(here):
    for words in (("match", *COMPARE[1:], "--fg-mask", "m.png", "--set", "masker=whole"),
                  ("train", "overlap", "--images", "x", "--size", "96", "--set", "image.size=98"),
                  ("train", "overlap", "--images", "x", "--set", "inputs.images=y")):  # fmt: skip
        answer = here(*words)
        assert answer.code == 2
        assert "give two values" in answer.complaint


def test_what_agrees_passes(settled):
    words = ("--size", "96", "--set", "image.size=96", "--backbone", "classic", "--set", "backbone.use=classic",
             "--no-figures", "--set", "figures.draw=false", "--set", "image.fit=stretch", "--fit",
             "stretch")  # fmt: skip
    config = settled(*COMPARE, *words)
    assert (config.image.size, config.image.fit, config.backbone.use, config.figures.draw) == (
        96, "stretch", "classic", False
    )  # fmt: skip


@pytest.mark.parametrize(("flag", "by_set"), [(1 - 0.3, 0.7), ("3", 3), (0.0, 0), ([-2, -1], (-2, -1)), (2.0, 2)])
def test_one_value_written_twice_is_one(flag, by_set):
    refuse_opposed([("a.b", flag, "--flag")], [("a.b", by_set, "--set a.b")])


def test_numbers_are_shown_as_numbers():
    with pytest.raises(UsageError, match=r"\(1 and 0\)"):
        refuse_opposed([("a", 1, "--flag")], [("a", 0, "--set a")])


@pytest.mark.parametrize(("flag", "by_set"), [(1, True), (True, False), ([1], [1, 2]), (0.1, 0.2), ("a", None)])
def test_two_values_are_two(flag, by_set):
    with pytest.raises(UsageError, match=r"--flag and --set a give two values for a\.b"):
        refuse_opposed([("a.b", flag, "--flag")], [("a", {"b": by_set}, "--set a")])


def test_what_only_one_says_is_left_to_whoever_judges_it():
    refuse_opposed([("a", float("nan"), "--flag")], [("b", 1, "--set b")])


def test_the_last_flag_and_the_last_set_are_those_that_count():
    refuse_opposed([("a", 1, "--one"), ("a", None, "--no-one")], [("a", 2, "--set a"), ("a", None, "--set a")])


def test_what_a_command_fills_in_itself_gives_way_to_set(desk, settled, monkeypatch):
    """A list of pairs that a run wrote tells where its photographs lie, unless somebody says it."""
    from dinosar.cli import retrieve_inputs

    monkeypatch.setattr(retrieve_inputs, "seen_by_run", lambda pairs: {"images": "room"})
    assert settled("retrieve", "verify", "pairs.txt").inputs.images == "room"
    assert settled("retrieve", "verify", "pairs.txt", "--set", "inputs.images=hall").inputs.images == "hall"
