"""`dinosar doctor`: one line for each check, and an exit code for those who do not read."""

import json

import pytest

from dinosar import doctor
from dinosar.doctor import Check

FINE = [Check("torch", "ok", "2.9"), Check("hub", "note", "silent", "do this")]
BROKEN = [*FINE, Check("cache", "broken", "full", "do that")]


@pytest.fixture
def finds(monkeypatch):
    return lambda checks: monkeypatch.setattr(doctor, "examine", lambda: iter(checks))


def test_every_check_is_a_line_and_what_to_do_stands_below(finds, here):
    finds(FINE)
    answer = here("doctor")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "ok      torch         2.9", "note    hub           silent", "                      -> do this",
    ]  # fmt: skip


def test_what_is_broken_is_exit_7_and_named(finds, here):
    finds(BROKEN)
    answer = here("doctor")
    assert answer.code == 7
    assert answer.complaint == "dinosar: error: broken: cache; the lines above say what to do"


def test_as_json_it_is_one_object(finds, here):
    finds(BROKEN)
    answer = here("doctor", "--json")
    assert answer.code == 7
    assert [check["state"] for check in json.loads(answer.out)["checks"]] == ["ok", "note", "broken"]


def test_on_this_machine_nothing_is_broken(run):
    answer = run("doctor")
    assert answer.code == 0, answer.out
    assert [line.split()[0] for line in answer.out.splitlines() if line[0] != " "].count("broken") == 0
    assert answer.err == ""
