"""The numbers of a comparison as files: scores, patches, matches, histogram bins, the arrays behind the pictures."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.components import joint_colours
from dinosar.config import CompareConfig
from dinosar.data import Comparison, Matches, Specimen
from dinosar.homology_tables import homology, homology_arrays, homology_tables
from dinosar.publishing import csv_bytes, json_bytes, npz_bytes
from dinosar.render.histogram import binned
from dinosar.render.links import most_different, strongest
from dinosar.scores import summarize


def result(comparison: Comparison, config: CompareConfig) -> dict[str, Any]:
    """Everything a program wants to know of a comparison: `scores.json`, and what --json prints."""
    found = {
        "mode": config.mode,
        "a": comparison.a.name,
        "b": comparison.b.name,
        "backbone": comparison.a.features.backbone,
        "masker": comparison.parts["masker"],
        "matcher": comparison.parts["matcher"],
        "distance": comparison.distance,
        "distance_is": comparison.headline,
        "higher_is": "more different",
        "scores": {name: _plain(asdict(score)) for name, score in comparison.scores.items()},
        "random_patch_pairs": asdict(summarize(comparison.random, config.scores.tail)),
        "patches": {side: _patch_counts(*each) for side, each in _sides(comparison).items()},
    }
    if comparison.a.posed:
        found["alignment"] = alignment(comparison.a, config)
    if config.mode != "similarity":
        found["homology"] = homology(comparison, config)
    return found


def _sides(comparison: Comparison) -> dict[str, tuple[Specimen, Matches | None]]:
    there, back = comparison.matches or (None, None)
    return {"a": (comparison.a, there), "b": (comparison.b, back)}


def _patch_counts(specimen: Specimen, matches: Matches | None) -> dict[str, Any]:
    grid = specimen.features.grid
    blind = int((~specimen.features.directed & (specimen.share > 0)).sum())
    matched = {} if matches is None else {"matched": len(matches)}
    return {"rows": grid.rows, "columns": grid.columns, "compared": len(specimen.indices), **matched,
            "without_direction": blind, "mask_share_of_photo": float(specimen.mask.mean()),
            "grid": grid.as_dict()}  # fmt: skip


def alignment(a: Specimen, config: CompareConfig) -> dict[str, Any]:
    """How A was brought into the pose of B; the matrix takes its original pixels to those that were compared."""
    return {"stage": config.align.stage, "how": a.posed,
            "movement": None if a.movement is None else a.movement.tolist()}  # fmt: skip


def _plain(score: dict[str, Any]) -> dict[str, Any]:
    """A score without the fields that say nothing."""
    return {key: value for key, value in score.items() if value is not None and key != "name"}


def tables(comparison: Comparison, config: CompareConfig) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every table and array."""
    yield "scores.json", json_bytes(result(comparison, config))
    if comparison.matches is not None:
        yield "patches.csv", patches_csv(comparison)
        yield "matches.csv", matches_csv(comparison, config.figures.top)
        edges, shares = binned(comparison)
        rows = [(float(edges[i]), float(edges[i + 1]), *(float(s[i]) for s in shares)) for i in range(len(edges) - 1)]
        yield "histogram.csv", csv_bytes(("bin_low", "bin_high", "a_to_b", "b_to_a", "random"), rows)
    if comparison.homology is not None:
        yield from homology_tables(comparison.homology, comparison, config.figures.top)
    yield "maps.npz", maps_npz(comparison)


PATCH_COLUMNS = (
    "specimen", "row", "column", "x", "y", "share", "focus", "answer_row", "answer_column", "answer_x", "answer_y",
    "dissimilarity", "topk_dissimilarity", "mutual",
)  # fmt: skip


def patches_csv(comparison: Comparison) -> bytes:
    """One row for each patch compared: where it is in original pixels, its best answer, and how far that is."""
    header = [comparison.a.features.attention_kind if name == "focus" else name for name in PATCH_COLUMNS]
    rows = [*_patch_rows("a", comparison.a, comparison.b, comparison.forward),
            *_patch_rows("b", comparison.b, comparison.a, comparison.backward)]  # fmt: skip
    return csv_bytes(header, rows)


def _centres(specimen: Specimen) -> list[list[float]]:
    """Centres of all patches in the pixels of the file."""
    places: list[list[float]] = specimen.originally(specimen.features.grid.centres_in_photo()).tolist()
    return places


def _patch_rows(side: str, own: Specimen, other: Specimen, matches: Matches) -> Iterator[tuple[Any, ...]]:
    here, there = own.features.grid, other.features.grid
    own_places, other_places = _centres(own), _centres(other)
    share = own.share.ravel()
    focus = None if own.features.focus is None else own.features.focus.ravel()
    for i, (asked, answer) in enumerate(zip(matches.asked.tolist(), matches.answer.tolist(), strict=True)):
        yield (
            side, *divmod(asked, here.columns), *own_places[asked], float(share[asked]),
            None if focus is None else float(focus[asked]), *divmod(answer, there.columns), *other_places[answer],
            float(matches.distance[i]), None if matches.runners_up is None else float(matches.runners_up[i]),
            None if matches.mutual is None else int(matches.mutual[i]),
        )  # fmt: skip


MATCH_COLUMNS = (
    "asked_by", "a_row", "a_column", "ax", "ay", "b_row", "b_column", "bx", "by", "dissimilarity", "verified", "shown",
)  # fmt: skip


def matches_csv(comparison: Comparison, top: int) -> bytes:
    """One row for each match, nearest first; a mutual one once, asked by both. `verified` is empty where the
    matcher does not verify. `shown`: its number in a plot."""
    shown = {(link.asked_by, link.a, link.b): f"similar {i}" for i, link in enumerate(strongest(comparison, top), 1)}
    for i, link in enumerate(most_different(comparison, top), 1):
        key = (link.asked_by, link.a, link.b)
        shown[key] = f"{shown[key]}; different {i}" if key in shown else f"different {i}"
    links = sorted(_links(comparison), key=lambda link: (link[3], link[1], link[2], link[0]))
    a, b = (specimen.features.grid for specimen in (comparison.a, comparison.b))
    a_places, b_places = _centres(comparison.a), _centres(comparison.b)
    rows = []
    for asker, i, j, distance, verified in links:
        labels = "; ".join(
            shown[(side, i, j)] for side in ("A", "B") if asker in (side, "both") and (side, i, j) in shown
        )
        places = *divmod(i, a.columns), *a_places[i], *divmod(j, b.columns), *b_places[j]
        rows.append((asker, *places, distance, verified, labels))
    return csv_bytes(MATCH_COLUMNS, rows)


def _links(comparison: Comparison) -> Iterator[tuple[str, int, int, float, int | None]]:
    """(who asked, patch of A, patch of B, dissimilarity, whether verified); of a mutual match, as A was answered."""
    for i, j, distance, verified, both in _listed(comparison.forward):
        yield ("both" if both else "A"), i, j, distance, verified
    for j, i, distance, verified, both in _listed(comparison.backward):
        if not both:
            yield "B", i, j, distance, verified


def _listed(matches: Matches) -> Iterator[tuple[int, int, float, int | None, bool]]:
    """(asking patch, answering patch, dissimilarity, whether verified, whether mutual)."""
    mutual = [False] * len(matches) if matches.mutual is None else matches.mutual.tolist()
    verified = [None] * len(matches) if matches.verified is None else matches.verified.astype(int).tolist()
    ends = matches.asked.tolist(), matches.answer.tolist()
    yield from zip(*ends, matches.distance.tolist(), verified, mutual, strict=True)


def maps_npz(comparison: Comparison) -> bytes:
    """The arrays behind the maps, for each specimen: dissimilarity, mask, patches, attention or saliency, PCA."""
    arrays: dict[str, NDArray[Any]] = {}
    colours = joint_colours(comparison.a, comparison.b)
    for (side, (specimen, matches)), rgb in zip(_sides(comparison).items(), colours, strict=True):
        if matches is not None:
            arrays[f"dissimilarity_{side}"] = specimen.spread(matches.asked, matches.distance).astype(np.float32)
        arrays |= {
            f"mask_{side}": specimen.mask, f"share_{side}": specimen.share.astype(np.float32),
            f"patches_{side}": specimen.patches, f"pca_{side}": rgb.astype(np.float32),
        }  # fmt: skip
        if specimen.features.attention is not None:
            arrays[f"{specimen.features.attention_kind}_{side}"] = specimen.features.attention
        if specimen.features.attention_layers:
            arrays["attention_layers"] = np.array(specimen.features.attention_layers, dtype=np.int32)
    if comparison.homology is not None:
        arrays |= homology_arrays(comparison.homology)
    return npz_bytes(arrays)
