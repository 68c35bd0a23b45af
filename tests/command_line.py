"""The command line as tests call it: in a process of its own, or in this one where only its answer matters."""

import contextlib
import io
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from PIL import Image

from dinosar.errors import DinosarError
from dinosar.testing import toy_photo

ROOT = Path(__file__).resolve().parent.parent
HOMES = ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")
OFFLINE = {"HF_HUB_OFFLINE": "1"}
"""So that no test waits for a hub."""
POSIX = os.name == "posix"


class Settled(DinosarError):
    """Ends a command once its config is known."""


@dataclass(frozen=True)
class Answer:
    """What came back: the exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def complaint(self):
        """The one line on stderr; fails when there is another number of lines."""
        (line,) = self.err.splitlines()
        return line


def environment(home, **changes):
    """Variables of a person whose home is `home`, who has never run dinosar and set nothing up; without a hub."""
    strange = ("XDG_", "MPL", "PYTHON", "PIP_", "DINOSAR_", "_DINOSAR", "HF_", "HUGGINGFACE_", "TRANSFORMERS_",
               "U2NET_HOME", "REMBG_HOME", "MODEL_CHECKSUM_DISABLED")  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | dict.fromkeys(HOMES, str(home)) | {"COLUMNS": "100", "PYTHONUTF8": "1"} | OFFLINE | changes


def outside(*words, cwd, home, prelude="", **changes):
    """Run the command line in a process of its own, after `prelude` if there is one."""
    return finished(started(*words, cwd=cwd, home=home, prelude=prelude, **changes))


def started(*words, cwd, home, prelude="", **changes):
    """The process, running."""
    program = ["-c", f"{prelude}\nfrom dinosar.cli import main\nmain()"] if prelude else ["-m", "dinosar"]
    return subprocess.Popen(
        [sys.executable, *program, *map(str, words)], cwd=cwd, env=environment(home, **changes),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def finished(process):
    """What a process answered."""
    out, err = process.communicate(timeout=120)
    return Answer(process.returncode, out, err)


def inside(*words, cwd, cache):
    """Run the command line in this process, and put everything back that it set up for itself."""
    from dinosar.cli import main

    log = logging.getLogger("dinosar")
    before = log.handlers[:], log.level, log.propagate, sys.excepthook
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    out, err, code = io.StringIO(), io.StringIO(), None
    with (
        contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, {"DINOSAR_CACHE": str(cache)}),
        mock.patch.object(sys, "argv", ["dinosar", *map(str, words)]),
    ):  # fmt: skip
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            log.handlers[:], level, log.propagate, sys.excepthook = before
            log.setLevel(level)
            for number, handler in signals.items():
                signal.signal(number, handler)
    return Answer(code, out.getvalue(), err.getvalue())


def make_photos(folder, ending="jpg"):
    """Two small photos, a and b."""
    paths = [folder / f"{name}.{ending}" for name in "ab"]
    for seed, path in enumerate(paths):
        Image.fromarray(toy_photo(seed).pixels).save(path)
    return paths


def everything_in(folder):
    """Every file below a folder with its bytes, and every folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }  # fmt: skip


def names_in(folder):
    """Names of what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def outputs_of(run):
    """What a run wrote, without its record."""
    return {name: data for name, data in everything_in(run).items() if name != "run.yaml"}
