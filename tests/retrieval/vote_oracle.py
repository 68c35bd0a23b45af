"""Every voting rule in plain loops over float64, and random databases to ask it about."""

import math
from dataclasses import dataclass

import numpy as np

from dinosar.grid import Grid
from dinosar.retrieval.blocks import Block

NAN = float("nan")


@dataclass
class Seen:
    """What the loops found of a query in the images it may meet."""

    cosine: dict  # index of the image -> (patches of the query, patches of the image)
    hits: list  # of each query patch
    images: list  # that a query patch hits


def square(side):
    """A grid of that many patches each way."""
    width = side * 10
    return Grid((width, width), (0, 0, width, width), (width, width), (0, 0, width, width), 10)


def block(name, tokens, patches=None, side=16):
    """A block of vectors, scaled to length 1."""
    tokens = np.asarray(tokens, dtype=np.float64)
    tokens = (tokens / np.linalg.norm(tokens, axis=1, keepdims=True)).astype(np.float32)
    patches = np.arange(len(tokens)) if patches is None else np.asarray(patches)
    return Block(name, tokens, patches.astype(np.int64), square(side))


def around(angle, count=200, depth=96, seed=0):
    """A vector and others at the same angle to it: their cosines differ by less than float32 can tell."""
    random = np.random.default_rng(seed)
    turn = np.linalg.qr(random.normal(size=(depth, depth)))[0]
    aside = np.zeros((count, depth))
    aside[:, 1:] = random.normal(size=(count, depth - 1))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    ring = np.cos(angle) * np.eye(depth)[:1] + np.sin(angle) * aside
    return block("q", np.eye(depth)[:1] @ turn, side=20), block("d", ring @ turn, side=20)


def drawn(random, name, most=30, depth=8, side=6):
    """A block of up to `most` random patches at random places."""
    patches = np.sort(random.choice(side * side, size=random.integers(1, most + 1), replace=False))
    return block(name, random.normal(size=(len(patches), depth)), patches, side)


def collection(seed, images=7, queries=3, depth=8):
    """Queries and a database; one of its grids has another shape."""
    random = np.random.default_rng(seed)
    database = [drawn(random, f"d{i}", depth=depth, side=6 if i else 7) for i in range(images)]
    return [drawn(random, f"q{i}", depth=depth) for i in range(queries)], database


def look(query, database, indices, least):
    """All cosines, and the census of the hits."""
    cosine = {}
    for index in indices:
        theirs = database[index].tokens
        table = [[sum(float(a) * float(b) for a, b in zip(x, y, strict=True)) for y in theirs] for x in query.tokens]
        if len(query) and len(theirs):
            cosine[index] = table
    hits = [sum(s > least for table in cosine.values() for s in table[p]) for p in range(len(query))]
    images = [sum(any(s > least for s in table[p]) for table in cosine.values()) for p in range(len(query))]
    return Seen(cosine, hits, images)


def scores_of(rule, query, database, indices, seen, least):
    """The scores of a rule for these images of the database; NaN where it has none."""
    return [
        RULES[rule](query, database[i], seen.cosine[i], votes(seen.cosine[i], least), seen) if i in seen.cosine else NAN
        for i in indices
    ]


def votes(table, least):
    """Every hit: query patch, image patch, cosine."""
    return [(p, r, s) for p, row in enumerate(table) for r, s in enumerate(row) if s > least]


def coverage(query, image, table, hits, seen):
    return len({p for p, _, _ in hits}) / len(query)


def coverage_back(query, image, table, hits, seen):
    return len({r for _, r, _ in hits}) / len(image)


def mutual_nn(query, image, table, hits, seen):
    return len({p for p, r, _ in hits if mutual(table, p, r)}) / len(query)


def total(query, image, table, hits, seen):
    return sum(s for _, _, s in hits)


def tfidf(query, image, table, hits, seen):
    number = len(seen.cosine)
    return sum(s * max(0.0, seen.hits[p] / len(query) * math.log(number / (seen.images[p] + 1e-5))) for p, _, s in hits)


def inverse(query, image, table, hits, seen):
    weight = [1 / (n + 1e-5) for n in seen.hits]
    return sum(s * weight[p] / max(weight) for p, _, s in hits)


def idf_coverage(query, image, table, hits, seen):
    number = len(seen.cosine)
    weight = [max(0.0, math.log(number / (max(m, 1) + 1e-5))) for m in seen.images]
    return sum(weight[p] for p in {p for p, _, _ in hits}) / sum(weight) if sum(weight) else NAN


def mutual(table, p, r):
    """Whether neither patch has a better answer than the other."""
    return table[p][r] == max(table[p]) and table[p][r] == max(row[r] for row in table)


def same_place(query, image, table, hits, seen):
    if (query.grid.rows, query.grid.columns) != (image.grid.rows, image.grid.columns):
        return NAN
    both = [table[p][r] for p, a in enumerate(query.patches) for r, b in enumerate(image.patches) if a == b]
    return max(both, default=NAN)


RULES = {
    "maxsim": lambda query, image, table, hits, seen: sum(max(row) for row in table) / len(table),
    "coverage": coverage,
    "coverage_back": coverage_back,
    "coverage_sym": lambda *seen: min(coverage(*seen), coverage_back(*seen)),
    "idf_coverage": idf_coverage,
    "mutual_nn": mutual_nn,
    "vop.sum": total,
    "vop.tfidf": tfidf,
    "vop.count": lambda query, image, table, hits, seen: float(len(hits)),
    "vop.0": lambda query, image, table, hits, seen: float(bool(hits)),
    "vop.1": lambda query, image, table, hits, seen: hits[0][2] if hits else 0.0,
    "vop.2": lambda query, image, table, hits, seen: float(len(hits)),
    "vop.3": total,
    "vop.4": tfidf,
    "vop.5": inverse,
    "vop.6": same_place,
}
