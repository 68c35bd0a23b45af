"""What DINOv2 and DINOv3 share as backbones: options, where the weights come from, one pass for each image."""

from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dinosar import Backbone, Encoding, hardware, weights
from dinosar import Options as BaseOptions
from dinosar.backbones.dino.fusion import Fusion, chosen, fused
from dinosar.errors import WeightsError, shown
from dinosar.weights.architecture import Family
from dinosar.weights.recognition import Recognised, recognise


class DinoOptions(BaseOptions):
    """Which weights, which layers, on which device."""

    model: str | None = Field(
        None, min_length=1, description="A published network by its short name or timm id; null is the small one, or "
        "what the checkpoint holds. Names: dinosar models list.",
    )  # fmt: skip
    checkpoint: str | None = Field(
        None, min_length=1, description="A .pth or .safetensors file of yours instead of the hub; its architecture is "
        "read off it.",
    )  # fmt: skip
    revision: str | None = Field(
        None, pattern="^[0-9a-f]{40}$", description="Of the model on the hub; null takes what is there, and the record "
        "says which it was.",
    )  # fmt: skip
    layers: list[int] = Field(
        [-1], min_length=1, description="Blocks whose tokens are used, from 0; -1 is the last. Each is brought to unit "
        "length before several become one.",
    )  # fmt: skip
    layer_agg: Fusion = Field("mean", description="How several layers become one; median forgives one odd layer.")
    attn_layers: list[int] = Field(
        [-1], description="Blocks whose attention is kept as a map each; the last one named weights the scores.",
    )  # fmt: skip
    device: hardware.Device = Field("auto", description="auto takes the fastest there is.")
    dtype: hardware.Precision = Field(
        "auto", description="auto is bfloat16 where the device computes in it natively, else float32.",
    )  # fmt: skip


class Dino(Backbone):
    """A DINO vision transformer of one family."""

    family: ClassVar[Family]

    class Options(DinoOptions):
        """As for every DINO."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        given = self.options
        self._model = weights.published(given.model, self.family) if given.model else weights.default(self.family)
        self._revision = ""
        if given.checkpoint:
            self._file = Path(given.checkpoint)
        else:
            located = weights.obtain(self._model, given.revision)
            self._file, self._revision = located.path, located.revision
        self._known = self._recognised()
        self.patch: int = self._known.shape.patch
        self._layers = chosen(given.layers, self._known.shape.depth, "layers")
        self._looks = chosen(given.attn_layers, self._known.shape.depth, "attn_layers")
        self._device = hardware.device(given.device)
        self._dtype = hardware.precision(given.dtype, self._device)
        self._state: dict[str, Any] = {}

    def _recognised(self) -> Recognised:
        """The network in the file, which must be of this family, and the one that was named."""
        known = recognise(weights.shapes(self._file), shown(self._file))
        held, wanted = known.shape.name, self._model.name.removesuffix("_sat")
        if known.shape.family != self.family:
            other = known.shape.family
            raise WeightsError(
                f"weights '{shown(self._file)}' are of {other}, not {self.family}; use --backbone {other}"
            )
        if held != wanted and (self.options.model or not self.options.checkpoint):
            raise WeightsError(f"weights '{shown(self._file)}' hold {held}, but {wanted} was named")
        return known

    @hardware.memory_watched()
    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """Tokens and summary of the chosen layers, and a map of attention for each chosen block, from one pass."""
        import torch

        from dinosar.backbones.dino.loading import load, placed
        from dinosar.backbones.dino.network import run

        shape, half = self._known.shape, self._dtype == "bfloat16"
        if not self._state:
            self._state = placed(load(self._file, self._known), self._device, half)
        pixels = torch.from_numpy(np.array(image)).to(self._device).permute(2, 0, 1).float() / 255
        with (
            torch.inference_mode(),
            torch.autocast(self._device, dtype=torch.bfloat16, enabled=half),
            torch.backends.cudnn.flags(enabled=True, allow_tf32=False),
        ):
            out = run(self._state, shape, pixels, self._layers, self._looks)
        rows, columns = image.shape[0] // shape.patch, image.shape[1] // shape.patch
        tokens = fused([out.tokens[layer].cpu().numpy() for layer in self._layers], self.options.layer_agg)
        summary = fused([out.summary[layer].cpu().numpy() for layer in self._layers], self.options.layer_agg)
        maps = [out.attention[layer].mean(dim=0).cpu().numpy().reshape(rows, columns) for layer in self._looks]
        return Encoding(
            tokens=tokens.reshape(rows, columns, -1), summary=summary,
            attention=np.stack(maps) if maps else None, attention_layers=tuple(self._looks),
        )  # fmt: skip

    def facts(self) -> dict[str, str]:
        """The network, the very file, on what and how it computed."""
        official = not self.options.checkpoint
        name = self._model.name if official else f"{self._known.shape.name} ({shown(self._file.name, 40)})"
        return {
            "id": f"{self.family}-{name}",
            **({"model": self._model.id, "revision": self._revision or "imported file"} if official else {}),
            "weights": self._file.name,
            "weights_sha256": weights.sha256(self._file),
            "weights_layout": self._known.layout.title,
            "layers": ", ".join(map(str, self._layers)),
            "attention_of": ", ".join(map(str, self._looks)),
            "device": self._device,
            "dtype": self._dtype,
            "torch": version("torch"),
            "licence": self._model.licence,
        }

    def pinned(self) -> dict[str, Any]:
        """The network, the precision, the revision that the hub gave; not the device, which the next may not have."""
        found = {"dtype": self._dtype}
        if not self.options.checkpoint:
            found |= {"model": self._model.name} | ({"revision": self._revision} if self._revision else {})
        return found
