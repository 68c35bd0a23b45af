"""A file that a person brings is known by what is in it, and goes where it will be found."""

import hashlib
from dataclasses import replace
from functools import cache

import pytest
from fake_hub import DINOV3, U2NET, header, hollow, tensors

from dinosar.errors import ConflictError, UsageError, WeightsError
from dinosar.weights import importing
from dinosar.weights.catalogue import models, published
from dinosar.weights.disk import locate, target
from dinosar.weights.first_sight import check
from dinosar.weights.importing import identify, import_file


@cache
def timm_shapes(name):
    """Name -> shape of what timm keeps on the hub."""
    import timm
    import torch

    with torch.device("meta"):
        return {key: list(t.shape) for key, t in timm.create_model(name, num_classes=0).state_dict().items()}


QUARTER = "F8_E4M3", 1
"""The shortest numbers of floating point."""


@pytest.fixture
def small(tmp_path):
    """DINOv3 ViT-S as timm keeps it."""
    path = hollow(tmp_path / "downloaded.safetensors", timm_shapes(DINOV3.id))
    start, length = header(timm_shapes(DINOV3.id), *QUARTER)
    path.write_bytes(start + b"\1" * length)
    return path


def left(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


DINO = [model for model in models() if model.on_hub and not model.name.endswith("_sat") and "l16" not in model.name
        and "7b" not in model.name]  # fmt: skip


@pytest.mark.parametrize("model", DINO, ids=lambda model: model.name)
def test_every_network_is_known_by_its_shapes(model, tmp_path):
    path = hollow(tmp_path / "anything.bin", timm_shapes(model.id))
    assert identify(path, None) == model
    assert identify(path, model) == model


@pytest.mark.parametrize("name", ["vitl16", "vit7b16"])
def test_of_two_networks_with_equal_shapes_the_name_of_the_file_decides_or_a_person(name, tmp_path):
    table = timm_shapes(published(name).id)
    plain = hollow(tmp_path / "model.safetensors", table)
    with pytest.raises(UsageError, match=f"'{name}'.*or '{name}_sat'.*say which: --as NAME"):
        identify(plain, None)
    assert identify(plain, published(f"{name}_sat")).name == f"{name}_sat"
    assert identify(hollow(tmp_path / "x_pretrain_lvd1689m-8a.pth", table), None).name == name
    assert identify(hollow(tmp_path / "x_pretrain_sat493m-eadcf0.pth", table), None).name == f"{name}_sat"


def test_a_network_that_is_another_than_was_said_is_refused(small):
    with pytest.raises(WeightsError, match="are not 'vitb16' but have the shapes of 'vits16'"):
        import_file(small, "vitb16")
    with pytest.raises(WeightsError, match="are not 'u2net': that one is a model in ONNX"):
        import_file(small, "u2net")


def test_timms_other_dinov3_without_biases_is_refused(tmp_path):
    path = hollow(tmp_path / "model.safetensors", timm_shapes("vit_small_patch16_dinov3.lvd1689m"))
    with pytest.raises(WeightsError, match="lack the biases.*dinov3_qkvb.lvd1689m"):
        import_file(path)


def test_a_network_that_nobody_published_is_sent_to_checkpoint(tmp_path):
    table = {
        name: [64 if n == 384 else 192 if n == 1152 else 256 if n == 1536 else n for n in shape]
        for name, shape in timm_shapes(DINOV3.id).items()
    }
    with pytest.raises(WeightsError, match="no published dinov3 .w64d12p16.; name the file with --checkpoint"):
        import_file(hollow(tmp_path / "own.safetensors", table))


def test_a_file_is_copied_to_where_it_is_found_and_its_hash_is_remembered(small):
    done = import_file(small)
    assert (done.model, done.copied) == (DINOV3, True)
    assert done.located == locate(DINOV3)
    assert done.located.path == target(DINOV3)
    assert done.sha256 == hashlib.sha256(small.read_bytes()).hexdigest()
    assert left(done.located.path.parent) == ["model.safetensors"]
    assert check(DINOV3, done.located, again=True) == ("the first sight of it",)
    assert small.exists()


def test_weights_that_hold_nothing_do_not_replace_good_ones(small, tmp_path):
    import_file(small)
    empty, whole = tmp_path / "zeros.safetensors", hollow(tmp_path / "bool.safetensors", timm_shapes(DINOV3.id))
    start, length = header(timm_shapes(DINOV3.id), *QUARTER)
    empty.write_bytes(start + b"\0" * length)
    for path, told in ((empty, "holds nothing but zeros"), (whole, "cls_token holds numbers of type bool")):
        with pytest.raises(WeightsError, match=told):
            import_file(path, overwrite=True)
    assert target(DINOV3).read_bytes() == small.read_bytes()


def test_the_same_file_again_is_no_conflict_and_another_is(small, tmp_path):
    import_file(small)
    assert not import_file(small).copied
    other = tmp_path / "other.safetensors"
    other.write_bytes(small.read_bytes())
    with other.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\0")
    before = target(DINOV3).read_bytes()
    with pytest.raises(ConflictError, match="to replace it add --overwrite"):
        import_file(other)
    assert target(DINOV3).read_bytes() == before
    done = import_file(other, overwrite=True)
    assert done.located.path.read_bytes() == other.read_bytes()
    assert check(DINOV3, done.located) == ("the first sight of it",)


def test_a_pth_file_stays_one_and_replaces_the_other_kind(small, tmp_path):
    import torch

    from dinosar.weights import shapes

    import_file(small)
    path = tmp_path / "official.pth"
    torch.save(
        {name: torch.ones(shape, dtype=torch.float8_e4m3fn) for name, shape in timm_shapes(DINOV3.id).items()}, path
    )
    with pytest.raises(ConflictError):
        import_file(path)
    done = import_file(path, overwrite=True)
    assert left(done.located.path.parent) == ["model.pth"]
    assert locate(DINOV3) == done.located
    assert len(shapes(done.located.path)) == len(timm_shapes(DINOV3.id))


def test_any_file_of_tensors_may_be_brought_for_another_timm_id(tmp_path):
    path = tmp_path / "clip.safetensors"
    path.write_bytes(tensors({"visual.weight": [2, 2]}))
    done = import_file(path, "vit_base_patch16_clip_224.openai")
    assert done.located == locate(done.model)


@pytest.mark.parametrize(
    ("data", "says"), [(b"", "empty file"), (b"<html>", "web page"), (bytes(99), "zeros"), (b"hello", "neither a"),
                       (tensors({"x": [3]}), "not those of a DINO")],
)  # fmt: skip
@pytest.mark.parametrize("name", [None, "vits16"])
def test_junk_is_refused(data, says, name, tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=says):
        import_file(path, name)
    assert locate(DINOV3) is None


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read: No such file"):
        import_file(tmp_path / "none.pth")
    with pytest.raises(WeightsError, match="are a folder"):
        import_file(tmp_path)


ONNX = b"\x08\x07 a model"


@pytest.fixture
def tiny(monkeypatch):
    """U2-Net, if it were tiny."""
    model = replace(U2NET, md5=hashlib.md5(ONNX, usedforsecurity=False).hexdigest())
    known = (model, *(each for each in models() if each.name != "u2net"))
    monkeypatch.setattr(importing, "models", lambda: known)
    monkeypatch.setattr(importing, "named", lambda name: next(m for m in known if m.name == name))
    return model


@pytest.mark.parametrize("name", ["u2net.onnx", "renamed.onnx"])
def test_a_model_of_rembg_is_known_by_its_published_hash(name, tiny, tmp_path):
    (tmp_path / name).write_bytes(ONNX)
    done = import_file(tmp_path / name)
    assert done.model == tiny
    assert done.located.path.parts[-3:] == ("models", "u2net", "u2net.onnx")
    assert locate(tiny) == done.located
    assert check(tiny, done.located) == ("the release", "the first sight of it")


@pytest.mark.parametrize("name", ["u2net.onnx", "silueta.onnx", "BiRefNet-general-epoch_244.onnx", "bria-rmbg.onnx"])
def test_a_model_with_a_published_name_and_other_bytes_is_refused(name, tiny, tmp_path):
    (tmp_path / name).write_bytes(b"\x08 something else")
    with pytest.raises(WeightsError, match="according to the release.*masker.model_path"):
        import_file(tmp_path / name)


def test_a_model_of_rembg_that_says_nothing_of_itself_must_be_named(tiny, tmp_path):
    path = tmp_path / "x.onnx"
    path.write_bytes(b"\x08 something else")
    with pytest.raises(UsageError, match="--as NAME"):
        import_file(path)
    with pytest.raises(WeightsError, match="are in ONNX; 'vits16' is a .safetensors"):
        import_file(path, "vits16")


def test_a_file_that_changes_while_it_is_copied_is_not_kept(small, monkeypatch):
    monkeypatch.setattr(importing, "sha256_of", lambda path: "0" * 64)
    with pytest.raises(WeightsError, match="changed while"):
        import_file(small)
    assert locate(DINOV3) is None
