"""Sentences beneath the panels of a picture, above its legend and its footer."""

from collections.abc import Sequence

from dinosar.render.frame_scene import NARROW
from dinosar.render.sheet import INK, Sheet, fitted, readable, width_in_points

SIZE, LINE = 8.5, 0.17
"""Points of the letters, and inches from one line to the next."""
ROOM = (NARROW - 0.7) * 72
"""Points of a line: what the narrowest sheet has, for a caption is broken before its sheet is made."""
LONGEST = 2000
"""Letters of a sentence; what is longer than a page of reasons is cut."""


def wrapped(sentences: Sequence[str], room: float = ROOM) -> list[str]:
    """Sentences as the font can show them, each on as many lines as it needs."""
    return [line for sentence in sentences for line in _lines(readable(sentence, LONGEST), room)]


def _lines(sentence: str, room: float) -> list[str]:
    """One sentence, broken between words; a word that is longer than a line is cut."""
    lines: list[str] = []
    for word in sentence.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_in_points(longer, SIZE) <= room:
            lines[-1] = longer
        else:
            lines.append(fitted(word, room, SIZE))
    return [line.strip() for line in lines]


def caption_height(lines: Sequence[str]) -> float:
    """Inches that a caption takes beneath the panels."""
    return 0.16 + LINE * len(lines) if lines else 0.0


def write_caption(sheet: Sheet, lines: Sequence[str]) -> None:
    """Write the lines right beneath the panels, where the sheet keeps room for them; one by one, for exact places."""
    top = sheet.foot + sheet.margins.bottom - 0.12
    for i, line in enumerate(lines):
        place = 0.35 / sheet.width, (top - LINE * i) / sheet.height
        sheet.figure.text(*place, line, fontsize=SIZE, color=INK, va="top")
