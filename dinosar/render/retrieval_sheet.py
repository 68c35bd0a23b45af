"""A contact sheet: a query, and the images of the database that answer it best, in their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.render.frame_scene import ALARM, CALM, NARROW, WIDTH, middle_cut
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.panels import faded, shrunk
from dinosar.render.retrieval_provenance import Searched, counted, images, per_cent
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, Style, fitted, picture, width_in_points
from dinosar.retrieval.telling import Found

Pixels = NDArray[np.uint8]
PAGE = 40
"""Images on a sheet: as many as fill a page that stands upright."""
COLUMNS = ((1, 1), (2, 2), (3, 3), (4, 2), (6, 3), (12, 4), (PAGE, 5))
"""Up to so many images stand in so many columns."""
QUERY, BESIDE_MANY = 3.4, 2.7
"""Inches that the query is wide, and where many images stand beside it."""
GAP, EDGE, TALLEST = 0.16, 0.35, 4.4
"""Inches between two images, at the edge of the sheet, and of a query that stands upright."""
ABOVE, BELOW = 0.22, 0.42
"""Inches above an image for its rank and score, and beneath it for its overlap, its name, and room to the next row."""
NO_VOTE, GONE = "no patch votes for it", "photo not found"


@dataclass(frozen=True, eq=False)
class Asked:
    """A query: its name, and its pixels, which may be small, or None where the photo is gone."""

    name: str
    pixels: Pixels | None


@dataclass(frozen=True)
class Plan:
    """Inches of a contact sheet: its width, the box of the query, and beside it the boxes of the images.

    Images stand in columns of one width, `across`, and in rows that are as `tall` as their tallest image.
    """

    width: float
    query: tuple[float, float]
    columns: int
    across: float
    tall: tuple[float, ...]

    def corner(self, i: int) -> tuple[float, float]:
        """Where an image begins: inches from the left of the sheet, and down from the first row."""
        row, column = divmod(i, self.columns)
        left = EDGE + self.query[0] + 2 * GAP + column * (self.across + GAP)
        return left, sum(ABOVE + each + BELOW for each in self.tall[:row])

    def box(self, i: int) -> tuple[float, float]:
        """Width and height there are for an image."""
        return self.across, self.tall[i // self.columns]

    @property
    def height(self) -> float:
        """Inches that the query and the images take."""
        return max(ABOVE + self.query[1] + BELOW, sum(ABOVE + each + BELOW for each in self.tall))


def contact_sheets(query: Asked, ranking: Sequence[Found], searched: Searched, style: Style) -> Iterator[bytes]:
    """The sheets of a ranking, `PAGE` images on each; one where there is no image at all."""
    for start in range(0, max(1, len(ranking)), PAGE):
        yield contact_sheet(query, ranking[start : start + PAGE], searched, style)


@picture
def contact_sheet(query: Asked, ranking: Sequence[Found], searched: Searched, style: Style) -> bytes:
    """One sheet with the images that are given."""
    plan = planned(query, ranking)
    below = wrapped(_in_words(ranking, searched), (plan.width - 0.7) * 72)
    bottom = caption_height(below)
    size = plan.width, plan.height + 1.14 + bottom
    sheet = Sheet(_title(ranking, searched), style, size, margins=Margins(bottom=bottom))
    sheet.panels.pop().remove()
    top = sheet.height - 0.46
    _query(sheet, plan, query, top)
    for i, found in enumerate(ranking):
        left, down = plan.corner(i)
        _image(sheet, found, (left, top - down), plan.box(i))
    write_caption(sheet, below)
    return sheet.render()


def planned(query: Asked, ranking: Sequence[Found]) -> Plan:
    """How a query and its images are laid out."""
    columns = next(columns for most, columns in COLUMNS if len(ranking) <= most)
    width = NARROW if columns == 1 else WIDTH
    wide = QUERY if columns < 5 else BESIDE_MANY
    across = (width - 2 * EDGE - wide - 2 * GAP - (columns - 1) * GAP) / columns
    upright = [min(1.0, _upright(found.pixels)) for found in ranking]
    tall = tuple(across * max(upright[start : start + columns]) for start in range(0, len(ranking), columns))
    return Plan(width, (wide, min(TALLEST, wide * _upright(query.pixels))), columns, across, tall)


def _upright(pixels: Pixels | None) -> float:
    """Height over width; that of a photo that is gone as most photos have it."""
    return 0.75 if pixels is None else max(0.3, pixels.shape[0] / pixels.shape[1])


def _query(sheet: Sheet, plan: Plan, query: Asked, top: float) -> None:
    """The query on the left, larger than what it found."""
    _words(sheet, (EDGE, top - ABOVE + 0.07), "query", weight="bold")
    _photo(sheet, query.pixels, (EDGE, top - ABOVE), plan.query)
    _, high = _inside(query.pixels, plan.query)
    name = middle_cut(query.name, plan.query[0] * 72, 8)
    _words(sheet, (EDGE, top - ABOVE - high - 0.16), name)


def _image(sheet: Sheet, found: Found, corner: tuple[float, float], box: tuple[float, float]) -> None:
    """An image under its rank and score, above its overlap and its name."""
    left, top = corner
    score = in_figures(found.score)
    _words(sheet, (left, top - ABOVE + 0.07), str(found.rank), weight="bold")
    _words(sheet, (left + box[0], top - ABOVE + 0.07), score, ha="right")
    axes = _photo(sheet, found.pixels, (left, top - ABOVE), box, pale=not found.voted)
    if found.box is not None:
        _outline(axes, found.box)
    foot = top - ABOVE - box[1]
    if found.voted:
        _bar(sheet, found.overlap, (left, foot - 0.13), box[0])
    else:
        _words(sheet, (left, foot - 0.14), fitted(NO_VOTE, box[0] * 72, 7), fontsize=7, color=ALARM)
    _words(sheet, (left, foot - 0.27), middle_cut(found.name, box[0] * 72, 7), fontsize=7)


def _bar(sheet: Sheet, overlap: float | None, corner: tuple[float, float], width: float) -> None:
    """An overlap as the filled part of a bar, and in words."""
    from matplotlib.patches import Rectangle

    left, foot = corner
    if overlap is None:
        _words(sheet, (left, foot - 0.01), fitted("overlap not computed", width * 72, 7), fontsize=7, color=FAINT)
        return
    room = width - (width_in_points("100%", 7) + 4) / 72
    for share, colour in ((1.0, "#d9dee3"), (overlap, CALM)):
        size = share * room / sheet.width, 0.075 / sheet.height
        sheet.figure.add_artist(Rectangle((left / sheet.width, foot / sheet.height), *size, facecolor=colour))
    _words(sheet, (left + width, foot - 0.01), per_cent(overlap), fontsize=7, ha="right")


def _photo(sheet: Sheet, pixels: Pixels | None, corner: tuple[float, float], box: tuple[float, float], *,
           pale: bool = False) -> Any:  # fmt: skip
    """A photo as large as its box allows, hanging from its upper left corner; returns its axes."""
    width, height = _inside(pixels, box)
    left, top = corner
    axes = sheet.figure.add_axes((left / sheet.width, (top - height) / sheet.height,
                                  width / sheet.width, height / sheet.height))  # fmt: skip
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color="#bbbbbb", linewidth=0.5)
    if pixels is None:
        axes.set_facecolor("#eeeeee")
        axes.text(0.5, 0.5, GONE, transform=axes.transAxes, ha="center", va="center", fontsize=7, color=FAINT)
        return axes
    small = shrunk(pixels, round(max(width, height) * sheet.style.dpi))
    axes.imshow(faded(small) if pale else small, aspect="auto", interpolation="none")
    return axes


def _outline(axes: Any, box: tuple[float, float, float, float]) -> None:
    """A frame around the tile by which an image scores."""
    from matplotlib.patches import Rectangle

    left, top, width, height = box
    for colour, line in (("white", 2.4), (ALARM, 1.2)):
        axes.add_patch(Rectangle((left, 1 - top - height), width, height, transform=axes.transAxes, fill=False,
                                 edgecolor=colour, linewidth=line))  # fmt: skip


def _inside(pixels: Pixels | None, box: tuple[float, float]) -> tuple[float, float]:
    """The largest size that fits into a box."""
    upright = _upright(pixels)
    width = min(box[0], box[1] / upright)
    return width, width * upright


def _words(sheet: Sheet, place: tuple[float, float], words: str, **look: Any) -> None:
    """Words whose line begins, or ends, so many inches from the left and above the foot of the sheet."""
    sheet.figure.text(place[0] / sheet.width, place[1] / sheet.height, words,
                      **{"fontsize": 8, "color": INK, "va": "baseline", **look})  # fmt: skip


def in_figures(score: float) -> str:
    """A score with as many decimals as tell images apart."""
    if not np.isfinite(score):
        return "no score"
    return f"{score:.3f}" if abs(score) < 100 else f"{score:.1f}"


def _title(ranking: Sequence[Found], searched: Searched) -> str:
    """Which ranks are shown, of how many images."""
    if not ranking:
        return f"No image was found among {images(searched.database)}"
    ranks = sorted({ranking[0].rank, ranking[-1].rank})
    shown = f"Rank{'s' * (len(ranks) > 1)} {' to '.join(map(counted, ranks))}"
    return f"{shown} of {images(searched.database)}, by {searched.rule}"


def _in_words(ranking: Sequence[Found], searched: Searched) -> list[str]:
    """What stands above each image and beneath it, and what is not to be taken for an answer."""
    if not ranking:
        return []
    meaning = f" ({searched.meaning})" if searched.meaning else ""
    lines = [
        f"Above each image: its rank, and its score by {searched.rule}{meaning}; higher is better. Bar: overlap, the "
        "smaller of two shares: of the query's patches that have a hit in the image, and of the image's in the query."
    ]
    if any(found.box for found in ranking):
        lines.append("Frame: the part by whose score an image ranks; its overlap is that of the whole image.")
    silent = sum(not found.voted for found in ranking)
    if silent:
        one = "1 image is faded: no patch votes for it, and that it stands here says nothing."
        many = f"{counted(silent)} images are faded: no patch votes for them, and their order says nothing."
        lines.append(one if silent == 1 else many)
    return lines
