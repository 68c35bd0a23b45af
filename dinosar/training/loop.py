"""A head learns: batches of examples, AdamW, validation, and a state on the way that a killed training goes on from.

    trained = fit(examples, FitOptions(epochs=20, lr=1e-3), validation=held_out)
    trained.head.encode(block.tokens, block.places)

Everything drawn by chance is drawn by the number of its epoch and step. So the same examples and options give the same
weights, to the bit, on one machine, and a training that was interrupted ends as one that was not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.errors import InputError
from dinosar.folders import signature
from dinosar.notices import note
from dinosar.progress import steps
from dinosar.retrieval.overlap_head import OverlapHead
from dinosar.training.checkpoints import State, StateFile, load_state, save_state
from dinosar.training.curves import Point, best_of, points_of
from dinosar.training.examples import Example, Fixed, Sampler
from dinosar.training.fleet import Fleet
from dinosar.training.learning import Learner, check_precision, deterministic
from dinosar.training.loss import Losses
from dinosar.training.options import FitOptions

AfterEpoch = Callable[[int, OverlapHead], None]
"""Told after each epoch, from 1, with the head as it is then."""


class DivergedError(InputError):
    """A loss that is no number any more; `epoch`, from 0, is the one it came in."""

    epoch = 0


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a training. `head` is that of the lowest validation loss, or the last if nothing was validated."""

    head: OverlapHead
    last: OverlapHead
    points: tuple[Point, ...]
    steps: int

    @property
    def best(self) -> Point | None:
        """The validation that chose `head`."""
        return best_of(self.points)


def fit(pairs: Sequence[Example] | Sampler, options: FitOptions, *, validation: Sequence[Example] = (),
        state: Path | StateFile | None = None, told: Mapping[str, Any] | None = None,
        after_epoch: AfterEpoch | None = None) -> Trained:  # fmt: skip
    """Train a head on pairs of blocks.

    `state` is a file that the training is kept in on the way, and goes on from where it is there, unless what it
    learned from has changed; `told` is what the head says of its training, in plain data. Only what `options` name is
    drawn by chance.
    """
    sampler: Sampler = Fixed(pairs) if isinstance(pairs, Sequence) else pairs
    if not len(sampler):
        raise InputError("there is no pair to learn from; give pairs of photographs that overlap")
    check_precision(options)
    file = StateFile(state) if isinstance(state, Path) else state
    with deterministic(options.device, options.threads):
        training = _Training(sampler, validation, options, dict(told or {}))
        training.go_on(file)
        training.run(None if file is None else file.path, after_epoch)
    return training.trained()


class _Training:
    """A training on its way."""

    def __init__(self, sampler: Sampler, validation: Sequence[Example], options: FitOptions,
                 told: dict[str, Any]) -> None:  # fmt: skip
        self.sampler, self.validation, self.options, self.told = sampler, validation, options, told
        self.fleet = Fleet(options.device)
        self.learner = Learner(options, sampler, self.fleet)
        self.per_epoch = -(-len(sampler) // options.batch_size)
        self.state = State(signature([asdict(options), len(sampler), len(validation), told]))
        self._clear_sums()

    def go_on(self, file: StateFile | None) -> None:
        """Take up what was kept."""
        if file is None:
            return
        self.fleet.wait()
        self.state.learned_from = dict(file.learned_from)
        kept = load_state(file, self.state.signature)
        if kept is not None:
            self.state = kept
            self.learner.restore(kept)
            note(f"training goes on after step {kept.step} of {self.options.epochs * self.per_epoch}")

    def run(self, path: Path | None, after_epoch: AfterEpoch | None) -> None:
        """All that is left to do."""
        options, state = self.options, self.state
        with steps(options.epochs * self.per_epoch - state.step, "steps") as step:
            if state.step == 0:
                self._validate()
            while state.epoch < options.epochs:
                order = np.random.default_rng([options.seed, state.epoch]).permutation(len(self.sampler))
                while state.batch < self.per_epoch:
                    self._step(order[state.batch * options.batch_size :][: options.batch_size])
                    step(f"epoch {state.epoch + 1}")
                    self._keep(path)
                state.epoch, state.batch = state.epoch + 1, 0
                if after_epoch is not None:
                    after_epoch(state.epoch, self._head(self.learner.weights()))
        self._keep(path)

    def _step(self, numbers: Any) -> None:
        """Learn from one batch, and look at what it came to when it is time."""
        state, options = self.state, self.options
        own = [self.sampler.example(state.epoch, int(i)) for i in self.fleet.share(numbers)]
        found = self.learner.learn(own, len(numbers), state.epoch, state.batch)
        if self.fleet.world == 1:  # of several, all must stop at once: where the sums of all are looked at
            self._check("training", found)
        state.sums = [before + now for before, now in zip(state.sums, found, strict=True)]
        state.counted += len(numbers)
        state.step, state.batch = state.step + 1, state.batch + 1
        last = state.batch == self.per_epoch
        if last or state.batch % options.log_every == 0:
            self._point("training", self.learner.over_all(state.sums), state.counted)
            self._clear_sums()
        if last or state.batch % options.validate_every == 0:
            self._validate()

    def _validate(self) -> None:
        """The loss on what is not learned from; the weights are kept where it was never lower."""
        if not self.validation:
            return
        found = self.learner.judge(self.validation)
        before = best_of(points_of(self.state.points))
        self._point("validation", found, len(self.validation))
        if before is None or points_of(self.state.points)[-1].total < before.total:
            self.state.best = self.learner.weights()

    def _point(self, kind: str, sums: Sequence[float], pairs: int) -> None:
        """Note losses and cosines, summed over so many pairs; those that share something are the last of the sums."""
        rate = self.options.rate(self.state.epoch)
        *losses, near, far, partnered = sums
        values = [*(each / pairs for each in losses), near / partnered if partnered else None, far / pairs]
        self._check(kind, sums)
        self.state.points.append([kind, self.state.step, self.state.epoch + 1, *values, rate])

    def _check(self, kind: str, sums: Sequence[float]) -> None:
        """Stop where a loss is no number: no step would make it one again."""
        if not np.isfinite(sums).all():
            problem = DivergedError(
                f"the {kind} loss is no number after step {self.state.step}; lower the learning rate (train.lr)"
            )
            problem.epoch = self.state.epoch
            raise problem

    def _clear_sums(self) -> None:
        self.state.sums, self.state.counted = [0.0] * len(Losses._fields), 0

    def _keep(self, path: Path | None) -> None:
        """Keep the state when it is time, in one process only."""
        due = self.state.step % self.options.save_every == 0 or self.state.epoch == self.options.epochs
        if path is not None and due and self.fleet.rank == 0:
            self.learner.store(self.state)
            save_state(path, self.state)

    def _head(self, weights: Mapping[str, Any]) -> OverlapHead:
        return self.learner.head(weights, self.told)

    def trained(self) -> Trained:
        """What came of it."""
        last = self._head(self.learner.weights())
        head = self._head(self.state.best) if self.state.best else last
        return Trained(head, last, tuple(points_of(self.state.points)), self.state.step)
