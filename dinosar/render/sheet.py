"""One sheet of paper: a title, panels, a footer that says what was used, and the bytes of a picture file.

Only matplotlib's object interface is used: no global state, no display, and the same bytes every time.
"""

import functools
import io
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ParamSpec

import numpy as np

from dinosar.config import FigureFormat

P = ParamSpec("P")
SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.linewidth": 0.8,
    "svg.hashsalt": "dinosar", "svg.fonttype": "none", "pdf.fonttype": 42, "text.parse_math": False,
    "text.hinting": "no_hinting",  # else a line is up to 7 % longer at one resolution than at another
}  # fmt: skip
INK, FAINT = "#1a1a1a", "#666666"
HEAT = "viridis"
"""Perceptually even, and readable for colour-blind people and in grey print."""


@dataclass(frozen=True)
class Style:
    """How pictures are written, and what stands beneath each."""

    format: FigureFormat = "png"
    dpi: int = 150
    footer: str = ""


@dataclass(frozen=True)
class Margins:
    """Room around the panels in inches, beside title and footer."""

    left: float = 0.35
    right: float = 0.35
    bottom: float = 0.0


BESIDE_BAR = Margins(right=1.05)
FOOT, LINE = 0.68, 0.14
"""Inches beneath the panels for a footer of three lines, and for each line more."""


class Sheet:
    """A figure of `width` x `height` inches with a row of panels between title and footer.

    A footer of more than three lines makes it higher, not the panels lower; a line too long for the sheet is broken
    between two of its parts.
    """

    def __init__(self, title: str, style: Style, size: tuple[float, float], widths: Sequence[float] = (1.0,),
                 margins: Margins = Margins()) -> None:  # fmt: skip
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.style, self.margins = style, margins
        room = (size[0] - 0.7) * 72
        footer = [part for line in style.footer.split("\n") for part in broken(line, room, 7.5)]
        more = LINE * max(0, len(footer) - 3)
        self.foot, self.width, self.height = FOOT + more, size[0], size[1] + more
        self.figure = Figure(figsize=(self.width, self.height), facecolor="white")
        FigureCanvasAgg(self.figure)
        grid = self.figure.add_gridspec(1, len(widths), width_ratios=widths, wspace=0.04)
        grid.update(
            left=margins.left / self.width,
            right=1 - margins.right / self.width,
            top=1 - 0.62 / self.height,
            bottom=(self.foot + margins.bottom) / self.height,
        )
        self.panels = [self.figure.add_subplot(grid[0, i]) for i in range(len(widths))]
        self._text(0.14, readable(title, 110), True)
        self._text(self.height - 0.1, "\n".join(fitted(line, room, 7.5) for line in footer), False)

    def _text(self, down: float, text: str, heading: bool) -> None:
        """The title, hanging from the top, or the footer, standing on the bottom."""
        look: dict[str, Any] = {"fontsize": 11, "fontweight": "bold", "color": INK, "va": "top"} if heading else {
            "fontsize": 7.5, "color": FAINT, "va": "bottom", "linespacing": 1.35}  # fmt: skip
        self.figure.text(0.35 / self.width, 1 - down / self.height, text, **look)

    def colour_bar(self, mappable: Any, label: str, *, clipped: bool = False, below: bool = False) -> None:
        """A slim bar beside the panels, laid out `BESIDE_BAR` or wider; an arrow where its top or foot is cut off."""
        foot = self.foot + self.margins.bottom + 0.07
        left = 1 - (self.margins.right - 0.15) / self.width
        place = (left, foot / self.height, 0.13 / self.width, 1 - (foot + 0.75) / self.height)
        ends = [["neither", "max"], ["min", "both"]][below][clipped]
        bar = self.figure.colorbar(mappable, cax=self.figure.add_axes(place), extend=ends)
        bar.set_label(label, fontsize=8)
        bar.ax.tick_params(labelsize=7.5)

    def legend(self, handles: Sequence[Any]) -> None:
        """A legend at the right end of the title's line."""
        self.figure.legend(
            handles=handles,
            loc="upper right",
            bbox_to_anchor=(1 - 0.25 / self.width, 1 - 0.08 / self.height),
            ncols=len(handles),
            **{"fontsize": 8, "frameon": False, "borderpad": 0, "handletextpad": 0.5, "columnspacing": 1.4},
        )

    def render(self) -> bytes:
        """The picture as bytes: no date, no software version, so that two runs agree to the byte."""
        buffer = io.BytesIO()
        if self.style.format == "png":
            _save_png(self.figure, buffer, self.style.dpi)
        else:
            date = {"svg": "Date", "pdf": "CreationDate"}[self.style.format]
            metadata = {date: None, "Creator": None, **({"Producer": None} if self.style.format == "pdf" else {})}
            self.figure.savefig(buffer, format=self.style.format, dpi=self.style.dpi, metadata=metadata)
        if self.style.format == "svg":  # where several blanks would else be shown as one
            return buffer.getvalue().replace(b"<text ", b'<text xml:space="preserve" ')
        return buffer.getvalue()


def picture(draw: Callable[P, bytes]) -> Callable[P, bytes]:
    """Marks a function that draws a picture: our settings hold while it runs, and only then."""

    @functools.wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> bytes:
        import matplotlib

        with matplotlib.rc_context(SETTINGS):
            return draw(*args, **kwargs)

    return run


def _save_png(figure: Any, buffer: io.BytesIO, dpi: int) -> None:
    """PNG at compression level 1, several times faster than matplotlib's own, with the resolution noted."""
    from PIL import Image

    figure.set_dpi(dpi)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=1, dpi=(dpi, dpi))


def readable(text: str, limit: int) -> str:
    """Text as the font can show it, on one line: what has no glyph is written as its code, what is endless is cut."""
    shown = "".join(c if _has_glyph(c) else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def fitted(text: str, points: float, size: float) -> str:
    """Readable text, cut to a width in points when set in letters of `size` points."""
    shown = readable(text, 200)
    if width_in_points(shown, size) <= points:
        return shown
    fit = bisect_right(range(len(shown)), points, key=lambda n: width_in_points(shown[:n] + "…", size))
    return shown[: max(1, fit - 1)] + "…"


def broken(text: str, points: float, size: float) -> list[str]:
    """Text on as many lines as it needs, broken only where its parts are three blanks apart."""
    first, *others = text.split("   ")
    lines = [first]
    for part in others:
        longer = f"{lines[-1]}   {part}"
        if width_in_points(readable(longer, 200), size) <= points:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def width_in_points(text: str, size: float) -> float:
    """Width of a line of text, set in letters of `size` points."""
    font = _font()
    font.set_size(size, 72)
    font.set_text(text)
    return float(font.get_width_height()[0]) / 64


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    return character.isprintable() and bool(_font().get_char_index(ord(character)))


@lru_cache(maxsize=1)
def _font() -> Any:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(findfont(FontProperties(family="DejaVu Sans")))
