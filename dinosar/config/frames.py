"""What commands for frames can be told: mismatch and distance; every default with its reason."""

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from dinosar.config.sections import FitConfig, Part, Section
from dinosar.grid import Fit

Normalization = Literal["global", "per-direction", "none"]
Pooling = Literal["patches", "all"]
OTHER_FITS = {"squash": "stretch", "pad": "letterbox"}
"""What the originals call them."""
MODEL = "vit_base_patch14_dinov2.lvd142m"
"""The network that the mismatch overlay and VFI-Similarity use unless another is named."""


class FrameInputs(Section):
    """Two pictures, a list of pairs, or two folders of frames."""

    a: str | None = Field(None, description="The reference.")
    b: str | None = Field(None, description="The picture that is judged.")
    pairs: str | None = Field(None, description="A list of pairs, JSON or CSV.")
    frames: list[str] | None = Field(None, min_length=2, max_length=2, description="Two folders of frames.")

    @model_validator(mode="after")
    def _one_kind(self) -> "FrameInputs":
        given = [name for name in ("a", "pairs", "frames") if getattr(self, name) is not None]
        if (self.a is None) != (self.b is None):
            raise ValueError("two pictures are needed, and one is given")
        if len(given) != 1:
            what = " and ".join({"a": "two pictures"}.get(name, name) for name in given) or "nothing"
            raise ValueError(f"give two pictures, a list of pairs or two folders of frames, not {what}")
        return self


class FrameImage(FitConfig):
    """How a frame becomes the image a network sees."""

    size: int = Field(518, ge=16, le=8192, description="In px, lowered to whole patches: 37 of 14, as DINOv2 learned.")
    fit: Fit = Field("stretch", description="stretch gives every frame one square grid; letterbox keeps the aspect.")

    @field_validator("fit", mode="before")
    @classmethod
    def _by_its_own_name(cls, value: Any) -> Any:
        return OTHER_FITS.get(value, value) if isinstance(value, str) else value


class MapConfig(Section):
    """How mismatches become a map, and the map colours."""

    boost: float = Field(1.25, ge=1, le=100, description="Factor where two patches do not choose each other; 1 is off.")
    normalization: Normalization = Field(
        "global", description="global stretches both maps together, per-direction each alone, none neither."
    )
    vmin: float | None = Field(None, ge=0, le=100, description="Boosted 1 - cosine that is drawn as nothing.")
    vmax: float | None = Field(None, gt=0, le=100, description="Boosted 1 - cosine that is drawn as the most.")
    colormap: str = Field("hot", min_length=1, description="A colour map of matplotlib, by name.")
    alpha: float = Field(0.5, ge=0, le=1, description="Weight of the colours over the picture.")
    alpha_mode: Literal["constant", "proportional"] = Field(
        "constant", description="proportional leaves the picture as it is where nothing mismatches."
    )

    @property
    def absolute(self) -> bool:
        """Whether the colours mean the same for every pair."""
        return self.vmin is not None or self.vmax is not None or self.normalization == "none"

    @property
    def scale(self) -> Normalization:
        """How the maps are stretched; an absolute scale is none of their own."""
        return "none" if self.absolute else self.normalization

    @property
    def ends(self) -> tuple[float, float]:
        """What is drawn as nothing and as the most, on an absolute scale; 1 is the mismatch of unrelated patches."""
        return self.vmin or 0.0, 1.0 if self.vmax is None else self.vmax

    @model_validator(mode="after")
    def _one_scale(self) -> "MapConfig":
        if (self.vmin is not None or self.vmax is not None) and self.ends[0] >= self.ends[1]:
            raise ValueError(f"vmin, {self.ends[0]:g}, must be below vmax, {self.ends[1]:g}")
        return self


class SequenceConfig(Section):
    """How the frames of a sequence are judged."""

    k: float = Field(6.0, gt=0, le=100, description="Worst frames lie above the median by this many robust sigmas.")


class FrameFigures(Section):
    """How the charts and maps are drawn; the overlay has the size of its picture."""

    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    charts: bool = Field(True, description="False leaves mismatch its overlay alone: long batches take half the time.")


class FramesConfig(Section):
    """What both commands can be told."""

    preferred: ClassVar[str] = MODEL
    inputs: FrameInputs
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    image: FrameImage = FrameImage()
    sequence: SequenceConfig = SequenceConfig()
    figures: FrameFigures = FrameFigures()
    store: bool = Field(True, description="Keep features, so that a picture meets the network once.")


class MismatchConfig(FramesConfig):
    """Everything `dinosar mismatch` can be told."""

    command: Literal["mismatch"] = "mismatch"
    map: MapConfig = MapConfig()


class PairMapConfig(MapConfig):
    """The same for the maps of `distance`."""

    normalization: Normalization = Field(
        "per-direction", description="per-direction stretches each map alone, as VFI-Similarity does."
    )


class ArrowConfig(Section):
    """The picture of the vector field."""

    stride: int = Field(4, ge=1, le=1000, description="One arrow for every so many rows and columns of patches.")
    show: Literal["all", "reciprocal"] = Field("all", description="reciprocal leaves out arrows nobody answers.")


class DistanceConfig(FramesConfig):
    """Everything `dinosar distance` can be told."""

    command: Literal["distance"] = "distance"
    pooling: Pooling = Field("patches", description="all counts the summary token, as VFI-Similarity's code did.")
    visualize: bool = Field(False, description="Draw similarities, mismatches, vector field and components.")
    pca: bool = Field(True, description="Draw the principal components among them.")
    arrows: ArrowConfig = ArrowConfig()
    map: PairMapConfig = PairMapConfig()
    fail_above: float | None = Field(None, ge=0, le=2, description="A distance above this fails an expectation.")
