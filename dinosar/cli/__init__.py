"""The command line: one file for each command; this one is their entrance and turns errors into one line each.

Nothing here may import anything heavy: `dinosar --help` answers at once.
"""

import os
import signal
import sys
import traceback
from _thread import interrupt_main
from threading import Timer
from types import FrameType, TracebackType
from typing import Annotated, Any, NoReturn

import typer

from dinosar.cli.commands import Commands
from dinosar.cli.flags import BACKBONE, lists
from dinosar.cli.words import arranged
from dinosar.errors import DinosarError, shown

EXIT_CODES = """Exit codes: 0 done; 1 a fault of ours; 2 usage or config, nothing was started; 3 no usable input,
or the output is taken; 4 finished, some items failed; 5 weights missing or wrong; 6 disk, permission or memory;
7 finished, but not as expected; 130/143 interrupted."""
USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""The usage error of click, wherever typer keeps its click: newer versions carry their own."""
LISTING = ("plugins", "store")
"""Commands that have nothing to say on the way."""
LISTS = lists(BACKBONE) | {"--index"}
"""Flags that whole numbers follow."""

# Typer imports pydantic to look at any value that is not a plain True or False. A command that only lists must not pay
# for that: --help gets a default of False, and typer's flags for shell completion, which have none, are there when
# somebody looks for them or a shell asks for completions.
_COMPLETION = len(sys.argv) == 1 or any("completion" in w or w in ("-h", "--help") for w in sys.argv[1:])

app = typer.Typer(
    name="dinosar",
    cls=Commands,
    add_completion=_COMPLETION or "_DINOSAR_COMPLETE" in os.environ,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "default_map": {"help": False, "plugins": {"help": False}},
    },
)


def _version(wanted: bool) -> None:
    if wanted:
        from dinosar import __version__

        typer.echo(f"dinosar {__version__}")
        raise typer.Exit


@app.callback()
def everything(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only results, warnings and errors.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compare photographs of specimens, patch by patch."""
    del version
    if context.invoked_subcommand not in LISTING:
        from dinosar.cli.notices import listen

        listen(quiet)
    sys.excepthook = _unexpected(debug)
    sys.unraisablehook = _stopped_again(sys.unraisablehook)


class Stopped(BaseException):
    """A signal asked us to stop. Not an Exception, so that nobody on the way takes it for a fault."""


def main() -> NoReturn:
    """Run the command line; every error a person can cause is one line on stderr and an exit code."""
    # Threads of a network that wait for each other sleep. Spinning, they would double the time on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)
    _safe_streams()
    code = _run("--debug" in sys.argv)
    try:
        sys.stdout.flush()
    except OSError as problem:
        _forget_stdout()
        code = code or _explained(f"cannot write to what stands behind stdout: {problem.strerror}", 6, None)
    sys.exit(code)


def _run(debug: bool) -> int:
    """The exit code of the command in sys.argv."""
    try:
        code = app(arranged(sys.argv[1:], LISTS), standalone_mode=False, prog_name="dinosar")
    except DinosarError as problem:
        return _explained(str(problem), problem.exit_code, problem if debug else None)
    except USAGE_ERROR as problem:
        return _helped(problem) or _explained(_usage(problem), 2, problem if debug else None)
    except Stopped as stopped:
        return _explained(
            "interrupted; what is written is whole, and the same command goes on from there",
            128 + int(str(stopped)),
            None,
        )
    except MemoryError as problem:
        return _explained("out of memory; use a smaller --size, or close other programs", 6, problem if debug else None)
    except (OSError, SystemExit) as problem:
        return _left(problem, debug)
    return code if isinstance(code, int) else 0


def _left(problem: BaseException, debug: bool) -> int:
    """The exit code after typer left on its own, or a file could not be read or written where nobody expected it."""
    if isinstance(problem, BrokenPipeError) or isinstance(problem.__context__, BrokenPipeError):
        _forget_stdout()  # a reader such as `head` has read enough; that is no error
        return 0
    if isinstance(problem, OSError):
        where = f" '{shown(problem.filename)}'" if problem.filename else ""
        return _explained(f"the system refused{where}: {problem.strerror or problem}", 6, problem if debug else None)
    code = getattr(problem, "code", 0)
    return code if isinstance(code, int) else 0


def _forget_stdout() -> None:
    """Nothing more can be written there; Python would complain again while it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _helped(problem: Any) -> int | None:
    """A bare `dinosar` or `dinosar store` asks for help: it gets it, and 2 as its exit code, for nothing was done."""
    if type(problem).__name__ != "NoArgsIsHelpError":
        return None
    typer.echo(problem.ctx.get_help())
    return 2


def _usage(problem: Any) -> str:
    """A usage error in one sentence, with where to read on."""
    message = " ".join(problem.format_message().split()).rstrip(".").replace(": Value error, ", ": ")
    for word in ("Did you mean", "Choose from"):
        message = message.replace(f". {word}", f"; {word[0].lower()}{word[1:]}")
    near = getattr(problem, "possibilities", None)
    if near and "mean" not in message:
        message += f"; did you mean '{sorted(near)[0]}'?"
    command = problem.ctx.command_path if problem.ctx else "dinosar"
    return f"{message[0].lower()}{message[1:]} (see: {command} --help)"


def _explained(message: str, code: int, problem: BaseException | None) -> int:
    if problem is not None:
        traceback.print_exception(problem)
    typer.echo(f"dinosar: error: {message}", err=True)
    return code


def _unexpected(debug: bool) -> Any:
    """What is said when something fails that nobody thought of: that it is our fault, and how to see more."""

    def hook(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        if debug:
            traceback.print_exception(kind, problem, trace)
        first = str(problem).splitlines()[0] if str(problem) else ""
        typer.echo(
            f"dinosar: error: this is a fault in dinosar or in a plugin ({kind.__name__}: {first[:200]}); "
            "run again with --debug and report what it shows", err=True,
        )  # fmt: skip

    return hook


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped(number)


def _stopped_again(otherwise: Any) -> Any:
    """A signal that came while Python tidied up would be lost, for nothing may be raised there: it is sent again."""

    def hook(problem: Any) -> None:
        if isinstance(problem.exc_value, Stopped):
            Timer(0.01, interrupt_main, (int(str(problem.exc_value)),)).start()
        else:
            otherwise(problem)

    return hook


def _safe_streams() -> None:
    """A terminal that cannot show a character shows its code instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
