"""What a training file says of networks: the head that learns, and the frozen backbone that the original names."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dinosar.config.sections import Section
from dinosar.config.training_words import read_originals


class MatcherConfig(Section):
    """The head."""

    name: Literal["overlap_predictor"] = Field("overlap_predictor", description="There is one, as in the original.")
    input_dim: int | None = Field(None, ge=1, description="Depth of the tokens: that of the backbone.")
    descriptor_dim: int = Field(256, ge=1, le=65_536, description="Numbers of a vector, as in the original.")
    dropout_prob: float = Field(0.5, ge=0, lt=1, description="Of the places' network, as the original was trained.")
    add_cls_tokens: bool = Field(False, description="Learn on the summary token as well.")
    position: bool = Field(True, description="Whether the place of a patch has a say, as in the original.")
    n: float = Field(2.0, ge=1, le=8, description="Exponent of the negatives, as in the original.")

    @model_validator(mode="before")
    @classmethod
    def _originals(cls, values: Any) -> Any:
        return read_originals("model.matcher", values)


class Frozen(Section):
    """What does not learn."""

    trainable: bool = Field(False, description="The backbone stays as it is.")

    @field_validator("trainable")
    @classmethod
    def _never(cls, asked: bool) -> bool:
        if asked:
            raise ValueError("only the head learns: what the backbone says of a picture is worked out once and kept")
        return asked


class DetectorConfig(Section):
    """Where patches lie, in the words of the original."""

    name: Literal["extractors.grid_extractor"] | None = Field(None, description="Patches lie on a grid.")
    cell_size: int | None = Field(None, ge=1, description="Side of a patch in px, held against the backbone.")


class DescriptorConfig(Frozen):
    """Which network sees, in the words of the original."""

    name: Literal["backbones.dinov2"] | None = Field(None, description="As in the original.")
    weights: str | None = Field(None, min_length=1, description="As dinov2_vitl14, held against the backbone.")


class ExtractorConfig(Frozen):
    """The backbone as files of the original name it. It is chosen by `backbone`, and must be the one named here."""

    name: Literal["extractors.mixed"] | None = Field(None, description="A grid and a network, as in the original.")
    detector: DetectorConfig = DetectorConfig()
    descriptor: DescriptorConfig = DescriptorConfig()


class ModelConfig(Section):
    """The networks, where the original's files have them."""

    matcher: MatcherConfig = MatcherConfig()
    extractor: ExtractorConfig = ExtractorConfig()

    @model_validator(mode="before")
    @classmethod
    def _originals(cls, values: Any) -> Any:
        return read_originals("model", values)
