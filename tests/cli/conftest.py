"""The command line, called from a desk on which nothing lies."""

import pytest
from command_line import Settled, inside, make_photos, outside

from dinosar import jobs


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Two small photos that no test may change."""
    return make_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture
def desk(tmp_path):
    """The empty folder that commands are called from."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


@pytest.fixture
def here(desk, own_cache):
    """Runs the command line in this process."""
    return lambda *words: inside(*words, cwd=desk, cache=own_cache)


@pytest.fixture
def run(desk, tmp_path):
    """Runs the command line in a process of its own, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return lambda *words, **more: outside(*words, cwd=desk, home=home, **more)


@pytest.fixture
def settled(here, monkeypatch):
    """The config that words on the command line amount to; nothing is run."""
    found = []

    def stop(config, output, told=()):
        found.append(config)
        raise Settled

    def config_of(*words):
        monkeypatch.setattr(jobs, "carry_out", stop)
        answer = here(*words)
        assert found, answer.err
        return found.pop()

    return config_of
