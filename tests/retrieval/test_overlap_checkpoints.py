"""Checkpoints as the original writes them: both layouts, strictly; older heads and anything else are refused."""

import logging
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from dinosar.errors import WeightsError
from dinosar.retrieval import overlap_checkpoints
from dinosar.retrieval.overlap_head import open_head

CONF = {"model": {"extractor": {"descriptor": {"weights": "dinov2_vitl14"}},
                  "matcher": {"input_dim": 32, "descriptor_dim": 16, "dropout_prob": 0.5}}}  # fmt: skip


class Original(nn.Module):
    """The head as the original builds it: without dropout there is one layer less."""

    def __init__(self, dropout):
        super().__init__()
        self.input_proj = nn.Linear(32, 16)
        layers = [nn.Linear(2, 512), nn.LayerNorm(512), nn.GELU(), nn.Dropout(dropout), nn.Linear(512, 16)]
        self.keypoint_encoder = nn.Sequential(*(each for each in layers if dropout or not isinstance(each, nn.Dropout)))

    def forward(self, tokens, centres, size):
        places = (centres - size / 2) / (size.max() / 2)
        return nn.functional.normalize(self.input_proj(tokens) + self.keypoint_encoder(places), dim=-1)


def checkpoint(path, dropout=0.5, conf=CONF, prefix="", **more):
    torch.manual_seed(0)
    head = Original(dropout)
    table = OrderedDict((f"{prefix}matcher.{name}", tensor) for name, tensor in head.state_dict().items())
    table[f"{prefix}extractor.descriptor.net.cls_token"] = torch.ones(1, 1, 8)
    table |= more
    torch.save({
        "model": table, "optimizer": {}, "lr_scheduler": {}, "conf": conf, "epoch": 29,
        "losses": {"total": np.float64(0.3)}, "eval": {"loss/total": np.float32(0.25), "seen": np.int64(3)},
    }, path)  # fmt: skip
    return head.eval()


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("dropout", [0.5, 0.0])
def test_it_computes_what_the_original_computes(tmp_path, dropout, prefix, caplog):
    conf = {"model": {"matcher": {"input_dim": 32, "descriptor_dim": 16, "dropout_prob": dropout}}}
    original = checkpoint(tmp_path / "checkpoint_best.tar", dropout, conf, prefix)
    with caplog.at_level(logging.INFO, "dinosar"):
        head = open_head(tmp_path / "checkpoint_best.tar")
    assert "the backbone in it (1 tensors extractor.*) is left out" in caplog.text
    assert (head.options.dropout_prob, head.title, head.needs_lengths) == (dropout, "checkpoint_best", True)
    # A picture of 224 x 168: its patches' centres, half a pixel aside as the original has them.
    rng = np.random.default_rng(0)
    tokens = rng.normal(size=(192, 32)).astype(np.float32) * 5
    y, x = np.mgrid[:12, :16].reshape(2, -1) * 14.0
    size = np.array([224.0, 168.0])
    with torch.no_grad():
        centres = torch.tensor(np.stack([x, y], axis=1) + 7.5, dtype=torch.float32)
        expected = original(torch.from_numpy(tokens), centres, torch.tensor(size, dtype=torch.float32)).numpy()
    places = ((np.stack([x, y], axis=1) + 7 - size / 2) / 112).astype(np.float32)
    lengths = np.linalg.norm(tokens, axis=1)
    found = head.encode(tokens / lengths[:, None], places, lengths)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_what_is_known_of_it_is_kept(tmp_path):
    checkpoint(tmp_path / "c.tar")
    head = open_head(tmp_path / "c.tar")
    assert head.told["network"] == "dinov2_vitl14"
    assert (head.depth_in, head.depth, head.options.add_cls_tokens) == (32, 16, False)


def test_summary_tokens_are_honoured(tmp_path):
    conf = {"model": {"matcher": {"add_cls_tokens": True}}}
    checkpoint(tmp_path / "c.tar", conf=conf)
    assert open_head(tmp_path / "c.tar").options.add_cls_tokens


def test_a_checkpoint_without_config_is_read_by_its_tensors(tmp_path):
    checkpoint(tmp_path / "c.tar", conf=None)
    assert open_head(tmp_path / "c.tar").depth == 16


@pytest.mark.parametrize(("name", "what"), [
    ("matcher.transformers.0.self_attn.Wqkv.weight", "attention layers"),
    ("matcher.attentions.0.weight", "attention layers"),
    ("matcher.score_head.weight", "a score head"),
    ("matcher.voting_head.0.bias", "a voting head"),
    ("matcher.final.weight", "other layers"),
])  # fmt: skip
def test_older_heads_are_refused_with_the_reason(tmp_path, name, what):
    checkpoint(tmp_path / "c.tar", **{name: torch.ones(3)})
    with pytest.raises(WeightsError, match=f"an older head with {what}.*not known"):
        open_head(tmp_path / "c.tar")


def test_tensors_beside_head_and_backbone_are_refused(tmp_path):
    checkpoint(tmp_path / "c.tar", **{"solver.weight": torch.ones(3)})
    with pytest.raises(WeightsError, match=r"something else than a head and its backbone: solver\.weight"):
        open_head(tmp_path / "c.tar")


def test_a_head_with_a_tensor_missing_is_refused(tmp_path):
    checkpoint(tmp_path / "c.tar")
    content = torch.load(tmp_path / "c.tar", weights_only=False)
    del content["model"]["matcher.input_proj.bias"]
    torch.save(content, tmp_path / "c.tar")
    with pytest.raises(WeightsError, match=r"no whole head: input_proj\.bias missing"):
        open_head(tmp_path / "c.tar")


def test_a_config_that_contradicts_the_tensors_is_refused(tmp_path):
    checkpoint(tmp_path / "c.tar", conf={"model": {"matcher": {"input_dim": 1024}}})
    with pytest.raises(WeightsError, match="says input_dim 1024, and its tensors have 32"):
        open_head(tmp_path / "c.tar")


def test_weights_of_something_else_are_refused(tmp_path):
    torch.save({"state_dict": {"a": torch.ones(2)}}, tmp_path / "c.tar")
    with pytest.raises(WeightsError, match="no table 'model'"):
        open_head(tmp_path / "c.tar")
    torch.save([torch.ones(2)], tmp_path / "c.tar")
    with pytest.raises(WeightsError, match="no table 'model'"):
        open_head(tmp_path / "c.tar")


class Evil:
    """Would run something when it is unpickled."""

    def __reduce__(self):
        import os

        return os.mkdir, ("/tmp/this-must-not-be-made",)


def test_nothing_in_a_checkpoint_is_run(tmp_path):
    import os

    checkpoint(tmp_path / "c.tar", conf={"model": Evil()})
    with pytest.raises(WeightsError, match="could run code"):
        open_head(tmp_path / "c.tar")
    assert not os.path.exists("/tmp/this-must-not-be-made")  # noqa: PTH110


@pytest.mark.parametrize("kind", ["O", "V8", "U2", "M8[s]"])
def test_only_numbers_come_by_the_name_of_numbers(kind):
    with pytest.raises(TypeError, match="no number"):
        overlap_checkpoints._number(np.dtype(kind), b"12345678")


def test_damaged_numbers_are_refused(tmp_path):
    checkpoint(tmp_path / "c.tar", **{"matcher.input_proj.bias": torch.full((16,), float("nan"))})
    with pytest.raises(WeightsError, match="NaN"):
        open_head(tmp_path / "c.tar")
    checkpoint(tmp_path / "c.tar", **{"matcher.input_proj.bias": torch.ones(15)})
    with pytest.raises(WeightsError, match=r"\(15,\) as input_proj\.bias"):
        open_head(tmp_path / "c.tar")
