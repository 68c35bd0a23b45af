"""Rows of numbers by seed as tables in Markdown: means over seeds, with the least and the most beside them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Row = dict[str, Any]
KEYS = ("tier", "head", "rule", "of 320")
TITLES = {
    "scores": "Ranking, 320 views of each seed",
    "overlap": "coverage_sym as the overlap, over pairs that share anything; what a query and a training take",
    "shortlist": "A shortlist by the mean of the patches, then maxsim",
    "zooms": "The whole picture comes first for a part of its breadth (40 of each kind and seed, among 200 views)",
}
MARGINS = (
    ("maxsim / one vector, R@1, no head", ("none", "maxsim"), ("none", "one vector"), "ratio", 1.8),
    ("maxsim / one vector, R@1, trained", ("trained", "maxsim"), ("trained", "one vector"), "ratio", 1.8),
    ("trained - no head, R@1 of maxsim", ("trained", "maxsim"), ("none", "maxsim"), "gap", 0.1),
    ("trained - label flip, R@1 of maxsim", ("trained", "maxsim"), ("label flip", "maxsim"), "gap", 0.1),
    ("mirrored - label flip, R@1 of maxsim", ("mirrored", "maxsim"), ("label flip", "maxsim"), "gap", 0.1),
)
"""What, one way of scoring, another, how they are compared, and what is wanted."""
WANTED_PEARSON = 0.55


def tables(rows: Sequence[Row]) -> Iterator[str]:
    """All tables, line by line."""
    for table, title in TITLES.items():
        own = [row for row in rows if row["table"] == table]
        if own:
            yield f"\n{title}\n"
            yield from _table(own)
    yield "\nMargins (mean over seeds; the least and the most)\n"
    yield "| what | wanted | is |\n|---|---|---|"
    yield from _margins([row for row in rows if row["table"] == "scores" and row["tier"] == "hard"])
    for name in ("none", "trained"):
        told = [
            row["pearson"] for row in rows if row["table"] == "overlap" and (row["tier"], row["head"]) == ("hard", name)
        ]
        if told:
            yield f"| Pearson of coverage_sym, head {name} | >= {WANTED_PEARSON} | {_spread(told)} |"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """One line for each way of scoring."""
    keys = [key for key in KEYS if any(key in row for row in rows)]
    columns = list(dict.fromkeys(key for row in rows for key in row if key not in (*keys, "table", "seed")))
    yield f"| {' | '.join([*keys, *columns])} |\n|{'---|' * (len(keys) + len(columns))}"
    ways = list(dict.fromkeys(tuple(row.get(key, "") for key in keys) for row in rows))
    for way in ways:
        own = [row for row in rows if tuple(row.get(key, "") for key in keys) == way]
        cells = [_spread([row.get(column) for row in own]) for column in columns]
        yield f"| {' | '.join([*map(str, way), *cells])} |"


def _spread(values: Sequence[float | None]) -> str:
    """The mean, and the least and the most where there are several."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    mean = f"{np.mean(known):.3f}"
    return mean if len(known) == 1 else f"{mean} ({min(known):.3f}-{max(known):.3f})"


def _margins(rows: Sequence[Row]) -> Iterator[str]:
    """What the tables are read for."""
    recall = {(row["head"], row["rule"], row["seed"]): row["R@1"] for row in rows}
    seeds = sorted({row["seed"] for row in rows})
    for what, one, other, how, wanted in MARGINS:
        if not all((*way, seed) in recall for way in (one, other) for seed in seeds):
            continue
        first, second = ([recall[*way, seed] for seed in seeds] for way in (one, other))
        each = [a / b if how == "ratio" else a - b for a, b in zip(first, second, strict=True)]
        of_means = f"; of the means {np.mean(first) / np.mean(second):.3f}" if how == "ratio" else ""
        yield f"| {what} | >= {wanted} | {_spread(each)}{of_means} |"
