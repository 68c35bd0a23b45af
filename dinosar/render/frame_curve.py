"""A sequence as a curve: a value for every frame, the frames that stand out, and beneath it what flickers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.frames.mismatching import FLAT
from dinosar.render.frame_scene import ALARM, BARE, CALM, middle_cut, said_across, sheet_for, square
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, picture, readable, width_in_points

Array = NDArray[np.float64]
ALONE_HIGH, BOTH_HIGH = 2.9, 2.25
"""Width over height of the panel for values, and of that for values and flicker."""
ROOM = Margins(0.65, -0.05, 0.5)
LETTERS = 7.5
LONGEST = 90.0
"""Points that a frame's name may take at the axis."""
DOT = 3.0
"""Points from the middle of a dot to where a name may begin."""
FEW = 80
"""Frames up to which each has a dot on the curve."""


@dataclass(frozen=True, eq=False)
class FrameSeries:
    """A value for each frame of a sequence, NaN where none could be computed.

    `worst` marks the frames that stand out, `threshold` is where that begins: one value, or one for every frame.
    `flicker` has a value for each step from a frame to the next, NaN where one of both is missing.
    """

    names: tuple[str, ...]
    values: Array
    worst: NDArray[np.bool_]
    threshold: float | Array | None = None
    flicker: Array | None = None
    quantity: str = "mean mismatch of B\n(1 - cosine)"
    rule: str = "median + k robust sigmas"

    def __post_init__(self) -> None:
        count = len(self.names)
        steps = count - 1 if self.flicker is None else len(self.flicker)
        if not count or {len(self.values), len(self.worst)} != {count} or steps != count - 1:
            raise ValueError(f"{count} names, {len(self.values)} values, {len(self.worst)} marks, {steps} steps")

    @property
    def steps(self) -> int:
        """Steps whose flicker is drawn."""
        return 0 if self.flicker is None else len(self.flicker)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Frames without a value."""
        return np.isnan(self.values)


@picture
def frame_curve(series: FrameSeries, style: Style) -> bytes:
    """The value of every frame, the worst named while their names fit, and the flicker of every step."""
    title = f"{len(series.names)} frame{'s' * (len(series.names) > 1)}, one after the other"
    sheet = sheet_for(title, style, [BOTH_HIGH if series.steps else ALONE_HIGH], key=_key(series), more=ROOM)
    upper, lower = _divided(sheet, bool(series.steps))
    _values(upper, series)
    if lower is not None and series.flicker is not None:
        _flicker(lower, series.flicker)
    for axes in filter(None, (upper, lower)):
        axes.set_xlim(-0.5 - 0.01 * len(series.names), len(series.names) - 0.5 + 0.01 * len(series.names))
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(color=FAINT, labelsize=LETTERS)
    _name_frames(lower or upper, series.names)
    if lower is not None:
        upper.tick_params(labelbottom=False)
        upper.set_xticks(lower.get_xticks())
    _name_worst(upper, series)
    return sheet.render()


def _divided(sheet: Sheet, both: bool) -> tuple[Any, Any]:
    """The panel, or two of them, the lower half as high."""
    (panel,) = sheet.panels
    if not both:
        return panel, None
    place: Any = panel.get_subplotspec()
    parts = place.subgridspec(2, 1, height_ratios=(2, 1), hspace=0.08)
    panel.remove()
    return sheet.figure.add_subplot(parts[0]), sheet.figure.add_subplot(parts[1])


def _values(axes: Any, series: FrameSeries) -> None:
    """The curve, broken where a frame is missing, with the threshold and the worst frames."""
    place, values = np.arange(len(series.values)), series.values
    axes.broken_barh(_runs(series.missing), (0, 1), transform=axes.get_xaxis_transform(), facecolor=BARE, alpha=0.55,
                     edgecolor=BARE, linewidth=0.8)  # fmt: skip
    axes.plot(place, values, color=CALM, linewidth=1.0, zorder=3)
    dotted = np.full(len(values), len(values) <= FEW) | _lonely(series.missing)
    axes.plot(place[dotted], values[dotted], "o", color=CALM, markersize=2.6, zorder=3)
    axes.plot(place[series.worst], values[series.worst], "o", color=ALARM, markersize=4.2, zorder=4)
    ends = [_greatest(values)]
    if series.threshold is not None:
        line = np.broadcast_to(np.asarray(series.threshold, np.float64), values.shape)
        at = np.concatenate([place[:1] - 0.5, place, place[-1:] + 0.5])  # so that one frame has a line, too
        axes.plot(at, np.concatenate([line[:1], line, line[-1:]]), color=INK, linewidth=1.0, linestyle="--", zorder=2)
        ends.append(_greatest(line))
    axes.set_ylim(-1.1 * _greatest(-values), max(ends) * 1.16 or FLAT)
    axes.set_ylabel(series.quantity, fontsize=8)
    if series.missing.all():
        said_across(axes, "no frame could be computed")


def _flicker(axes: Any, flicker: Array) -> None:
    """How much more B changes from frame to frame than A does: above 0 it flickers."""
    place = np.arange(len(flicker)) + 0.5
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.broken_barh(_runs(np.isnan(flicker), 0.5), (0, 1), transform=axes.get_xaxis_transform(), facecolor=BARE,
                     alpha=0.55, edgecolor=BARE, linewidth=0.8)  # fmt: skip
    axes.vlines(place, 0, flicker, color=CALM, linewidth=max(0.4, min(3.0, 300 / max(len(flicker), 1))))
    up, down = _greatest(flicker), _greatest(-flicker)
    air = 0.15 * (up + down) or FLAT
    axes.set_ylim(-down - air, up + air)
    axes.set_ylabel("flicker: change of B\n- change of A", fontsize=8)


def _greatest(values: Array) -> float:
    """The greatest value above 0 that is known."""
    return float(values[np.isfinite(values)].max(initial=0))


def _runs(marked: NDArray[np.bool_], shift: float = 0.0) -> list[tuple[float, float]]:
    """Start and length of every run of marks, a mark reaching half-way to its neighbours."""
    edges = np.flatnonzero(np.diff(np.pad(marked.astype(np.int8), 1)))
    return [(start - 0.5 + shift, end - start) for start, end in edges.reshape(-1, 2).tolist()]


def _lonely(missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames between two missing ones, of which a line would show nothing."""
    beside = np.pad(missing, 1, constant_values=True)
    return np.asarray(~missing & beside[:-2] & beside[2:])


def told_apart(names: Sequence[str]) -> tuple[list[str], str]:
    """What tells names apart, and the pattern of all; numbers stay whole: 007 of frame_007.png, and frame_*.png."""
    if len(set(names)) < 2:
        return list(names), ""
    front = commonprefix(names).rstrip("0123456789")
    back = commonprefix([name[len(front) :][::-1] for name in names])[::-1]
    back = re.sub(r"^[^\W_]+", "", back)  # no part of a number or of a word
    short = [name[len(front) : len(name) - len(back)] for name in names]
    return (short, f"{front}*{back}") if all(short) and (front or back) else (list(names), "")


def _name_frames(axes: Any, names: Sequence[str]) -> None:
    """As many frames named along the axis as there is room for, evenly."""
    short, pattern = told_apart(names)
    wide = axes.get_position().width * axes.figure.get_size_inches()[0] * 72 / (1.02 * len(names))
    longest = min(LONGEST, max(width_in_points(readable(name, 200), LETTERS) for name in set(short)) + 10)
    step = next(size for size in _round_steps() if size * wide >= longest or size >= len(names))
    axes.set_xticks(range(0, len(names), step), [middle_cut(name, LONGEST - 8, LETTERS) for name in short[::step]])
    axes.set_xlabel(f"frame, as in {middle_cut(pattern, 300, 8)}" if pattern else "frame", fontsize=8)


def _round_steps() -> list[int]:
    return [factor * 10**power for power in range(9) for factor in (1, 2, 5)]


def _name_worst(axes: Any, series: FrameSeries) -> None:
    """The names of the worst frames above or beside them, the worst first, where they cover neither dots nor names."""
    from matplotlib.patheffects import withStroke

    short, _ = told_apart(series.names)
    worst = np.flatnonzero(series.worst & ~series.missing)
    worst = worst[np.argsort(-series.values[worst], kind="stable")]
    unit, frame = axes.figure.dpi / 72, axes.get_window_extent()
    dots = axes.transData.transform(np.stack([worst, series.values[worst]], axis=1)) / unit
    taken = np.concatenate([dots - DOT, dots + DOT], axis=1)
    for i, dot in zip(worst.tolist(), dots, strict=True):
        words = middle_cut(short[i], LONGEST, LETTERS)
        half = width_in_points(words, LETTERS) / 2
        for centre in dot + np.array([(0, 9.5), (half + 5, 3), (-half - 5, 3)]):
            box = np.array([*(centre - (half + 1, 4.5)), *(centre + (half + 1, 4.5))])
            covers = ((box[:2] < taken[:, 2:]) & (box[2:] > taken[:, :2])).all(axis=1).any()
            if not covers and box[0] * unit >= frame.x0 and box[2] * unit <= frame.x1:
                taken = np.concatenate([taken, box[None]])
                axes.annotate(words, (i, series.values[i]), xytext=centre - dot, textcoords="offset points", zorder=5,
                              ha="center", va="center", fontsize=LETTERS, color=INK,
                              path_effects=[withStroke(linewidth=2, foreground="white")])  # fmt: skip
                break


def _key(series: FrameSeries) -> list[Any]:
    """What line, dots and bands mean, and how many frames are in which state."""
    from matplotlib.lines import Line2D

    worst, missing = int(series.worst.sum()), int(series.missing.sum())
    words = f"worst frames: {worst}, named where there is room" if worst else "worst frames: none"
    key = [Line2D([], [], marker="o", linestyle="none", markersize=4.2, color=ALARM, label=words)]
    if series.threshold is not None:
        single = np.ndim(series.threshold) == 0
        value = f" = {float(np.asarray(series.threshold)):.4g}" if single else ""
        key.append(Line2D([], [], color=INK, linewidth=1.0, linestyle="--", label=f"{series.rule}{value}"))
    if missing:
        key.append(square(BARE, f"not computed: {missing}"))
    return key
