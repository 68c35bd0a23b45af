"""The numbers of a match as files: every pair of places, and a summary."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from dinosar.config import MatchConfig
from dinosar.publishing import json_bytes
from dinosar.sparse.matched import Ground, Matched
from dinosar.sparse.pairs import Agreement, Pairs
from dinosar.sparse.side_by_side import rows
from dinosar.sparse.truth import ALPHA, ANSWERED, Truth

COORDINATES = "original pixels; x to the right, y down; the first pixel covers 0 to 1"


def result(matched: Matched, config: MatchConfig, truth: Truth | None = None) -> dict[str, Any]:
    """What --json prints."""
    sides = zip("ab", (matched.a, matched.b), matched.grounds, strict=True)
    grid = matched.a.features.grid
    return {
        "a": matched.a.name,
        "b": matched.b.name,
        **matched.parts,
        "foreground": {side: _ground(ground, specimen) for side, specimen, ground in sides},
        "tolerance_px": config.geometry.tolerance or float(grid.patch),
        "tolerance_is": "network pixels that a match may miss by",
        "methods": rows(matched),
        **({} if truth is None else {"truth": _truth(truth)}),
    }


def _ground(ground: Ground, specimen: Any) -> dict[str, Any]:
    """Where a foreground comes from, and how much it is."""
    return {
        **ground.evidence,
        "method": ground.method,
        "area": ground.area,
        "patches": len(specimen.indices),
        "area_is": "of the photo; patches at its edge are not matched unless told",
        "of": specimen.patches.size,
        "fallback_reason": "; ".join([*ground.reasons, *ground.evidence.get("reasons", ())]) or None,
        **({"abstained": [dict(each) for each in ground.abstained]} if ground.abstained else {}),
    }


def _truth(truth: Truth) -> dict[str, Any]:
    """How the keypoints of the pair came out."""
    pair, right = truth.pair, truth.right
    points = zip(pair.names, pair.a.tolist(), pair.b.tolist(), truth.found, truth.errors, right, strict=True)
    return {
        "pair": pair.id, "category": pair.category, "alpha": ALPHA, "box_px": truth.side,
        "right": int(right.sum()), "of": len(right),
        "answered": int(np.isfinite(truth.errors).sum()), "answers_are": ANSWERED,
        "keypoints": [
            {"name": name, "a": a, "b": b, "found": None if np.isnan(found).any() else found.tolist(),
             "error_px": float(error) if np.isfinite(error) else None, "right": bool(good)}
            for name, a, b, found, error, good in points
        ],
    }  # fmt: skip


def tables(matched: Matched, found: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every table. Times are in the record: these are the same whenever it runs."""
    lasting = {name: {key: value for key, value in row.items() if key != "seconds"}
               for name, row in found["methods"].items()}  # fmt: skip
    yield "summary.json", json_bytes({**found, "methods": lasting})
    yield "matches.json", json_bytes(matches(matched))


def matches(matched: Matched) -> dict[str, Any]:
    """Every pair of every method, the best first."""
    pairs = matched.features
    found: dict[str, Any] = {
        "a": matched.a.name, "b": matched.b.name, "coordinates": COORDINATES, **matched.parts,
        "distance_is": pairs.distance_is, "margin_is": "how much farther (1 - cosine) the best other answer of either "
        "end lies, at least two patches away; below 0 somebody else would have answered better",
        "matches": [place | more for place, more in zip(_places(pairs), _features(matched), strict=True)],
    }  # fmt: skip
    if matched.sift is not None:
        found["sift"] = {"distance_is": matched.sift.distance_is, "matches": list(_places(matched.sift))}
    return found


def _places(pairs: Pairs) -> Iterator[dict[str, Any]]:
    """Each pair: its ends, how far they are apart, and which models explain it."""
    held = [_held(each, len(pairs)) for each in (pairs.homography, pairs.fundamental)]
    ends = zip(pairs.a.tolist(), pairs.b.tolist(), pairs.distance.tolist(), *held, strict=True)
    for rank, (a, b, distance, plane, scene) in enumerate(ends, 1):
        yield {"rank": rank, "a": a, "b": b, "distance": distance, "homography": plane, "fundamental": scene}


def _held(agreement: Agreement, count: int) -> list[bool | None]:
    return [None] * count if agreement.held is None else agreement.held.tolist()


def _features(matched: Matched) -> Iterator[dict[str, Any]]:
    """What is known of pairs of patches beside that."""
    columns = [specimen.features.grid.columns for specimen in (matched.a, matched.b)]
    stands = zip(matched.patch_a.tolist(), matched.patch_b.tolist(), matched.cosine.tolist(),
                 matched.mutual.tolist(), matched.margin.tolist(), strict=True)  # fmt: skip
    for i, j, cosine, mutual, margin in stands:
        yield {
            "cosine": cosine, "mutual": mutual, "margin": None if np.isnan(margin) else margin,
            "patch_a": list(divmod(i, columns[0])), "patch_b": list(divmod(j, columns[1])),
        }  # fmt: skip
