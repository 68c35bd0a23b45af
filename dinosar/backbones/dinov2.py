"""DINOv2, Meta's networks of 2023, with and without registers."""

from dinosar.backbones.dino.backbone import Dino


class DINOv2(Dino):
    """DINOv2 ViT, every published size, with and without registers; from the hub or a checkpoint. Apache-2.0."""

    family = "dinov2"
