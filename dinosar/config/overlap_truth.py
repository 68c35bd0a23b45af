"""What `dinosar evaluate retrieval` can be told; every default with its reason."""

from typing import Literal

from pydantic import Field, field_validator

from dinosar.config.sections import Section
from dinosar.config.specimens import FigureFormat


class TruthInputs(Section):
    """A ranking, and how much its images truly overlap."""

    ranking: str = Field(description="ranking.csv, or the folder of the run that wrote it.")
    truth: str = Field(description="overlaps.csv (query, image, overlap), a matrix (.npy), or a data set's folder.")


class TruthFigures(Section):
    """How the picture is written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    draw: bool = Field(True, description="False writes numbers only.")


class RetrievalTruthConfig(Section):
    """Everything `dinosar evaluate retrieval` can be told."""

    command: Literal["evaluate-retrieval"] = "evaluate-retrieval"
    inputs: TruthInputs
    dataset: str | None = Field(None, description="Whose tree inputs.truth is; unless given, it is a table.")
    k: list[int] = Field([1, 5, 10], min_length=1, description="Recall among the first so many.")
    relevant: float = Field(
        0.1, gt=0, le=1, description="An overlap from which an image is an answer: VOP trains from there."
    )
    figures: TruthFigures = TruthFigures()

    @field_validator("k")
    @classmethod
    def _in_order(cls, several: list[int]) -> list[int]:
        if min(several) < 1:
            raise ValueError(f"give numbers from 1, and not {min(several)}")
        return sorted(set(several))
