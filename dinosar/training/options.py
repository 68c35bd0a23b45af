"""What a training can be told from Python; a config says the same in the original's words (`config/training.py`)."""

import math
from dataclasses import dataclass
from typing import Literal

from dinosar.retrieval.overlap_head import HeadOptions

Loss = Literal["contrastive", "infonce"]
Precision = Literal["float16", "bfloat16"]


@dataclass(frozen=True)
class FitOptions:
    """How a head is trained; defaults are those of the original.

    Head: `descriptor_dim`, `dropout_prob`, `position` (whether places have a say), `add_cls_tokens` (learn on summary
    tokens as well). Loss: `n` is the exponent of the negatives, `temperature` that of infonce. Rate: `lr` for
    `full_epochs` epochs, then a tenth every `tenth_epochs` (0: never less). `whiten` starts from the principal axes of
    the tokens, brought to one spread, instead of from chance. `threads` are those of torch: one gives the same bits on
    machines of any size, and is not slowed by what else goes on.
    """

    epochs: int = 30
    batch_size: int = 32
    lr: float = 1e-4
    weight_decay: float = 0.01
    full_epochs: int = 10
    tenth_epochs: float = 10.0
    clip_grad: float | None = None
    seed: int = 0
    descriptor_dim: int = 256
    dropout_prob: float = 0.0
    position: bool = True
    add_cls_tokens: bool = False
    whiten: bool = False
    loss: Loss = "contrastive"
    n: float = 2.0
    temperature: float = 0.1
    mixed_precision: Precision | None = None
    device: str = "cpu"
    threads: int = 1
    log_every: int = 100
    validate_every: int = 500
    save_every: int = 100

    def head(self, depth: int) -> HeadOptions:
        """The head for tokens of a depth: brought to the length at which their numbers are about 1."""
        return HeadOptions(
            depth, self.descriptor_dim, self.dropout_prob, self.position, self.add_cls_tokens, math.sqrt(depth)
        )

    def rate(self, epoch: int) -> float:
        """The learning rate in an epoch, from 0."""
        beyond = max(0, epoch - self.full_epochs + 1)
        return self.lr if not self.tenth_epochs else float(self.lr * 10 ** (-beyond / self.tenth_epochs))
