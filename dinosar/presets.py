"""Presets: settings that belong together, as files by name. They say only what differs from the defaults."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from dinosar.config import Section
from dinosar.errors import UsageError, shown, suggestion
from dinosar.notices import note


def preset_path(name: str) -> Path:
    """The file of a preset named by its stem, or the file itself."""
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        return Path(name)
    known = presets()
    if name not in known:
        raise UsageError(f"no preset named '{shown(name)}'{suggestion(name, known)} (a file must end in .yaml)")
    return known[name]


def presets() -> dict[str, Path]:
    """Presets by stem: in the wheel they lie inside the package, in a clone beside it."""
    package = Path(str(files("dinosar")))
    folder = next((f for f in (package / "configs", package.parent / "configs") if f.is_dir()), None)
    return {} if folder is None else {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def serving(values: dict[str, Any], known: Mapping[str, Any], preset: str) -> dict[str, Any]:
    """What of a preset a command knows. Sections that it has not are passed over; keys of those it has are told of."""
    found, idle = {}, []
    for key, value in ((key, value) for key, value in values.items() if key in known):
        section = getattr(known[key], "annotation", None)
        fields = section.model_fields if isinstance(section, type) and issubclass(section, Section) else {}
        if fields and isinstance(value, dict):
            idle += [f"{key}.{inner}" for inner in value if inner not in fields]
            value = {inner: each for inner, each in value.items() if inner in fields}
        found[key] = value
    if idle:
        note(f"preset '{preset}': {', '.join(idle)} mean{'s' * (len(idle) == 1)} nothing to this command")
    return found
