"""A hub of one's own."""

import pytest
from fake_hub import Server, serving

from dinosar.weights import hub


@pytest.fixture
def web():
    """A web server that has no files yet."""
    with serving(Server()) as server:
        yield server


@pytest.fixture
def online(web, monkeypatch):
    """The server, taken for the hub by everything in this process."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "")
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setattr(hub, "_answers", {})
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return web
