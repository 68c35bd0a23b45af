"""The foreground by the first principal component: which side of it the votes take, cut where it falls in two."""

from collections.abc import Sequence

import numpy as np

from dinosar.foreground.axis import scores
from dinosar.foreground.cut import explained, otsu, tidied
from dinosar.foreground.verdicts import CALLED, Method, Rule, Sign, Verdict, judged, nothing, sure
from dinosar.foreground.views import View
from dinosar.foreground.votes import Votes, oriented, votes


def by_component(views: Sequence[View], rule: Rule) -> list[Verdict]:
    """What the first principal component says of a picture, or of several at once: one axis, one scale, one threshold.

    Votes of all of them are summed. Each picture then stands or falls by its own area and its own two sides.
    """
    method: Method = "pca" if len(views) == 1 else "pca-joint"
    found = scores(views)
    if found is None:
        return [nothing(f"{CALLED[method]} is none: all patches are alike")] * len(views)
    turned = oriented(found, views)
    every = [votes(*each) for each in zip(turned, views, strict=True)]
    sign = _side(every, rule)
    if sign == "-":
        turned, every = [-each for each in turned], [each.turned() for each in every]
    level, _ = otsu(np.concatenate([each[view.counted] for each, view in zip(turned, views, strict=True)]))
    verdicts = []
    for view, values, said in zip(views, turned, every, strict=True):
        separability = explained(values[view.counted], level)
        known = Verdict(None, method, sign, said, sure(every), separability=separability, given=rule.sign != "auto")
        verdicts.append(judged(tidied(values > level, view.counted), view.counted, known, rule))
    return verdicts


def _side(every: Sequence[Votes], rule: Rule) -> Sign:
    """The side that a person said, or the votes."""
    if rule.sign != "auto":
        return rule.sign
    return "+" if sure(every) >= 0 else "-"
