"""From layers of settings to a config: defaults < preset < file < flags and --set.

Every value remembers where it came from, so that all mistakes are told together, each with its file and line or flag.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from dinosar.config import JobConfig, Part, names_a_file
from dinosar.errors import DinosarError, UsageError, WeightsError, shown, suggestion
from dinosar.notices import warn
from dinosar.presets import preset_path, presets, serving
from dinosar.registry import Kind
from dinosar.yaml_files import Key, parse_yaml, read_yaml

PARTS: dict[str, Kind] = {
    "backbone": "backbone", "masker": "masker", "second_masker": "masker", "fallback_masker": "masker",
    "matcher": "matcher",
}  # fmt: skip
"""Section of a config that names a part -> the kind of part it names."""
RECORD_KEYS = ("status", "record")
"""What a run.yaml holds beside its config."""
Job = TypeVar("Job", bound=JobConfig)


@dataclass
class Layers:
    """Settings laid over each other, and where each came from."""

    values: dict[str, Any] = field(default_factory=dict)
    origin: dict[Key, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    """Options that went when another part was named, each in a sentence."""
    named: dict[str, str] = field(default_factory=dict)
    """The part whose options lie in a slot: the last that was named and is not `auto`."""

    def add(self, values: Mapping[str, Any], origin: Mapping[Key, str] | str) -> "Layers":
        """Lay `values` over what is there; `origin` names the source of each, or of all."""
        self._merge(self.values, values, (), origin)
        return self

    def _merge(
        self, under: dict[str, Any], over: Mapping[str, Any], path: Key, origin: Mapping[Key, str] | str
    ) -> None:
        for key, value in over.items():
            here = (*path, key)
            if len(here) == 1 and key in PARTS:
                value = self._part(key, under.get(key), value)
            if isinstance(value, Mapping):
                if not isinstance(under.get(key), dict):
                    under[key] = {}
                self._merge(under[key], value, here, origin)
            else:
                under[key] = value
            self.origin[here] = origin if isinstance(origin, str) else origin.get(here, "")

    def _part(self, slot: str, before: Any, now: Any) -> Any:
        """A part by bare name. Naming another drops the options of the one before; `auto` is nobody's name."""
        if isinstance(now, str):
            now = {"use": now}
        use = now.get("use", "auto") if isinstance(now, Mapping) else "auto"
        if use == "auto":
            return now
        then = self.named.get(slot, use)
        self.named[slot] = use
        if then != use and isinstance(before, dict):
            lost = ", ".join(str(key) for key in before if key != "use")
            if lost:
                self.dropped.append(f"{slot} '{shown(then)}' gave way to '{shown(use)}'; with it went: {lost}")
            before.clear()
        return now

    def where(self, path: Key) -> str:
        """The source of a value, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if self.origin.get(path[:length]):
                return self.origin[path[:length]] + ": "
        return ""


def add_file(layers: Layers, name: str, known: Mapping[str, Any] | None = None) -> Layers:
    """Lay a preset (by stem) or a YAML file over what is there. Of a run.yaml only its config is taken.

    A preset serves several commands: of it only what is `known` is taken, the fields of a model, where they are given.
    """
    path = preset_path(name)
    document = read_yaml(path)
    if not isinstance(document.value, dict):
        raise UsageError(f"{shown(path.name)}: must hold settings as 'key: value' lines")
    values = {key: value for key, value in document.value.items() if key not in RECORD_KEYS}
    if known and path in presets().values():
        values = serving(values, known, path.stem)
    if "record" in document.value and isinstance(values.get("inputs"), dict):
        # The photos may be others now, and what was known of those (their scale) does not hold for these.
        values["inputs"] = {key: each for key, each in values["inputs"].items() if isinstance(each, str | list)}
        for _, holder, key in (*input_files(values["inputs"]), *file_options(values)):
            holder[key] = str(path.parent / holder[key])  # a record names files relative to itself
    return layers.add(values, {key: f"{shown(path.name)}, line {line}" for key, line in document.lines.items()})


def file_options(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(slot, options, key) of every option of a part that names a file."""
    for slot in PARTS:
        part = config.get(slot)
        if isinstance(part, dict):
            names = [key for key in part if names_a_file(str(key))]
            yield from ((slot, part, key) for key in names if isinstance(part[key], str) and part[key])


def input_files(inputs: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name in the record, what holds it, key) of every input that names a file: `a`, or `targets.0` of a list."""
    for key, value in inputs.items():
        if isinstance(value, str):
            yield key, inputs, key
        if isinstance(value, list):
            yield from ((f"{key}.{i}", value, i) for i, each in enumerate(value) if isinstance(each, str))


def there(path: Path) -> bool:
    """Whether something is there, or may be: a name with a blank to fill in counts when its folder is."""
    try:
        blank = next((part for part in (path, *path.parents) if "{" in str(part) and "{" not in str(part.parent)), None)
        return path.exists() or (blank is not None and blank.parent.exists())
    except (OSError, ValueError):
        return False


def assigned(assignments: Iterable[str]) -> Iterator[tuple[str, Any, str]]:
    """(setting, value, origin) of `part.option=value` words; values are read as YAML."""
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set '{shown(text)}': must look like part.option=value")
        origin = f"--set {shown(name)}"
        yield name.strip(), parse_yaml(value or "''", origin).value, origin


def add_assignments(layers: Layers, assignments: Iterable[str]) -> Layers:
    """Lay `part.option=value` words over what is there."""
    return add_values(layers, assigned(assignments))


def add_values(layers: Layers, values: Iterable[tuple[str, Any, str]]) -> Layers:
    """Lay (setting, value, origin) over what is there: whole parts first, for they make room for their options."""
    for name, value, origin in sorted(values, key=lambda each: "." in each[0]):
        add_value(layers, name, value, origin)
    return layers


def add_value(layers: Layers, name: str, value: Any, origin: str) -> Layers:
    """Lay one value over what is there, by its dotted name."""
    for key in reversed(name.split(".")):
        value = {key: value}
    return layers.add(value, origin)


def settle(model: type[Job], layers: Layers) -> Job:
    """The config, checked, every default filled in, `auto` resolved; or every mistake at once."""
    readable_text(layers.values, layers)
    mistakes: list[str] = []
    filled: dict[str, Any] = {}
    for slot in (part for part in PARTS if part in model.model_fields):
        default: Part | None = model.model_fields[slot].default
        given = layers.values.get(slot, {} if default else None)
        if given is None and default is None:
            continue
        try:
            named = {"use": default.use, **given} if default and isinstance(given, dict) else given
            filled[slot] = _settle_part(slot, named, layers, getattr(model, "preferred", ""))
        except WeightsError:
            raise
        except DinosarError as problem:
            mistakes += str(problem).splitlines()
    values = {key: value for key, value in layers.values.items() if key not in PARTS or key not in model.model_fields}
    try:
        config = model.model_validate_json(json.dumps(values, default=plain), strict=True)
    except ValidationError as problem:
        mistakes += explain(problem, model, layers, ())
    for sentence in layers.dropped:
        warn(sentence)
    if mistakes:
        raise UsageError("\n".join([f"{len(mistakes)} mistakes:", *mistakes] if len(mistakes) > 1 else mistakes))
    return cast(Job, config.model_copy(update=filled))


def plain(value: Any) -> Any:
    """What JSON does not know, as it does: NumPy's numbers and paths, which Python callers may give."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    if isinstance(value, PurePath):
        return str(value)
    raise UsageError(f"a setting cannot be a {type(value).__name__}: {shown(value, 60)}")


def _settle_part(slot: str, given: Any, layers: Layers, preferred: str) -> Part:
    """One part with every option filled in; `preferred` is the network of the command, where it has one."""
    from dinosar.automatic import preferring, resolve
    from dinosar.registry import find

    kind = PARTS[slot]
    try:
        part = Part.model_validate(given)
    except ValidationError:
        raise UsageError(
            f"{layers.where((slot,))}{slot} must be a name, or a mapping with 'use: name', but is {shown(repr(given))}"
        ) from None
    strict, asked = layers.values.get("require_dino") is True, part.use
    if slot == "backbone" and preferred:
        part = preferring(part, preferred, strict=strict)
    name = resolve(kind, part, strict=strict)
    try:
        options = find(kind, name).load().Options
    except DinosarError as problem:
        raise type(problem)(f"{layers.where((slot, 'use'))}{problem}") from problem.__cause__
    try:
        # What is set to nothing need not be known: so a file that another part was told can be taken back.
        told = {key: value for key, value in part.options.items() if value is not None or key in options.model_fields}
        filled = options.model_validate_json(json.dumps(told, default=plain), strict=True)
    except ValidationError as problem:
        became = "" if asked == name else f", which '{asked}' became here"
        raise UsageError("\n".join(explain(problem, options, layers, (slot,), f"{kind} '{name}'{became}: "))) from None
    return Part.resolved(asked, name, filled.model_dump(mode="json"), part.instead_of)


def explain(error: ValidationError, model: type[BaseModel], layers: Layers, path: Key, prefix: str = "") -> list[str]:
    """Each mistake in one sentence: where it stands, what it is, what was meant or found."""
    return [_sentence(detail, model, layers, path, prefix) for detail in error.errors(include_url=False)]


def readable_text(values: dict[str, Any], layers: Layers, path: Key = ()) -> None:
    """Refuse a text that is no text (a file name in an unknown encoding): neither JSON nor a record could hold it."""
    for key, value in values.items():
        if isinstance(value, dict):
            readable_text(value, layers, (*path, key))
        elif isinstance(value, str) and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            name = ".".join(str(step) for step in (*path, key))
            raise UsageError(f"{layers.where((*path, key))}{name}: '{shown(value)}' is not UTF-8 text; rename the file")


def _sentence(detail: Any, model: type[BaseModel], layers: Layers, path: Key, prefix: str) -> str:
    location: Key = tuple(detail["loc"])
    where = layers.where((*path, *location)) + prefix
    dotted = ".".join(str(step) for step in location)
    if detail["type"] == "extra_forbidden":
        outer = ".".join(str(step) for step in location[:-1])
        owner = f"{outer}: " if outer else ""
        known = _keys_at(model, location[:-1])
        return f"{where}{owner}unknown key '{shown(location[-1])}'{suggestion(str(location[-1]), known)}"
    if detail["type"] == "missing":
        return f"{where}{dotted} is missing"
    message = detail["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    got = "" if isinstance(detail["input"], dict) else f", but got {shown(repr(detail['input']), 60)}"
    return f"{where}{dotted}: {message}{got}"


def _keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys a section of a config may have."""
    for step in path:
        inner = model.model_fields[str(step)].annotation if str(step) in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)
