"""Rankings held against true overlaps: recall, rank correlation, and how far the reported overlap is off."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dinosar.evaluation.overlap_tables import Overlaps, Ranked
from dinosar.evaluation.query_intervals import Floats, interval, interval_of_mean
from dinosar.evaluation.recall import FEWEST, found_within, mean_of, rank_correlation, share_of_best

OVERLAP = "coverage_sym"
"""The rule whose score is reported as an overlap."""
LITTLE = 1e-9
"""Share of a sum of squares beneath which a spread is nothing but rounding."""
MEANS = ("recall@", "share_of_best@", "rho_")
"""What the keys begin with of which there is a mean over queries."""
Row = dict[str, Any]
Ranking = Mapping[str, Ranked]


class SharedPair(NamedTuple):
    """A query and an image that shows some of it: the overlap that was reported, NaN where none was, and the true one.

    The true one is the smaller share of both directions where `both` are known, as the reported one is.
    """

    query: str
    image: str
    reported: float
    true: float
    both: bool


class Apart(NamedTuple):
    """Names of which only one of the two tells, the ranking or the truth; each list is sorted.

    `in_no_ranking` are images that share something with a query that was asked, and neither answer nor ask; `not_asked`
    are queries of the truth; `untold` are queries that were asked, of which the truth tells of no image.
    """

    in_no_ranking: list[str]
    not_asked: list[str]
    untold: list[str]


def one_collection(ranking: Ranking) -> bool:
    """Whether equal names mean the same image: so it is unless a query is answered by an image of its own name."""
    return not any(query in each.images for query, each in ranking.items())


def database(ranking: Ranking, truth: Overlaps) -> list[str]:
    """Every image that is known of, in the order of their names: those listed, and those that share something."""
    listed = {image for each in ranking.values() for image in each.images}
    return sorted(listed.union(*(truth.shown.get(query, {}) for query in ranking)))


def apart(ranking: Ranking, truth: Overlaps) -> Apart:
    """What of the truth is not in the ranking, and the other way."""
    met = {image for each in ranking.values() for image in each.images}
    met |= ranking.keys() if one_collection(ranking) else set()
    shown = {image for query in ranking for image, share in truth.shown.get(query, {}).items() if share > 0}
    return Apart(sorted(shown - met), sorted(truth.shown.keys() - ranking.keys()),
                 sorted(ranking.keys() - truth.shown.keys()))  # fmt: skip


def judged(ranking: Ranking, truth: Overlaps, ks: Sequence[int], relevant: float) -> list[Row]:
    """For each query: its recall, and by rule the correlation of scores with what images share with it."""
    places = {name: place for place, name in enumerate(database(ranking, truth))}
    one = one_collection(ranking)
    rows = []
    for query, ranked in ranking.items():
        shared, listed = np.zeros(len(places)), np.array([places[image] for image in ranked.images], np.int64)
        for image, share in truth.shown.get(query, {}).items():
            shared[places[image]] = share
        if one and query in places:  # no image is an answer to itself
            own = places[query]
            shared, listed = np.delete(shared, own), listed - (listed > own)
        rows.append({"query": query, **_judged(ranked, listed, shared, ks, relevant)})
    return rows


def _judged(ranked: Ranked, places: NDArray[np.int64], shared: Floats, ks: Sequence[int], relevant: float) -> Row:
    """One query: `shared` (n,) over the database, `places` in it of its answers, the best first."""
    listed, missed = places.tolist(), np.delete(shared, places)
    row: Row = {
        "listed": len(listed), "answers": int((shared >= relevant).sum()), "sharing": int((shared > 0).sum()),
        "not_listed": int((missed >= relevant).sum()),
    }  # fmt: skip
    for k in ks:
        found = found_within(listed, shared, k, relevant)
        row[f"recall@{k}"] = None if found is None else float(found)
        row[f"share_of_best@{k}"] = share_of_best(listed, shared, k)
    for rule, scores in ranked.scores.items():
        row[f"rho_{rule}"] = rank_correlation(np.array(scores), shared[listed])
    return row


def summary(rows: Sequence[Row]) -> Row:
    """Means over queries, each with its interval, and with how many queries it could be told of."""
    found: Row = {}
    for key in (key for key in rows[0] if key.startswith(MEANS)):
        values = [row[key] for row in rows if row[key] is not None]
        mean, count = mean_of(values)
        ends = interval_of_mean(key, np.array(values, np.float64))
        found[key] = {"mean": mean, "interval": ends and list(ends), "queries": count}
    return found


def shared_pairs(ranking: Ranking, truth: Overlaps) -> list[SharedPair]:
    """Every query with each of the listed images that show some of it."""
    one, found = one_collection(ranking), []
    for query, each in ranking.items():
        shown, told = truth.shown.get(query, {}), each.scores.get(OVERLAP) or [float("nan")] * len(each.images)
        for image, reported in zip(each.images, told, strict=True):
            share = shown.get(image, 0.0)
            if share > 0:
                back = truth.back.get((query, image))
                if back is None and one:
                    back = truth.shown.get(image, {}).get(query)
                true = share if back is None else min(share, back)
                found.append(SharedPair(query, image, reported, true, back is not None))
    return found


def calibration(pairs: Sequence[SharedPair]) -> Row | None:
    """How the reported overlap goes with the true one, of all pairs that have both; None where none has.

    Pearson's correlation is None of fewer than three pairs, or where either overlap is the same for all.
    """
    kept = [pair for pair in pairs if np.isfinite(pair.reported)]
    if not kept:
        return None
    values = np.array([(pair.reported, pair.true) for pair in kept])
    queries, of = np.unique([pair.query for pair in kept], return_inverse=True)
    # About the means of all, so that sums of squares lose nothing.
    x, y = (values - values.mean(axis=0)).T
    off = values[:, 0] - values[:, 1]
    columns = np.stack([np.ones(len(kept)), x, y, x * x, y * y, x * y, np.abs(off)], axis=1)
    sums = np.stack([np.bincount(of, column, len(queries)) for column in columns.T], axis=1).astype(np.float64)
    enough = len(kept) >= FEWEST and not (np.ptp(values, axis=0) == 0).any()
    straight = interval("pearson", sums, _pearson) if enough else None
    beside = interval("mean_absolute_error", sums, lambda drawn: np.asarray(drawn[:, 6] / drawn[:, 0]))
    return {
        "pairs": len(kept), "queries": len(queries), "both_directions": sum(pair.both for pair in kept),
        "pearson": float(np.corrcoef(values.T)[0, 1]) if enough else None,
        "pearson_interval": straight and list(straight),
        "mean_absolute_error": float(np.abs(off).mean()), "mean_absolute_error_interval": beside and list(beside),
        "mean_difference": float(off.mean()),
    }  # fmt: skip


def _pearson(sums: Floats) -> Floats:
    """The correlation of each draw, from its sums of 1, x, y, x², y² and xy; NaN where all are the same."""
    n, x, y, xx, yy, xy = sums.T[:6]
    across, along = n * xx - x * x, n * yy - y * y
    spread = (across > LITTLE * n * xx) & (along > LITTLE * n * yy)
    found = np.full(n.shape, np.nan)
    found[spread] = (n * xy - x * y)[spread] / np.sqrt(across[spread] * along[spread])
    return found


def sharing_nothing(ranking: Ranking, truth: Overlaps) -> Row:
    """What overlap was reported of listed images that show nothing of the query, as far as is known."""
    told = [
        reported
        for query, each in ranking.items()
        for image, reported in zip(each.images, each.scores.get(OVERLAP, ()), strict=False)
        if np.isfinite(reported) and not truth.shown.get(query, {}).get(image)
    ]
    return {"pairs": len(told), "mean_reported": float(np.mean(told)) if told else None}
