"""What counts as foreground on two photos: the maskers in line are asked, both photos together, until one can tell."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.config import PatchMask
from dinosar.contracts import Masker
from dinosar.data import Features, Photo
from dinosar.errors import Abstained, InputError
from dinosar.masks import asked_together, clean, opaque
from dinosar.notices import warn
from dinosar.sparse.matched import Ground
from dinosar.timing import a_stage

Mask = NDArray[np.bool_]


class Foreground(NamedTuple):
    """A mask at full size, and where it comes from."""

    mask: Mask
    ground: Ground


@a_stage("mask")
def foregrounds(photos: Sequence[Photo], features: Sequence[Features], line: Sequence[Masker],
                config: PatchMask) -> list[Foreground]:  # fmt: skip
    """The foreground of each photo. Whoever abstains gives way to the next in line, aloud."""
    found: dict[int, Foreground] = {}
    reasons: dict[int, list[str]] = {i: [] for i in range(len(photos))}
    before: dict[int, list[dict[str, Any]]] = {i: [] for i in reasons}
    for masker in line:
        missing = [i for i in reasons if i not in found]
        if not missing:
            break
        words = asked_together([photos[i] for i in missing], masker, [features[i] for i in missing])
        for i, word in zip(missing, words, strict=True):
            mask = word if isinstance(word, Abstained) else _cleaned(word, photos[i], masker, config)
            if isinstance(mask, Abstained):
                reasons[i].append(str(mask))
                before[i].append({"masker": masker.title, **_evidence(masker, photos[i], features[i])})
            else:
                ground = _ground(photos[i], mask, masker, reasons[i], _evidence(masker, photos[i], features[i]))
                found[i] = Foreground(mask, replace(ground, abstained=tuple(before[i])))
    for i, why in reasons.items():
        if i not in found:
            raise InputError(f"no masker in line found a foreground in '{photos[i].name}': {'; '.join(why)}")
    return [found[i] for i in reasons]


def _cleaned(word: Mask, photo: Photo, masker: Masker, config: PatchMask) -> Mask | Abstained:
    """The mask that is used of a masker's word; an empty one is none."""
    mask = clean(word & opaque(photo), config)
    return mask if mask.any() else Abstained(f"masker '{masker.title}' found nothing in '{photo.name}'")


def _evidence(masker: Masker, photo: Photo, features: Features | None) -> dict[str, Any]:
    """What a masker went by; whether what it calls attention is a network's, the features know."""
    found = masker.evidence(photo)
    return {**found, "attention_kind": features.attention_kind} if "votes" in found and features else found


def _ground(photo: Photo, mask: Mask, masker: Masker, reasons: Sequence[str], evidence: dict[str, Any]) -> Ground:
    """Where a foreground comes from; that it is not the first masker's is said aloud."""
    if reasons:
        warn(f"{'; '.join(reasons)}; the foreground of '{photo.name}' is that of masker '{masker.title}'")
    method = str(evidence.get("method", masker.title))
    return Ground(method, float(mask.mean()), tuple(reasons), evidence, of_features=masker.needs_features)
