"""What commands for overlapping views can be told: retrieve dump, query, register; every default with its reason."""

from typing import Any, Literal

from pydantic import Field, field_validator

from dinosar.config.sections import FitConfig, Part, Section
from dinosar.config.specimens import FigureFormat

OTHER_RULES = {str(number): f"vop.{number}" for number in range(7)}
"""What the original calls its ways of voting."""


class RetrievalImage(FitConfig):
    """How a photo becomes the image a network sees."""

    size: int = Field(224, ge=16, le=8192, description="Long side in px: 16 x 16 patches of 14 px, as VOP was trained.")


class DumpInputs(Section):
    """A folder of photographs."""

    photos: str = Field(description="The root of the collection; images are named by their place below it.")


class DumpConfig(Section):
    """Everything `dinosar retrieve dump` can be told."""

    command: Literal["retrieve-dump"] = "retrieve-dump"
    inputs: DumpInputs
    into: str | None = Field(None, description="The library; null makes one in the folder of the run.")
    dataset: str = Field("plain", min_length=1, description="Whose tree it is: plain, inloc, …, or module:Class.")
    backbone: Part = Part(use="auto")
    require_dino: bool = Field(False, description="Stop rather than settle for a backbone without DINO weights.")
    image: RetrievalImage = RetrievalImage()
    tiles: bool = Field(
        False,
        description="Hold five parts of each photo, half as broad, too, so that details find it: six times the cost.",
    )
    workers: int = Field(2, ge=0, le=256, description="Threads that read photographs ahead of the backbone; 0 is none.")
    cluster: str | None = Field(None, description="Address of a Dask scheduler that spreads the work.")


class VotingConfig(Section):
    """Who counts as an answer, and how answers become a score."""

    rule: str = Field(
        "maxsim", min_length=1, description="What ranks. maxsim needs no limit, and was best of all on made scenes."
    )
    min_cosine: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="A patch is hit above this cosine; unless given, what unrelated images seldom reach.",
    )

    @field_validator("rule", mode="before")
    @classmethod
    def _by_its_own_name(cls, value: Any) -> Any:
        return OTHER_RULES.get(str(value), value) if isinstance(value, str | int) else value


class ShortlistConfig(Section):
    """Which images are looked at patch by patch."""

    by: Literal["auto", "summary", "pooled"] = Field(
        "auto", description="The summary token, or the mean of the patches; auto takes the token where there is one."
    )
    size: Literal["auto", "off"] | int = Field(
        "auto",
        description="Images on it; off looks at all. auto is off up to 10 000 images, for it misses some, else 100.",
    )

    @field_validator("size", mode="before")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if value not in ("auto", "off") and (not isinstance(value, int) or value < 1):
            raise ValueError("give a number of at least 1, auto, or off")
        return value


class RankingFigures(Section):
    """How pictures are written."""

    format: FigureFormat = Field("png", description="svg and pdf keep text and lines as vectors.")
    dpi: int = Field(150, ge=50, le=1200, description="300 for print.")
    queries: int = Field(12, ge=0, le=10_000, description="Queries drawn, the first so many.")
    votes: int = Field(1, ge=0, le=100, description="Answers of each whose votes are drawn, the best first.")
    draw: bool = Field(True, description="False writes numbers only.")


class RankingConfig(Section):
    """What query and register can be told."""

    k: int = Field(5, ge=1, le=100_000, description="Answers kept of each query.")
    rows: int | None = Field(
        None,
        ge=1,
        description="Answers of a query told of in ranking.csv, at least k; null: all, up to a million rows.",
    )
    workers: int = Field(2, ge=0, le=256, description="Threads that read queries ahead of the backbone; 0 is none.")
    backbone: Part | None = Field(None, description="Filled in when a photo is shown to it; the library knows which.")
    within: Literal["auto", "scene", "all"] = Field(
        "auto", description="auto asks the images of the query's own scene, where it belongs to one."
    )
    tiles: bool = Field(True, description="An image scores as its best view does, where the library holds tiles.")
    shortlist: ShortlistConfig = ShortlistConfig()
    voting: VotingConfig = VotingConfig()
    figures: RankingFigures = RankingFigures()
    store: bool = Field(True, description="Keep features of queries, so that each meets the network once.")
    cluster: str | None = Field(None, description="Address of a Dask scheduler that spreads the work.")


class QueryInputs(Section):
    """What is asked, and whom."""

    store: str = Field(description="The library that is searched.")
    queries: str | None = Field(
        None, description="A photo or a folder; unless given, the queries of the library itself."
    )
    head: str | None = Field(None, description="A trained head; unless given, tokens vote as they are.")
    checkpoint: str | None = Field(None, description="Where the backbone's weights lie, if elsewhere than at the dump.")


class QueryConfig(RankingConfig):
    """Everything `dinosar retrieve query` can be told."""

    command: Literal["retrieve-query"] = "retrieve-query"
    inputs: QueryInputs
    dataset: str = Field("plain", min_length=1, description="Whose tree a folder of queries is.")


class RegisterInputs(Section):
    """Images that are held against each other."""

    store: str = Field(description="The library that holds them.")
    photos: str | None = Field(None, description="Their folder, where not all of the library are meant.")
    head: str | None = Field(None, description="A trained head; unless given, tokens vote as they are.")


class RegisterConfig(RankingConfig):
    """Everything `dinosar retrieve register` can be told."""

    command: Literal["retrieve-register"] = "retrieve-register"
    inputs: RegisterInputs
    dataset: str = Field("plain", min_length=1, description="Whose tree `photos` is.")
