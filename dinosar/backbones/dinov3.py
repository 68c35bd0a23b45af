"""DINOv3, Meta's networks of 2025 with rotary positions and four registers."""

from dinosar.backbones.dino.backbone import Dino


class DINOv3(Dino):
    """DINOv3 ViT, every published size; from the hub (timm's copies) or a checkpoint of yours. DINOv3 License."""

    family = "dinov3"
