"""Every picture of a pair of frames, by file name, and what stands beneath it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dinosar.config import DistanceConfig, FitConfig, FramesConfig, MismatchConfig
from dinosar.errors import InputError
from dinosar.frames.curve import Curve, in_numbers
from dinosar.frames.judging import Judged, told_apart
from dinosar.frames.seeing import Frame
from dinosar.images import load_photo
from dinosar.publishing import csv_bytes
from dinosar.render.bare_overlay import overlay, png_bytes
from dinosar.render.frame_components import pca_features
from dinosar.render.frame_curve import FrameSeries, frame_curve
from dinosar.render.frame_maps import mismatch_map, mismatch_maps, similarity_map
from dinosar.render.frame_scene import FrameScene
from dinosar.render.mismatch_histogram import binned_mismatch, mismatch_histogram
from dinosar.render.sheet import Style
from dinosar.render.vector_field import vector_field

OVERLAY = "mismatch_B_norm_overlay.png"


def histogram_table(judged: Judged) -> bytes:
    """The bins of `histogram`: shares of the patches of each picture, those that are mutual apart from the others."""
    assert judged.maps is not None
    edges, shares = binned_mismatch(judged.maps)
    rows = [(float(edges[i]), float(edges[i + 1]), *(float(each[i]) for each in shares.values()))
            for i in range(len(edges) - 1)]  # fmt: skip
    return csv_bytes(("bin_low", "bin_high", *shares), rows)


def mismatch_pictures(judged: Judged, config: MismatchConfig) -> Iterator[tuple[str, bytes]]:
    """The overlay, as large as B and without axes; then the maps of both with a scale, and their histogram."""
    scene = scene_of(judged, config)
    yield OVERLAY, png_bytes(overlay(scene.b_pixels, scene.found.map_b, scene.found.b.grid, config.map))
    yield "histogram.csv", histogram_table(judged)
    if config.figures.charts:
        yield "mismatch_maps.png", mismatch_maps(scene)
        yield "histogram.png", mismatch_histogram(scene)


def distance_pictures(judged: Judged, config: DistanceConfig) -> Iterator[tuple[str, bytes]]:
    """What VFI-Similarity draws of a pair."""
    scene = scene_of(judged, config)
    yield "similarity_A2B.png", similarity_map(scene, "A")
    yield "similarity_B2A.png", similarity_map(scene, "B")
    yield "mismatch_A.png", mismatch_map(scene, "A")
    yield "mismatch_B.png", mismatch_map(scene, "B")
    yield "vector_field.png", vector_field(scene, config.arrows.stride, config.arrows.show)
    if config.pca:
        yield "pca_features.png", pca_features(scene)
    yield "histogram.png", mismatch_histogram(scene)
    yield "histogram.csv", histogram_table(judged)


def curve_picture(curve: Curve, backbone: str, config: MismatchConfig | DistanceConfig) -> bytes:
    """A sequence as a curve."""
    quantity = {"cosine_distance": "cosine distance\nof B from A", "raw_mean": "mean mismatch of B\n(1 - cosine)"}
    series = FrameSeries(
        tuple(row["label"] for row in curve.rows), curve.values, curve.worst, curve.threshold, curve.flicker.steps[1:],
        quantity[curve.measure], f"median + {curve.k:g} robust sigmas",
    )  # fmt: skip
    told, lines = in_numbers(curve), []
    alone = [label for label, by in told["worst_by"].items() if curve.measure not in by]
    flicker, torn = told["flicker"], told["tearing"]["strongest"]
    if told["mean"] is not None:
        lines.append(f"mean {told['mean']:.4f}, 95th percentile {told['p95']:.4f}; higher = worse")
    if alone:
        some = ", ".join(alone[:6]) + ", …" * (len(alone) > 6)
        lines.append(f"{len(alone)} of the worst frames stand out by their mean mismatch alone: {some}")
    said = [f"flicker {flicker['mean']:+.4f} over {flicker['steps']} steps"] if flicker["mean"] is not None else []
    if torn:
        said.append(
            f"strongest tear {torn['value']:.4f} in {torn['label']}, at {torn['axis']} of pixels {torn['at']:g}"
        )
    sizes = dict.fromkeys(" x ".join(map(str, row["shown_b"])) for row in curve.rows if "shown_b" in row)
    shown = f"{', '.join(list(sizes)[:3])}{', …' * (len(sizes) > 3)} px; {config.image.fit}"
    lines += ["   ".join(said), f"backbone {backbone}   shown to it: {shown}"]
    return frame_curve(series, Style("png", config.figures.dpi, "\n".join(filter(None, lines))))


def scene_of(judged: Judged, config: MismatchConfig | DistanceConfig) -> FrameScene:
    """A judged pair set up for drawing."""
    maps = judged.maps
    assert maps is not None
    a, b = (pixels_of(each, config.image) for each in (judged.a, judged.b))
    style = Style("png", config.figures.dpi, footer(judged, config))
    return FrameScene(a, b, *told_apart(judged.found), maps, config.map, style)


def pixels_of(frame: Frame, image: FitConfig) -> NDArray[np.uint8]:
    """The pixels of a frame; read again, they must still be those that the backbone saw."""
    if frame.photo is not None:
        return frame.photo.pixels
    if frame.path is None:
        raise InputError(f"'{frame.name}' came from no file, so it cannot be drawn; save it and name the file")
    photo = load_photo(frame.path, image)
    if photo.sha256 != frame.sha256:
        raise InputError(f"'{frame.path}' changed while the run went on; run it again")
    return photo.pixels


def footer(judged: Judged, config: FramesConfig) -> str:
    """The numbers of the pair, what computed them, and what it was shown."""
    found, image = judged.found, config.image
    lines = []
    if "cosine_distance" in found:
        over = "all tokens" if found["pooling"] == "all" else "the patches"
        words = f"{found['band']}; 0 = the same, higher = worse"
        lines.append(f"cosine distance {found['cosine_distance']:.4f} ({words})   pooled over {over}")
    lines.append(
        f"mismatch of B: mean {found['raw_mean']:.4f}, p95 {found['raw_p95']:.4f} (1 - cosine; higher = worse)   "
        f"{found['non_reciprocal']:.1%} of {found['patches']} patches are not mutual"
    )
    grids = [each.features.grid for each in (judged.a, judged.b)]
    sizes = dict.fromkeys(f"{grid.network[0]} x {grid.network[1]} px" for grid in grids)
    lines.append(
        f"backbone {found['backbone']}   shown to it: {' and '.join(sizes)}, patch {grids[0].patch} px; {image.fit}"
    )
    return "\n".join(lines)
