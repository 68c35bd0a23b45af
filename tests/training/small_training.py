"""Trainings that take a second: their configs, carried out, and stopped half-way."""

import cv2
import numpy as np
import pytest

from dinosar.config.training import TrainConfig
from dinosar.jobs import carry_out
from dinosar.settings import Layers, settle
from dinosar.train_job import place

SMALL = {
    "backbone": {"use": "classic", "step": 16}, "image": {"size": 96},
    "data": {"name": "warps", "train_num_per_scene": [4, 2], "val_num_per_scene": [4, 2], "max_overlap": 1.0,
             "across_scenes": True, "batch_size": 4, "warps": {"views": 4}},
    "model": {"matcher": {"descriptor_dim": 8}},
    "train": {"epochs": 3, "lr": 0.003, "save_every_iter": 1, "eval_every_iter": 3, "log_every_iter": 2,
              "keep_last_checkpoints": 2},
    "figures": {"dpi": 60},
}  # fmt: skip
SQUARES = {"train_num_per_scene": None, "val_num_per_scene": None, "across_scenes": False, "max_overlap": 0.7}
"""What says nothing where pairs stand in lists."""


def config_of(folder, **changes):
    """The small config for a folder, with some sections changed; views are cut out only for data.name: warps."""
    values = {"inputs": {"images": str(folder)}, **SMALL}
    for key, value in changes.items():
        values[key] = {**values.get(key, {}), **value}
    if values["data"]["name"] != "warps":
        values["data"] = {key: value for key, value in values["data"].items() if key != "warps"}
    return settle(TrainConfig, Layers().add(values, "here"))


def carried(config, folder, overwrite=False):
    return carry_out(config, place(config, folder, overwrite))


def draw(folder, numbers=range(5)):
    """Photographs of blobs, each in its own colours."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        noise = np.random.default_rng(number).integers(0, 256, (14, 18, 3), dtype=np.uint8)
        picture = cv2.resize(noise, (360, 280), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / f"photo {number}.png"), picture)
    return folder


def interrupted(config, out, monkeypatch, after):
    """The training, stopped by its own process after so many examples."""
    from dinosar.training.sampling import Sampled

    asked = []
    example = Sampled.example

    def counting(self, epoch, number):
        asked.append(number)
        if len(asked) > after:
            raise KeyboardInterrupt
        return example(self, epoch, number)

    with monkeypatch.context() as patch:
        patch.setattr(Sampled, "example", counting)
        with pytest.raises(KeyboardInterrupt):
            carried(config, out)
