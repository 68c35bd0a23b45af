"""Finds parts by name through entry points, and imports one only when a run names it.

Listing, completing and suggesting read package metadata alone. `module:Class` is accepted wherever a name is: that is
development mode, and the answer when two packages offer the same name.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Literal, get_args

from dinosar.errors import DinosarError, PluginError, UsageError, shown, suggestion

if TYPE_CHECKING:
    from dinosar.contracts import Plugin

Kind = Literal["backbone", "masker", "matcher"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Card:
    """What is known of a part before it is imported."""

    kind: Kind
    name: str
    target: str
    package: str
    version: str

    def load(self) -> "type[Plugin]":
        """Import the part and check that it fits its slot."""
        from dinosar import contracts

        module, _, attribute = self.target.partition(":")
        with strangers_code(f"{self.title()} did not load"):
            found = getattr(importlib.import_module(module), attribute)
        slot = {"backbone": contracts.Backbone, "masker": contracts.Masker, "matcher": contracts.Matcher}[self.kind]
        if not (isinstance(found, type) and issubclass(found, slot)):
            raise PluginError(f"{self.title()} is not a dinosar.{slot.__name__}: {self.target} is {found!r}")
        return found

    def title(self) -> str:
        """How messages name it."""
        origin = f" from {self.package} {self.version}" if self.package else f" ({self.target})"
        return f"{self.kind} '{self.name}'{origin}"

    def origin(self) -> dict[str, str]:
        """Where it comes from, for the record."""
        return {"target": self.target, "package": self.package or "(not installed)", "version": self.version or "?"}


AT_WORK = " (--debug shows where)"


@contextmanager
def strangers_code(failed: str, hint: str = "") -> Iterator[None]:
    """Whatever somebody else's code raises in the block becomes a PluginError that begins with `failed`.

    The one place that catches everything: code that is not ours may fail in any way it likes, and some calls sys.exit.
    """
    try:
        yield
    except PluginError as problem:
        raise PluginError(f"{failed}: {problem}") from problem
    except (DinosarError, MemoryError):
        raise
    except (Exception, SystemExit) as problem:
        why = f"{type(problem).__name__}: {problem}".splitlines()[0]
        raise PluginError(f"{failed}: {shown(why)}{hint}") from problem


def cards(kind: Kind | None = None) -> list[Card]:
    """Every installed part, sorted by kind and name; nothing is imported."""
    everything = entry_points()
    origins: dict[int, tuple[str, str]] = {}  # one look into the metadata of a package, however many parts it offers
    found = {
        Card(each, entry.name, entry.value, *_origin(entry, origins))
        for each in (KINDS if kind is None else (kind,))
        for entry in everything.select(group=f"dinosar.{each}s")
    }
    return sorted(found, key=lambda card: (KINDS.index(card.kind), card.name, card.package))


def find(kind: Kind, name: str) -> Card:
    """The part of that name, or an error that says what is there instead."""
    if ":" in name:
        return _unlisted(kind, name)
    installed = cards(kind)
    named = [card for card in installed if card.name == name]
    if len(named) > 1:
        offers = " and ".join(f"{card.package} ({card.target})" for card in named)
        raise UsageError(f"{kind} '{name}' is offered by {offers}; write the one you mean as 'module:Class'")
    if named:
        return named[0]
    if not installed:
        raise UsageError(
            f"no {kind} is installed, not even the built-in ones; run: python -m pip install -e . in the clone"
        )
    raise UsageError(f"no {kind} named '{shown(name)}'{suggestion(name, [card.name for card in installed])}")


def origin_of(part: "Plugin") -> dict[str, str]:
    """Where a part comes from: noted when it was built, looked up by its name otherwise."""
    return dict(part.origin) or find(part.kind, part.name).origin()  # type: ignore[arg-type]


def find_anywhere(name: str) -> list[Card]:
    """Every part of that name, whatever its kind; `module:Class` is looked at to learn its kind."""
    if ":" in name:
        return [_unlisted(_kind_of(name), name)]
    named = [card for card in cards() if card.name == name]
    if not named:
        raise UsageError(f"no plugin named '{shown(name)}'{suggestion(name, [card.name for card in cards()])}")
    return named


def _origin(entry: EntryPoint, origins: dict[int, tuple[str, str]]) -> tuple[str, str]:
    """Name and version of the package an entry point belongs to."""
    if entry.dist is None:
        return "", ""
    if id(entry.dist) not in origins:
        try:
            origins[id(entry.dist)] = entry.dist.name or "", entry.dist.version or ""
        except OSError:  # torn metadata, where some library has put importlib_metadata in the place of Python's own
            origins[id(entry.dist)] = "", ""
    return origins[id(entry.dist)]


def _unlisted(kind: Kind, target: str) -> Card:
    """A card for `module:Class`, with its package when an entry point offers the same target."""
    module, _, attribute = target.partition(":")
    if not module.replace(".", "").isidentifier() or not attribute.isidentifier():
        raise UsageError(f"{kind} '{shown(target)}' is neither an installed name nor of the form 'module:Class'")
    known = [card for card in cards(kind) if card.target == target]
    return Card(kind, target, target, known[0].package if known else "", known[0].version if known else "")


def _kind_of(target: str) -> Kind:
    """Which slot a `module:Class` fits."""
    for kind in KINDS:
        try:
            _unlisted(kind, target).load()
        except PluginError as problem:
            if problem.__cause__ is not None:
                raise UsageError(str(problem)) from problem
            continue
        return kind
    raise UsageError(f"'{shown(target)}' is no dinosar.Backbone, Masker or Matcher")
