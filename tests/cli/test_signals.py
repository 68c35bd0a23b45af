"""A signal stops a run, also one that comes where Python lets nothing out."""

import signal

import pytest
from command_line import POSIX, outside

HELD_BACK = """
import signal
import time
from types import SimpleNamespace

import dinosar.cli.doctor

class Tidied:
    def __del__(self):
        signal.raise_signal({number})

def add_to(app):
    @app.command("doctor")
    def doctor() -> None:
        Tidied()  # the signal comes while this is tidied away: whatever is raised there is dropped
        time.sleep(20)

dinosar.cli.doctor.add_to = add_to
"""


@pytest.mark.skipif(not POSIX, reason="signals as here are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_something_is_tidied_away_is_not_lost(tmp_path, number):
    answer = outside("doctor", cwd=tmp_path, home=tmp_path, prelude=HELD_BACK.format(number=int(number)))
    assert answer.code == 128 + number
    assert answer.complaint.startswith("dinosar: error: interrupted")
