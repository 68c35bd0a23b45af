"""What an evaluation leaves behind: PCK in every way it is counted, and the pairs themselves, as tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dinosar.config import EvaluationConfig
from dinosar.evaluation.landmarks import within
from dinosar.evaluation.pck import HEADER, KEYPOINT_HEADER, key, keypoint_rows, rows, tables
from dinosar.evaluation.rounds import Row, errors_of
from dinosar.publishing import csv_bytes, json_bytes

PAIR_HEADER = ("id", "category", "status", "keypoints", "answered", "median_px", "side_box", "side_image")
SHOWN = 0.1
"""The alpha by which the worst pairs are told."""


def result(found: Sequence[Row], config: EvaluationConfig, backbone: str) -> dict[str, Any]:
    """Everything that is known of the answers: what --json prints, and `pck.json` holds."""
    done = [errors_of(row) for row in found if row["status"] == "done"]
    search = config.search
    return {
        "protocol": search.protocol, "matcher": search.matcher, "backbone": backbone, "size": search.size,
        "failed": len(found) - len(done),
        **tables(done, config.measure.alphas, draws=config.measure.draws, seed=config.seed),
    }  # fmt: skip


def table_files(found: Sequence[Row], told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every table."""
    yield "pck.json", json_bytes(told)
    yield "pck.csv", csv_bytes(HEADER, rows(told))
    yield "keypoints.csv", csv_bytes(KEYPOINT_HEADER, keypoint_rows(told))
    done = [row for row in found if row["status"] == "done"]
    header = [*PAIR_HEADER, *(f"pck_{scale}_{key(alpha)}" for scale in ("box", "image") for alpha in told["alphas"])]
    yield "pairs.csv", csv_bytes(header, [_pair(row, told["alphas"]) for row in done])
    failed = [(row["id"], row["error"]) for row in found if row["status"] == "failed"]
    if failed:
        yield "errors.csv", csv_bytes(("id", "error"), failed)


def _pair(row: Row, alphas: Sequence[float]) -> list[Any]:
    """A pair as a line of its own."""
    errors = errors_of(row).errors
    known = errors[np.isfinite(errors)]
    shares = [_share(errors, row[f"side_{scale}"], alpha) for scale in ("box", "image") for alpha in alphas]
    return [row["id"], row["category"], row["status"], len(errors), len(known),
            float(np.median(known)) if len(known) else None, row["side_box"], row["side_image"], *shares]  # fmt: skip


def _share(errors: Any, side: float, alpha: float) -> float | None:
    """The share of keypoints that are right; None of none."""
    return float(within(errors, side, alpha).mean()) if len(errors) else None


def worst(found: Sequence[Row], count: int) -> list[Row]:
    """The pairs with the smallest share of right answers; of equal ones those whose answers lie farther off."""

    def badness(row: Row) -> tuple[float, float, str]:
        errors = errors_of(row).errors
        off = float(np.median(errors)) / row["side_box"]
        return float(within(errors, row["side_box"], SHOWN).mean()), -off, row["id"]

    return sorted((row for row in found if row["status"] == "done" and row["errors"]), key=badness)[:count]
