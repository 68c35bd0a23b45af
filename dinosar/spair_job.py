"""`dinosar evaluate spair` as a job: the pairs of a split, their answers, and PCK."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from dinosar.config import SPairConfig
from dinosar.errors import InputError, shown, suggestion
from dinosar.evaluation.reporting import most_of_each
from dinosar.evaluation_job import outcome, place
from dinosar.jobs import Outcome
from dinosar.record import file_facts
from dinosar.spair import Collection, category_of

__all__ = ["compute", "place"]


def compute(config: SPairConfig) -> Outcome:
    """Choose the pairs, and prepare to look for their answers."""
    collection = Collection.open(Path(config.inputs.collection))
    names = chosen(collection.pair_ids(config.split, config.list_size), config)
    read = partial(collection.pair, config.split)
    return outcome(config, names, read, {"collection": file_facts(config.inputs.collection)})


def chosen(names: Sequence[str], config: SPairConfig) -> list[str]:
    """The pairs of the categories asked for, in the order of the list; of each category as many as are wanted."""
    known = list(dict.fromkeys(category_of(name) for name in names))
    for category in config.categories or []:
        if category not in known:
            raise InputError(f"the list has no pair of category '{shown(category)}'{suggestion(category, known)}")
    kept = set(config.categories or known)
    most = most_of_each(config)
    drawn: set[str] = set()
    for category in known:
        own = [name for name in names if category_of(name) == category and category in kept]
        if most is not None and len(own) > most:
            random = np.random.default_rng([config.seed, *category.encode()])
            own = [own[i] for i in random.choice(len(own), most, replace=False)]
        drawn.update(own)
    return [name for name in names if name in drawn]
