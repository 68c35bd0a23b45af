"""Flags as a table: each says which setting it stands for, so that flags, --set and YAML cannot drift apart.

A command takes its flags as `**flags`; typer sees them through a signature made from the table.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import typer


@dataclass(frozen=True)
class Flag:
    """A flag on the command line. `setting` is the dotted name of what it sets; None = the command handles it itself.

    `value` is what a switch without argument stands for.
    """

    names: tuple[str, ...]
    setting: str | None
    kind: type
    help: str
    value: Any = None
    many: bool = False
    metavar: str | None = None

    @property
    def key(self) -> str:
        """The name of the parameter."""
        return self.names[0].lstrip("-").replace("-", "_")


def choice(name: str, words: Sequence[str]) -> type[StrEnum]:
    """A closed list of words, for help and completion."""
    return StrEnum(name, {word.replace("-", "_"): word for word in words})  # type: ignore[return-value]


def with_flags(flags: Sequence[Flag]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the flags of a table; they arrive in its `flags` argument, None where not given."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            own = {key: value for key, value in given.items() if key in named}
            command(**own, flags={key: value for key, value in given.items() if key not in named})

        signature = inspect.signature(command)
        named = [name for name in signature.parameters if name != "flags"]
        parameters = [signature.parameters[name] for name in named] + [_parameter(flag) for flag in flags]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return decorate


def _parameter(flag: Flag) -> inspect.Parameter:
    kind: Any = list[flag.kind] if flag.many else flag.kind  # type: ignore[name-defined]
    option = typer.Option(None, *flag.names, help=flag.help, show_default=False, metavar=flag.metavar)
    return inspect.Parameter(flag.key, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind | None)


def settings(flags: Sequence[Flag], given: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """(setting, value, flag) of every flag that was given and stands for a setting."""
    found = []
    for flag in flags:
        value = given.get(flag.key)
        if flag.setting is None or value is None or (flag.value is not None and value is False):
            continue
        plain = value.value if isinstance(value, StrEnum) else value
        found.append((flag.setting, flag.value if flag.value is not None else plain, flag.names[0]))
    return found


COMMON = (
    Flag(("--config", "-c"), None, str, "A preset of configs/ by its stem, or a YAML file; repeatable.", many=True,
         metavar="NAME|FILE"),
    Flag(("--set",), None, str, "Any setting by its dotted name, e.g. --set masker.iterations=6.", many=True,
         metavar="PART.OPTION=VALUE"),
    Flag(("--overwrite",), None, bool, "Replace an earlier result in the same place.", value=True),
    Flag(("--json",), None, bool, "Print one JSON object on stdout and nothing else.", value=True),
)  # fmt: skip
BACKBONE = (
    Flag(("--backbone",), "backbone", str, "Backbone by name or module:Class (default: auto).", metavar="NAME"),
    Flag(("--no-store",), "store", bool, "Neither read nor keep features.", value=False),
)
IMAGE = (
    Flag(("--size",), "image.size", int, "Long side of the image shown to the backbone, in px (default: 512)."),
    Flag(("--fit",), "image.fit", choice("Fit", ("letterbox", "stretch", "native")),
         "How a photo is fitted to that size (default: letterbox)."),
    Flag(("--bit-depth",), "image.bit_depth", choice("Depth", ("full", "minmax", "percentile")),
         "How pixels of more than 8 bits become 8 (default: full)."),
)  # fmt: skip
