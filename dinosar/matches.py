"""The stage that asks a matcher both ways, and marks the matches on which both specimens agree."""

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
    if a.features.tokens.shape[-1] != b.features.tokens.shape[-1] or a.features.backbone != b.features.backbone:
        raise InputError(f"features of {a.features.backbone} and {b.features.backbone} cannot be compared")
    with strangers_code(f"matcher '{matcher.title}' failed", AT_WORK):
        forward, backward = matcher.match(a, b), matcher.match(b, a)
        if not (isinstance(forward, Matches) and isinstance(backward, Matches)):
            raise TypeError("match must return dinosar.Matches")
    for matches, asking, answering in ((forward, a, b), (backward, b, a)):
        _check(matches, asking, answering, matcher.title)
    return mark_mutual(forward, backward), mark_mutual(backward, forward)


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
