"""One step of learning, and one look at how well it went: the part of the loop that knows torch."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dinosar.errors import UsageError
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.training.batches import batch_of
from dinosar.training.checkpoints import State
from dinosar.training.examples import Example, Sampler
from dinosar.training.fleet import Fleet
from dinosar.training.loss import Losses, losses
from dinosar.training.network import encoded, head_of, network
from dinosar.training.options import FitOptions
from dinosar.training.whitening import whitened

JUDGED = 32
"""Pairs that are validated at once."""


@contextmanager
def deterministic(device: str, threads: int) -> Iterator[None]:
    """Inside the block torch computes the same twice, and its chance is nobody else's."""
    import torch

    if device.startswith("cuda"):
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before, threads_before = torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()
    with torch.random.fork_rng(devices=None if device.startswith("cuda") else []):
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before)
            torch.set_num_threads(threads_before)


def check_precision(options: FitOptions) -> None:
    """Refuse a precision that the device has not."""
    if options.mixed_precision == "float16" and not options.device.startswith("cuda"):
        raise UsageError(
            "mixed precision float16 needs a CUDA device, and the head learns on "
            f"{options.device} (train.device); take bfloat16, or none"
        )


class Learner:
    """Layers, optimiser, and the device they are on."""

    def __init__(self, options: FitOptions, sampler: Sampler, fleet: Fleet) -> None:
        import torch

        first = sampler.example(0, 0)
        self.options, self.fleet = options, fleet
        self.made = options.head(first.a.tokens.shape[1])
        torch.manual_seed(options.seed)
        self.net = network(self.made)
        if options.whiten:
            self.net["input_proj"].load_state_dict(whitened(sampler, self.made, options.seed))
        self.net.to(fleet.device)
        self.optimizer = torch.optim.AdamW(
            self.net.parameters(), lr=options.lr, weight_decay=options.weight_decay, foreach=False
        )
        self.scaler = torch.amp.GradScaler(fleet.device[:4], enabled=options.mixed_precision == "float16")

    def learn(self, examples: Sequence[Example], whole: int, epoch: int, batch: int) -> list[float]:
        """Take one step from this process's share of a batch of `whole` pairs; sums of the losses of the share."""
        import torch

        torch.manual_seed(_seed(self.options.seed, epoch, batch, self.fleet.rank))
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate(epoch)
        self.net.train()
        self.optimizer.zero_grad(set_to_none=False)
        for parameter in self.net.parameters():
            parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        sums = [0.0] * len(Losses._fields)
        if examples:
            found = self._losses(examples)
            self.scaler.scale(found.total.sum() / whole).backward()
            sums = _sums(found)
        self.fleet.add_up(parameter.grad for parameter in self.net.parameters())
        self.scaler.unscale_(self.optimizer)
        if self.options.clip_grad is not None:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.options.clip_grad)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return sums

    def judge(self, examples: Sequence[Example]) -> list[float]:
        """Sums of the losses of all examples, nothing learned."""
        import torch

        self.net.eval()
        sums = np.zeros(len(Losses._fields))
        with torch.no_grad():
            for start in range(0, len(examples), JUDGED):
                sums += _sums(self._losses(examples[start : start + JUDGED]))
        return [float(each) for each in sums]

    def over_all(self, sums: Sequence[float]) -> list[float]:
        """Sums over all processes."""
        import torch

        if self.fleet.world == 1:
            return list(sums)
        tensor = torch.tensor(sums, dtype=torch.float32, device=self.fleet.device)
        self.fleet.add_up([tensor])
        return [float(each) for each in tensor.tolist()]

    def _losses(self, examples: Sequence[Example]) -> Losses:
        import torch

        batch = batch_of(examples, summaries=self.options.add_cls_tokens)
        put = {name: torch.from_numpy(value).to(self.fleet.device) for name, value in vars(batch).items()}
        kind = None if self.options.mixed_precision is None else getattr(torch, self.options.mixed_precision)
        with torch.autocast(self.fleet.device.split(":")[0], kind, enabled=kind is not None):
            both = encoded(self.net, self.made, put)
        return losses(both[0], both[1], put["positive"], put["negative"], self.options)

    def weights(self) -> dict[str, Any]:
        """The weights as they are now."""
        return {name: tensor.detach().cpu().clone() for name, tensor in self.net.state_dict().items()}

    def head(self, weights: Mapping[str, Any], told: Mapping[str, Any]) -> OverlapHead:
        """The head with some weights."""
        return head_of(weights, self.made, told, "trained head")

    def store(self, state: State) -> None:
        """Put what was learned into a state."""
        state.network, state.optimizer, state.scaler = (
            self.weights(), self.optimizer.state_dict(), self.scaler.state_dict(),
        )  # fmt: skip

    def restore(self, state: State) -> None:
        """Take what was learned out of a state."""
        self.net.load_state_dict(state.network)
        self.optimizer.load_state_dict(state.optimizer)
        self.scaler.load_state_dict(state.scaler)


def _sums(found: Losses) -> list[float]:
    return [float(each.detach().double().sum()) for each in found]


def _seed(*numbers: int) -> int:
    """One seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
