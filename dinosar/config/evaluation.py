"""What `dinosar evaluate spair` and `dinosar evaluate pairs` can be told; every default with its reason."""

from typing import Literal

from pydantic import Field, field_validator

from dinosar.config.sections import Part, Section
from dinosar.config.specimens import FigureFormat

ProtocolName = Literal["sd_dino", "dift", "probe3d"]
MatcherName = Literal["nearest", "mutual", "soft-argmax"]
Split = Literal["trn", "val", "test"]
ALPHAS = (0.01, 0.05, 0.1, 0.15, 0.2)
"""Those that papers on SPair-71k report."""


class SearchConfig(Section):
    """How the answer to a keypoint is looked for."""

    protocol: ProtocolName = Field("sd_dino", description="Whose numbers it is to be held against; they do not mix.")
    matcher: MatcherName = Field("nearest", description="nearest is what papers call zero-shot.")
    size: int | None = Field(None, ge=16, le=8192, description="Side shown in px, instead of that of the protocol.")


class MeasureConfig(Section):
    """What counts as right, and how sure the numbers are."""

    alphas: list[float] = Field(list(ALPHAS), min_length=1, description="Shares of the box, or of the image.")
    draws: int = Field(2000, ge=100, le=100_000, description="Resamplings of the pairs behind each interval.")

    @field_validator("alphas")
    @classmethod
    def _in_order(cls, alphas: list[float]) -> list[float]:
        for alpha in alphas:
            if not 0 < alpha <= 10:
                raise ValueError(f"give shares above 0, as 0.1, and not {alpha:g}")
        return sorted(set(alphas))


class EvaluationFigures(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    worst: int = Field(6, ge=0, le=100, description="Pairs drawn, those whose answers lie farthest off.")
    draw: bool = Field(True, description="False writes numbers only.")


class EvaluationConfig(Section):
    """What both can be told."""

    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    search: SearchConfig = SearchConfig()
    measure: MeasureConfig = MeasureConfig()
    figures: EvaluationFigures = EvaluationFigures()
    store: bool = Field(True, description="Keep features, so that a picture meets the network once.")
    seed: int = Field(0, ge=0, description="Of the resamplings, and of the pairs drawn from each category.")


class CollectionInputs(Section):
    """A collection of pairs."""

    collection: str = Field(description="SPair-71k: its folder, or its tar or zip.")


class SPairConfig(EvaluationConfig):
    """Everything `dinosar evaluate spair` can be told."""

    command: Literal["evaluate-spair"] = "evaluate-spair"
    inputs: CollectionInputs
    split: Split = Field("test", description="test is what papers report.")
    list_size: Literal["large", "small"] = Field("large", description="small is a fifth of the pairs, as published.")
    categories: list[str] | None = Field(None, min_length=1, description="Only these; else all there are.")
    per_category: int | None = Field(
        None, ge=1, description="Pairs drawn from each category; unless given, 200 for probe3d and all for the others."
    )


class ListInputs(Section):
    """One's own pairs: a list of them, and what is known of their landmarks."""

    pairs: str = Field(description="A list of pairs of pictures, JSON or CSV.")
    landmarks: list[str] | None = Field(
        None, min_length=1, description="Files of landmarks that name the pictures; else COCO keypoints beside them."
    )


class PairsConfig(EvaluationConfig):
    """Everything `dinosar evaluate pairs` can be told."""

    command: Literal["evaluate-pairs"] = "evaluate-pairs"
    inputs: ListInputs
