"""The trained head: its size, its numbers against torch, its file, and what it says when it does not fit."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from dinosar.config.sections import FitConfig
from dinosar.errors import InputError, WeightsError
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.overlap_head import HeadOptions, OverlapHead, open_head
from dinosar.retrieval.overlap_head_files import head_bytes


def made(options, seed=0, told=None):
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in options.shapes().items()}
    return OverlapHead(options, weights, told or {})


def tokens(count=50, depth=24, seed=1):
    rows = np.random.default_rng(seed).normal(size=(count, depth)).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1)
    places = np.random.default_rng(seed).uniform(-1, 1, (count, 2)).astype(np.float32)
    return rows / lengths[:, None], places, lengths


def by_torch(head, rows, places, lengths):
    """The formula, layer by layer, with torch's own layers in double precision."""
    import torch
    from torch.nn import functional

    w = {name: torch.tensor(array, dtype=torch.float64) for name, array in head.weights.items()}
    length = head.options.input_length
    given = torch.tensor(rows, dtype=torch.float64) * (torch.tensor(lengths)[:, None] if length is None else length)
    found = functional.linear(given, w["input_proj.weight"], w["input_proj.bias"])
    if head.options.position:
        at = torch.tensor(places, dtype=torch.float64) + head.options.shift
        hidden = functional.linear(at, w["keypoint_encoder.0.weight"], w["keypoint_encoder.0.bias"])
        hidden = functional.layer_norm(hidden, (512,), w["keypoint_encoder.1.weight"], w["keypoint_encoder.1.bias"])
        found += functional.linear(
            functional.gelu(hidden), w["keypoint_encoder.4.weight"], w["keypoint_encoder.4.bias"]
        )
    return functional.normalize(found, dim=-1).numpy()


def test_it_has_as_many_numbers_as_the_original():
    assert HeadOptions(1024, 256).parameters == 396_288
    assert HeadOptions(1024, 256, position=False).parameters == 262_400


@pytest.mark.parametrize("position", [True, False])
@pytest.mark.parametrize("length", [1.0, 4.9, None])
def test_it_computes_what_torch_computes(position, length):
    head = made(HeadOptions(24, 16, position=position, input_length=length, shift=0.01))
    rows, places, lengths = tokens()
    found = head.encode(rows, places, lengths)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_torch(head, rows, places, lengths), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_the_network_that_learns_is_the_same_head():
    import torch

    from dinosar.training.network import head_of, network

    options = HeadOptions(24, 16, 0.5, input_length=3.0)
    net = network(options)
    head = head_of(net.state_dict(), options, {}, "made")
    assert sum(parameter.numel() for parameter in net.parameters()) == options.parameters
    rows, places, _ = tokens()
    net.eval()
    with torch.no_grad():
        found = net["input_proj"](torch.from_numpy(rows) * 3.0) + net["keypoint_encoder"](torch.from_numpy(places))
        expected = torch.nn.functional.normalize(found, dim=-1).numpy()
    np.testing.assert_allclose(head.encode(rows, places), expected, atol=1e-6)


def test_places_have_a_say_only_where_they_should():
    rows, places, _ = tokens()
    order = np.random.default_rng(0).permutation(len(places))
    with_places, without = (made(HeadOptions(24, 16, position=each)) for each in (True, False))
    assert not np.allclose(with_places.encode(rows, places), with_places.encode(rows, places[order]), atol=1e-3)
    np.testing.assert_array_equal(without.encode(rows, places), without.encode(rows, places[order]))


def test_an_image_without_patches_has_no_vectors():
    assert made(HeadOptions(24, 16)).encode(np.empty((0, 24), np.float32), np.empty((0, 2), np.float32)).shape == (
        0,
        16,
    )


def test_its_id_is_of_weights_and_options_and_not_of_where_it_comes_from():
    head = made(HeadOptions(24, 16))
    assert head.id == made(HeadOptions(24, 16, dropout_prob=0.5), told={"x": 1}).id
    others = [made(HeadOptions(24, 16), seed=1), made(HeadOptions(24, 16, input_length=None)),
              made(HeadOptions(24, 16, shift=0.1)), made(HeadOptions(24, 16, position=False))]  # fmt: skip
    assert len({head.id, *(other.id for other in others)}) == 5


@pytest.mark.parametrize("options", [HeadOptions(24, 16), HeadOptions(24, 8, 0.5, False, True, None, 0.25)])
def test_a_head_comes_back_from_its_file(tmp_path, options):
    head = made(options, told={"backbone": "classic-v1", "pairs": 3})
    path = tmp_path / "my head.safetensors"
    path.write_bytes(head_bytes(head))
    found = open_head(path)
    assert (found.id, found.options, dict(found.told), found.title) == (head.id, options, dict(head.told), "my head")
    assert head_bytes(found) == head_bytes(head)


def test_without_a_file_tokens_vote_as_they_are():
    assert isinstance(open_head(None), Identity)


def test_reading_a_head_and_encoding_needs_no_torch(tmp_path):
    path = tmp_path / "head.safetensors"
    path.write_bytes(head_bytes(made(HeadOptions(24, 16))))
    script = (
        "import sys, numpy as np; from dinosar.retrieval.overlap_head import open_head; "
        f"open_head({str(path)!r}).encode(np.eye(24, dtype=np.float32), np.zeros((24, 2), np.float32)); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_tokens_of_another_depth_are_refused():
    rows, places, _ = tokens(depth=12)
    with pytest.raises(InputError, match="takes tokens of depth 24, and these have depth 12"):
        made(HeadOptions(24, 16)).encode(rows, places)


def test_lengths_that_are_needed_are_asked_for():
    head = made(HeadOptions(24, 16, input_length=None))
    assert head.needs_lengths
    rows, places, _ = tokens()
    with pytest.raises(InputError, match="lengths are not known"):
        head.encode(rows, places)


def test_only_a_head_that_learned_summaries_encodes_them():
    rows, _, _ = tokens()
    with pytest.raises(InputError, match="add_cls_tokens"):
        made(HeadOptions(24, 16)).encode_summary(rows[0])
    head = made(HeadOptions(24, 16, add_cls_tokens=True))
    expected = by_torch(replace(made(HeadOptions(24, 16, position=False)), weights={
        name: head.weights[name] for name in ("input_proj.weight", "input_proj.bias")
    }), rows[:1], None, None)[0]  # fmt: skip
    np.testing.assert_allclose(head.encode_summary(rows[0]), expected, atol=1e-6)


def test_a_head_of_another_backbone_is_told_of(caplog):
    made(HeadOptions(24, 16), told={"backbone": "classic-v1"}).expect("dinov2-small")
    assert "was trained on tokens of classic-v1, and is used on those of dinov2-small" in caplog.text
    caplog.clear()
    made(HeadOptions(24, 16), told={"backbone": "classic-v1"}).expect("classic-v1")
    assert not caplog.text


def test_heads_of_one_name_are_told_apart_by_their_files(tmp_path, caplog, monkeypatch):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        head = made(HeadOptions(24, 16), told={"backbone": "classic-v1"})
        (tmp_path / folder / "head.safetensors").write_bytes(head_bytes(head))
    monkeypatch.chdir(tmp_path)
    for given in ("one/head.safetensors", tmp_path / "two/head.safetensors"):
        caplog.clear()
        found = open_head(given)
        found.expect("dinov2-small")
        assert caplog.messages == [
            f"head '{given}' was trained on tokens of classic-v1, and is used on those of dinov2-small"
        ]
        with pytest.raises(InputError, match=f"head '{given}' takes tokens of depth 24"):
            found.encode(*tokens(depth=12))
        assert found.title == "head"
    far = tmp_path / ("d" * 120) / ("e" * 120)
    far.mkdir(parents=True)
    (far / "head.safetensors").write_bytes((tmp_path / "one/head.safetensors").read_bytes())
    assert open_head(far / "head.safetensors").called.endswith("…")
    assert open_head(far / "head.safetensors").called.startswith("eee")


@pytest.mark.parametrize(("then", "now", "told"), [
    ({"size": 224, "fit": "letterbox"}, {"size": 448}, ("at 224 px", "at 448 px")),
    ({"size": 224, "fit": "letterbox"}, {"size": 224, "fit": "stretch"}, ("at 224 px", "at 224 px, stretched")),
    ({"size": 224, "fit": "native"}, {"size": 224}, ("in the size they have", "at 224 px")),
    ({"size": 224, "fit": "native"}, {"size": 448, "fit": "native"}, None),
    ({"size": 224, "fit": "letterbox"}, {"size": 224}, None),
    ({"size": 224, "fit": "letterbox"}, None, None),
    (None, {"size": 448}, None),
])  # fmt: skip
@pytest.mark.parametrize("position", [True, False])
def test_a_head_of_photos_in_another_size_is_told_of(then, now, told, position, caplog):
    head = made(HeadOptions(24, 16, position=position), told={} if then is None else {"image": then})
    image = None if now is None else FitConfig(**now)
    head.expect("classic-v1", image)
    Identity().expect("classic-v1", image)
    if told is None:
        assert not caplog.messages
        return
    (message,) = caplog.messages
    assert f"was trained on photos shown {told[0]}, and is used on photos shown {told[1]}" in message
    assert ("learned the places" in message) == position


def broken(path, change):
    """A head's file with something else in it."""
    from safetensors.numpy import load_file, save_file

    head = made(HeadOptions(24, 16))
    path.write_bytes(head_bytes(head))
    arrays = load_file(path)
    said = json.loads(json.dumps({"layout": 1, "options": vars(head.options), "told": {}}))
    change(arrays, said)
    save_file(arrays, path, metadata={"dinosar_overlap_head": json.dumps(said)})
    return path


@pytest.mark.parametrize(("change", "told"), [
    (lambda arrays, said: arrays.pop("input_proj.bias"), "other tensors than it says"),
    (lambda arrays, said: said["options"].update(input_dim=10**9), "other tensors than it says"),
    (lambda arrays, said: said["options"].update(colour="red"), "does not say how it is made"),
    (lambda arrays, said: said["options"].update(input_dim="many"), "does not say how it is made"),
    (lambda arrays, said: said.update(layout=2), "newer version"),
    (lambda arrays, said: said.pop("told"), "does not say how it is made"),
    (lambda arrays, said: arrays["input_proj.weight"].__setitem__((0, 0), np.nan), "NaN or infinity"),
    (lambda arrays, said: arrays["input_proj.weight"].fill(0), "nothing but zeros"),
    (lambda arrays, said: arrays.update({"input_proj.bias": np.zeros(16, np.int64)}), "int64"),
])  # fmt: skip
def test_a_file_that_is_no_head_is_refused(tmp_path, change, told):
    with pytest.raises(WeightsError, match=told):
        open_head(broken(tmp_path / "head.safetensors", change))


def test_a_file_of_other_weights_or_cut_short_is_refused(tmp_path):
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    save_file({"a": np.ones(3, np.float32)}, path)
    with pytest.raises(WeightsError, match="not those of a head"):
        open_head(path)
    path.write_bytes(head_bytes(made(HeadOptions(24, 16)))[:-7])
    with pytest.raises(WeightsError, match="cut short"):
        open_head(path)
    with pytest.raises(WeightsError, match="cannot be read"):
        open_head(tmp_path / "nothing.safetensors")
