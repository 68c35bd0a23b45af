"""What commands for specimens can be told: compare, features, landmarks transfer; every default with its reason."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dinosar.config.sections import FitConfig, Part, Section

MatchingMode = Literal["similarity", "tps_homology", "both"]
ScoreName = Literal["foreground", "attention_weighted", "bidirectional", "topk_mean", "verified"]
OTHER_SCORE_NAMES = {"demo_inliers": "verified", "saliency_weighted": "attention_weighted"}
"""Names that are understood as well: the ancestor's, and that of a result weighted by saliency."""
FigureFormat = Literal["png", "svg", "pdf"]
AlignStage = Literal["none", "image", "mask", "both"]


class ImageConfig(FitConfig):
    """How a photo of a specimen becomes the image a network sees."""

    crop: bool = Field(True, description="Cut to the specimen in the native photo: detail goes where it counts.")
    crop_margin: float = Field(0.06, ge=0, le=1, description="Room left around the specimen, of its longer side.")
    surroundings: Literal["keep", "white"] = Field(
        "keep", description="white hides label and shadow from the backbone."
    )


class PatchMask(Section):
    """What is done to every mask, whoever made it, and which patches it makes count."""

    components: int = Field(1, ge=0, description="Largest pieces kept; 1 drops pins, labels and specks; 0 keeps all.")
    fill_holes: bool = Field(True, description="A hole in a specimen is most often a highlight.")
    erode_px: int = Field(0, ge=0, le=200, description="Network pixels taken off the edge, where background bleeds in.")
    border_patches: int = Field(0, ge=0, le=50, description="Outer rings of patches that never count.")
    share: float = Field(0.5, ge=0, lt=1, description="A patch counts when more than this share of it is specimen.")


class MaskConfig(PatchMask):
    """The same where a second masker may have a word."""

    combine: Literal["intersection", "union"] = Field(
        "intersection", description="How a second masker's word joins the first's; both must agree, or either."
    )


class ScoreConfig(Section):
    """How matches become numbers."""

    mode: ScoreName = Field("foreground", description="The score that is the distance of the pair.")

    @field_validator("mode", mode="before")
    @classmethod
    def _by_its_new_name(cls, value: Any) -> Any:
        return OTHER_SCORE_NAMES.get(value, value) if isinstance(value, str) else value

    tail: float = Field(0.3, ge=0, le=2, description="Dissimilarities above this count as the tail.")
    random_pairs: int = Field(4096, ge=16, le=10**6, description="Random patch pairs that tell how much is much.")


class FigureConfig(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    top: int = Field(12, ge=1, le=200, description="Matches drawn in each match plot; more become a tangle.")
    cell_numbers: bool = Field(False, description="Row and column written into each homologous cell; often illegible.")
    draw: bool = Field(True, description="False writes numbers only.")


class HomologyConfig(Section):
    """How like is compared with like: the landmarks, and the grid of cells that they carry onto both specimens."""

    landmarks: Literal["auto", "file", "proposed"] = Field(
        "auto", description="auto takes a COCO file beside the photos that names both, else what the features propose."
    )
    cell: int = Field(16, ge=2, le=4096, description="Width of a cell in network px; 16 is a patch of DINOv3.")
    snap: bool = Field(False, description="Cells of whole patches, on the lattice of patches.")
    pad: int = Field(1, ge=0, le=100, description="Cells added around the landmarks, where the spline guesses.")
    rows: int | None = Field(None, ge=1, le=1000, description="Rows of cells, instead of their width.")
    columns: int | None = Field(None, ge=1, le=1000, description="Columns of cells; as many as rows unless given.")
    sample: Literal["centre", "average"] = Field(
        "centre", description="A cell's token: interpolated at its centre, or the mean of the patches inside it."
    )
    turn: bool = Field(
        True, description="Show both to the backbone turned half-way to each other, by whole steps of 5 degrees."
    )
    coverage: float = Field(0.5, ge=0, lt=1, description="A cell counts when more of it is mask, on both specimens.")
    smoothing: float = Field(
        0, ge=0, description="Of the spline, in patches: 0 passes through the landmarks, more forgives them."
    )
    least: int = Field(3, ge=3, le=1000, description="Shared landmarks below which homology is not computed.")
    proposals: int = Field(
        24, ge=6, le=200, description="Landmarks the features propose at most; spread over the specimen."
    )


class AlignConfig(Section):
    """How A is brought into the pose of B before the backbone sees it."""

    stage: AlignStage = Field("none", description="image and both move photo, mask and landmarks; mask the mask alone.")
    method: Literal["similarity", "rigid"] = Field(
        "similarity", description="rigid keeps the size of A; only with landmarks."
    )


class PairInputs(Section):
    """The two photos, their landmarks, and their scales where known."""

    a: str
    b: str
    keypoints: str | None = Field(None, description="A file of landmarks that names both photos.")
    consensus: str | None = Field(None, description="A mean shape as NPZ, instead of that of the two.")
    a_px_per_mm: float | None = Field(None, gt=0, description="Original pixels per millimetre of photo A.")
    b_px_per_mm: float | None = Field(None, gt=0, description="Original pixels per millimetre of photo B.")


class CompareConfig(Section):
    """Everything `dinosar compare` can be told."""

    command: Literal["compare"] = "compare"
    inputs: PairInputs
    mode: MatchingMode = Field("similarity", description="Patches by likeness, cells by homology, or both.")
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    masker: Part = Part(use="auto")
    second_masker: Part | None = None
    fallback_masker: Part | None = None
    matcher: Part = Part(use="similarity")
    image: ImageConfig = ImageConfig()
    mask: MaskConfig = MaskConfig()
    align: AlignConfig = AlignConfig()
    homology: HomologyConfig = HomologyConfig()
    scores: ScoreConfig = ScoreConfig()
    figures: FigureConfig = FigureConfig()
    store: bool = Field(True, description="Keep features, so that a photo meets the network once.")

    seed: int = Field(0, ge=0, description="Of the random patch pairs, the only thing drawn by chance.")


class PhotoInput(Section):
    """One photo."""

    image: str


class FeaturesConfig(Section):
    """Everything `dinosar features` can be told."""

    command: Literal["features"] = "features"
    inputs: PhotoInput
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    image: FitConfig = FitConfig()
    raw: bool = Field(False, description="Tokens as the backbone gives them: float32, not normalised, not rounded.")
    store: bool = Field(True, description="Keep features, so that a photo meets the network once.")


class TransferInputs(Section):
    """The photos whose landmarks are known, the files they stand in, and the photos they are carried to."""

    references: list[str] = Field(min_length=1)
    keypoints: list[str] = Field(min_length=1)
    targets: list[str] = Field(min_length=1)


class TransferSection(Section):
    """How landmarks are carried."""

    turn: float = Field(45, ge=0, le=180, description="Poses are searched up to this many degrees; 0 = as it lies.")
    mirror: bool = Field(False, description="Whether a specimen seen from the other side is looked for, too.")
    detail: float = Field(2, ge=1, le=8, description="Places are found in an image that many times image.size.")
    certain: float = Field(
        0.9, ge=0, le=1, description="Confidence from which a landmark gets v=2: of those, 0.99 were right on toy data."
    )
    lost: float = Field(
        0.3, ge=0, le=1, description="Confidence below which it gets v=0: of those, 0.16 were right on toy data."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "TransferSection":
        if self.lost > self.certain:
            raise ValueError(f"lost, {self.lost:g}, must not be above certain, {self.certain:g}")
        return self


class TransferConfig(Section):
    """Everything `dinosar landmarks transfer` can be told."""

    command: Literal["transfer"] = "transfer"
    inputs: TransferInputs
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    masker: Part = Part(use="auto")
    second_masker: Part | None = None
    fallback_masker: Part | None = None
    image: ImageConfig = ImageConfig()
    mask: MaskConfig = MaskConfig()
    transfer: TransferSection = TransferSection()
    store: bool = Field(True, description="Keep features, so that a photo meets the network once.")
