"""DINOv2 and DINOv3 as backbones: what they are told, what they say of themselves, and what they never do."""

import socket

import numpy as np
import pytest
from command_line import inside
from PIL import Image
from random_weights import random_weights, saved

from dinosar import hardware
from dinosar.backbones.dinov2 import DINOv2
from dinosar.backbones.dinov3 import DINOv3
from dinosar.errors import UsageError, WeightsError
from dinosar.testing import toy_photo
from dinosar.weights import sha256


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Short networks of every kind, in files."""
    folder = tmp_path_factory.mktemp("weights")
    return {
        name: saved(folder, random_weights(name, depth=3), f"{name}.pth") for name in ("vits16", "vits14", "vits14_reg")
    }


def built(files, name="vits16", **options):
    backbone = DINOv2 if "14" in name else DINOv3
    given = {"checkpoint": str(files[name]), "dtype": "float32", "device": "cpu"} | options
    return backbone(backbone.Options(**given))


def image(rows, columns, patch=16):
    return np.random.default_rng(0).integers(0, 255, (rows * patch, columns * patch, 3), dtype=np.uint8)


@pytest.mark.parametrize(("name", "patch"), [("vits16", 16), ("vits14", 14), ("vits14_reg", 14)])
def test_tokens_lie_row_by_row_on_any_grid(files, name, patch):
    backbone = built(files, name)
    assert backbone.patch == patch
    word = backbone.encode(image(3, 7, patch))
    assert word.tokens.shape == (3, 7, 384)
    assert (word.summary.shape, word.attention.shape) == ((384,), (1, 3, 7))
    assert (word.attention_kind, word.attention_layers) == ("attention", (2,))
    assert word.tokens.dtype == np.float32


def test_a_bright_patch_changes_its_own_token_most(files):
    backbone = built(files)
    plain = np.full((5 * 16, 6 * 16, 3), 120, dtype=np.uint8)
    marked = plain.copy()
    marked[3 * 16 : 4 * 16, 16:32] = np.random.default_rng(1).integers(0, 255, (16, 16, 3))
    change = np.linalg.norm(backbone.encode(marked).tokens - backbone.encode(plain).tokens, axis=-1)
    assert np.unravel_index(change.argmax(), change.shape) == (3, 1)


def test_layers_and_maps_are_those_asked_for_in_their_order(files):
    alone = {layer: built(files, layers=[layer], attn_layers=[layer]).encode(image(4, 4)) for layer in (0, 2)}
    both = built(files, layers=[0, 2], attn_layers=[2, 0]).encode(image(4, 4))
    assert both.attention_layers == (2, 0)
    assert np.array_equal(both.attention[0], alone[2].attention[0])
    assert np.array_equal(both.attention[1], alone[0].attention[0])
    unit = [w.tokens / np.linalg.norm(w.tokens, axis=-1, keepdims=True) for w in (alone[0], alone[2])]
    assert np.allclose(both.tokens, (unit[0] + unit[1]) / 2, atol=1e-5)
    assert built(files, attn_layers=[]).encode(image(4, 4)).attention is None


@pytest.mark.parametrize(("option", "value"), [("layers", [3]), ("layers", [-4]), ("attn_layers", [99])])
def test_a_layer_that_is_not_there_is_told_before_anything_runs(files, option, value):
    with pytest.raises(UsageError, match=rf"{option}: there is no layer {value[0]}; this network has 3"):
        built(files, **{option: value})


def test_the_record_says_what_was_used(files):
    facts = built(files, layers=[-2, -1], layer_agg="median").facts()
    assert facts["id"] == "dinov3-w384d3p16 (vits16.pth)"
    assert (facts["weights"], facts["weights_sha256"]) == ("vits16.pth", sha256(files["vits16"]))
    assert (facts["layers"], facts["attention_of"]) == ("1, 2", "2")
    assert (facts["device"], facts["dtype"]) == ("cpu", "float32")
    assert facts["weights_layout"] == "official DINOv3"
    assert "DINOv3 License" in facts["licence"]
    assert built(files).pinned() == {"dtype": "float32"}


def test_the_precision_that_auto_became_is_recorded(files, monkeypatch):
    for native, said in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(hardware, "bfloat16", lambda name, native=native: native)
        backbone = built(files, dtype="auto")
        assert backbone.facts()["dtype"] == said
        assert backbone.encode(image(2, 2)).tokens.dtype == np.float32


def test_a_file_of_the_other_family_is_refused_with_the_name_of_the_right_one(files):
    with pytest.raises(WeightsError, match="are of dinov2, not dinov3; use --backbone dinov2"):
        DINOv3(DINOv3.Options(checkpoint=str(files["vits14"])))
    with pytest.raises(WeightsError, match="use --backbone dinov3"):
        DINOv2(DINOv2.Options(checkpoint=str(files["vits16"])))


def test_a_model_named_must_be_the_one_in_the_file(files, tmp_path):
    whole = saved(tmp_path, random_weights("vits16"))
    assert DINOv3(DINOv3.Options(checkpoint=str(whole), model="vits16")).facts()["id"] == "dinov3-vits16 (weights.pth)"
    with pytest.raises(WeightsError, match="hold vits16, but vitb16 was named"):
        DINOv3(DINOv3.Options(checkpoint=str(whole), model="vitb16"))
    with pytest.raises(WeightsError, match="hold w384d3p16, but vits16 was named"):
        built(files, model="vits16")


def test_a_model_that_nobody_published_is_told(files):
    with pytest.raises(UsageError, match="vits17.*did you mean"):
        built(files, model="vits17")


def test_without_weights_and_hub_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError, match="vit_small_patch16_dinov3_qkvb.lvd1689m.*dinosar models fetch") as problem:
        DINOv3()
    assert len(str(problem.value).splitlines()) == 1


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was touched")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


def test_a_checkpoint_needs_no_network_at_all(files, no_network, tmp_path, own_cache, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    for seed, name in enumerate("ab"):
        Image.fromarray(toy_photo(seed).pixels).save(tmp_path / f"{name}.png")
    answer = inside(
        "compare", "a.png", "b.png", "--backbone", "dinov3", "--checkpoint", files["vits16"], "--masker", "whole",
        "--out", "run",
        cwd=tmp_path, cache=own_cache,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert (tmp_path / "run" / "run.yaml").exists()
