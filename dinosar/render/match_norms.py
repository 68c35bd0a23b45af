"""How long the backbone made the tokens of all patches of both photos, on one scale."""

import numpy as np
from numpy.typing import NDArray

from dinosar.data import Specimen
from dinosar.render.frame_scene import said_across
from dinosar.render.match_scene import MatchScene, pair_of_photos, patch_outline
from dinosar.render.panels import heat
from dinosar.render.sheet import HEAT, picture

Array = NDArray[np.float64]
FLAT = 1e-4
"""A spread of lengths, of the greatest of them, below which they differ by nothing but rounding."""
UNKNOWN = "the lengths of this backbone's tokens are not known"


def known_lengths(specimen: Specimen) -> Array:
    """Lengths of the tokens (rows, columns); NaN where a token has no direction, everywhere where nobody kept them."""
    features = specimen.features
    if features.lengths is None:
        return np.full(specimen.patches.shape, np.nan)
    return np.where(features.directed, features.lengths.astype(np.float64), np.nan)


@picture
def norms_picture(scene: MatchScene) -> bytes:
    """The lengths as colours over both photos; tokens that are much longer than others carry no local content."""
    specimens = scene.matched.a, scene.matched.b
    maps = [known_lengths(each) for each in specimens]
    known = np.concatenate([each[np.isfinite(each)] for each in maps])
    title = f"Lengths of the tokens of all patches, {specimens[0].features.backbone}"
    sheet = pair_of_photos(scene, title, photo="grey", bar=bool(len(known)))
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    image, flat = None, high - low <= FLAT * max(abs(high), 1e-9)
    for axes, specimen, values in zip(sheet.panels, specimens, maps, strict=True):
        if specimen.features.lengths is None:
            said_across(axes, UNKNOWN)
        elif flat:
            said_across(axes, f"no pattern: all tokens are {high:.4g} long")
        else:
            image = heat(axes, specimen.features.grid, values, {"cmap": HEAT, "vmin": low, "vmax": high})
        patch_outline(axes, specimen, specimen.patches, "white", 0.9)
    if image is not None:
        sheet.colour_bar(image, "length of a token, from the least to\nthe greatest of both photos")
        image.colorbar.formatter.set_useOffset(False)
    return sheet.render()
