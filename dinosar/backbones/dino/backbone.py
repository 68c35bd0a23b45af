"""What DINOv2 and DINOv3 share as backbones: a network recognised in its file, one pass for each image."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dinosar import Encoding, hardware, weights
from dinosar.backbones.dino.layers import slots
from dinosar.backbones.fusion import fused
from dinosar.backbones.transformer import Transformer, TransformerOptions
from dinosar.errors import WeightsError, shown
from dinosar.notices import warn
from dinosar.weights.architecture import Family
from dinosar.weights.base_names import traits_of
from dinosar.weights.recognition import Recognised, recognise


class Dino(Transformer):
    """A DINO vision transformer of one family."""

    family: ClassVar[Family]

    class Options(TransformerOptions):
        """Which weights, which layers, on which device."""

        model: str | None = Field(
            None, min_length=1, description="A published network by its short name or timm id; null is the small one, "
            "or what the checkpoint holds. Names: dinosar models list.",
        )  # fmt: skip

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        named = self.options.model
        file = self.find(weights.published(named, self.family) if named else weights.default(self.family))
        self._known = self._recognised(file)
        self.patch: int = self._known.shape.patch
        self._doubt_length()
        self.adapt(slots(self._known.shape), traits_of(self._known.shape))
        self.settle(file, self._known.shape.depth)
        self._state: dict[str, Any] = {}

    def _recognised(self, file: Path) -> Recognised:
        """The network in the file, which must be of this family, and the one that was named."""
        known = recognise(weights.shapes(file), shown(file))
        held, wanted = known.shape.name, self._model.name.removesuffix("_sat")
        if known.shape.family != self.family:
            other = known.shape.family
            raise WeightsError(f"weights '{shown(file)}' are of {other}, not {self.family}; use --backbone {other}")
        if held != wanted and (self.options.model or self._obtained):
            raise WeightsError(f"weights '{shown(file)}' hold {held}, but {wanted} was named")
        return known

    def _doubt_length(self) -> None:
        """Say that blocks may be missing: a file whose last ones were lost looks like a shorter network."""
        longer = self._known.shape.longer()
        if longer:
            name, depth = longer
            warn(f"weights '{shown(self._file)}' hold {self._known.shape.depth} of the {depth} blocks of {name}; "
                 "is the file cut short?")  # fmt: skip

    @hardware.memory_watched()
    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """Tokens and summary of the chosen layers, and a map of attention for each chosen block, from one pass."""
        import torch

        from dinosar.backbones.dino.loading import load, placed
        from dinosar.backbones.dino.network import run

        shape, half = self._known.shape, self._dtype == "bfloat16"
        if not self._state:
            self._state = placed(self.merge(load(self._file, self._known)), self._device, half)
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
        """The network, and what is said of every transformer."""
        name = self._model.name if self._obtained else self._known.shape.name
        return {
            "id": self.called(f"{self.family}-{name}"),
            "weights_layout": self._known.layout.title,
            **super().facts(),
        }

    def pinned(self) -> dict[str, Any]:
        """The network too, where its default was taken."""
        return super().pinned() | ({"model": self._model.name} if self._obtained else {})
