"""What `dinosar retrieve verify` and `dinosar retrieve localize` can be told; every default with its reason."""

from typing import Literal

from pydantic import Field, model_validator

from dinosar.config.sections import Section
from dinosar.config.specimens import FigureFormat

MatchesOf = Literal["auto", "sift", "patches", "hloc"]


class MatchingInputs(Section):
    """Ranked pairs, and what places in their photographs are matched by."""

    pairs: str = Field(description="Pairs as hloc lists them: query and database image on each line, by rank.")
    images: str | None = Field(None, description="The root of the collection, to which names are relative.")
    intrinsics: str | None = Field(None, description="Cameras, a line each: name MODEL width height parameters.")
    gt: str | None = Field(
        None, description="True poses: lines of name qw qx qy qz tx ty tz, or the folder of a model of COLMAP."
    )
    store: str | None = Field(None, description="A library: its patches, and what it knows of its images.")
    head: str | None = Field(None, description="A trained head for those patches; unless given, they are as they are.")
    features: str | None = Field(None, description="Keypoints in hloc's layout, with match_file.")
    match_file: str | None = Field(None, description="Matches of those keypoints in hloc's layout.")

    @model_validator(mode="after")
    def _go_together(self) -> "MatchingInputs":
        if (self.features is None) != (self.match_file is None):
            raise ValueError("hloc's keypoints (features) and matches (match_file) go together; one is missing")
        return self


class PairMatching(Section):
    """How places in two photographs are matched."""

    by: MatchesOf = Field("auto", description="auto takes hloc's files where they are given, else SIFT.")
    size: int = Field(1600, ge=64, le=8192, description="Long side in px at which SIFT looks; nothing is enlarged.")
    ratio: float = Field(
        0.85, gt=0, le=1, description="Geometry sorts out wrong matches; right ones that were lost are lost."
    )
    refine: bool = Field(True, description="False takes centres of patches, which are too coarse for poses.")
    reach: float = Field(2.5, gt=0, le=20, description="Patch widths about a matched patch; it may be two off.")


class PoseConfig(Section):
    """How relative poses are found."""

    estimator: Literal["auto", "poselib", "opencv", "opencv-ransac"] = Field(
        "auto",
        description="PoseLib where there is one, else OpenCV's USAC_ACCURATE; opencv-ransac is the original's.",
    )
    threshold: float = Field(1.5, gt=0, le=100, description="Pixels off an epipolar line, for all pairs alike.")
    auc: bool = Field(False, description="Stop where a pair cannot be judged for want of intrinsics or true poses.")


class ModelsConfig(Section):
    """Homography and fundamental matrix, which need no intrinsics."""

    tolerance: float = Field(3.0, gt=0, le=1000, description="Pixels by which a match may miss either.")
    ask: bool = Field(True, description="False leaves them out, and with them most of the time.")


class VerifyFigures(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    pairs: int = Field(3, ge=0, le=100, description="Pairs drawn of the best, and as many of the worst.")
    draw: bool = Field(True, description="False writes numbers only.")


class VerifyConfig(Section):
    """Everything `dinosar retrieve verify` can be told."""

    command: Literal["retrieve-verify"] = "retrieve-verify"
    inputs: MatchingInputs
    dataset: str = Field("plain", min_length=1, description="Whose tree `images` is: plain, inloc, …, or module:Class.")
    matches: PairMatching = PairMatching()
    pose: PoseConfig = PoseConfig()
    models: ModelsConfig = ModelsConfig()
    figures: VerifyFigures = VerifyFigures()


class LocalizeInputs(MatchingInputs):
    """Ranked pairs, photographs, and the model in which the queries are to be placed."""

    model: str | None = Field(None, description="The folder of a model of COLMAP that holds the database images.")


class PlacingConfig(Section):
    """How the place of a query in a model is found."""

    reach: float = Field(3.0, gt=0, le=100, description="Pixels between a match and the observation of a point it is.")
    threshold: float = Field(12.0, gt=0, le=1000, description="Pixels by which a point may miss; 12 is COLMAP's own.")
    least: int = Field(12, ge=4, description="Points that must agree; fewer agree by chance.")


class LocalizeConfig(Section):
    """Everything `dinosar retrieve localize` can be told."""

    command: Literal["retrieve-localize"] = "retrieve-localize"
    inputs: LocalizeInputs
    dataset: str = Field("plain", min_length=1, description="inloc hands over to hloc; else whose tree `images` is.")
    matches: PairMatching = PairMatching()
    placing: PlacingConfig = PlacingConfig()
    skip_matches: int = Field(
        10, ge=0, description="inloc: pairs with fewer matches are left out, as the original has it."
    )
