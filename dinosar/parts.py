"""From a name and options in a config to a part that works."""

from dataclasses import dataclass
from typing import Any, cast

from dinosar.automatic import announce
from dinosar.config import Part
from dinosar.contracts import Backbone, Masker, Matcher, Plugin
from dinosar.registry import Kind, find, strangers_code


@dataclass(frozen=True)
class Parts:
    """The three parts of a comparison, built."""

    backbone: Backbone
    masker: Masker
    matcher: Matcher


def build(kind: Kind, part: Part) -> Plugin:
    """The part itself, its options checked once more so that Python callers may leave defaults out."""
    plugin_class = find(kind, part.use).load()
    with strangers_code(f"{kind} '{part.use}' cannot be made"):
        plugin = plugin_class(plugin_class.Options.model_validate(part.options))
    plugin.name = part.use
    return plugin


def build_backbone(part: Part) -> Backbone:
    """A backbone; if `auto` settled on it, that is said aloud here, where the run begins in earnest."""
    backbone = cast(Backbone, build("backbone", part))
    announce(part.asked, part.use)
    return backbone


def build_parts(config: Any) -> Parts:
    """All three parts of a comparison."""
    masker, matcher = build("masker", config.masker), build("matcher", config.matcher)
    return Parts(build_backbone(config.backbone), cast(Masker, masker), cast(Matcher, matcher))
