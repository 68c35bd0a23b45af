"""The table of published weights says what their publishers say."""

import re
from unittest import mock

import pytest

from dinosar.errors import UsageError
from dinosar.weights.catalogue import default, models, named, published, timm_model

ON_HUB = [model for model in models() if model.on_hub]
OF_REMBG = [model for model in models() if model.part == "rembg"]


def by_name(model):
    return model.name


def test_every_name_and_every_id_means_one_model():
    assert len({model.name for model in models()}) == len({model.id for model in models()}) == len(models())
    assert all(re.fullmatch(r"[a-z0-9_-]+", model.name) for model in models())


@pytest.mark.parametrize("model", ON_HUB, ids=by_name)
def test_timm_knows_each_id_and_where_it_lies(model):
    from timm.models import get_pretrained_cfg

    known = get_pretrained_cfg(model.id)
    assert known is not None
    assert known.hf_hub_id == model.repo
    assert known.license.replace("-", " ").lower() in model.licence.replace("-", " ").lower()
    assert model.url == f"https://huggingface.co/{model.repo}/resolve/main/{model.file}"


@pytest.mark.parametrize("model", ON_HUB, ids=by_name)
def test_where_timm_has_a_variant_with_all_biases_it_is_the_one(model):
    from timm.models import list_pretrained

    if "dinov3" in model.id and "qkvb" not in model.id:
        assert model.id.replace("_dinov3", "_dinov3_qkvb") not in list_pretrained()


@pytest.mark.parametrize("name", ["vits16", "vitsplus16", "vits14", "vits14_reg", "vitb16"])
def test_sizes_are_those_of_the_tensors(name):
    import timm
    import torch

    with torch.device("meta"):
        network = timm.create_model(published(name).id, num_classes=0)
    assert published(name).size == 4 * sum(each.numel() for each in network.state_dict().values())


def told_by_rembg(session):
    """(url, hash, file) that rembg would fetch for a session."""
    retrieve = mock.Mock(return_value="")
    with mock.patch.object(__import__(session.__module__, fromlist=["pooch"]), "pooch", retrieve=retrieve):
        session.download_models()
    (url, known), more = retrieve.call_args
    return url, known, more["fname"]


@pytest.mark.parametrize("model", OF_REMBG, ids=by_name)
def test_rembg_would_fetch_the_same_file_with_the_same_hash(model):
    from rembg.sessions import sessions

    url, known, file = told_by_rembg(sessions[model.name])
    algorithm, _, digest = known.partition(":")
    assert (model.url, model.file) == (url, file)
    assert getattr(model, algorithm) == digest


def test_the_models_of_rembg_that_are_left_out_are_left_out_on_purpose():
    from rembg.sessions import sessions_names_downloadable

    several_files_or_own_or_made_here = {"sam", "dis_custom", "u2net_custom", "ben_custom", "birefnet-general-fp16"}
    no_single_mask = {"u2net_cloth_seg"}
    left_out = set(sessions_names_downloadable) - {model.name for model in OF_REMBG}
    assert left_out == several_files_or_own_or_made_here | no_single_mask


def test_what_may_not_be_sold_says_so():
    assert "non-commercial" in published("bria-rmbg").licence


def test_a_model_is_found_by_name_and_by_id():
    assert published("vits16") is published("vit_small_patch16_dinov3_qkvb.lvd1689m", "dinov3")
    assert [default(part).name for part in ("dinov3", "dinov2", "rembg")] == ["vits16", "vits14_reg", "u2net"]


@pytest.mark.parametrize(
    ("name", "part", "says"),
    [("vits61", None, "did you mean 'vits16'"), ("vits16", "dinov2", "for dinov2; did you mean 'vits14'"),
     ("zebra", "rembg", "known: birefnet-cod"), ("", None, "no model named ''")],
)  # fmt: skip
def test_a_name_that_is_none_gets_a_suggestion(name, part, says):
    with pytest.raises(UsageError, match=says):
        published(name, part)


def test_any_other_timm_id_can_be_named():
    model = named("vit_base_patch16_clip_224.openai")
    assert (model.part, model.repo, model.file) == (
        "timm",
        "timm/vit_base_patch16_clip_224.openai",
        "model.safetensors",
    )
    assert model.licence.startswith("see https://huggingface.co/timm/")
    assert model.about == "size unknown"
    assert named("vit_small_patch16_dinov3_qkvb.lvd1689m") is timm_model("vit_small_patch16_dinov3_qkvb.lvd1689m")
    with pytest.raises(UsageError, match="did you mean 'u2net'"):
        named("u2nte")


@pytest.mark.parametrize("name", ["../../etc/passwd", ".hidden", "a/b", "a b.c", "x" * 200 + ".y"])
def test_what_could_lead_out_of_a_folder_is_no_id(name):
    with pytest.raises(UsageError, match="cannot be a timm id"):
        timm_model(name)


@pytest.mark.parametrize(
    ("name", "about"), [("vits16", "about 86 MB"), ("vitl16", "about 1.2 GB"), ("u2netp", "about 5 MB")]
)
def test_sizes_are_told_as_about(name, about):
    assert published(name).about == about
