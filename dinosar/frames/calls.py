"""`mismatch` and `distance` from Python, by the names and with the defaults of the command line."""

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, TypedDict, Unpack

from dinosar.config import MODELS, DistanceConfig, MismatchConfig
from dinosar.data import Photo
from dinosar.errors import UsageError, shown, suggestion
from dinosar.frames.judging import Judged, judged
from dinosar.frames.seeing import Viewer, viewer_of
from dinosar.notices import collected
from dinosar.settings import Layers, add_values, settle

Picture = str | PathLike[str] | Photo
SETTINGS = {
    "backbone": "backbone", "require_dino": "require_dino", "model": "backbone.model",
    "checkpoint": "backbone.checkpoint", "lora_r": "backbone.lora_r", "lora_alpha": "backbone.lora_alpha",
    "base": "backbone.base_path", "layers": "backbone.layers", "layer_agg": "backbone.layer_agg",
    "device": "backbone.device", "dtype": "backbone.dtype", "size": "image.size", "resize": "image.size",
    "fit": "image.fit", "bit_depth": "image.bit_depth", "store": "store", "dpi": "figures.dpi",
}  # fmt: skip
OF_MISMATCH = {
    key: f"map.{key}" for key in ("boost", "normalization", "vmin", "vmax", "colormap", "alpha", "alpha_mode")
}
OF_DISTANCE = {
    "pooling": "pooling", "visualize": "visualize", "pca": "pca", "arrow_stride": "arrows.stride",
    "arrow_filter": "arrows.show",
}  # fmt: skip
"""Name of an option -> the setting it stands for, as the flag of that name on the command line."""


OF_CALLS = ("out", "overwrite", "no_checkpoint")
"""Options that stand for no single setting."""


class FrameOptions(TypedDict, total=False):
    """What both take. Where nothing is given the command line's defaults hold."""

    backbone: str | dict[str, Any]
    require_dino: bool
    model: str
    checkpoint: str | PathLike[str] | None
    lora_r: int
    lora_alpha: float
    base: str | PathLike[str]
    layers: list[int]
    layer_agg: str
    device: str
    dtype: str
    size: int
    resize: int
    fit: str
    bit_depth: str
    store: bool
    dpi: int
    out: str | PathLike[str]
    overwrite: bool
    no_checkpoint: bool


class MismatchOptions(FrameOptions, total=False):
    """What `mismatch` takes."""

    boost: float
    normalization: str
    vmin: float
    vmax: float
    colormap: str
    alpha: float
    alpha_mode: str


class DistanceOptions(FrameOptions, total=False):
    """What `distance` takes."""

    pooling: str
    visualize: bool
    pca: bool
    arrow_stride: int
    arrow_filter: str


def mismatch(ref: Picture, proc: Picture, **options: Unpack[MismatchOptions]) -> Judged:
    """Where `proc` differs from its reference: `mismatch("a.png", "b.png")["raw_mean"]`; maps in `.maps`.

    Options are called as on the command line (`boost=1`, `fit="pad"`, `backbone="classic"`). With `out="DIR"` the run
    is written there as the command does.
    """
    settled = _settled("mismatch", (ref, proc), dict(options), SETTINGS | OF_MISMATCH)
    return _run(*settled, (ref, proc))


def distance(a: Picture, b: Picture, **options: Unpack[DistanceOptions]) -> Judged:
    """How far two pictures are apart: `distance("a.png", "b.png")["cosine_distance"]`.

    Options are called as on the command line (`pooling="all"`, `resize=448`, `visualize=True`). With `out="DIR"` the
    run is written there as the command does.
    """
    return _run(*_settled("distance", (a, b), dict(options), SETTINGS | OF_DISTANCE), (a, b))


def viewer(**options: Unpack[FrameOptions]) -> Viewer:
    """A backbone loaded once, for loops: `viewer(backbone="classic").frame("a.png").features`."""
    return viewer_of(_settled("distance", ("a", "b"), dict(options), SETTINGS)[0])


def _settled(command: str, pair: tuple[Picture, Picture], options: dict[str, Any],
             known: dict[str, str]) -> tuple[Any, Path | None, bool]:  # fmt: skip
    """The config of a call, where it is to be written, and whether over what is there."""
    out, overwrite = options.pop("out", None), bool(options.pop("overwrite", False))
    for name in options:
        if name not in (*known, *OF_CALLS):
            raise UsageError(f"{command}() knows no option '{shown(name)}'{suggestion(name, [*known, *OF_CALLS])}")
    if options.get("visualize") and out is None:
        raise UsageError(f"{command}(visualize=True) draws files: name a folder for them with out=")
    if options.pop("no_checkpoint", False):
        options["checkpoint"] = options["base"] = None
    names = [str(each.path or each.name) if isinstance(each, Photo) else str(each) for each in pair]
    inputs = dict(zip("ab", names, strict=True))
    layers = Layers().add({"command": command, "inputs": inputs}, f"{command}()")
    add_values(layers, [(known[name], value, f"{command}({name}=…)") for name, value in options.items()])
    return settle(MODELS[command], layers), None if out is None else Path(out), overwrite


def _run(config: MismatchConfig | DistanceConfig, out: Path | None, overwrite: bool,
         pair: tuple[Picture, Picture]) -> Judged:  # fmt: skip
    """Judge the pair, and write it down where that is wanted."""
    with collected() as warnings:
        if out is not None:
            from dinosar.jobs import carry_out, job_module

            found: Judged = carry_out(config, job_module(config.command).place(config, out, overwrite)).noun
        else:
            look = viewer_of(config)
            a, b = (look.frame(each) for each in pair)
            found = judged(a, b, config, look.calibration)
    return replace(found, warnings=tuple(warnings))
