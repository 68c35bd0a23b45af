"""Each photo's own first principal component, cut at zero, above the foreground that was settled on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.principal import principal
from dinosar.render.frame_components import NOTHING
from dinosar.render.frame_scene import said_across
from dinosar.render.match_caption import caption_height, wrapped, write_caption
from dinosar.render.match_rows import Rows, sheet_of_rows
from dinosar.render.match_scene import MatchScene, patch_outline, show_photo
from dinosar.render.panels import OUTLINE, View, heat
from dinosar.render.sheet import Margins, picture

Array = NDArray[np.float64]
REACH = 2.5
"""Standard deviations at which the colours end."""
COLOURS = "PuOr_r"
"""Orange above zero, violet below, white at zero: told apart by colour-blind people."""


@dataclass(frozen=True, eq=False)
class LocalComponent:
    """Scores (rows, columns) of a photo's patches on their own first component, in standard deviations.

    The end that the foreground lies at counts as positive. Tokens without direction are NaN; so is everything
    where tokens do not differ. `share` is how much of the variance the component holds.
    """

    scores: Array
    share: float

    @property
    def above(self) -> NDArray[np.bool_]:
        """The patches above zero: the mask of the simplest rule."""
        return np.asarray(np.nan_to_num(self.scores, nan=-1.0) > 0)


def local_component(specimen: Specimen) -> LocalComponent:
    """The first principal component of all patches of one photo, on its own."""
    known = specimen.features.directed
    scores = np.full(specimen.patches.shape, np.nan)
    if not known.any():
        return LocalComponent(scores, 0.0)
    tokens = specimen.features.tokens[known].astype(np.float64)
    found = principal(tokens, 1)
    if found.variances[0] <= NOTHING:
        return LocalComponent(scores, 0.0)
    along = found.of(tokens)[:, 0] / np.sqrt(found.variances[0])
    inside = specimen.patches[known]
    ends = along[inside].mean() - along[~inside].mean() if inside.any() and not inside.all() else 1.0
    scores[known] = along if ends >= 0 else -along
    return LocalComponent(scores, float(found.variances[0] / found.total))


def shared_with(mask: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union of two sets of patches."""
    return float((mask & other).sum() / max((mask | other).sum(), 1))


@picture
def local_masks_picture(scene: MatchScene) -> bytes:
    """The components of A and of B, their zero outlined, and beneath them both foregrounds."""
    title = "Each photo's own first principal component, and the foreground in the end"
    found = [local_component(view.specimen) for view in scene.views]
    sides = zip("AB", found, scene.views, strict=True)
    below = wrapped([_in_words(letter, each, view) for letter, each, view in sides])
    more = Margins(right=1.05, bottom=caption_height(below))
    rows = sheet_of_rows(title, scene, ("", ""), more, _key())
    image = None
    for (axes, under), component, view in zip(zip(*rows.panels, strict=True), found, scene.views, strict=True):
        image = _draw(axes, component, view) or image
        show_photo(under, view, "faded")
        under.set_title(f"foreground: {view.specimen.patches.mean():.0%} of the patches", loc="left", pad=4, y=1.0)
        patch_outline(under, view.specimen, view.specimen.patches, OUTLINE)
    if image is not None:
        _beside_first_row(rows, image)
    write_caption(rows.sheet, below)
    return rows.sheet.render()


def _in_words(letter: str, found: LocalComponent, view: View) -> str:
    """How much lies above zero, and how far that is the foreground."""
    if not found.share:
        return f"{letter}: no pattern, all tokens are the same."
    alike = shared_with(found.above, view.specimen.patches)
    words = f"{letter}: {found.above.mean():.0%} of the patches lie above 0; IoU with the foreground {alike:.2f}"
    return f"{words}; the component holds {found.share:.0%} of the variance."


def _draw(axes: Any, found: LocalComponent, view: View) -> Any:
    """One photo's component as a map; None where there is none."""
    show_photo(axes, view, "grey")
    if not found.share:
        said_across(axes, "no pattern: all tokens are the same")
        return None
    scale = {"cmap": COLOURS, "vmin": -REACH, "vmax": REACH}
    image = heat(axes, view.specimen.features.grid, found.scores, scale, 0.9)
    patch_outline(axes, view.specimen, found.above, "black", 0.9)
    return image


def _beside_first_row(rows: Rows, image: Any) -> None:
    """The colour bar, no higher than what it belongs to."""
    rows.sheet.colour_bar(image, "in standard deviations;\nthe foreground's end is above 0")
    bar, beside = image.colorbar.ax, rows.panels[0][1].get_position(original=True)
    place = bar.get_position()
    bar.set_position((place.x0, beside.y0, place.width, beside.height))


def _key() -> list[Any]:
    """What the lines are."""
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color="black", linewidth=0.9, label="where the component is 0"),
        Line2D([], [], color=OUTLINE, label="edge of the foreground in the end"),
    ]
