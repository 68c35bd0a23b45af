"""An untrained network: the negative control, and a network for tests on machines without weights."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import dinosar


class RandomTest(dinosar.Backbone):
    """UNTRAINED vision transformer, random weights: for tests and as a negative control, never for results."""

    patch = 16

    class Options(dinosar.Options):
        """Which network is left untrained."""

        model: str = Field("vit_small_patch16_224", description="A timm ViT with patches of 16 px.")
        seed: int = Field(0, ge=0, description="Of the random weights.")

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        import timm
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.options.seed)
            self.network = timm.create_model(self.options.model, pretrained=False, num_classes=0, dynamic_img_size=True)
        self.network.eval()

    def encode(self, image: NDArray[np.uint8]) -> dinosar.Encoding:
        """Tokens of the last block, after the final norm."""
        import torch

        pixels = torch.from_numpy(image.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
        with torch.inference_mode():
            tokens = self.network.forward_features(pixels)[0].numpy()
        prefix = self.network.num_prefix_tokens
        rows, columns = image.shape[0] // self.patch, image.shape[1] // self.patch
        return dinosar.Encoding(tokens[prefix:].reshape(rows, columns, -1).copy(), summary=tokens[0].copy())

    def facts(self) -> dict[str, str]:
        """Says that it is untrained wherever it is named."""
        return {"id": "random-test (untrained)", "model": self.options.model}
