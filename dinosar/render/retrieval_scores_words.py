"""What the picture of scores says in words: its title, and the numbers beneath it."""

from collections.abc import Sequence

import numpy as np

from dinosar.render.frame_scene import middle_cut
from dinosar.render.match_caption import SIZE
from dinosar.render.retrieval_provenance import counted, images
from dinosar.render.retrieval_scores import Scored
from dinosar.render.retrieval_sheet import in_figures
from dinosar.retrieval.rules import RULES

NAME = 320.0
"""Points that the name of a query may take."""


def title(several: Sequence[Scored]) -> str:
    """How many images have a score, of how many queries."""
    if len(several) == 1:
        kept, all_of = several[0].kept, len(several[0].scores)
        words = "none" if not kept else "all" if kept == all_of else counted(kept)
        return f"Scores of {images(all_of)}, {words} of them kept" if all_of else "No image has a score"
    return f"Best scores of {counted(sum(each.kept > 0 for each in several))} queries beside all others"


def in_words(several: Sequence[Scored], rule: str) -> list[str]:
    """What the picture shows in numbers, and what it leaves out."""
    lines = _words_of_one(several[0]) if len(several) == 1 else _words_of_many(several)
    silent = sum(int((each.scores == 0).sum()) for each in several) if RULES[rule].silent else 0
    if silent:
        lines.append(f"A score of 0 says that no patch votes: {counted(silent)}.")
    missing = sum(each.missing for each in several)
    if missing:
        lines.append(f"Left out, for no score could be computed: {counted(missing)}.")
    return lines


def _words_of_one(each: Scored) -> list[str]:
    name = middle_cut(each.name, NAME, SIZE)
    if not each.kept:
        return [f"Query {name}: no image is an answer."]
    first, last = (in_figures(float(each.scores[i])) for i in (0, each.kept - 1))
    ranks = f"rank 1 has {first}" if each.kept == 1 else f"ranks 1 to {each.kept} have {first} to {last}"
    if each.gap is None:
        return [f"Query {name}: {ranks}; all are kept."]
    following = in_figures(float(each.scores[each.kept]))
    return [f"Query {name}: {ranks}, and rank {each.kept + 1} has {following}: a gap of {each.gap:.3g}."]


def _words_of_many(several: Sequence[Scored]) -> list[str]:
    lines = ["A score is comparable within its query; here those of all queries stand on one scale."]
    best = np.concatenate([each.best for each in several])
    others = np.concatenate([each.no_answers for each in several])
    if len(best) and len(others):
        middle = [in_figures(float(np.median(part))) for part in (best, others)]
        lines.insert(0, f"Median: {middle[0]} of the best answers, {middle[1]} of what is not kept.")
    gaps = [each.gap for each in several if each.gap is not None]
    if gaps:
        low, median, high = (f"{value:.3g}" for value in np.quantile(gaps, [0, 0.5, 1]))
        lines.insert(1, f"After the last kept answer of a query the score falls by {median} (median; {low} to {high}).")
    without = sum(not each.kept for each in several)
    if without:
        lines.append(f"Queries to which no image is an answer: {counted(without)}.")
    return lines
