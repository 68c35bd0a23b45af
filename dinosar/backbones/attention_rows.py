"""How the summary token attends to all others, noted while somebody else's network runs.

Every plain vision transformer ends up in one function of torch with its queries and keys, turned and normalised as the
network wants them. What passes there is noted for the blocks wanted; nothing is computed twice but one row.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ATTENTION = torch.nn.functional.scaled_dot_product_attention


class AttentionRows(TorchFunctionMode):  # type: ignore[misc]
    """While it is entered, `rows[block]` becomes the softmaxed row (heads, tokens) of the first token in that block.

    A block that calls the function more than once, or never, has no row: there is no telling which would be meant.
    """

    def __init__(self, blocks: Any, wanted: Collection[int]) -> None:
        super().__init__()
        self._blocks, self._wanted = blocks, wanted
        self._seen: dict[int, list[Any]] = {number: [] for number in wanted}
        self._inside: int | None = None
        self._hooks: list[Any] = []

    @property
    def rows(self) -> dict[int, Any]:
        """Block -> row, of the blocks that had one."""
        return {number: rows[0] for number, rows in self._seen.items() if len(rows) == 1}

    def __enter__(self) -> "AttentionRows":
        for number, block in {number: self._blocks[number] for number in self._wanted}.items():
            self._hooks += [block.register_forward_pre_hook(partial(self._at, number)),
                            block.register_forward_hook(partial(self._at, None))]  # fmt: skip
        super().__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        super().__exit__(*problem)
        for hook in self._hooks:
            hook.remove()

    def _at(self, number: int | None, *_: Any) -> None:
        self._inside = number

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Look at the call as it passes."""
        kwargs = kwargs or {}
        if func is ATTENTION and self._inside is not None:
            self._seen[self._inside].append(_row(*args[:2], **kwargs))
        return func(*args, **kwargs)


def _row(query: Any, key: Any, *, attn_mask: Any = None, scale: float | None = None, **_: Any) -> Any:
    """The row of the first query, in float32 whatever the network computes in."""
    with torch.autocast(query.device.type, enabled=False):
        scores = (query[0, :, :1].float() @ key[0].float().transpose(1, 2))[:, 0]
        scores = scores * (query.shape[-1] ** -0.5 if scale is None else scale)
        if attn_mask is not None:
            scores = scores + attn_mask.expand(1, len(scores), -1, -1)[0, :, 0].float()
        return scores.softmax(dim=-1)
