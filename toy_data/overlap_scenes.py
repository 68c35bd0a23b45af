"""Draw a collection of views whose overlaps are known, to search in: a database, queries, and what they share.

    python toy_data/overlap_scenes.py --out scenes
    python toy_data/overlap_scenes.py --out scenes --tier zooms --seed 3 --families 4 --members 3 --views 6

`hard`: queries are zooms, and every family has members that differ in layout only. `zooms`: queries show a half and a
quarter of the breadth of a picture that the database has whole, among views of other families. `occluded`: queries of
which 0, 20, 40 and 60 % lie behind a scrap. `tiled`: repeated motifs and large flat areas. What is written is a folder
of photographs, `query.txt` and `database.txt` with their names, and `overlaps.csv` with each pair that shares anything.
The pixel arrays depend on the options only; the bytes of the files also depend on the PNG library.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np

# The script is run, and loaded, from its path; its parts are imported as the package of this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from toy_data.overlap_truth import overlaps
from toy_data.overlap_views import Taking, View, covered, draw_view, lit, photographed, window
from toy_data.overlap_worlds import SIDE, Key

Tier = Literal["hard", "zooms", "occluded", "tiled"]
QUERIES = 3
"""Views of a member that are asked about."""
ASKED = Taking(sides=(180.0, 450.0))
WHOLE = 800.0
"""Side of the window of a picture that is zoomed into, in pixels of the world."""
ZOOMS = (2, 4)
SHARES_HIDDEN = (0.0, 0.2, 0.4, 0.6)
_FIRST_QUERY, _FIRST_ZOOM, _ELSEWHERE = 1000, 2000, 500  # numbers of views, and of families that are only there
_ZOOM = 71  # key of a draw


@dataclass(frozen=True, eq=False)
class Collection:
    """Views to find, and views to find them with."""

    database: tuple[View, ...]
    queries: tuple[View, ...]

    def truth(self) -> np.ndarray:
        """Overlaps (queries, database, 2): the share of the query that the database image shows, and the other way."""
        return overlaps(self.queries, self.database)


def collection(
    seed: int, tier: Tier = "hard", families: Sequence[int] = range(10), members: int = 4, views: int = 8,
) -> Collection:  # fmt: skip
    """The collection of a tier: `views` of each of the members of each family in the database."""
    kind = "tiled" if tier == "tiled" else "scattered"
    keys = [Key(seed, family, member, kind) for family in families for member in range(members)]
    shown: list[View] = []
    asked: list[View] = []
    for key in keys:  # a world is painted once: all of its views are taken while it is there
        asked += _queries(key, tier)
        if tier == "zooms":
            shown.append(whole(key))
        else:
            shown += several(key, views, Taking(hidden=0.0) if tier == "occluded" else None)
    if tier == "zooms":
        for key in keys:
            shown += several(replace(key, family=_ELSEWHERE + key.family), views - 1)
    return Collection(tuple(shown), tuple(asked))


def several(key: Key, views: int, taking: Taking | None = None) -> list[View]:
    """So many views of a world for the database."""
    return [draw_view(key, i, _name("database", key, i), taking) for i in range(views)]


def _queries(key: Key, tier: Tier) -> list[View]:
    """The views of a world that are asked about."""
    if tier == "zooms":
        return [zoomed(key, zoom) for zoom in ZOOMS]
    if tier == "occluded":
        return [_occluded(key, share) for share in SHARES_HIDDEN]
    return [draw_view(key, _FIRST_QUERY + i, _name("query", key, i), ASKED) for i in range(QUERIES)]


def _name(role: str, key: Key, what: int | str) -> str:
    return f"{role}/f{key.family:03d}_m{key.member}_{what}.png"


def whole(key: Key) -> View:
    """Most of a world, upright: the picture that is zoomed into."""
    view = photographed(key, window(SIDE / 2, SIDE / 2, WHOLE), _name("database", key, "whole"))
    return lit(view, 1.0, [key.seed, key.family, key.member, _FIRST_ZOOM])


def zoomed(key: Key, zoom: int, number: int = 0) -> View:
    """A part of the whole picture, as broad as one in `zoom` of it, taken at another time of day."""
    draws = [key.seed, key.family, key.member, _FIRST_ZOOM + zoom + 10 * number]
    side = WHOLE / zoom
    x, y = SIDE / 2 + np.random.default_rng([_ZOOM, *draws]).uniform(-0.5, 0.5, 2) * (WHOLE - side)
    return lit(photographed(key, window(x, y, side), _name("query", key, f"zoom{zoom}{number or ''}")), 1.0, draws)


def _occluded(key: Key, share: float) -> View:
    """A query of which a share lies behind a scrap; those of one world differ in nothing else."""
    view = draw_view(key, _FIRST_QUERY, _name("query", key, f"hidden{share:.0%}".rstrip("%")),
                     Taking(sides=ASKED.sides, hidden=0.0))  # fmt: skip
    draws = [key.seed, key.family, key.member, _FIRST_QUERY]
    return covered(view, 2 * float(np.sqrt(share / np.pi)), draws) if share else view


def write(out: Path, drawn: Collection) -> None:
    """Write a collection as a folder of photographs with its lists and its truth."""
    out.mkdir(parents=True)
    for view in (*drawn.database, *drawn.queries):
        path = out / view.name
        path.parent.mkdir(exist_ok=True)
        done, buffer = cv2.imencode(".png", view.pixels[..., ::-1])
        if not done:
            raise RuntimeError(f"could not encode {view.name}")
        path.write_bytes(buffer.tobytes())
    for role, views in (("query", drawn.queries), ("database", drawn.database)):
        (out / f"{role}.txt").write_text("".join(f"{view.name}\n" for view in views), encoding="utf-8")
    (out / "overlaps.csv").write_text(_table(drawn), encoding="utf-8")


def _table(drawn: Collection) -> str:
    """Each pair that shares anything, the one that shows most of the query first."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["query", "database", "overlap_of_query", "overlap_of_database"])
    for query, shares in zip(drawn.queries, drawn.truth(), strict=True):
        for i in np.argsort(-shares[:, 0], kind="stable"):
            if shares[i].max() > 0:
                rows.writerow([query.name, drawn.database[i].name, *(f"{share:.4f}" for share in shares[i])])
    return text.getvalue()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    parser.add_argument("--tier", choices=get_args(Tier), default="hard", help="default: hard")
    parser.add_argument("--seed", type=int, default=0)
    for name, default in (("families", 10), ("members", 4), ("views", 8)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default: {default}")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is asked for."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if not (1 <= given.families < _ELSEWHERE and 1 <= given.members < 999 and 2 <= given.views < _FIRST_QUERY):
        parser.error(f"families: 1 to {_ELSEWHERE - 1}; members: 1 to 998; views: 2 to {_FIRST_QUERY - 1}")
    if given.out.exists():
        parser.error(f"{given.out} is there already: name another folder")
    drawn = collection(given.seed, given.tier, range(given.families), given.members, given.views)
    write(given.out, drawn)
    sys.stdout.write(f"{len(drawn.database)} photographs and {len(drawn.queries)} queries in {given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
