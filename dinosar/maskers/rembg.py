"""Networks that cut out the foreground, as the rembg package runs them."""

import contextlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

import dinosar
from dinosar import weights
from dinosar.errors import WeightsError, shown
from dinosar.maskers.rembg_sessions import mattes, session
from dinosar.notices import warn


class Rembg(dinosar.Masker):
    """A network trained to cut out what a photo shows (U2-Net and others, by rembg); any background, needs weights."""

    class Options(dinosar.Options):
        """Which network, and how sure it must be."""

        model: str = Field(
            "u2net",
            description="Network by rembg's name for it (dinosar models list). It is named here because rembg's own "
            "default has changed from version to version, and with it every mask.",
        )
        model_path: str | None = Field(
            None, min_length=1, description="An .onnx file of your own that takes and gives what `model` does."
        )
        alpha: float = Field(
            0.5, ge=0, lt=1, description="A pixel is specimen when the network gives it more than this; less grows it."
        )

        @field_validator("model")
        @classmethod
        def _known(cls, name: str) -> str:
            known = [model.name for model in weights.models() if model.part == "rembg"]
            if name not in known:
                raise ValueError(f"must be one of {', '.join(known)}")
            return name

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        model = weights.published(self.options.model, "rembg")
        own = self.options.model_path
        path, published = (_there(Path(own)), False) if own else _located(model)
        sha256 = _sha256(path)
        self._wanted = model.name, path, sha256
        self._facts = {
            "id": f"rembg-{model.name}" + ("" if published else f" ({path.name if own else 'not the published file'})"),
            "weights": path.name,
            "weights_sha256": sha256,
            **({"licence": model.licence} if published else {}),
            "rembg": version("rembg"),
            "onnxruntime": onnxruntime_version(),
        }

    @property
    def _session(self) -> Any:
        """Made for the first photo and not before: a mask that is kept needs neither rembg nor onnxruntime."""
        return session(*self._wanted)

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """Pixels that the network gives more than `alpha`."""
        mask = np.zeros(photo.pixels.shape[:2], dtype=bool)
        for matte in mattes(self._session, photo.pixels):
            mask |= matte > self.options.alpha * 255
        return mask

    def facts(self) -> dict[str, str]:
        """The model, its file and that file's SHA-256, its licence, and the version of rembg."""
        return dict(self._facts)


def onnxruntime_version() -> str:
    """Its version; it comes in several packages, of which one is enough."""
    for package in ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"):
        with contextlib.suppress(PackageNotFoundError):
            return version(package)
    return "unknown"


def _located(model: weights.Model) -> tuple[Path, bool]:
    """Where a model lies on this machine, and whether that is the published file; if it is not, that is said."""
    found = weights.locate(model)
    if found is None:
        place = shown(weights.target(model))
        raise weights.missing(model, f"masker 'rembg' fetches none by itself: there is no '{place}'")
    try:
        weights.check(model, found)
    except WeightsError as problem:
        warn(f"masker 'rembg' takes a file that is not the published one: {problem}")
        return found.path, False
    return found.path, True


def _there(path: Path) -> Path:
    if not path.is_file():
        raise WeightsError(f"weights '{shown(path)}' are not there; correct the option model_path, or leave it out")
    return path


def _sha256(path: Path) -> str:
    try:
        return weights.sha256(path)
    except OSError as problem:
        raise WeightsError(f"weights '{shown(path)}' cannot be read: {problem.strerror or problem}") from problem
