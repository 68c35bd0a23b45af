"""Two methods of matching, one above the other, and beneath them their numbers in a table."""

from collections.abc import Sequence
from typing import Any

from dinosar.render.match_links import NAMES, title_of
from dinosar.render.match_rows import sheet_of_rows
from dinosar.render.match_scene import MatchScene, show_photo
from dinosar.render.match_ties import draw_ties, tie_key
from dinosar.render.sheet import FAINT, INK, Margins, Sheet, fitted, picture
from dinosar.sparse.pairs import Agreement, Pairs

LINE = 0.2
"""Inches from one row of the table to the next."""
COLUMNS = ("", "matches", "fit one epipolar geometry", "fit one homography", "near a match: A", "B", "seconds")
SHARES = (0.0, 0.12, 0.22, 0.45, 0.66, 0.81, 0.915)
"""Where the columns begin, of the width of the table."""
UNKNOWN = "none found"


@picture
def methods_picture(scene: MatchScene) -> bytes:
    """Features above, SIFT below, on the same pictures."""
    methods, shown = scene.matched.methods, scene.look.shown
    table = [COLUMNS, *(cells(pairs) for pairs in methods)]
    more = Margins(bottom=0.2 + LINE * len(table))
    titles = [title_of(pairs, shown) for pairs in methods]
    rows = sheet_of_rows("The same two photos, matched in two ways", scene, titles, more, _key(methods, shown))
    for panels, pairs in zip(rows.panels, methods, strict=True):
        for axes, view in zip(panels, scene.views, strict=True):
            show_photo(axes, view, "faded")
        draw_ties(panels, pairs, shown, (scene.matched.a, scene.matched.b))
    _write(rows.sheet, table)
    return rows.sheet.render()


def _key(methods: Sequence[Pairs], shown: int) -> list[Any]:
    """What the ties of both are; how many stands in the table."""
    known: dict[str, Any] = {}
    for entry in (each for pairs in methods for each in tie_key(pairs, shown)):
        entry.set_label(str(entry.get_label()).split(":")[0])
        known.setdefault(entry.get_label(), entry)
    return list(known.values())


def cells(pairs: Pairs) -> tuple[str, ...]:
    """The numbers of a method as a row of the table."""
    spread = ["not known" if share is None else f"{share:.0%}" for share in pairs.spread]
    models = [_fitted(each) if len(pairs) else "no match" for each in (pairs.fundamental, pairs.homography)]
    of = pairs.counts.get("matches", len(pairs))
    kept = str(len(pairs)) if of == len(pairs) else f"{len(pairs)} of {of}"
    return (NAMES[pairs.method], kept, *models, *spread, f"{pairs.seconds:.2f}")


def _fitted(agreement: Agreement) -> str:
    """How many a model explains, beside chance."""
    if agreement.count is None:
        return UNKNOWN
    return str(agreement.count) + ("" if agreement.chance is None else f" (by chance {agreement.chance:.3g})")


def _write(sheet: Sheet, table: Sequence[Sequence[str]]) -> None:
    """The table right beneath the photos, a hairline under its head."""
    from matplotlib.lines import Line2D

    width, top = sheet.width - 0.7, sheet.foot + sheet.margins.bottom - 0.16
    ends = [*SHARES[1:], 1.0]
    for i, row in enumerate(table):
        for begin, end, words in zip(SHARES, ends, row, strict=True):
            place = (0.35 + begin * width) / sheet.width, (top - LINE * i) / sheet.height
            look: dict[str, Any] = {"color": INK if i else FAINT, "fontsize": 8.5 if i else 7.5, "va": "top"}
            sheet.figure.text(*place, fitted(words, (end - begin) * width * 72, look["fontsize"]), **look)
    up = (top - LINE + 0.05) / sheet.height
    ends_of_line = [0.35 / sheet.width, 1 - 0.35 / sheet.width]
    sheet.figure.add_artist(Line2D(ends_of_line, [up, up], color=FAINT, linewidth=0.5))
