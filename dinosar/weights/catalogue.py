"""The published files of weights: what each is called, where it lies, how large it is, under which licence.

Sizes are approximate. Licences are those the publishers name; read them before you publish results or sell anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dinosar.errors import UsageError, shown, suggestion

Part = Literal["dinov2", "dinov3", "timm", "rembg"]

APACHE = "Apache-2.0"
MIT = "MIT (https://github.com/ZhengPeng7/BiRefNet)"
DINOV3 = "DINOv3 License (https://ai.meta.com/resources/models-and-libraries/dinov3-license/)"
BRIA = "CC BY-NC 4.0, non-commercial only (https://huggingface.co/briaai/RMBG-2.0)"
U2NET = f"{APACHE} (https://github.com/xuebinqin/U-2-Net)"
HUB = "https://huggingface.co"
REMBG_RELEASE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"


@dataclass(frozen=True)
class Model:
    """A published file of weights.

    `name` is what people type, `id` what the part that uses it calls it. `size` is in bytes, about; 0 = not known.
    `md5` and `sha256` are what the publisher says of the file, empty where nothing is said.
    """

    name: str
    part: Part
    id: str
    repo: str
    file: str
    url: str
    size: int
    licence: str
    md5: str = ""
    sha256: str = ""

    @property
    def on_hub(self) -> bool:
        """Whether it is a file of a repository on the Hugging Face hub."""
        return bool(self.repo)

    @property
    def about(self) -> str:
        """The size in words."""
        if not self.size:
            return "size unknown"
        return f"about {self.size / 1e9:.1f} GB" if self.size >= 1e9 else f"about {self.size / 1e6:.0f} MB"


_DINOV2 = {
    "vits14": ("vit_small_patch14_dinov2", 88_224_768),
    "vitb14": ("vit_base_patch14_dinov2", 346_318_848),
    "vitl14": ("vit_large_patch14_dinov2", 1_217_470_464),
    "vitg14": ("vit_giant_patch14_dinov2", 4_545_916_928),
    "vits14_reg": ("vit_small_patch14_reg4_dinov2", 88_229_376),
    "vitb14_reg": ("vit_base_patch14_reg4_dinov2", 346_328_064),
    "vitl14_reg": ("vit_large_patch14_reg4_dinov2", 1_217_482_752),
    "vitg14_reg": ("vit_giant_patch14_reg4_dinov2", 4_545_935_360),
}
# Of the models that have them, timm keeps the biases of queries and values only under the ids with `qkvb`.
_DINOV3 = {
    "vits16": ("vit_small_patch16_dinov3_qkvb.lvd1689m", 86_384_640),
    "vitsplus16": ("vit_small_plus_patch16_dinov3_qkvb.lvd1689m", 114_769_920),
    "vitb16": ("vit_base_patch16_dinov3_qkvb.lvd1689m", 342_638_592),
    "vitl16": ("vit_large_patch16_dinov3_qkvb.lvd1689m", 1_212_514_304),
    "vith16plus": ("vit_huge_plus_patch16_dinov3_qkvb.lvd1689m", 3_362_365_440),
    "vit7b16": ("vit_7b_patch16_dinov3.lvd1689m", 26_864_123_904),
    "vitl16_sat": ("vit_large_patch16_dinov3_qkvb.sat493m", 1_212_514_304),
    "vit7b16_sat": ("vit_7b_patch16_dinov3.sat493m", 26_864_123_904),
}
# Name -> (file of the release, bytes, licence, md5). Models that are several files, that want a login, or whose answer
# is no mask of one object are left out.
_REMBG = {
    "u2net": ("u2net", 176_000_000, U2NET, "60024c5c889badc19c04ad937298a77b"),
    "u2netp": ("u2netp", 4_570_000, U2NET, "8e83ca70e441ab06c318d82300c84806"),
    "u2net_human_seg": ("u2net_human_seg", 176_000_000, U2NET, "c09ddc2e0104f800e3e1bb4652583d1f"),
    "silueta": ("silueta", 44_200_000, "see https://github.com/xuebinqin/U-2-Net/issues/295",
                "55e59e0d8062d2f5d013f4725ee84782"),
    "isnet-general-use": ("isnet-general-use", 179_000_000, f"{APACHE} (https://github.com/xuebinqin/DIS)",
                          "fc16ebd8b0c10d971d3513d564d01e29"),
    "isnet-anime": ("isnet-anime", 176_000_000, f"{APACHE} (https://github.com/SkyTNT/anime-segmentation)",
                    "6f184e756bb3bd901c8849220a83e38e"),
    "birefnet-general": ("BiRefNet-general-epoch_244", 973_000_000, MIT, "7a35a0141cbbc80de11d9c9a28f52697"),
    "birefnet-general-lite": ("BiRefNet-general-bb_swin_v1_tiny-epoch_232", 224_000_000, MIT,
                              "4fab47adc4ff364be1713e97b7e66334"),
    "birefnet-portrait": ("BiRefNet-portrait-epoch_150", 973_000_000, MIT, "c3a64a6abf20250d090cd055f12a3b67"),
    "birefnet-dis": ("BiRefNet-DIS-epoch_590", 973_000_000, MIT, "2d4d44102b446f33a4ebb2e56c051f2b"),
    "birefnet-hrsod": ("BiRefNet-HRSOD_DHU-epoch_115", 973_000_000, MIT, "c017ade5de8a50ff0fd74d790d268dda"),
    "birefnet-cod": ("BiRefNet-COD-epoch_125", 973_000_000, MIT, "f6d0d21ca89d287f17e7afe9f5fd3b45"),
    "birefnet-massive": ("BiRefNet-massive-TR_DIS5K_TR_TEs-epoch_420", 973_000_000, MIT,
                         "33e726a2136a3d59eb0fdf613e31e3e9"),
    "bria-rmbg": ("bria-rmbg-2.0", 1_020_000_000, BRIA, ""),
}  # fmt: skip
_BRIA_SHA256 = "5b486f08200f513f460da46dd701db5fbb47d79b4be4b708a19444bcd4e79958"
_DEFAULTS: dict[str, str] = {"dinov3": "vits16", "dinov2": "vits14_reg", "rembg": "u2net"}


def models() -> tuple[Model, ...]:
    """Every published model, part by part."""
    return _MODELS


def published(name: str, part: Part | None = None) -> Model:
    """A published model by its short name or its id."""
    known = [model for model in _MODELS if part in (None, model.part)]
    for model in known:
        if name in (model.name, model.id):
            return model
    of_part = f" for {part}" if part else ""
    raise UsageError(
        f"no model named '{shown(name)}'{of_part}{suggestion(name, [m.name for m in known])} (see: dinosar models list)"
    )


def default(part: Part) -> Model:
    """The model a part uses unless another is named."""
    return published(_DEFAULTS[part], part)


def named(name: str) -> Model:
    """A model as a person may name it: one of the table, else any timm id."""
    known = any(name in (model.name, model.id) for model in _MODELS)
    return timm_model(name) if not known and ("." in name or "_patch" in name) else published(name)


def timm_model(name: str) -> Model:
    """A model by its timm id, whether it is in the table or not."""
    for model in _MODELS:
        if name == model.id and model.on_hub:
            return model
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,95}", name):
        raise UsageError(f"'{shown(name)}' cannot be a timm id; one looks like vit_small_patch14_dinov2.lvd142m")
    return _of_hub(name, "timm", name, 0, f"see {HUB}/timm/{name}")


def _of_hub(name: str, part: Part, timm_id: str, size: int, licence: str) -> Model:
    repo, file = f"timm/{timm_id}", "model.safetensors"
    return Model(name, part, timm_id, repo, file, f"{HUB}/{repo}/resolve/main/{file}", size, licence)


def _all() -> Iterator[Model]:
    for name, (timm_id, size) in _DINOV3.items():
        yield _of_hub(name, "dinov3", timm_id, size, DINOV3)
    for name, (start, size) in _DINOV2.items():
        yield _of_hub(name, "dinov2", f"{start}.lvd142m", size, APACHE)
    for name, (stem, size, licence, md5) in _REMBG.items():
        url = f"{REMBG_RELEASE}/{stem}.onnx"
        sha256 = "" if md5 else _BRIA_SHA256
        yield Model(name, "rembg", name, "", f"{name}.onnx", url, size, licence, md5, sha256)


_MODELS = tuple(_all())
