"""`dinosar plugins`: what can be named, what it is, whether it keeps its promises, and a package to start from."""

import tomllib

import pytest
from command_line import ROOT

from dinosar.registry import KINDS, cards

BUILT_IN = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
PARTS = [(group.removeprefix("dinosar.").rstrip("s"), name) for group, names in BUILT_IN.items() for name in names]
GOOD = "def mask(self, photo, features): return np.ones(photo.pixels.shape[:2], dtype=bool)"


def test_every_part_is_listed_with_its_kind_and_package(here):
    answer = here("plugins")
    assert (answer.code, answer.err) == (0, "")
    assert [tuple(line.split()) for line in answer.out.splitlines()] == [
        (card.kind, card.name, card.package, card.version) for card in cards()
    ]
    assert {tuple(line.split()[:2]) for line in answer.out.splitlines()} >= set(PARTS)


def test_the_long_list_tells_what_each_is(here):
    lines = here("plugins", "--long").out.splitlines()
    for card in cards():
        (line,) = [line for line in lines if line.split()[:3] == [card.kind, card.name, card.package]]
        assert line.endswith(card.load().__doc__.strip().split("\n")[0])


def test_a_broken_part_is_marked_in_the_long_list_and_harms_no_other(here, stranger):
    stranger.offer("masker", "torn", f"{stranger.module('raise RuntimeError(chr(10).join(chr(65) * 2))')}:Part")
    assert " torn " in here("plugins").out
    answer = here("plugins", "--long")
    assert (answer.code, answer.err) == (0, "")
    (line,) = [line for line in answer.out.splitlines() if " torn " in line]
    assert "BROKEN: masker 'torn' from strange 1.0 did not load: RuntimeError: A" in line
    assert len(answer.out.splitlines()) == len(cards())


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_a_page_shows_options_defaults_and_reasons(kind, name, here):
    answer = here("plugins", "show", name)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"{kind} '{name}' from dinosar ")
    options = next(card for card in cards() if (card.kind, card.name) == (kind, name)).load().Options.model_fields
    text = " ".join(answer.out.replace("# ", "").split())
    for key, option in options.items():
        assert f" {key}: " in text
        assert " ".join(option.description.split()) in text


def test_one_name_in_two_slots_has_two_pages(here, stranger):
    stranger.offer("matcher", "whole", stranger.part("Matcher", "def match(self, a, b): return None"))
    out = here("plugins", "show", "whole").out
    assert "masker 'whole' from dinosar" in out
    assert "matcher 'whole' from strange 1.0" in out


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_a_part_that_comes_with_the_package_keeps_every_promise(kind, name, here):
    answer = here("plugins", "check", name)
    assert (answer.code, answer.err) == (0, "")
    first, *clauses = answer.out.splitlines()
    assert first.startswith(f"{kind} '{name}' from dinosar ")
    assert len(clauses) >= 4
    assert all(line.startswith("  ok    ") for line in clauses)


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ("def mask(self, photo, features): return photo.pixels", "its mask is a bool array of the photo's size"),
        ("def mask(self, photo, features): raise KeyError('weights')", "KeyError: 'weights'"),
        (f"class Options(dinosar.Options):\n    bare: int = 5\n{GOOD}", "every option has a description: "),
        ("", "it can be made with its default options"),
    ],
    ids=["shape", "raises", "undescribed", "abstract"],
)
def test_a_part_that_breaks_a_promise_is_told_which_and_does_not_exit_0(body, broken, here, stranger):
    stranger.offer("masker", "broken", stranger.part("Masker", body or "pass"))
    answer = here("plugins", "check", "broken")
    assert answer.code == 1
    assert answer.out.startswith("masker 'broken' from strange 1.0\n")
    assert any(line.startswith("  BROKEN  ") and broken in line for line in answer.out.splitlines())
    count = answer.out.count("  BROKEN  ")
    assert answer.complaint.startswith(f"dinosar: error: 'broken' breaks {count} of its promises")


def test_a_part_that_keeps_its_promises_can_be_checked_and_shown_before_it_is_installed(here, stranger):
    target = stranger.part("Masker", GOOD)
    assert here("plugins", "check", target).code == 0
    assert here("plugins", "show", target).out.startswith(f"masker '{target}' ({target})\n")


@pytest.mark.parametrize("words", [["show", "gone:Part"], ["check", "os:path"], ["show", "dinosar:Photo"]], ids=str)
def test_a_target_that_is_no_part_is_exit_2(words, here):
    answer = here("plugins", *words)
    assert answer.code == 2
    assert answer.complaint


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_written_where_it_was_asked_for_and_says_what_to_do_next(kind, here, desk):
    answer = here("plugins", "new", "my-part", "--kind", kind, "--out", "there")
    assert (answer.code, answer.err) == (0, "")
    folder, advice = answer.out.splitlines()
    assert folder == str(desk / "there" / "dinosar-my-part")
    assert advice.startswith("next: python -m pip install -e ")
    assert sorted(path.name for path in (desk / "there" / "dinosar-my-part").iterdir()) == [
        "dinosar_my_part.py", "pyproject.toml", "test_dinosar_my_part.py",
    ]  # fmt: skip


def test_a_new_package_does_not_take_the_place_of_another(here, desk):
    assert here("plugins", "new", "mine", "--kind", "masker").code == 0
    answer = here("plugins", "new", "mine", "--kind", "matcher")
    assert answer.code == 3
    assert "dinosar-mine' is there already" in answer.complaint


def test_a_kind_or_name_that_is_none_is_exit_2(here, desk):
    assert here("plugins", "new", "mine", "--kind", "maskr").code == 2
    assert here("plugins", "new", "My Part", "--kind", "masker").code == 2
    assert not list(desk.iterdir())
