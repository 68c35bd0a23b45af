"""A sheet with several rows of the same two photos, each row under words of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dinosar.render.frame_scene import KEY, NARROW, WIDTH, in_lines, legend_line
from dinosar.render.match_scene import MatchScene
from dinosar.render.sheet import INK, Margins, Sheet, fitted

HIGH, LOW = 4.4, 1.2
"""Inches of a row, so that two of them fit on a page."""
ABOVE, BETWEEN = 0.3, 0.62
"""Inches above the first row for its words, and between two rows for words and the names of the photos."""


@dataclass(frozen=True, eq=False)
class Rows:
    """A sheet with its panels, those of A and B in each row."""

    sheet: Sheet
    panels: list[tuple[Any, Any]]


@dataclass(frozen=True)
class Plan:
    """Inches of a sheet of rows: its width, the height of each row, the room for words above the first."""

    width: float
    high: float
    above: float


def sheet_of_rows(title: str, scene: MatchScene, headings: Sequence[str], more: Margins,
                  key: Sequence[Any] = ()) -> Rows:  # fmt: skip
    """A sheet with a row of A and B for each heading, which may be empty; beneath them a legend and `more` room."""
    widest = max(view.aspect for view in scene.views)
    aspects = [max(view.aspect, widest / 4) for view in scene.views]  # a narrow one beside a wide one stays legible
    plan = _planned(aspects, more, ABOVE * bool(headings[0]))
    lines = in_lines(key, (plan.width - 0.6) * 72)
    bottom = more.bottom + 0.08 * bool(lines) + KEY * len(lines)
    inner = plan.above + len(headings) * (plan.high + BETWEEN) - BETWEEN
    margins = Margins(more.left, more.right, bottom)
    sheet = Sheet(title, scene.style, (plan.width, inner + 1.3 + bottom), margins=margins)
    panels = _divided(sheet, aspects, plan, len(headings))
    for heading, (left, _) in zip(headings, panels, strict=True):
        place = left.get_position(original=True)
        up = place.y1 + 0.28 / sheet.height
        words = fitted(heading, (sheet.width - 0.7) * 72 / 1.14, 9.5)
        sheet.figure.text(place.x0, up, words, fontsize=9.5, fontweight="bold", color=INK)
    for up, line in enumerate(reversed(lines)):
        legend_line(sheet, line, sheet.foot - 0.06 + KEY * up)
    return Rows(sheet, panels)


def _planned(aspects: Sequence[float], more: Margins, above: float) -> Plan:
    """Rows as wide as the sheet, unless they would be too high."""
    sides, gap = more.left + more.right, 1.04
    high = float(np.clip((WIDTH - sides) / (sum(aspects) * gap), LOW, HIGH))
    return Plan(float(np.clip(sum(aspects) * gap * high + sides, NARROW, WIDTH)), high, above)


def _divided(sheet: Sheet, aspects: Sequence[float], plan: Plan, rows: int) -> list[tuple[Any, Any]]:
    """The sheet's one panel, replaced by rows of two, with room above the first and between them."""
    ratios = [max(plan.above, 1e-6), *[plan.high, BETWEEN] * (rows - 1), plan.high]
    place: Any = sheet.panels[0].get_subplotspec()
    look = {"height_ratios": ratios, "width_ratios": aspects, "hspace": 0, "wspace": 0.04}
    parts = place.subgridspec(len(ratios), len(aspects), **look)
    sheet.panels[0].remove()
    add = sheet.figure.add_subplot
    return [(add(parts[i, 0]), add(parts[i, 1])) for i in range(1, len(ratios), 2)]
