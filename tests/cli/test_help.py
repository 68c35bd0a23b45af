"""Help answers at once, and tells of every command and option."""

import re

import pytest
import typer

from dinosar import errors
from dinosar.cli import EXIT_CODES, app

HEAVY = (
    "torch", "timm", "torchvision", "cv2", "rembg", "onnxruntime", "skimage", "matplotlib", "numpy", "pydantic", "yaml",
    "PIL", "scipy",
)  # fmt: skip
TELL_IMPORTS = f"""
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(name for name in {HEAVY} if name in sys.modules)))
"""


def commands(command=None, words=()):
    """Every command with the words that call it."""
    command = command or typer.main.get_command(app)
    yield words, command
    for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(None, name), (*words, name))


COMMANDS = dict(commands())
OPTIONS = [(words, option) for words, command in COMMANDS.items() for option in command.params]


def test_the_commands_are_those_that_this_version_has():
    assert {" ".join(words) for words in COMMANDS} == {
        "", "compare", "mismatch", "distance", "match", "features", "rerun", "plugins", "plugins show",
        "plugins check", "plugins new", "store", "store info", "store clear", "models", "models list", "models show",
        "models fetch", "models import", "models verify", "doctor", "landmarks", "landmarks check", "landmarks convert",
        "landmarks show", "landmarks transfer", "evaluate", "evaluate landmarks", "evaluate spair", "evaluate pairs",
        "evaluate retrieval", "retrieve", "retrieve dump", "retrieve query", "retrieve register", "retrieve verify",
        "retrieve localize", "retrieve import", "retrieve export", "retrieve merge", "train", "train overlap",
    }  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(words, flag, here):
    answer = here(*words, flag)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: {' '.join(('dinosar', *words))} ")
    assert len(answer.out.split("Options:")[0].splitlines()) >= 3, "it does not say what it does"


@pytest.mark.parametrize(("words", "option"), OPTIONS, ids=lambda x: x.name if hasattr(x, "name") else " ".join(x))
def test_every_option_and_argument_says_what_it_is_for(words, option, here):
    assert len(option.help or "") >= len("A photo.")
    shown = " ".join(here(*words, "--help").out.split())
    assert all(name in shown for name in option.opts if name.startswith("-"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--help"], ""),
        (["plugins"], ""),
        (["--version"], ""),
        (["compare", "--help"], "pydantic"),
        (["models", "list"], "pydantic"),
        (["models", "fetch", "--help"], "pydantic"),
        (["doctor", "--help"], "pydantic"),
    ],
    ids=str,
)
def test_looking_around_imports_nothing_heavy(words, told, run):
    answer = run(*words, prelude=TELL_IMPORTS)
    assert answer.code == 0
    assert answer.out
    assert answer.err in ("", told), "typer itself brings pydantic along to look at defaults; nobody may bring more"


def test_the_watch_over_imports_would_see_one(run):
    assert "numpy" in run("store", "info", prelude=TELL_IMPORTS).err.split()


def test_help_names_every_exit_code():
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)} | {0, 130, 143}
    assert {int(number) for number in re.findall(r"\b\d+\b", EXIT_CODES)} == codes


def test_the_version_is_that_of_the_package(here):
    from dinosar import __version__

    assert here("--version").out == f"dinosar {__version__}\n"


@pytest.mark.parametrize("words", [[], ["store"], ["models"]])
def test_a_command_without_its_second_half_shows_help_and_says_that_nothing_was_done(words, here):
    answer = here(*words)
    assert answer.code == 2
    assert answer.out.startswith("Usage: dinosar")
    assert answer.err == ""
