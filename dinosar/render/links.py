"""Pictures that link places on A with places on B: the strongest matches, and the places that find no good answer."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Comparison, Matches
from dinosar.render.linked import Tie, linked_sheet
from dinosar.render.overlays import both_ways
from dinosar.render.sheet import picture

if TYPE_CHECKING:
    from dinosar.render.pictures import Scene

APART = 3.0
"""Shown places on one specimen keep at least this many patches of distance, or one wing vein takes them all."""


@dataclass(frozen=True)
class Link:
    """A match as drawn: flat patch indices on A and B, its dissimilarity, and which specimen asked."""

    a: int
    b: int
    distance: float
    asked_by: str


def strongest(comparison: Comparison, count: int) -> list[Link]:
    """The verified (or, of a matcher that does not verify, mutual) matches with the least dissimilarity, spread out.

    None lies above the median of them.
    """
    matches, trusted = comparison.forward, _trusted(comparison.forward)
    if not trusted.any():
        return []
    order = np.argsort(matches.distance, kind="stable")
    near = trusted & (matches.distance <= np.median(matches.distance[trusted]))
    return _spread(comparison, {"A": order[near[order]]}, count)


def _trusted(matches: Matches) -> NDArray[np.bool_]:
    """The matches worth showing as such."""
    trusted = matches.mutual if matches.verified is None else matches.verified
    assert trusted is not None
    return trusted


def most_different(comparison: Comparison, count: int) -> list[Link]:
    """The places of A and of B, in turn, whose best answer in the other is the worst, spread over both specimens.

    None lies below the median of both together.
    """
    pair = {"A": comparison.forward.distance, "B": comparison.backward.distance}
    every = np.concatenate(list(pair.values()))
    least = np.median(every) if len(every) else 0.0
    orders = {asker: np.argsort(-values, kind="stable") for asker, values in pair.items()}
    return _spread(comparison, {asker: order[pair[asker][order] >= least] for asker, order in orders.items()}, count)


def _spread(comparison: Comparison, orders: dict[str, NDArray[np.int64]], count: int) -> list[Link]:
    """The first matches of each asker's order, in turn, that keep their distance from all before, at both ends."""
    links: list[Link] = []
    taken = np.empty((0, 4))
    turns = deque((asker, _links(comparison, asker, order)) for asker, order in orders.items())
    while turns and len(links) < count:
        asker, waiting = turns.popleft()
        for link in waiting:
            place = np.array([*divmod(link.a, comparison.a.patches.shape[1]),
                              *divmod(link.b, comparison.b.patches.shape[1])])  # fmt: skip
            gaps = taken - place
            if (np.minimum(np.hypot(*gaps[:, :2].T), np.hypot(*gaps[:, 2:].T)) >= APART).all():
                links.append(link)
                taken = np.vstack([taken, place])
                turns.append((asker, waiting))
                break
    return links


def _links(comparison: Comparison, asker: str, order: NDArray[np.int64]) -> Iterator[Link]:
    """One direction's matches in an order."""
    matches = comparison.forward if asker == "A" else comparison.backward
    for i in order:
        pair = int(matches.asked[i]), int(matches.answer[i])
        yield Link(*(pair if asker == "A" else pair[::-1]), float(matches.distance[i]), asker)


@picture
def similar_matches(scene: "Scene") -> bytes:
    """The strongest verified or mutual matches, numbered from the strongest."""
    links = strongest(scene.comparison, scene.top)
    return _draw(scene, links, _title(len(links), scene.comparison.forward))


def _title(shown: int, matches: Matches) -> str:
    """How many links there are, of how many, and how far apart; that nothing passed, where nothing did."""
    kind, passed = "mutual" if matches.verified is None else "verified", int(_trusted(matches).sum())
    if not len(matches):
        return "No patch of A found a match in B"
    if not passed:
        return f"None of the {len(matches)} matches is {kind}"
    of = f"of {passed}" if matches.verified is None else f"{passed} of {len(matches)} verified"
    strongest = f"strongest {kind} match" if shown == 1 else f"{shown} strongest {kind} matches"
    return f"The {strongest} ({of}){_apart(shown)}"


def _apart(shown: int) -> str:
    """How far from one another they are: what lies nearer to one that is shown is not, however extreme."""
    return f", at least {APART:g} patches apart" if shown > 1 else ""


@picture
def different_matches(scene: "Scene") -> bytes:
    """The places without a good answer, each linked to the best answer it found."""
    links = most_different(scene.comparison, scene.top)
    return _draw(scene, links, _title_of_different(scene.comparison, len(links)))


def _title_of_different(pair: Comparison, shown: int) -> str:
    """How many places there are, and how far apart; that none differs more than another, where none does."""
    every = len(pair.forward) == len(pair.a.indices) and len(pair.backward) == len(pair.b.indices)
    many, one = ("places", "place") if every else ("matches found", "match found")
    values = np.concatenate([pair.forward.distance, pair.backward.distance])
    if len(values) > 1 and np.ptp(values) == 0:
        return f"All {many} differ by {values[0]:.2g}; {shown} of them{_apart(shown)}"
    return (f"The most different {one}" if shown == 1 else f"The {shown} most different {many}") + _apart(shown)


def _draw(scene: "Scene", links: list[Link], title: str) -> bytes:
    """The asking end of a link is a disc, the answering end a ring."""
    from matplotlib.lines import Line2D

    ends = [specimen.features.grid.centres_in_photo() for specimen in (scene.comparison.a, scene.comparison.b)]
    ties = [
        Tie(tuple(ends[0][link.a]), tuple(ends[1][link.b]), link.distance, link.asked_by, link.asked_by == "B")
        for link in links
    ]
    sheet = linked_sheet(scene, title, ties, both_ways(scene))
    keys = {"A": ("-", "A asks (disc), B answers (ring)"), "B": ("--", "B asks (disc), A answers (ring)")}
    askers = sorted({link.asked_by for link in links})
    sheet.legend([Line2D([], [], color="#444444", linestyle=keys[n][0], label=keys[n][1]) for n in askers])
    return sheet.render()
