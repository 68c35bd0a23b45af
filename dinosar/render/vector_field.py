"""Where the best answers lie: on A an arrow from each patch to the same place of the picture as its answer has on B.

Across two panels a hundred arrows are a tangle. So they stay on A: the tip of each lies where, on B, the dot of its
answer lies. What keeps its place is a dot on A, too; a film whose frames agree is a field of dots.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import ALARM, CALM, FrameScene, pair_of_frames, said_across
from dinosar.render.sheet import picture

Array = NDArray[np.float64]
Show = Literal["all", "reciprocal"]
LOOKS = {False: (ALARM, 0.8), True: (CALM, 1.3)}
"""Colour, and an arrow's width in points, by whether it is mutual."""
STAYS = 0.5
"""An answer nearer than so many patches to the same place is in the same place."""
PILE = 4
"""Answers that so many arrows share have a dot as large as dots get."""


@dataclass(frozen=True, eq=False)
class Field:
    """Some patches of A, where their answers lie on B, and the same place on A; pixels of the pictures, (n, 2) each.

    `moved` (n, 2) is the way from a patch to that place, counted in patches.
    """

    starts: Array
    answers: Array
    tips: Array
    moved: Array
    mutual: NDArray[np.bool_]
    left_out: int

    @property
    def stays(self) -> NDArray[np.bool_]:
        """Which answers lie in the same place."""
        return np.asarray((np.abs(self.moved) <= STAYS).all(axis=1))


def vectors(scene: FrameScene, stride: int, show: Show = "all") -> Field:
    """The arrows of every `stride`-th row and column, from the first; those nobody answers may be left out."""
    a, b = scene.a, scene.b
    grid, other = a.features.grid, b.features.grid
    row, column = np.divmod(a.matches.asked, grid.columns)
    chosen = (row % stride == 0) & (column % stride == 0)
    drawn = chosen & a.mutual if show == "reciprocal" else chosen
    starts = grid.centres_in_photo()[a.matches.asked[drawn]]
    answers = other.centres_in_photo()[a.matches.answer[drawn]]
    shares = (answers - other.crop[:2]) / other.crop[2:]
    tips = shares * grid.crop[2:] + grid.crop[:2]
    moved = (tips - starts) * grid.scale / grid.patch
    return Field(starts, answers, tips, moved, a.mutual[drawn], int(chosen.sum() - drawn.sum()))


@picture
def vector_field(scene: FrameScene, stride: int = 4, show: Show = "all") -> bytes:
    """Arrows on A to where its patches find their best answers, and these answers on B, by whether they are mutual."""
    field = vectors(scene, stride, show)
    sheet = pair_of_frames(scene, "Where the patches of A find their best answers in B", "faint", _key(field, stride))
    left, right = sheet.panels
    for mutual in (False, True):
        _arrows(left, field, mutual)
        _ends(right, field, mutual)
    if not len(field.mutual):
        said_across(left, f"no arrow: none of {field.left_out} patches is mutual" if field.left_out else "no arrow")
    return sheet.render()


def _arrows(axes: Any, field: Field, mutual: bool) -> None:
    """Arrows of one kind, and dots for those that go nowhere."""
    which = field.mutual == mutual
    goes, stays = which & ~field.stays, which & field.stays
    colour, width = LOOKS[mutual]
    if goes.any():
        way = field.tips[goes] - field.starts[goes]
        axes.quiver(
            *field.starts[goes].T, *way.T, color=colour, angles="xy", scale_units="xy", scale=1, units="inches",
            width=width / 72, headwidth=4.5, headlength=5, headaxislength=4.2, alpha=0.85, zorder=3,
        )  # fmt: skip
    axes.plot(*field.starts[stays].T, **_dot(mutual), zorder=4)


def _ends(axes: Any, field: Field, mutual: bool) -> None:
    """The answers on B, as discs or as rings, larger where several arrows end."""
    places, shared = np.unique(field.answers[field.mutual == mutual], axis=0, return_counts=True)
    colour, _ = LOOKS[mutual]
    axes.scatter(*places.T, s=14.0 * np.minimum(shared, PILE), facecolors=colour if mutual else "none",
                 edgecolors=colour, linewidths=1.0, alpha=0.9, zorder=3 if mutual else 4)  # fmt: skip


def _dot(mutual: bool) -> dict[str, Any]:
    """A small disc, or a ring where an answer is not mutual."""
    colour, _ = LOOKS[mutual]
    return {"marker": "o", "linestyle": "none", "markersize": 3.7, "color": colour, "markeredgewidth": 1.0,
            "markerfacecolor": colour if mutual else "none"}  # fmt: skip


def _key(field: Field, stride: int) -> list[Any]:
    """What the marks mean, and how many of them there are."""
    from matplotlib.lines import Line2D

    mutual, stays = int(field.mutual.sum()), int(field.stays.sum())
    alone = len(field.mutual) - mutual
    left_out = f"not mutual: {field.left_out}, left out" if field.left_out else f"not mutual: {alone}"
    every = f"stride {stride}: an arrow for every {'patch' if stride == 1 else f'{stride} x {stride} patches'}"
    plain: dict[str, Any] = {"marker": "o", "linestyle": "none", "color": "#444444"}
    return [
        Line2D([], [], label=f"mutual: {mutual}", **_dot(True)),
        Line2D([], [], label=left_out, **_dot(False)),
        Line2D([], [], label=f"dot on A: in the same place ({stays} of {len(field.mutual)})", markersize=3.7, **plain),
        Line2D([], [], label="larger dot on B: several patches chose it", markersize=5.5, **plain),
        Line2D([], [], linestyle="none", label=every),
    ]
