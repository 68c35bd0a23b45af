"""YAML that cannot surprise."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dinosar.errors import InputError, UsageError
from dinosar.yaml_files import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml, write_yaml

VALUES = {
    "1e-3": 0.001, "1E5": 1e5, "-.5": -0.5, "5.": 5.0, "+3": 3, "-0": 0, "0": 0, "17": 17, "0.10": 0.1,
    "true": True, "false": False, "null": None, "~": None, "": None, "123456789012345678": 123456789012345678,
}  # fmt: skip
WORDS = ["0123", "-007", "00.5", "no", "yes", "on", "off", "True", "FALSE", "Null", "NULL", "12:30:45", "1_000", "0x1f",
         "0o17", ".nan", ".inf", "-.inf", "nan", "inf", "2024-01-31", "1e", "e3", ".", "-", "1.2.3", "1 000", "=",
         "a:b", "١٢", "1e5x"]  # fmt: skip


@pytest.mark.parametrize(("word", "value"), VALUES.items())
def test_numbers_truth_and_nothing_are_what_they_look_like(word, value):
    found = parse_yaml(f"a: {word}", "c.yaml").value["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", WORDS)
def test_other_words_stay_text(word):
    assert parse_yaml(f"a: {word}" if word != "-" else "a: '-'", "c.yaml").value == {"a": word}


@pytest.mark.parametrize("quoted", ["'12'", '"12"', "|-\n  12", ">-\n  12"])
def test_what_is_quoted_is_text(quoted):
    assert parse_yaml(f"a: {quoted}", "c.yaml").value == {"a": "12"}


def test_keys_are_always_text():
    assert parse_yaml("1: a\ntrue: b\nnull: c\n0123: d", "c.yaml").value == {
        "1": "a",
        "true": "b",
        "null": "c",
        "0123": "d",
    }


@pytest.mark.parametrize("digits", ["1234567890123456789", "12345678901234567890123", "-9999999999999999999"])
def test_a_long_number_loses_no_digit(digits):
    assert str(parse_yaml(f"a: {digits}", "c.yaml").value["a"]) == digits


def test_every_value_has_its_line():
    document = parse_yaml("# first\na: 1\nb:\n  c: [x,\n    y]\n\n  d: {e: 2}\n", "c.yaml")
    assert document.value == {"a": 1, "b": {"c": ["x", "y"], "d": {"e": 2}}}
    assert document.lines[("a",)] == 2
    assert document.lines[("b",)] == 3
    assert document.lines[("b", "c", 1)] == 5
    assert document.lines[("b", "d", "e")] == 7


REFUSED = {
    "twice": ("a: 1\nb: 2\na: 3", 3, "key 'a' stands there twice"),
    "twice-deep": ("s:\n  a: 1\n  'a': 2", 3, "key 'a' stands there twice"),
    "alias": ("a: &x 1\nb: *x", 2, "aliases (*x)"),
    "bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", 2, "aliases"),
    "merge": ("a: 1\n<<: {b: 2}", 2, "merge keys (<<)"),
    "merge-alias": ("a: &x {b: 1}\nc:\n  <<: *x", 3, "merge keys (<<)"),
    "tag": ("a: 1\nb: !!int '3'", 2, "tags (tag:yaml.org,2002:int)"),
    "bare-tag": ("a: ! 12", 1, "tags (!)"),
    "python": ("\na: !!python/object/apply:os.system ['true']", 2, "tags (tag:yaml.org,2002:python"),
    "own-tag": ("a: !mine {b: 1}", 1, "tags (!mine)"),
    "tab": ("a:\n\tb: 1", 2, "cannot start any token"),
    "open": ("a: 1\nb: [1, 2", None, "did not find expected"),
    "quote": ("a: 'x\nb: 2", None, "unexpected end of stream"),
    "two-colons": ("a: b: c", 1, "mapping values are not allowed"),
    "key-list": ("a: 1\n? [b]\n: 2", 2, "a key must be a single word"),
    "deep": ("a: 1\nb: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 2, f"deeper than {MAX_DEPTH} levels"),
    "very-deep": ("[" * 100_000, 1, "deeper than"),
    "two-documents": ("a: 1\n---\nb: 2", None, "more than one document"),
    "after-the-end": ("a: 1\n...\nb: 2", None, ""),
    "empty": ("", None, "is empty"),
    "comment": ("# nothing\n", None, "is empty"),
    "binary": ("a: 1\nb: \0\1\2", None, ""),
    "version": ("%YAML 9.9\n---\na: 1", None, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_told_in_one_line_with_file_and_line(case):
    text, line, says = REFUSED[case]
    with pytest.raises(UsageError) as caught:
        parse_yaml(text, "c.yaml")
    message = str(caught.value)
    assert message.startswith("c.yaml" if line is None else f"c.yaml, line {line}: ")
    assert says in message
    assert message.isprintable()
    assert len(message) < 200


@pytest.mark.parametrize(
    "raw",
    [b"a: 1\nb: x\n", b"\xef\xbb\xbfa: 1\nb: x\n", b"a: 1\r\nb: x\r\n", b"\xef\xbb\xbfa: 1\r\nb: x", b"a: 1\rb: x"],
)
def test_byte_order_marks_and_line_ends_do_not_matter(raw, tmp_path):
    (tmp_path / "c.yaml").write_bytes(raw)
    document = read_yaml(tmp_path / "c.yaml")
    assert document.value == {"a": 1, "b": "x"}
    assert document.lines[("b",)] == 2


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is not UTF-8"),
        ("a: ä".encode("utf-16"), "is not UTF-8"),
        (b"\x89PNG\r\n", "is not UTF-8"),
        (b"\x00\x01\x02", ""),
        (b"# " + b"x" * MAX_BYTES, "larger than a config can be"),
    ],
)
def test_a_file_that_is_none_is_one_line_with_its_name(raw, says, tmp_path):
    (tmp_path / "c.yaml").write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        read_yaml(tmp_path / "c.yaml")
    assert "c.yaml" in str(caught.value)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_as_large_as_allowed_is_read(tmp_path):
    (tmp_path / "c.yaml").write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 6))
    assert read_yaml(tmp_path / "c.yaml").value == {"a": 1}


def test_a_folder_or_nothing_is_said_to_be_so(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        read_yaml(tmp_path)
    with pytest.raises(InputError, match=r"nothing\.yaml' cannot be read: No such file"):
        read_yaml(tmp_path / "nothing.yaml")


NASTY = ["0123", "1e-3", "null", "no", "NO", "y", ":", "#x", "x #y", "ünï", "甲虫", "a\nb", "a\n", "\n", " a", "a ", "",
         "~", "true", "-", "- a", "? a", "[", "{a}", "*a", "&a", "!a", "%a", "@a", "`a", "'", '"', "\\", "<<", "=",
         "12:30:45", "1_000", "0x1f", "2024-01-31", ".nan", "\x85", "\u2028", "\ufeff", "\x7f", "😀", "\t", "a\tb",
         "a: b", "---", "...", "x" * 300, "word " * 60, "12345678901234567890", "1e999"]  # fmt: skip
words = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.text("0123456789eE+-._:", max_size=8))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), words)
plain = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=15
)


def same(one, other):
    """Equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@settings(deadline=None, max_examples=250)
@example({"seed": 10**18})
@example({"seed": -(10**30)})
@given(plain)
def test_what_is_written_is_read_back_the_same(value):
    assert same(parse_yaml(write_yaml(value), "c.yaml").value, value)


def text_only(value):
    """The texts in plain data, in order."""
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in text_only(part)]
    if isinstance(value, list):
        return [text for part in value for text in text_only(part)]
    return [value] if isinstance(value, str) else []


@settings(deadline=None, max_examples=100)
@given(plain)
def test_other_readers_see_text_as_text_too(value):
    assert text_only(yaml.safe_load(write_yaml(value))) == text_only(value)


@pytest.mark.parametrize("word", NASTY)
def test_nasty_words_survive_as_value_and_as_key(word):
    value = {"value": word, "list": [word], word: {word: word}}
    assert parse_yaml(write_yaml(value), "c.yaml").value == value
    assert yaml.safe_load(write_yaml(value)) == value


def test_what_is_written_repeats_values_instead_of_naming_them_and_keeps_the_order():
    shared = {"z": 1, "a": [1, 2]}
    text = write_yaml({"second": shared, "first": shared})
    assert "&" not in text
    assert "*" not in text
    assert list(parse_yaml(text, "c.yaml").value) == ["second", "first"]


def test_what_is_no_plain_data_is_not_written():
    with pytest.raises(yaml.YAMLError):
        write_yaml({"a": object()})


@settings(deadline=None, max_examples=150)
@given(st.text("ab:-?[]{}&*!|>'\"%@`,# \n\t\r0.~<\\", max_size=40) | st.text(max_size=20))
def test_any_text_is_plain_data_or_one_line_of_why_not(text):
    told = "c.yaml"
    try:
        parse_yaml(text, "c.yaml")
    except UsageError as problem:
        told = str(problem)
    assert told.startswith("c.yaml")
    assert told.isprintable()
