"""Flags as a table: each says which setting it stands for, so that flags, --set and YAML cannot drift apart.

A command takes its flags as `**flags`; typer sees them through a signature made from the table.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isclose
from typing import Any

import typer

from dinosar.cli.words import whole_numbers
from dinosar.errors import UsageError, shown

Setting = tuple[str, Any, str]
"""Dotted name, value, and the flag it came from."""
NOT_GIVEN: ContextVar[frozenset[str]] = ContextVar("not given", default=frozenset())
"""Flags of the running command that were not on its line, whatever it fills in for them."""


@dataclass(frozen=True)
class Meaning:
    """What flags amount to: settings, notes on what has no effect, warnings on what reads otherwise than meant."""

    settings: list[Setting] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Flag:
    """A flag on the command line. `setting` is the dotted name of what it sets; None = the command handles it itself.

    `value` is what a switch without argument stands for. `numbers`: whole numbers follow, as many as one likes; of a
    flag given twice the last counts, as everywhere. `translate`: a flag that stands for several settings, or for others
    beside other flags, has a function, which it may share; that gets all flags that were given.
    """

    names: tuple[str, ...]
    setting: str | None
    kind: Any
    help: str
    value: Any = None
    many: bool = False
    metavar: str | None = None
    numbers: bool = False
    translate: Callable[[Mapping[str, Any]], Meaning] | None = None
    section: str | None = None

    @property
    def key(self) -> str:
        """The name of the parameter."""
        return self.names[0].lstrip("-").replace("-", "_")


def under(section: str, *flags: Flag) -> tuple[Flag, ...]:
    """The flags, shown under one heading of the help."""
    return tuple(replace(flag, section=section) for flag in flags)


def lists(*tables: Sequence[Flag]) -> set[str]:
    """Names of the flags that whole numbers follow."""
    return {name for flags in tables for flag in flags if flag.numbers for name in flag.names}


def choice(name: str, words: Sequence[str]) -> type[StrEnum]:
    """A closed list of words, for help and completion."""
    return StrEnum(name, {word.replace("-", "_"): word for word in words})  # type: ignore[return-value]


def with_flags(flags: Sequence[Flag]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the flags of a table; they arrive in its `flags` argument, None where not given."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            own = {key: value for key, value in given.items() if key in named}
            before = NOT_GIVEN.set(frozenset(flag.names[0] for flag in flags if given.get(flag.key) is None))
            try:
                command(**own, flags={key: value for key, value in given.items() if key not in named})
            finally:
                NOT_GIVEN.reset(before)

        signature = inspect.signature(command)
        named = [name for name in signature.parameters if name != "flags"]
        parameters = [signature.parameters[name] for name in named] + [_parameter(flag) for flag in flags]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return decorate


def _parameter(flag: Flag) -> inspect.Parameter:
    one: Any = str if flag.numbers else flag.kind
    kind: Any = list[one] if flag.many else one
    option = typer.Option(
        None, *flag.names, help=flag.help, show_default=False, metavar=flag.metavar, rich_help_panel=flag.section
    )
    return inspect.Parameter(flag.key, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind | None)


def understood(flags: Sequence[Flag], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every flag that was given, by its key, as plain data."""
    values = {flag: given.get(flag.key) for flag in flags}
    return {
        flag.key: _plain(flag, value)
        for flag, value in values.items()
        if value is not None and not (flag.value is not None and value is False)
    }


def _plain(flag: Flag, value: Any) -> Any:
    if flag.value is not None:
        return flag.value
    if flag.numbers:
        return whole_numbers(flag.names[0], value)
    return value.value if isinstance(value, StrEnum) else value


def meaning(flags: Sequence[Flag], given: Mapping[str, Any]) -> Meaning:
    """What the flags that were given amount to; each translating function is asked once."""
    values = understood(flags, given)
    present = [flag for flag in flags if flag.key in values]
    found = [Meaning([(flag.setting, values[flag.key], flag.names[0])]) for flag in present if flag.setting]
    found += [translate(values) for translate in dict.fromkeys(f.translate for f in present) if translate]
    return Meaning(*(sum((getattr(each, name) for each in found), []) for name in ("settings", "notes", "warnings")))


def refuse_opposed(meant: Sequence[Setting], assigned: Sequence[Setting]) -> None:
    """A UsageError where a flag and --set give one setting different values; which was meant nobody can tell."""
    by_flag, by_set = _single(meant), _single(assigned)
    for key in (key for key in by_flag if key in by_set):
        (value, flag), (other, word) = by_flag[key], by_set[key]
        if not _same(value, other):
            flag = flag if flag.startswith("-") or flag.isupper() else "the command line"
            what = "" if word == f"--set {key}" else f" for {key}"
            raise UsageError(
                f"{flag} and {word} give two values{what} ({_written(value)} and {_written(other)}); leave one of them "
                "out"
            )


def _single(settings: Sequence[Setting]) -> dict[str, tuple[Any, str]]:
    """Dotted name -> value and origin of each single setting, as they are laid over each other: whole parts first."""
    found: dict[str, tuple[Any, str]] = {}
    for name, value, origin in sorted(settings, key=lambda each: "." in each[0]):
        found |= dict(_unfolded(name, value, origin))
    return found


def _unfolded(name: str, value: Any, origin: str) -> Iterator[tuple[str, tuple[Any, str]]]:
    """The settings within a setting; a part by bare name is the one that is used."""
    from dinosar.settings import PARTS

    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _unfolded(f"{name}.{key}", inner, origin)
    else:
        yield f"{name}.use" if name in PARTS and isinstance(value, str) else name, (value, origin)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one, however they were written: a flag may take as text what --set reads as a number."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other))
    return isclose(one, other, rel_tol=1e-12) if numbers else str(one) == str(other)


def _written(value: Any) -> str:
    """A value as a settings file has it."""
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), shown(value, 60))


COMMON = (
    Flag(("--config", "-c"), None, str, "A preset of configs/ by its stem, or a YAML file; repeatable.", many=True,
         metavar="NAME|FILE"),
    Flag(("--set",), None, str, "Any setting by its dotted name, e.g. --set image.size=768.", many=True,
         metavar="PART.OPTION=VALUE"),
    Flag(("--overwrite",), None, bool, "Replace an earlier result in the same place.", value=True),
    Flag(("--json",), None, bool, "Print one JSON object on stdout and nothing else.", value=True),
    Flag(("--no-store",), "store", bool, "Neither read nor keep features.", value=False),
)  # fmt: skip
BACKBONE = under(
    "Backbone",
    Flag(("--backbone",), "backbone", str, "Backbone by name or module:Class (default: auto).", metavar="NAME"),
    Flag(("--require-dino",), "require_dino", bool, "Stop rather than do without DINO weights.", value=True),
    Flag(("--model",), "backbone.model", str, "A DINO network by its short name; else the small one.", metavar="NAME"),
    Flag(("--checkpoint",), "backbone.checkpoint", str, "A file of weights instead of the hub's; LoRA as well.",
         metavar="FILE"),
    Flag(("--lora-r",), "backbone.lora_r", int,
         "Rank that a LoRA checkpoint must have, e.g. 8; it is read off the file unless given."),
    Flag(("--lora-alpha",), "backbone.lora_alpha", float, "Alpha of a LoRA checkpoint that does not say its own."),
    Flag(("--base",), "backbone.base_path", str, "The weights that a LoRA checkpoint belongs to, instead of the hub's.",
         metavar="FILE"),
    Flag(("--layers",), "backbone.layers", int, "Blocks whose tokens are used, e.g. -3 -2 -1 (default: -1; the last).",
         metavar="N...", numbers=True),
    Flag(("--layer-agg",), "backbone.layer_agg", choice("LayerAgg", ("mean", "median")),
         "How several blocks become one (default: mean)."),
    Flag(("--attn-layers",), "backbone.attn_layers", int,
         "Blocks whose attention is kept; the last one weighs (default: -1).", metavar="N...", numbers=True),
    Flag(("--device",), "backbone.device", choice("Device", ("auto", "cpu", "cuda", "mps")),
         "Where the network runs (default: auto)."),
    Flag(("--dtype",), "backbone.dtype", choice("Dtype", ("auto", "float32", "bfloat16")),
         "Precision of the network (default: auto)."),
)  # fmt: skip
IMAGE = under(
    "Image",
    Flag(("--size", "--img-size"), "image.size", int, "Long side shown to the backbone, in px (default: 512)."),
    Flag(("--fit",), "image.fit", choice("Fit", ("letterbox", "stretch", "native")),
         "How a photo is fitted to that size (default: letterbox)."),
    Flag(("--bit-depth",), "image.bit_depth", choice("Depth", ("full", "minmax", "percentile")),
         "How pixels of more than 8 bits become 8 (default: full)."),
)  # fmt: skip
DRAWING = (
    Flag(("--figures",), "figures.format", choice("Format", ("png", "svg", "pdf")),
         "Format of the pictures (default: png)."),
    Flag(("--dpi",), "figures.dpi", int, "Resolution of the pictures; 300 for print (default: 150)."),
    Flag(("--no-figures",), "figures.draw", bool, "Numbers only.", value=False),
)  # fmt: skip
