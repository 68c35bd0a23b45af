"""Web servers that behave as the hub and a release page do, or misbehave as networks do."""

import contextlib
import hashlib
import json
import math
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dinosar.weights.catalogue import default, published

COMMIT = "c0ffee" + "0" * 34


@dataclass
class Server:
    """Files by path, and how they are served. `status` answers everything; `cut` ends every answer half way."""

    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    error: str = ""
    cut: bool = False
    commit: str = COMMIT
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def offer(self, model, data, revision="main"):
        """Serve a file as the one of a model."""
        self.files[f"/{model.repo}/resolve/{revision}/{model.file}" if model.repo else f"/{model.file}"] = data


@contextlib.contextmanager
def serving(server):
    """The server, at work; no name is looked up, for it is named by number."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(with_body=False)

        def do_GET(self):
            self.answer(with_body=True)

        def log_message(self, *_):
            pass

        def answer(self, with_body):
            server.asked.append(f"{self.command} {self.path}")
            data = server.files.get(self.path)
            status = server.status if server.status != 200 else 200 if data is not None else 404
            self.send_response(status)
            if status == 200 and server.commit:
                self.send_header("X-Repo-Commit", server.commit)
                self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            if server.error:
                self.send_header("X-Error-Code", server.error)
            body = data if status == 200 else b"<html>no</html>"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body[: len(body) // 2] if server.cut else body)
            self.close_connection = True

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def header(table, dtype="F32", size=4):
    """(what a .safetensors file says of tensors of these shapes, how many bytes they have)."""
    entries, end = {}, 0
    for name, shape in table.items():
        length = size * math.prod(shape)
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + length]}
        end += length
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text, end


def tensors(table):
    """Bytes of a .safetensors file with tensors of these shapes, all the same."""
    start, length = header(table)
    return start + b"\1" * length


def hollow(path, table):
    """A .safetensors file with tensors of these shapes that takes no room on the disk."""
    start, length = header(table, "BOOL", 1)
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + length)
    return path


def in_hub_cache(folder, model, data, commit=COMMIT, ref="main", link=True):
    """Lay a file down as huggingface_hub does: a blob called by its hash, and a link to it (a copy on Windows)."""
    repo = folder / f"models--{model.repo.replace('/', '--')}"
    place = repo / "snapshots" / commit / model.file
    for each in (place.parent, repo / "refs", repo / "blobs"):
        each.mkdir(parents=True, exist_ok=True)
    if ref:
        (repo / "refs" / ref).write_text(commit)
    if link:
        blob = repo / "blobs" / hashlib.sha256(data).hexdigest()
        blob.write_bytes(data)
        place.symlink_to(f"../../blobs/{blob.name}")
    else:
        place.write_bytes(data)
    return place


DINOV3, DINOV2, U2NET = default("dinov3"), default("dinov2"), published("u2net")
