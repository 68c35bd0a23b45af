"""A head learns, the same twice, and goes on after a kill as if nothing had been."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_examples import examples

from dinosar.errors import ConflictError, InputError, UsageError, WeightsError
from dinosar.retrieval.overlap_head_files import head_bytes
from dinosar.training.checkpoints import StateFile
from dinosar.training.curves import best_of, curve_csv
from dinosar.training.examples import Fixed
from dinosar.training.loop import DivergedError, fit
from dinosar.training.options import FitOptions

QUICK = FitOptions(epochs=4, batch_size=4, lr=3e-3, descriptor_dim=8, dropout_prob=0.3, full_epochs=2, tenth_epochs=2,
                   log_every=2, validate_every=2, save_every=1)  # fmt: skip
HERE = Path(__file__).parent


def same(one, other):
    """Two heads agree to the bit."""
    assert one.id == other.id
    for name in one.weights:
        np.testing.assert_array_equal(one.weights[name], other.weights[name])


@pytest.fixture(scope="module")
def trained():
    return fit(examples(), QUICK, validation=examples(6, seed=9))


LONG = {
    **vars(QUICK), "lr": 1e-2, "descriptor_dim": 16, "epochs": 20, "full_epochs": 20, "dropout_prob": 0.0,
    "position": False, "validate_every": 15,
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"loss": "infonce"}, {"position": True}, {"whiten": True}, {"clip_grad": 0.5},
                                  {"mixed_precision": "bfloat16"}])  # fmt: skip
def test_every_way_of_learning_learns(more):
    found = fit(examples(), FitOptions(**{**LONG, **more}), validation=examples(6, seed=9))
    first = next(point for point in found.points if point.kind == "validation")
    assert first.step == 0
    assert found.best.total < 0.9 * first.total
    assert found.best.positive_cosine - found.best.negative_cosine > 0.4


def test_steps_and_points_are_counted(trained):
    assert trained.steps == 12
    steps = [(point.kind[0], point.step, point.epoch) for point in trained.points]
    # Counted anew in every epoch of three steps, so that no point is of a step or two alone.
    assert steps == [("v", 0, 1), ("t", 2, 1), ("v", 2, 1), ("t", 3, 1), ("v", 3, 1), ("t", 5, 2), ("v", 5, 2),
                     ("t", 6, 2), ("v", 6, 2), ("t", 8, 3), ("v", 8, 3), ("t", 9, 3), ("v", 9, 3), ("t", 11, 4),
                     ("v", 11, 4), ("t", 12, 4), ("v", 12, 4)]  # fmt: skip


def test_cosines_are_meaned_over_pairs_that_have_them():
    judged = examples(6, seed=9)
    found = fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}), validation=judged)
    last = [point for point in found.points if point.kind == "validation"][-1]
    near, far = [], []
    for each in judged:
        a, b = (found.last.encode(block.tokens, block.places) for block in (each.a, each.b))
        cosine, cells = a @ b.T, np.zeros((len(a), len(b)), dtype=bool)
        cells[tuple(each.positives.T)] = True
        near += [cosine[cells].mean()] if cells.any() else []
        far.append(cosine[~cells].mean())
    assert len(near) == 4
    assert last.positive_cosine == pytest.approx(np.mean(near), abs=1e-5)
    assert last.negative_cosine == pytest.approx(np.mean(far), abs=1e-5)


def test_a_cosine_that_no_pair_has_is_none():
    none = [each for each in examples(6) if not len(each.positives)]
    found = fit(none, FitOptions(**{**vars(QUICK), "epochs": 1}))
    assert {point.positive_cosine for point in found.points} == {None}
    assert b",NA," in curve_csv(found.points)


def test_the_same_again_gives_the_same_bits(trained):
    same(fit(examples(), QUICK, validation=examples(6, seed=9)).last, trained.last)


def test_another_seed_gives_others(trained):
    other = fit(examples(), FitOptions(**{**vars(QUICK), "seed": 1}), validation=examples(6, seed=9))
    assert other.last.id != trained.last.id


def test_the_callers_chance_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit(examples(2), FitOptions(**{**vars(QUICK), "epochs": 1}))
    torch.testing.assert_close(torch.rand(3), expected)
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_best_is_that_of_the_lowest_validation_loss(trained):
    judged = [point for point in trained.points if point.kind == "validation"]
    assert trained.best == min(judged, key=lambda point: point.total)
    again = fit(examples(6, seed=9), FitOptions(**{**vars(QUICK), "epochs": 1}), validation=examples(6, seed=9))
    assert best_of(again.points) == again.best


def test_without_validation_the_last_is_taken():
    found = fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}))
    assert found.best is None
    assert found.head is found.last


def test_the_rate_is_that_of_the_original():
    rates = [FitOptions().rate(epoch) for epoch in range(30)]
    assert rates[:10] == [1e-4] * 10
    assert rates[10] == pytest.approx(1e-4 * 10**-0.1)
    assert rates[29] == pytest.approx(1e-6)
    assert FitOptions(tenth_epochs=0).rate(29) == 1e-4


class Counting(Fixed):
    """Notes which examples of which epoch are asked for; fails after so many."""

    def __init__(self, found, after=10**9):
        super().__init__(found)
        self.asked, self.after = [], after

    def example(self, epoch, number):
        self.asked.append((epoch, number))
        if len(self.asked) > self.after:
            raise KeyboardInterrupt
        return super().example(epoch, number)


@pytest.mark.parametrize("after", [1, 3, 14, 25, 38])
def test_what_was_interrupted_ends_as_what_was_not(tmp_path, trained, after):
    state = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        fit(Counting(examples(), after), QUICK, validation=examples(6, seed=9), state=state)
    again = Counting(examples())
    found = fit(again, QUICK, validation=examples(6, seed=9), state=state)
    same(found.last, trained.last)
    same(found.head, trained.head)
    assert curve_csv(found.points) == curve_csv(trained.points)
    if after > 14:
        assert len(again.asked) < 48 - after + 8  # what was done is not done again


def test_every_pair_is_seen_once_an_epoch_in_other_orders():
    asked = Counting(examples())
    fit(asked, QUICK)
    seen = asked.asked[1:]  # the first tells the depth
    assert len(seen) == 48
    for epoch in range(4):
        assert sorted(number for e, number in seen if e == epoch) == list(range(12))
    assert [number for e, number in seen if e == 0] != [number for e, number in seen if e == 1]


SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from tiny_examples import examples
from test_learning_loop import QUICK, Counting
from dinosar.training.loop import fit
from dinosar.retrieval.overlap_head_files import head_bytes

class Slow(Counting):
    def example(self, epoch, number):
        time.sleep(0.02)
        return super().example(epoch, number)

found = fit(Slow(examples()), QUICK, validation=examples(6, seed=9), state=Path({state!r}))
Path({head!r}).write_bytes(head_bytes(found.last))
"""


def test_killed_again_and_again_it_ends_the_same_to_the_byte(tmp_path, trained):
    state, head = tmp_path / "state.pt", tmp_path / "head.safetensors"
    script = textwrap.dedent(SCRIPT).format(here=str(HERE), state=str(state), head=str(head))
    for _ in range(3):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = subprocess.Popen([sys.executable, "-c", script], env=os.environ.copy())
        end = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < end:
            if state.exists() and state.stat().st_mtime_ns != before:
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not head.exists()
    subprocess.run([sys.executable, "-c", script], check=True)
    assert head.read_bytes() == head_bytes(trained.last)


def test_a_state_of_other_options_is_refused(tmp_path):
    state = tmp_path / "state.pt"
    short = FitOptions(**{**vars(QUICK), "epochs": 1})
    fit(examples(3), short, state=state)
    with pytest.raises(ConflictError, match="other options"):
        fit(examples(3), QUICK, state=state)
    with pytest.raises(ConflictError, match="other pairs"):
        fit(examples(4), short, state=state)


def test_a_damaged_state_is_refused(tmp_path):
    state = tmp_path / "state.pt"
    fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}), state=state)
    state.write_bytes(state.read_bytes()[:2000])
    with pytest.raises(WeightsError, match="no whole training; begin anew with --overwrite"):
        fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}), state=state)
    state.write_bytes(b"")  # as one that was never begun
    assert fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}), state=state).steps == 1
    torch.save({"model": {}}, state)
    with pytest.raises(WeightsError, match="no training"):
        fit(examples(3), FitOptions(**{**vars(QUICK), "epochs": 1}), state=state)


def test_a_state_that_learned_from_other_files_is_refused_and_they_are_named(tmp_path):
    path, short = tmp_path / "state.pt", FitOptions(**{**vars(QUICK), "epochs": 1})
    then = {"a": "1", "b": "1", "c": "1", "d": "1", "e": "1"}
    fit(examples(3), short, state=StateFile(path, then))
    assert fit(examples(3), short, state=StateFile(path, dict(reversed(then.items())))).steps == 1
    for now, told in (
        ({**then, "b": "2"}, "other files: 'b' has changed; put back"),
        ({"a": "1", "b": "1", "c": "1", "d": "1"}, "other files: 'e' is gone;"),
        ({**then, "f": "1", "g": "1"}, "other files: 'f', 'g' are new;"),
        (dict.fromkeys("abcdx", "2"), "'a', 'b', 'c' and 1 more have changed, 'e' is gone, 'x' is new;"),
    ):
        with pytest.raises(ConflictError) as caught:
            fit(examples(4), short, state=StateFile(path, now))
        assert told in str(caught.value)
        assert str(caught.value).endswith("begin anew with --overwrite")


def test_nothing_to_learn_from_is_told():
    with pytest.raises(InputError, match="no pair to learn from"):
        fit([], QUICK)


def test_half_precision_on_a_processor_is_refused():
    with pytest.raises(UsageError, match="bfloat16"):
        fit(examples(2), FitOptions(**{**vars(QUICK), "mixed_precision": "float16"}))


def test_a_loss_that_is_no_number_stops_the_training_at_once():
    for log_every in (1, 1000):
        with pytest.raises(DivergedError, match=r"after step [12]; lower the learning rate") as caught:
            fit(examples(12), FitOptions(**{**vars(QUICK), "batch_size": 1, "lr": 1e20, "log_every": log_every}))
        assert caught.value.epoch == 0


def test_heads_of_epochs_are_given_on_the_way():
    seen = []
    found = fit(examples(3), QUICK, after_epoch=lambda epoch, head: seen.append((epoch, head.id)))
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4]
    assert seen[-1][1] == found.last.id


def test_a_head_learns_summary_tokens():
    found = fit(examples(summaries=True), FitOptions(**{**vars(QUICK), "add_cls_tokens": True}))
    block = examples(1, summaries=True)[0].a
    vector = found.head.encode_summary(block.summary)
    assert vector.shape == (8,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
