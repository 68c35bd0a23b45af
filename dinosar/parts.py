"""From a name and options in a config to a part that works."""

from dataclasses import dataclass
from typing import Any, cast

from dinosar.automatic import announce
from dinosar.config import CompareConfig, MatchConfig, Part
from dinosar.contracts import Backbone, Masker, Matcher, Plugin
from dinosar.notices import note
from dinosar.registry import Kind, find, strangers_code

PROPOSER = Part(use="mutual", verify="affine", tolerance=3.0, top=10_000)
"""Who proposes landmarks: pairs that choose each other and that one movement explains, forgiving as bodies bend."""


@dataclass(frozen=True)
class Seeing:
    """The parts that make a specimen of a photo."""

    backbone: Backbone
    masker: Masker
    second_masker: Masker | None = None
    fallback_masker: Masker | None = None

    @property
    def maskers(self) -> tuple[Masker, ...]:
        """The masker, and the second one where there is one."""
        return (self.masker,) if self.second_masker is None else (self.masker, self.second_masker)


@dataclass(frozen=True, kw_only=True)
class Parts(Seeing):
    """The parts of a comparison, built. `proposer` is there where landmarks may have to be proposed."""

    matcher: Matcher
    proposer: Matcher | None = None

    def used(self, mode: str) -> dict[str, Plugin]:
        """The parts by slot that take part in a comparison of that mode."""
        idle = () if mode != "tps_homology" else ("matcher",)
        return {slot: part for slot, part in vars(self).items() if part is not None and slot not in idle}


@dataclass(frozen=True, kw_only=True)
class MatchParts:
    """The parts of `dinosar match`, built. `last` is the masker that always can tell."""

    backbone: Backbone
    masker: Masker
    fallback_masker: Masker | None
    matcher: Matcher
    last: Masker

    @property
    def line(self) -> tuple[Masker, ...]:
        """The maskers in the order in which they are asked."""
        return tuple(each for each in (self.masker, self.fallback_masker, self.last) if each)

    def used(self) -> dict[str, Plugin]:
        """The parts by their slot."""
        return {slot: part for slot, part in vars(self).items() if part is not None and slot != "last"}


def build(kind: Kind, part: Part) -> Plugin:
    """The part itself, its options checked once more so that Python callers may leave defaults out.

    If `auto` settled on it, that is said aloud here, where the run begins in earnest.
    """
    card = find(kind, part.use)
    plugin_class = card.load()
    with strangers_code(f"{kind} '{part.use}' cannot be made"):
        plugin = plugin_class(plugin_class.Options.model_validate(part.options))
    plugin.name, plugin.origin = part.use, card.origin()
    announce(kind, part)
    return plugin


def build_backbone(part: Part) -> Backbone:
    """A backbone. Weights that come under terms of their own are used under them, so those are named."""
    backbone = cast(Backbone, build("backbone", part))
    licence = backbone.facts().get("licence", "")
    if "://" in licence:
        note(f"licence of the weights of {backbone.title}: {licence}")
    return backbone


def build_masker(part: Part) -> Masker:
    """A masker, the first or the second."""
    return cast(Masker, build("masker", part))


def build_seeing(config: Any) -> Seeing:
    """The parts that make a specimen of a photo. The backbone comes last: it is the one that takes long."""
    masker = build_masker(config.masker)
    second = build_masker(config.second_masker) if config.second_masker else None
    if second is None and config.mask.combine != "intersection":
        note("mask.combine has no effect: there is no second masker to combine with")
    fallback = build_masker(config.fallback_masker) if config.fallback_masker else None
    return Seeing(build_backbone(config.backbone), masker, second, fallback)


def build_parts(config: CompareConfig) -> Parts:
    """All parts of a comparison."""
    matcher = cast(Matcher, build("matcher", config.matcher))
    proposing = config.mode != "similarity" and config.homology.landmarks == "proposed"
    proposer = cast(Matcher, build("matcher", PROPOSER)) if proposing else None
    return Parts(**vars(build_seeing(config)), matcher=matcher, proposer=proposer)


def build_match_parts(config: MatchConfig) -> MatchParts:
    """All parts of a match. The backbone comes last: it is the one that takes long."""
    matcher = cast(Matcher, build("matcher", config.matcher))
    maskers = [build_masker(each) if each else None for each in (config.masker, config.fallback_masker)]
    last = build_masker(Part(use="whole"))
    return MatchParts(masker=cast(Masker, maskers[0]), fallback_masker=maskers[1], matcher=matcher, last=last,
                      backbone=build_backbone(config.backbone))  # fmt: skip


def backbone_in_words(backbone: Backbone) -> str:
    """Which network, layers and precision."""
    facts, options = backbone.facts(), backbone.options
    layers = facts.get("layers", "")
    how = f" {options.layer_agg}" if "," in layers and hasattr(options, "layer_agg") else ""
    said = [f"layer{'s' if ',' in layers else ''} {layers}{how}" if layers else "", facts.get("dtype", "")]
    return ", ".join([backbone.title, *filter(None, said)])


def _else(fallback: Masker | None) -> str:
    """Who is asked where the first masker abstains."""
    return f" (else {fallback.title})" if fallback else ""


def in_words(parts: Parts, config: CompareConfig) -> dict[str, str]:
    """What stands under every picture: which network, layers and precision, who made the mask, who matched."""
    joined = {"intersection": " & ", "union": " | "}[config.mask.combine]
    return {
        "backbone": backbone_in_words(parts.backbone),
        "masker": joined.join(each.title for each in parts.maskers) + _else(parts.fallback_masker),
        "matcher": "tps_homology" if config.mode == "tps_homology" else parts.matcher.title,
    }
