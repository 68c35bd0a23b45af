"""What several test files share."""

import importlib
import itertools
import textwrap

import pytest

_NUMBERS = itertools.count()
HEAD = '''\
import dinosar
import numpy as np
from pydantic import Field


class Part(dinosar.{}):
    """Does something for a test."""

'''


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """A cache of each test's own, so that none reads or fills the real one."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("DINOSAR_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_weights(tmp_path_factory, monkeypatch):
    """Nothing downloaded on this machine counts, and no test waits for a hub."""
    folder = tmp_path_factory.mktemp("weights")
    for name in ("HF_HOME", "HF_HUB_CACHE", "U2NET_HOME", "REMBG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    for name in ("HF_ENDPOINT", "HF_TOKEN", "HUGGINGFACE_HUB_CACHE", "MODEL_CHECKSUM_DISABLED", "DINOSAR_STRICT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """Writes modules as strangers do, and installs parts from them: what a package's metadata would say."""
    return Stranger(tmp_path / "site", monkeypatch)


class Stranger:
    """Somebody else's packages, in a folder that Python looks into."""

    def __init__(self, folder, monkeypatch):
        folder.mkdir()
        self.folder = folder
        monkeypatch.syspath_prepend(str(folder))

    def module(self, source):
        """A new module of that source; returns its name, which no other test has used."""
        name = f"stranger_{next(_NUMBERS)}"
        (self.folder / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        importlib.invalidate_caches()
        return name

    def part(self, slot, body):
        """`module:Class` of a new part of dinosar that has this body."""
        return f"{self.module(HEAD.format(slot) + textwrap.indent(textwrap.dedent(body), '    '))}:Part"

    def offer(self, kind, name, target, package="strange", version="1.0"):
        """Install a package that offers `target` under `name`."""
        info = self.folder / f"{package}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        with (info / "entry_points.txt").open("a") as file:
            file.write(f"[dinosar.{kind}s]\n{name} = {target}\n")
        importlib.invalidate_caches()
