"""The page of a part shows its options as they may stand in a config."""

import textwrap

import pytest

from dinosar.errors import PluginError
from dinosar.plugin_pages import page
from dinosar.registry import cards, find
from dinosar.yaml_files import parse_yaml

MASK = "\ndef mask(self, photo, features): return None\n"


def in_a_config(text):
    """The part of a page that may be put into a config, as what it means there."""
    return parse_yaml(textwrap.dedent(text.split(":\n\n", 1)[1]), "page").value


OPTIONAL = [card for card in cards() if card.name not in ("file", "timm")]  # which need an option of their own


@pytest.mark.parametrize("card", OPTIONAL, ids=lambda card: f"{card.kind}-{card.name}")
def test_what_a_page_shows_may_stand_in_a_config_and_means_the_defaults(card):
    options = card.load().Options
    shown = in_a_config(page(card))[card.kind]
    if isinstance(shown, str):
        assert (shown, options.model_fields) == (card.name, {})
    else:
        assert shown.pop("use") == card.name
        assert options.model_validate(shown) == options()
        assert set(shown) == set(options.model_fields)


def test_a_page_says_what_it_is_where_it_is_from_and_why():
    text = page(find("masker", "threshold"))
    first, second, *_ = text.splitlines()
    assert first.startswith("masker 'threshold' from dinosar ")
    assert second == "dinosar.maskers.threshold:Threshold"
    assert "cut by Otsu's threshold" in text
    assert "# Border taken for background, of the short side. (more than 0, at most 0.4)" in text


def test_a_part_without_options_says_so():
    assert page(find("masker", "whole")).endswith("no options; in a config:\n\n  masker: whole")


def test_an_option_that_must_be_given_is_marked():
    assert "path: …  # must be given" in page(find("masker", "file"))


DEFAULTS = {
    "str = Field('0123', {})": "0123",
    "str = Field('no', {})": "no",
    "str = Field('a: b # c', {})": "a: b # c",
    "str = Field('two\\nlines', {})": "two\nlines",
    "str = Field('', {})": "",
    "float = Field(1e-7, {})": 1e-7,
    "bool = Field(False, {})": False,
    "str | None = Field(None, {})": None,
    "list[int] = Field([1, 2], {})": [1, 2],
    "list[str] = Field([], {})": [],
    "tuple[int, int] = Field((3, 4), {})": [3, 4],
    "dict[str, int] = Field({{'a': 1, 'b': 2}}, {})": {"a": 1, "b": 2},
    "list[int] = Field(default_factory=lambda: [5], {})": [5],
}


@pytest.mark.parametrize("declared", DEFAULTS)
def test_any_plain_default_is_shown_so_that_it_reads_back(declared, stranger):
    field = declared.format("description='For a test of it.'")
    target = stranger.part("Masker", f"class Options(dinosar.Options):\n    it: {field}\n{MASK}")
    text = page(find("masker", target))
    assert in_a_config(text) == {"masker": {"use": target, "it": DEFAULTS[declared]}}
    assert "    # For a test of it.\n" in text


def test_a_long_reason_is_wrapped(stranger):
    reason = "because " * 60
    field = f"int = Field(1, ge=1, lt=9, description={reason!r})"
    text = page(find("masker", stranger.part("Masker", f"class Options(dinosar.Options):\n    it: {field}\n{MASK}")))
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("because") == 60
    assert "(at least 1, less than 9)" in text.replace("\n    # ", " ")


def test_a_broken_part_has_no_page(stranger):
    with pytest.raises(PluginError, match="did not load"):
        page(find("masker", stranger.part("Masker", "raise RuntimeError")))
