"""How the summary token attends to all others, noted while somebody else's network runs.

Every plain vision transformer ends up in one function of torch with its queries and keys, turned and normalised as the
network wants them. What passes there is noted for the layers wanted; nothing is computed twice but one row.
"""

from collections.abc import Callable, Collection
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ATTENTION = torch.nn.functional.scaled_dot_product_attention


class AttentionRows(TorchFunctionMode):  # type: ignore[misc]
    """Inside the block, `rows[layer]` becomes the softmaxed row (heads, tokens) of the first token."""

    def __init__(self, layers: Collection[int]) -> None:
        super().__init__()
        self.layers = layers
        self.rows: dict[int, Any] = {}
        self._at = 0

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Look at the call as it passes."""
        kwargs = kwargs or {}
        if func is ATTENTION:
            if self._at in self.layers:
                self.rows[self._at] = _row(*args[:2], **kwargs)
            self._at += 1
        return func(*args, **kwargs)


def _row(query: Any, key: Any, *, attn_mask: Any = None, scale: float | None = None, **_: Any) -> Any:
    """The row of the first query, in float32 whatever the network computes in."""
    with torch.autocast(query.device.type, enabled=False):
        scores = (query[0, :, :1].float() @ key[0].float().transpose(1, 2))[:, 0]
        scores = scores * (query.shape[-1] ** -0.5 if scale is None else scale)
        if attn_mask is not None:
            scores = scores + attn_mask.expand(1, len(scores), -1, -1)[0, :, 0].float()
        return scores.softmax(dim=-1)
