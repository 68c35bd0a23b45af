"""What an evaluation leaves behind: PCK in every way it is counted, and pairs and answers themselves, as tables."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from dinosar.config import EvaluationConfig, PairsConfig, SPairConfig
from dinosar.errors import shown
from dinosar.evaluation.landmarks import within
from dinosar.evaluation.pck import HEADER, KEYPOINT_HEADER, key, keypoint_rows, rows, tables
from dinosar.evaluation.rounds import Row, errors_of
from dinosar.publishing import csv_bytes, json_bytes

PAIR_HEADER = ("id", "category", "source", "target", "keypoints", "answered", "median_px_of_answered", "side_box",
               "side_image")  # fmt: skip
ANSWER_HEADER = ("id", "category", "keypoint", "x", "y", "true_x", "true_y", "error_px")
ERROR_HEADER = ("id", "source", "target", "error")
SHOWN = 0.1
"""The alpha by which the worst pairs are told, where it was asked for."""
OF_PROBE3D = 200
"""Pairs that Probe3D draws from each category."""
OBJECT, LANDMARKS = "box of the object", "box around the landmarks"


def result(found: Sequence[Row], config: EvaluationConfig, backbone: str, shown_px: int) -> dict[str, Any]:
    """Everything that is known of the answers: what --json prints, and `pck.json` holds.

    `shown_px` is the side at which pictures really were shown, whatever was asked for.
    """
    done = [errors_of(row) for row in found if row["status"] == "done"]
    search, own = config.search, isinstance(config, PairsConfig)
    numbers = tables(done, config.measure.alphas, draws=config.measure.draws, seed=config.seed)
    return {
        "counted": counted(config), "box_is": LANDMARKS if own else OBJECT, "by_category": not own,
        "protocol": search.protocol, "matcher": search.matcher, "backbone": backbone, "size": search.size,
        "shown_px": shown_px, "failed": len(found) - len(done),
        "drawn": config.figures.draw and numbers["overall"]["keypoints"] > 0, **numbers,
    }  # fmt: skip


def counted(config: EvaluationConfig) -> str:
    """What the collection is, in words."""
    if isinstance(config, PairsConfig):
        return f"own pairs: {shown(PurePath(config.inputs.pairs).name)}"
    if not isinstance(config, SPairConfig):
        raise TypeError(f"{type(config).__name__} names no collection")
    named = config.categories or []
    which = f"categor{'y' if len(named) == 1 else 'ies'} {', '.join(map(shown, named))}" if named else "all categories"
    said = ["SPair-71k layout", f"split {config.split}", f"list {config.list_size}", which]
    most = most_of_each(config)
    return ", ".join(said if most is None else [*said, f"up to {most} pair{'s' * (most != 1)} of each category"])


def most_of_each(config: SPairConfig) -> int | None:
    """How many pairs are drawn from each category at most; None for all there are."""
    return config.per_category or (OF_PROBE3D if config.search.protocol == "probe3d" else None)


def alpha_shown(alphas: Sequence[float]) -> float:
    """The one alpha by which pairs are judged where only one can be: the one of most papers, else the largest."""
    return SHOWN if SHOWN in alphas else max(alphas)


def table_files(found: Sequence[Row], told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every table."""
    alphas: list[float] = told["alphas"]
    yield "pck.json", json_bytes(told)
    yield "pck.csv", csv_bytes(HEADER, rows(told))
    yield "keypoints.csv", csv_bytes(KEYPOINT_HEADER, keypoint_rows(told))
    done = [row for row in found if row["status"] == "done"]
    header = [*PAIR_HEADER, *(f"pck_{scale}_{key(alpha)}" for scale in ("box", "image") for alpha in alphas)]
    yield "pairs.csv", csv_bytes(header, [_pair(row, alphas) for row in done])
    header = [*ANSWER_HEADER, *(f"right_box_{key(alpha)}" for alpha in alphas)]
    yield "answers.csv", csv_bytes(header, (answer for row in done for answer in _answers(row, alphas)))
    failed = [[row.get(name) for name in ERROR_HEADER] for row in found if row["status"] == "failed"]
    if failed:
        yield "errors.csv", csv_bytes(ERROR_HEADER, failed)


def _pair(row: Row, alphas: Sequence[float]) -> list[Any]:
    """A pair as a line of its own."""
    errors = errors_of(row).errors
    known = errors[np.isfinite(errors)]
    shares = [_share(errors, row[f"side_{scale}"], alpha) for scale in ("box", "image") for alpha in alphas]
    return [row["id"], row["category"], row["source"], row["target"], len(errors), len(known),
            float(np.median(known)) if len(known) else None, row["side_box"], row["side_image"], *shares]  # fmt: skip


def _share(errors: Any, side: float, alpha: float) -> float | None:
    """The share of keypoints that are right; None of none."""
    return float(within(errors, side, alpha).mean()) if len(errors) else None


def _answers(row: Row, alphas: Sequence[float]) -> Iterator[list[Any]]:
    """The keypoints of a pair, each as a line of its own: nothing is known to be right where there is no answer."""
    for name, place, truth, error in zip(row["names"], row["found"], row["truth"], row["errors"], strict=True):
        right = [None if error is None else int(within(np.array(error), row["side_box"], alpha)) for alpha in alphas]
        yield [row["id"], row["category"], name, *(place or (None, None)), *truth, error, *right]


def worst(found: Sequence[Row], count: int, alpha: float = SHOWN) -> list[Row]:
    """The pairs with the smallest share of right answers; of equal ones those whose answers lie farther off."""

    def badness(row: Row) -> tuple[float, float, str]:
        errors = errors_of(row).errors
        off = float(np.median(errors)) / row["side_box"]
        return float(within(errors, row["side_box"], alpha).mean()), -off, row["id"]

    return sorted((row for row in found if row["status"] == "done" and row["errors"]), key=badness)[:count]
