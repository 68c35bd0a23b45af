"""Where things are kept that can be made again."""

import pathlib
import sys

import pytest

from dinosar.cache import cache_folder
from dinosar.store import LAYOUT, Store


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [("linux", ".cache/dinosar"), ("darwin", "Library/Caches/dinosar"), ("win32", "AppData/Local/dinosar/cache")],
)
def test_the_cache_is_where_the_system_keeps_caches(platform, wanted, tmp_path, monkeypatch):
    for name in ("DINOSAR_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pathlib.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == tmp_path / wanted


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path, own_cache):
    assert cache_folder() == own_cache
    assert Store().folder == own_cache / LAYOUT
    monkeypatch.delenv("DINOSAR_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "dinosar"
