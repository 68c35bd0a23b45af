"""What `dinosar train overlap` can be told, in the words of the original's files; every default with its reason.

Files stand under `inputs`, where a record needs them; where the original has them is understood (training_words.py).
"""

from typing import Annotated, Any, Literal

from pydantic import Field, ModelWrapValidatorHandler, field_validator, model_validator

from dinosar.config.retrieval import RetrievalImage
from dinosar.config.sections import Part, Section
from dinosar.config.specimens import FigureFormat
from dinosar.config.training_idle import idle
from dinosar.config.training_model import ModelConfig
from dinosar.config.training_words import moved, read_originals, refuse

Words = Literal["flip", "dark", "lightglue", "identity"]
Counts = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]
"""Pairs that overlap, and pairs that do not."""


class TrainInputs(Section):
    """Where photographs and labels lie."""

    images: str = Field(description="Folder of the photographs, or of the collection.")
    labels: str | None = Field(None, description="megadepth_easy: supervision_{train,val}_check.h5, or their folder.")
    train_pairs: str | None = Field(None, description="megadepth_easy: list of pairs that are learned from.")
    val_pairs: str | None = Field(None, description="megadepth_easy: list of pairs that are validated on.")
    train_scenes: str | None = Field(None, description="List of scenes that are learned from; else all others.")
    val_scenes: str | None = Field(None, description="List of scenes that are validated on; else every tenth.")


class Preprocessing(Section):
    """How pictures are fitted; the size stands under image.size."""

    side: Literal["long"] = Field("long", description="The longer side gets the size: nothing is cropped.")
    square_pad: bool | None = Field(None, description="True: squares. Files of labels count the patches of squares; "
                                    "else padding is less than a patch.")  # fmt: skip


class Photometric(Section):
    """How pictures are made to look otherwise."""

    name: Words = Field("identity", description="flip mirrors; dark and lightglue change the light.")
    p: float = Field(0.95, ge=0, le=1, description="How often a picture is changed, as in the original.")
    lights: int = Field(4, ge=1, le=100, description="Lights of each picture: each meets the backbone once.")

    @field_validator("name", mode="before")
    @classmethod
    def _short(cls, name: Any) -> Any:
        return "lightglue" if name == "lg" else name


class WarpsConfig(Section):
    """How views of a photograph are taken, for data.name: warps."""

    views: int = Field(8, ge=2, le=1000, description="Views of each photo: 56 ordered pairs.")
    sides: list[float] = Field(
        [0.22, 0.8], min_length=2, max_length=2, description="Of the window, in shares of the shorter side."
    )
    turn: float = Field(25.0, ge=0, le=180, description="Degrees at most: photographers hold cameras upright.")
    jitter: float = Field(0.12, ge=0, le=0.3, description="A corner is off by this share of the side: oblique views.")
    light: float = Field(1.0, ge=0, le=5, description="0 leaves brightness and colours as they are.")
    hidden: float = Field(0.5, ge=0, le=1, description="How often a scrap of another photo hides a part.")

    @field_validator("sides")
    @classmethod
    def _in_order(cls, sides: list[float]) -> list[float]:
        if not 0.02 <= sides[0] <= sides[1] <= 1:
            raise ValueError("give the least and the greatest share of the shorter side, from 0.02 to 1")
        return sides


class DataConfig(Section):
    """What is learned from."""

    name: str = Field("warps", min_length=1, description="warps: views of any photos. megadepth or another collection "
                      "with depths: depth and pose. megadepth_easy: lists and a file of labels.")  # fmt: skip
    preprocessing: Preprocessing = Preprocessing()
    train_split: list[str] | None = Field(None, description="Scenes learned from; else all that are not validated on.")
    val_split: list[str] | None = Field(None, description="Scenes validated on; else every tenth.")
    train_num_per_scene: Counts | None = Field([200, 200], description="Pairs of each scene that overlap, and that do "
                                               "not; as in the original.")  # fmt: skip
    val_num_per_scene: Counts | None = Field([150, 150], description="The same of scenes that are validated on.")
    num_overlap_bins: int = Field(3, ge=1, le=100, description="Small overlaps get as many pairs as large ones.")
    min_overlap: float = Field(0.1, ge=0, lt=1, description="Pairs that share less teach little.")
    max_overlap: float = Field(0.7, gt=0, le=1, description="Pairs that share more are easy.")
    across_scenes: bool = Field(False, description="Fill up pairs that share nothing from different scenes.")
    reseed: bool = Field(False, description="A pair has the same looks in every epoch, as in the original.")
    one_to_one: Literal[True] = Field(True, description="A patch has one partner; nothing else is supported.")
    views: Literal[2] = Field(2, description="Pairs; nothing else is supported.")
    aug: bool = Field(True, description="False changes no picture, whatever photometric says.")
    photometric: Photometric = Photometric()
    batch_size: int = Field(32, ge=1, le=10_000, description="Pairs of a step, as in the original.")
    ccth: float | None = Field(None, gt=0, description="Px that going there and back may miss by; unless given, what "
                               "is hidden counts as seen, as in the original.")  # fmt: skip
    depth_tolerance: float | None = Field(None, gt=0, description="Share by which depths of both may differ; unless "
                                          "given, not looked at.")  # fmt: skip
    roma_supervision: bool = Field(False, description="megadepth_easy: labels by RoMa instead of those by depth.")
    combine: bool = Field(False, description="megadepth_easy: only what both kinds of label say.")
    warps: WarpsConfig = WarpsConfig()

    @model_validator(mode="before")
    @classmethod
    def _originals(cls, values: Any) -> Any:
        return read_originals("data", values)

    @field_validator("max_overlap")
    @classmethod
    def _above(cls, most: float, info: Any) -> float:
        if most <= info.data.get("min_overlap", 0):
            raise ValueError("must be greater than data.min_overlap")
        return most


class Schedule(Section):
    """How the learning rate falls."""

    type: Literal["exp"] | None = Field("exp", description="null keeps the rate as it is.")
    start: int = Field(10, ge=0, description="Epochs at the full rate, as in the original.")
    exp_div_10: float = Field(10.0, gt=0, description="Epochs in which it falls to a tenth after them.")
    on_epoch: Literal[True] = Field(True, description="It falls from epoch to epoch; nothing else is supported.")


class OptimizerOptions(Section):
    """What AdamW is told."""

    weight_decay: float = Field(0.01, ge=0, description="As torch has it.")


class LearningConfig(Section):
    """How it is learned."""

    seed: int = Field(0, ge=0, description="Of pairs, looks, dropout and the first weights.")
    epochs: int = Field(30, ge=1, le=100_000, description="As in the original.")
    optimizer: Literal["adamw"] = Field("adamw", description="As in the original; nothing else is supported.")
    optimizer_options: OptimizerOptions = OptimizerOptions()
    lr: float = Field(1e-4, gt=0, description="As in the original.")
    lr_schedule: Schedule = Schedule()
    loss: Literal["contrastive", "infonce"] = Field("contrastive", description="That of the original.")
    temperature: float = Field(0.1, gt=0, description="Of infonce.")
    whiten: bool = Field(False, description="Start from the principal axes of the tokens instead of from chance.")
    clip_grad: float | None = Field(None, gt=0, description="Longest gradient; unless given, as it is.")
    mixed_precision: Literal["float16", "bfloat16"] | None = Field(None, description="float16 needs a CUDA device.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("cpu", description="Where the head learns. It is small: a "
                                                          "processor will do.")  # fmt: skip
    threads: int = Field(1, ge=1, le=1024, description="One gives the same bits everywhere.")
    log_every_iter: int = Field(100, ge=1, description="Steps between points of the curve.")
    eval_every_iter: int = Field(500, ge=1, description="Steps between validations; as in the original.")
    save_every_iter: int = Field(100, ge=1, description="Steps that a kill costs at most.")
    keep_last_checkpoints: int = Field(10, ge=0, description="Heads of epochs that are kept, as in the original.")
    dataset_callback_fn: Literal["sample_new_items"] | None = Field(None, description="sample_new_items draws other "
                                                                    "pairs in every epoch.")  # fmt: skip
    best_key: Literal["loss/total"] = Field("loss/total", description="By what the best is chosen.")

    @model_validator(mode="before")
    @classmethod
    def _originals(cls, values: Any) -> Any:
        return read_originals("train", values)


class TrainingFigures(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    draw: bool = Field(True, description="False writes numbers only.")


class TrainConfig(Section):
    """Everything `dinosar train overlap` can be told."""

    command: Literal["train-overlap"] = "train-overlap"
    inputs: TrainInputs
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    image: RetrievalImage = RetrievalImage()
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    train: LearningConfig = LearningConfig()
    figures: TrainingFigures = TrainingFigures()
    store: bool = Field(True, description="Keep features, so that a picture meets the network once.")

    @model_validator(mode="wrap")
    @classmethod
    def _originals(cls, values: Any, settle: ModelWrapValidatorHandler["TrainConfig"]) -> "TrainConfig":
        config = settle(moved(values))
        refuse(idle(config, values))
        return config
