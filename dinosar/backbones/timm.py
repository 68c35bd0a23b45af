"""Any plain vision transformer that timm knows, with the weights that its authors keep on the hub, or a checkpoint."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dinosar import Encoding, hardware, weights
from dinosar.backbones.adapting import Slot
from dinosar.backbones.fusion import fused
from dinosar.backbones.transformer import Transformer, TransformerOptions
from dinosar.errors import UsageError, WeightsError, shown
from dinosar.notices import warn
from dinosar.weights.base_names import traits

AFTER = ("head.", "head_dist.", "fc_norm.", "attn_pool.")
"""What comes after the tokens."""


class Timm(Transformer):
    """Any plain ViT of timm by its id (CLIP, MAE, DINO, EVA ...); weights from the hub or a file as timm keeps them."""

    class Options(TransformerOptions):
        """Which network, which layers, on which device."""

        model: str = Field(min_length=1, description="timm's id, e.g. vit_base_patch16_224.mae.")

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        file = self.find(weights.timm_model(self.options.model))
        shapes = weights.shapes(file)  # whatever is no file of weights is told here
        self.adapt({name.removesuffix(".weight"): Slot(name, size) for name, size in sorted(shapes.items())
                    if name.endswith(".weight")}, traits(self.options.model))  # fmt: skip
        if self._adapter and all(each.slot.tensor.startswith(AFTER) for each in self._places):
            warn(f"the adapter in '{shown(self._adapter.file)}' changes the head alone, and no token depends on that")
        self._network: Any = None
        about = weights.remembered(file, f"timm {self.options.model}", lambda: self._measured(file))
        self.patch: int = about["patch"]
        self._summary: bool = about["summary"]
        self.settle(file, about["depth"], attends=self._summary)

    def _measured(self, file: Path) -> dict[str, Any]:
        """What has to be known before the first image; remembered, for timm takes seconds to import."""
        network = self._loaded(file)
        return {"patch": int(network.patch_embed.patch_size[0]), "depth": len(network.blocks),
                "summary": getattr(network, "cls_token", None) is not None}  # fmt: skip

    def _loaded(self, file: Path) -> Any:
        """The network with its weights, loaded strictly: with its head on, or timm would not mind what is missing."""
        if self._network is not None:
            return self._network
        import timm
        from timm.models.eva import Eva
        from timm.models.vision_transformer import VisionTransformer

        name = self.options.model
        try:
            network = timm.create_model(name, pretrained=False, dynamic_img_size=True)
        except (RuntimeError, TypeError) as problem:
            raise UsageError(
                f"timm has no plain vision transformer '{shown(name)}' ({shown(problem, 120)})"
            ) from problem
        if not isinstance(network, (VisionTransformer, Eva)) or len(set(network.patch_embed.patch_size)) > 1:
            raise UsageError(f"'{shown(name)}' is no plain vision transformer, but a {type(network).__name__} of timm")
        try:
            network.load_state_dict(self.merge(self._sound(file)), strict=True)
        except RuntimeError as problem:
            why = " ".join(str(problem).split()).partition(": ")[2]
            raise WeightsError(f"weights '{shown(file)}' do not fit {shown(name)}: {shown(why, 300)}") from problem
        self._network = network.eval()
        return self._network

    def _sound(self, file: Path) -> dict[str, Any]:
        """The tensors of a file, each as training leaves it; a head that was never trained may be zero."""
        state = weights.read(file)
        weights.sound(file, {name: tensor for name, tensor in state.items() if not name.startswith(AFTER)})
        return state

    @hardware.memory_watched()
    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """Tokens of the chosen blocks after the final norm, the summary token, and maps of true attention."""
        import torch

        from dinosar.backbones.attention_rows import AttentionRows

        network = self._loaded(self._file).to(self._device)
        prefix = network.num_prefix_tokens
        rows, columns = image.shape[0] // self.patch, image.shape[1] // self.patch
        with (
            torch.inference_mode(),
            torch.autocast(self._device, dtype=torch.bfloat16, enabled=self._dtype == "bfloat16"),
            AttentionRows(network.blocks, self._looks) as seen,
        ):
            found = network.forward_intermediates(
                self._pixels(image), indices=sorted(self._layers), return_prefix_tokens=prefix > 0, norm=True,
                output_fmt="NLC", intermediates_only=True,
            )  # fmt: skip
        if set(seen.rows) != set(self._looks):
            raise UsageError(f"the attention of '{shown(self.options.model)}' cannot be read; set attn_layers to []")
        given = [found[sorted(self._layers).index(layer)] for layer in self._layers]
        tokens = [(each[0] if prefix else each)[0].float().cpu().numpy() for each in given]
        summaries = [each[1][0, 0].float().cpu().numpy() for each in given] if self._summary else []
        maps = [seen.rows[layer][:, prefix:].mean(dim=0).cpu().numpy().reshape(rows, columns) for layer in self._looks]
        return Encoding(
            tokens=fused(tokens, self.options.layer_agg).reshape(rows, columns, -1),
            summary=fused(summaries, self.options.layer_agg) if summaries else None,
            attention=np.stack(maps) if maps else None, attention_layers=tuple(self._looks),
        )  # fmt: skip

    def _pixels(self, image: NDArray[np.uint8]) -> Any:
        """The image as this network was shown images."""
        import torch

        norms = [torch.tensor(self._network.pretrained_cfg[key])[:, None, None] for key in ("mean", "std")]
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
        return ((pixels - norms[0]) / norms[1])[None].to(self._device)

    def facts(self) -> dict[str, str]:
        """The network, and what is said of every transformer."""
        none = "none was asked for" if self._summary else "the network has no summary token"
        found = {"id": self.called(f"timm-{self.options.model}"), "timm": version("timm"), **super().facts()}
        return found | {"model": self.options.model, "attention_of": found["attention_of"] or f"nothing: {none}"}
