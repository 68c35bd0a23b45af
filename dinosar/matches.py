"""The stage that asks a matcher, one way or both, and marks the matches on which both specimens agree."""

from dataclasses import replace

import numpy as np

from dinosar.contracts import Matcher
from dinosar.data import Matches, Specimen
from dinosar.errors import InputError, PluginError
from dinosar.registry import AT_WORK, strangers_code
from dinosar.timing import a_stage


@a_stage("match")
def both_ways(matcher: Matcher, a: Specimen, b: Specimen) -> tuple[Matches, Matches]:
    """Matches from A to B and from B to A, each knowing which of its matches are mutual."""
    forward, backward = answers_to(matcher, a, b), answers_to(matcher, b, a)
    return mark_mutual(forward, backward), mark_mutual(backward, forward)


def answers_to(matcher: Matcher, a: Specimen, b: Specimen) -> Matches:
    """Matches from A, which asks, to B, which answers."""
    if a.features.tokens.shape[-1] != b.features.tokens.shape[-1] or a.features.backbone != b.features.backbone:
        raise InputError(f"features of {a.features.backbone} and {b.features.backbone} cannot be compared")
    with strangers_code(f"matcher '{matcher.title}' failed", AT_WORK):
        matches = matcher.match(a, b)
        if not isinstance(matches, Matches):
            raise TypeError("match must return dinosar.Matches")
    _check(matches, a, b, matcher.title)
    return matches


def mark_mutual(matches: Matches, opposite: Matches) -> Matches:
    """The matches, each marked by whether the opposite direction holds the same pair."""
    pairs = set(zip(opposite.answer.tolist(), opposite.asked.tolist(), strict=True))
    mutual = [pair in pairs for pair in zip(matches.asked.tolist(), matches.answer.tolist(), strict=True)]
    return replace(matches, mutual=np.asarray(mutual, dtype=bool))


def _check(matches: Matches, asking: Specimen, answering: Specimen, title: str) -> None:
    """Matches may only name patches that count as specimen."""
    for indices, specimen in ((matches.asked, asking), (matches.answer, answering)):
        counted = specimen.patches.ravel()
        if len(indices) and (indices.min() < 0 or indices.max() >= counted.size or not counted[indices].all()):
            raise PluginError(f"matcher '{title}' named patches of {specimen.name} that are not specimen")
