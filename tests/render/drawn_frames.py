"""Pairs of frames with tokens that vary smoothly over them, set up for drawing."""

from dataclasses import replace

import numpy as np

from dinosar.config import MapConfig
from dinosar.data import Features
from dinosar.features import unit
from dinosar.frames.mismatching import mismatch_between
from dinosar.grid import fit_grid
from dinosar.render.frame_scene import FrameScene
from dinosar.render.sheet import Style
from dinosar.testing import toy_photo

FOOTER = "mean mismatch 0.1   backbone toy-v1"


def features_of(seed, size=(200, 120), fit="letterbox", patch=16, long_side=160):
    """Tokens of a picture of that size: smooth waves, and noise of its own."""
    grid, random = fit_grid(size, patch, fit=fit, size=long_side), np.random.default_rng(seed)
    y, x = np.mgrid[: grid.rows, : grid.columns] / np.array([grid.rows, grid.columns]).reshape(2, 1, 1)
    noise = 0.4 * random.normal(size=(4, *x.shape))
    smooth = np.stack([np.sin(3 * x), np.cos(4 * y), x * y, np.sin(5 * y + x), *noise])
    return Features(unit(np.moveaxis(smooth, 0, -1)), grid, "toy-v1")


def without(features, *patches):
    """The same, with patches (row, column) that have no direction."""
    tokens = features.tokens.copy()
    for row, column in patches:
        tokens[row, column] = 0
    return replace(features, tokens=tokens)


def scene_of(a=None, b=None, names=("a.png", "b.png"), **look):
    """Two frames, compared as `look` says."""
    a = features_of(1) if a is None else a
    b = features_of(2) if b is None else b
    chosen = MapConfig(**look)
    found = mismatch_between(a, b, "none" if chosen.absolute else chosen.normalization, chosen.boost)
    pixels = [toy_photo(seed, each.grid.photo).pixels for seed, each in ((1, a), (2, b))]
    return FrameScene(*pixels, *names, found, chosen, Style("png", 60, FOOTER))


def words_of(sheet):
    """Everything that is written on a sheet, in one line."""
    figure = sheet.figure
    texts = [text.get_text() for text in figure.texts]
    texts += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        texts += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        texts += [text.get_text() for text in axes.texts]
        legend = axes.get_legend()
        texts += [text.get_text() for text in legend.get_texts()] if legend else []
    return " | ".join(texts)


def beyond_the_sheet(sheet):
    """What is written in part outside the paper."""
    renderer, box = sheet.figure.canvas.get_renderer(), sheet.figure.bbox
    artists = [*sheet.figure.texts, *sheet.figure.legends]
    for axes in sheet.figure.axes:
        artists += [axes._left_title, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            artists += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        artists += [axes.xaxis.label, axes.yaxis.label] if axes.axison else []
    out = []
    for artist in artists:
        extent = artist.get_window_extent(renderer)
        inside = extent.x0 >= -1 and extent.y0 >= -1 and extent.x1 <= box.width + 1 and extent.y1 <= box.height + 1
        if extent.width > 1 and artist.get_visible() and not inside:
            out.append(getattr(artist, "get_text", lambda artist=artist: str(artist))())
    return out
