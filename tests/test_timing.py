"""Seconds by stage."""

import contextlib

import pytest

from dinosar import timing
from dinosar.timing import a_stage, stage, timed


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that only goes on when told to."""
    now = [100.0]
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def test_stages_of_one_name_add_up(clock):
    with timed() as seconds:
        for _ in range(3):
            with stage("mask"):
                clock(0.5)
        clock(10)
    assert seconds == {"mask": 1.5}


def test_a_stage_inside_a_stage_is_counted_in_both(clock):
    with timed() as seconds, stage("outer"):
        clock(1)
        with stage("inner"):
            clock(2)
    assert seconds == {"inner": 2.0, "outer": 3.0}


def test_a_stage_that_fails_is_counted_too(clock):
    with timed() as seconds, contextlib.suppress(ValueError), stage("mask"):
        clock(1)
        raise ValueError
    assert seconds == {"mask": 1.0}


def test_a_function_can_be_a_stage_and_stays_itself(clock):
    @a_stage("work")
    def work(seconds, *, more=0):
        """Does it."""
        clock(seconds + more)
        return "done"

    with timed() as seconds:
        assert work(1, more=2) == "done"
    assert seconds == {"work": 3.0}
    assert (work.__name__, work.__doc__) == ("work", "Does it.")


def test_without_anybody_timing_a_stage_is_nothing(clock):
    with stage("mask"):
        clock(1)
    with timed() as seconds:
        pass
    assert seconds == {}


def test_a_run_inside_a_run_has_its_own_seconds(clock):
    with timed() as outer:
        with timed() as inner, stage("mask"):
            clock(1)
        with stage("mask"):
            clock(2)
    assert (inner, outer) == ({"mask": 1.0}, {"mask": 2.0})
