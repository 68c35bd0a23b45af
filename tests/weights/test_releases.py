"""Files of plain web servers: whole, checked, and never half there."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fake_hub import U2NET

from dinosar.errors import ResourceError, WeightsError
from dinosar.weights.disk import locate, target
from dinosar.weights.releases import fetch_release

DATA = bytes(range(256)) * 9000
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def model(online):
    """U2-Net, served here."""
    online.files["/u2net.onnx"] = DATA
    return replace(U2NET, url=f"{online.url}/u2net.onnx", md5=MD5)


def left(model):
    """What lies in the place of a model."""
    folder = target(model).parent
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock")) if folder.is_dir() else []


def test_a_file_is_fetched_to_where_rembg_looks(model):
    found, digest = fetch_release(model, progress=True)
    assert found == locate(model)
    assert found.path.read_bytes() == DATA
    assert digest == SHA256
    assert left(model) == ["u2net.onnx"]


@pytest.mark.parametrize("change", [{"md5": "0" * 32}, {"sha256": "f" * 64}], ids=str)
def test_a_file_with_another_hash_is_refused(change, model):
    wrong = replace(model, **change)
    with pytest.raises(WeightsError, match="is published") as caught:
        fetch_release(wrong, progress=False)
    assert next(iter(change.values())) in str(caught.value)
    assert left(model) == []


def test_a_connection_that_is_cut_leaves_nothing(model, online):
    online.cut = True
    with pytest.raises(WeightsError, match=f"cut after {len(DATA) // 2} of {len(DATA)} bytes"):
        fetch_release(model, progress=False)
    assert left(model) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_is_one_line_with_the_address(status, model, online):
    online.status = status
    with pytest.raises(WeightsError, match=f"answered {status}") as caught:
        fetch_release(model, progress=False)
    assert model.url in str(caught.value)
    assert left(model) == []


def test_a_server_that_is_not_there_is_one_line(model):
    with pytest.raises(WeightsError, match="cannot be reached"):
        fetch_release(replace(model, url="http://127.0.0.1:9/u2net.onnx"), progress=False)


def test_an_empty_answer_is_no_file(model, online):
    online.files["/u2net.onnx"] = b""
    with pytest.raises(WeightsError, match="cut after 0"):
        fetch_release(replace(model, md5=""), progress=False)


def test_a_place_that_cannot_be_written_to_is_a_matter_of_the_disk(model, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "file"))
    with pytest.raises(ResourceError, match="cannot write .*u2net.onnx'"):
        fetch_release(model, progress=False)


def test_being_killed_in_the_middle_leaves_no_file_and_the_next_fetch_works(model):
    half, release = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(DATA)))
            self.end_headers()
            self.wfile.write(DATA[: len(DATA) // 2])
            self.wfile.flush()
            half.set()
            release.wait(60)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    slow = replace(model, url=f"http://127.0.0.1:{server.server_address[1]}/u2net.onnx")
    code = f"from dinosar.weights.releases import *; fetch_release({slow}, False)"
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
    assert half.wait(60)
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait()
    release.set()
    server.shutdown()
    server.server_close()
    assert locate(model) is None
    fetch_release(model, progress=False)
    assert left(model) == ["u2net.onnx"]
