"""What names say of networks, checked on those of the hubs."""

import pytest

from dinosar.weights.architecture import SIZES, Architecture
from dinosar.weights.base_names import differing, traits, traits_of
from dinosar.weights.catalogue import models, published

SHAPE = Architecture("dinov2", 384, 12, 64, 14, 4, 1369, 1536, gated=False, qkv_bias=True)
NAMES = {
    "facebook/dinov2-small": ("dinov2", "small", None, "without"),
    "facebook/dinov2-with-registers-giant/": ("dinov2", "giant", None, "with"),
    "facebook/dinov3-vits16plus-pretrain-lvd1689m": ("dinov3", "small", "16", None),
    "facebook/dinov3-vith16plus-pretrain-lvd1689m": ("dinov3", "huge", "16", None),
    "dinov2_vitb14_reg": ("dinov2", "base", "14", "with"),
    "dinov3_vit7b16_pretrain_lvd1689m-a955f4ea.pth": ("dinov3", "7b", "16", None),
    "vit_tiny_patch16_224": (None, "tiny", "16", None),
    "C:\\models\\dinov2_vitl14": ("dinov2", "large", "14", "without"),
    "/data/small/dinov2": ("dinov2", None, None, None),
    "/models/base": (None,) * 4, "google/bert-large": (None,) * 4, "": (None,) * 4,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_read(name):
    assert tuple(traits(name).get(each) for each in ("family", "size", "patch", "registers")) == NAMES[name]


@pytest.mark.parametrize("model", [each for each in models() if each.on_hub], ids=lambda model: model.name)
def test_a_published_network_and_its_names_agree_and_no_other_does(model):
    families = {(name, key[0]): key for key, name in SIZES.items()}
    family, width, depth, gated = families[model.name.removesuffix("_sat").removesuffix("_reg"), model.part]
    registers = 4 if family == "dinov3" or model.name.endswith("_reg") else 0
    patch = int("".join(filter(str.isdecimal, model.name.replace("7b", "")))[:2])
    head = 128 if width == 4096 else 64
    shape = Architecture(family, width, depth, head, patch, registers, 0, 4 * width, gated, qkv_bias=True)
    for name in (model.id, f"timm/{model.id}", f"{family}_{model.name}"):
        assert traits(name) == traits_of(shape)
        assert differing(name, traits_of(shape)) == []
    other = published("vitb14" if model.name != "vitb14" else "vits14", "dinov2")
    assert differing(other.id, traits_of(shape))


@pytest.mark.parametrize(
    ("name", "told"),
    [("facebook/dinov2-small", ["with registers, not without registers"]), ("dinov2_vits14_reg", []), ("mine", []),
     ("dinov3-vitb16", ["of dinov2, not of dinov3", "of size 'small', not of size 'base'",
                        "with patches of 14 px, not with patches of 16 px"])],
)  # fmt: skip
def test_every_difference_is_told(name, told):
    assert differing(name, traits_of(SHAPE)) == told


def test_a_size_that_nobody_published_contradicts_nothing():
    assert "size" not in traits_of(Architecture("dinov2", 128, 4, 64, 14, 4, 1369, 512, gated=False, qkv_bias=True))
