"""The loss against its formula written out, and what padding and summary tokens do to it: nothing they should not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_examples import block, examples

from dinosar.errors import InputError
from dinosar.training.batches import batch_of
from dinosar.training.examples import Example
from dinosar.training.loss import losses
from dinosar.training.options import FitOptions


def written_out(a, b, positives, n=2.0):
    """The two parts for one pair of unit vectors, by broadcasting every cosine, in double precision."""
    cosine = (a[:, None, :].astype(np.float64) * b[None, :, :]).sum(axis=-1)
    near = np.zeros(cosine.shape)
    near[tuple(positives.T)] = 1
    far = 1 - near
    pulled = (near * np.maximum(0, 1 - cosine) ** 2).sum() / (near.sum() + 1e-4)
    pushed = (far * np.abs(cosine) ** n).sum() / (far.sum() + 1e-4)
    return pulled, pushed


def found_in(batch, options=None):
    a, b = (torch.from_numpy(np.array(each)) for each in batch.tokens)
    return losses(a, b, torch.from_numpy(batch.positive), torch.from_numpy(batch.negative), options or FitOptions())


@pytest.mark.parametrize("n", [2.0, 1.0, 3.0])
def test_the_loss_is_the_formula(n):
    some = examples(9)
    found = found_in(batch_of(some), FitOptions(n=n))
    for i, each in enumerate(some):
        pulled, pushed = written_out(each.a.tokens, each.b.tokens, each.positives, n)
        assert float(found.positive[i]) == pytest.approx(pulled, rel=1e-4, abs=1e-7)
        assert float(found.negative[i]) == pytest.approx(pushed, rel=1e-4)
        assert float(found.total[i]) == pytest.approx(pulled + pushed, rel=1e-4)


@pytest.mark.parametrize("loss", ["contrastive", "infonce"])
def test_padding_has_no_say(loss):
    some = examples(6)
    longest = block("long", np.random.default_rng(0).normal(size=(48, 16)))
    assert len({len(each.b) for each in some}) > 1
    alone = [found_in(batch_of([each]), FitOptions(loss=loss)).total for each in some]
    together = found_in(batch_of([*some, Example(longest, longest, np.array([[0, 0]]))]), FitOptions(loss=loss)).total
    np.testing.assert_allclose(torch.cat(alone).numpy(), together[:-1].numpy(), rtol=2e-5)


def test_infonce_is_the_cross_entropy_of_partners():
    each = examples(1)[0]
    found = float(found_in(batch_of([each]), FitOptions(loss="infonce", temperature=0.2)).total[0])
    cosine = each.a.tokens.astype(np.float64) @ each.b.tokens.T / 0.2
    rows = cosine - np.log(np.exp(cosine).sum(axis=1, keepdims=True))
    columns = cosine - np.log(np.exp(cosine).sum(axis=0, keepdims=True))
    cells = tuple(each.positives.T)
    count = len(each.positives)
    assert found == pytest.approx(-(rows[cells] + columns[cells]).sum() / (2 * count + 1e-4), rel=1e-4)


def test_a_pair_that_shares_nothing_only_pushes():
    none = replace(examples(1)[0], positives=np.empty((0, 2), dtype=np.int64))
    found = found_in(batch_of([none]))
    assert float(found.positive[0]) == 0
    assert float(found.negative[0]) > 0


def test_gradients_pull_partners_together_and_push_others_apart():
    rng = np.random.default_rng(3)
    a, b = (torch.tensor(rng.normal(size=(1, 2, 4)), requires_grad=True) for _ in range(2))
    near = torch.tensor([[[True, False], [False, False]]])
    unit = torch.nn.functional.normalize
    losses(unit(a, dim=-1), unit(b, dim=-1), near, ~near, FitOptions()).total.sum().backward()
    before = torch.bmm(unit(a, dim=-1), unit(b, dim=-1).transpose(1, 2))[0]
    with torch.no_grad():
        moved = [unit(each - 0.1 * each.grad, dim=-1) for each in (a, b)]
        after = torch.bmm(moved[0], moved[1].transpose(1, 2))[0]
    assert after[0, 0] > before[0, 0]
    assert (after.abs() < before.abs())[~near[0]].sum() >= 2


def test_summary_tokens_meet_each_other_alone():
    some = examples(3, summaries=True)
    batch = batch_of(some, summaries=True)
    for i, each in enumerate(some):
        m, n = len(each.a), len(each.b)
        shares = bool(len(each.positives))
        assert (batch.positive[i, m, n], batch.negative[i, m, n]) == (shares, not shares)
        assert not batch.negative[i, m, :n].any()
        assert not batch.negative[i, :m, n].any()
        assert batch.positive[i].sum() == len(each.positives) + shares
        assert not batch.placed[0, i, m]
        np.testing.assert_array_equal(batch.tokens[0, i, m], each.a.summary)


def test_images_without_summary_token_cannot_teach_it():
    with pytest.raises(InputError, match="add_cls_tokens: false"):
        batch_of(examples(1), summaries=True)


def test_tokens_of_two_backbones_do_not_mix():
    with pytest.raises(InputError, match="depth 16 and .* of depth 8"):
        batch_of([*examples(1), *examples(1, depth=8)])
