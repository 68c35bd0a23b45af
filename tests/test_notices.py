"""Warnings are told once, on one line, and kept for the record."""

import logging

import pytest

from dinosar.notices import collected, note, warn


def test_warnings_are_collected_once_each_and_notes_are_not():
    with collected() as messages:
        warn("first")
        note("only good to know")
        warn("second")
        warn("first")
    assert messages == ["first", "second"]


def test_nothing_is_collected_before_or_after():
    warn("before")
    with collected() as messages:
        pass
    warn("after")
    assert messages == []


def test_collecting_ends_with_the_block_even_when_it_fails():
    handlers = list(logging.getLogger("dinosar").handlers)
    with pytest.raises(ValueError, match="stop"), collected():
        raise ValueError("stop")
    assert logging.getLogger("dinosar").handlers == handlers


def test_collectors_may_be_nested():
    with collected() as outer:
        warn("one")
        with collected() as inner:
            warn("two")
    assert (outer, inner) == (["one", "two"], ["two"])


@pytest.mark.parametrize(("tell", "level"), [(warn, logging.WARNING), (note, logging.INFO)])
def test_notices_go_through_the_logger_of_the_package_on_one_line(tell, level, caplog):
    with caplog.at_level(logging.INFO, "dinosar"):
        tell("100% of 'a\nb' " + "x" * 1000)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("dinosar", level)
    assert record.getMessage().startswith("100% of 'a\\nb' xxx")
    assert record.getMessage().isprintable()
    assert len(record.getMessage()) == 600


def test_a_program_that_silences_the_logger_still_has_its_warnings_on_record(caplog):
    with caplog.at_level(logging.ERROR, "dinosar"), collected() as messages:
        warn("numbers are not comparable")
    assert messages == ["numbers are not comparable"]
