"""What `dinosar match` can be told; every default with its reason."""

from typing import Literal

from pydantic import Field, model_validator

from dinosar.config.sections import FitConfig, Part, Section
from dinosar.config.specimens import FigureFormat, PatchMask


class MatchInputs(Section):
    """Two photos, or an SPair-71k collection of which one pair is taken."""

    a: str | None = Field(None, description="A photo, by its file.")
    b: str | None = Field(None, description="Another photo.")
    spair: str | None = Field(None, description="An SPair-71k collection: its folder, or its tar or zip.")

    @model_validator(mode="after")
    def _one_kind(self) -> "MatchInputs":
        if (self.a is None) != (self.b is None):
            raise ValueError("two photos are needed, and one is given")
        if (self.a is None) == (self.spair is None):
            raise ValueError("give two photos, or a collection (spair) and one of its pairs, and not both")
        return self


class MatchImage(FitConfig):
    """How a photo becomes the image a network sees: whole, for the foreground is found in what it sees."""

    size: int = Field(448, ge=16, le=8192, description="Long side in px: 32 tokens of 14 px, 28 of 16.")


class MatchMask(PatchMask):
    """What is done to the foreground, and which patches it makes count."""

    components: int = Field(0, ge=0, description="Largest pieces kept; 0 keeps all: there may be two birds.")
    fill_holes: bool = Field(False, description="A hole stays one: between legs there is ground.")
    drop_edge: bool = Field(
        True, description="Patches at the edge of a foreground that features found are not matched: their tokens are "
        "half ground, and ground answers ground. Without them half as many answers are wrong on drawings."
    )  # fmt: skip


class KeepConfig(Section):
    """How many matches are kept, of features and of what stands beside them."""

    best: int | None = Field(50, ge=1, description="The nearest, as many as a picture can show; null keeps all.")


class GeometryConfig(Section):
    """How matches are checked against two views of one scene."""

    tolerance: float | None = Field(
        None, gt=0, le=1000, description="Network px a match may miss by; a patch unless given: patches know no finer."
    )


class SiftConfig(Section):
    """SIFT, where it stands beside the features."""

    ratio: float = Field(0.75, gt=0, le=1, description="How far the best answer may be, of how far the second best is.")


class MatchFigures(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    top: int = Field(50, ge=1, le=1000, description="Matches drawn, the best first.")
    draw: bool = Field(True, description="False writes numbers only.")


class MatchConfig(Section):
    """Everything `dinosar match` can be told."""

    command: Literal["match"] = "match"
    inputs: MatchInputs
    pair: str | None = Field(None, description="The pair of inputs.spair, by its number or its whole name.")
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    masker: Part = Part(use="pca")
    fallback_masker: Part | None = None
    matcher: Part = Part(use="assignment")
    image: MatchImage = MatchImage()
    mask: MatchMask = MatchMask()
    keep: KeepConfig = KeepConfig()
    geometry: GeometryConfig = GeometryConfig()
    compare_with: Literal["sift"] | None = Field(None, description="Another method, run on the same pictures.")
    sift: SiftConfig = SiftConfig()
    figures: MatchFigures = MatchFigures()
    store: bool = Field(True, description="Keep features, so that a photo meets the network once.")

    @model_validator(mode="after")
    def _a_pair_of_a_collection(self) -> "MatchConfig":
        if (self.pair is None) != (self.inputs.spair is None):
            raise ValueError("inputs.spair, a collection, and pair, one of its pairs, go together; one is missing")
        return self
