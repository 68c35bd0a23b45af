"""What a run is told to do: one model for each command, every default with its reason.

The same models read presets and config files, fill in the record, and run it again. How layers of settings become a
config is told in `settings.py`.
"""

from dinosar.config.evaluation import (
    CollectionInputs,
    EvaluationConfig,
    EvaluationFigures,
    ListInputs,
    MatcherName,
    MeasureConfig,
    PairsConfig,
    ProtocolName,
    SearchConfig,
    SPairConfig,
    Split,
)
from dinosar.config.frames import (
    ArrowConfig,
    DistanceConfig,
    FrameFigures,
    FrameImage,
    FrameInputs,
    FramesConfig,
    MapConfig,
    MismatchConfig,
    Normalization,
    PairMapConfig,
    Pooling,
    SequenceConfig,
)
from dinosar.config.matching import (
    GeometryConfig,
    KeepConfig,
    MatchConfig,
    MatchFigures,
    MatchImage,
    MatchInputs,
    MatchMask,
    SiftConfig,
)
from dinosar.config.overlap_truth import RetrievalTruthConfig, TruthFigures, TruthInputs
from dinosar.config.retrieval import (
    DumpConfig,
    DumpInputs,
    QueryConfig,
    QueryInputs,
    RankingConfig,
    RankingFigures,
    RegisterConfig,
    RegisterInputs,
    RetrievalImage,
    ShortlistConfig,
    VotingConfig,
)
from dinosar.config.sections import (
    FitConfig,
    Part,
    Section,
    names_a_file,
)
from dinosar.config.specimens import (
    OTHER_SCORE_NAMES,
    AlignConfig,
    AlignStage,
    CompareConfig,
    FeaturesConfig,
    FigureConfig,
    FigureFormat,
    HomologyConfig,
    ImageConfig,
    MaskConfig,
    MatchingMode,
    PairInputs,
    PatchMask,
    PhotoInput,
    ScoreConfig,
    ScoreName,
    TransferConfig,
    TransferInputs,
    TransferSection,
)
from dinosar.config.training import TrainConfig
from dinosar.config.verification import LocalizeConfig, VerifyConfig

JobConfig = (
    CompareConfig | FeaturesConfig | TransferConfig | MismatchConfig | DistanceConfig | MatchConfig | SPairConfig
    | PairsConfig | DumpConfig | QueryConfig | RegisterConfig | RetrievalTruthConfig
    | VerifyConfig | LocalizeConfig | TrainConfig
)  # fmt: skip
MODELS: dict[str, type[JobConfig]] = {
    "compare": CompareConfig, "features": FeaturesConfig, "transfer": TransferConfig, "mismatch": MismatchConfig,
    "distance": DistanceConfig, "match": MatchConfig, "evaluate-spair": SPairConfig, "evaluate-pairs": PairsConfig,
    "retrieve-dump": DumpConfig, "retrieve-query": QueryConfig, "retrieve-register": RegisterConfig,
    "evaluate-retrieval": RetrievalTruthConfig, "retrieve-verify": VerifyConfig, "retrieve-localize": LocalizeConfig,
    "train-overlap": TrainConfig,
}  # fmt: skip
"""Command -> what it can be told."""

__all__ = [
    "AlignConfig", "AlignStage", "ArrowConfig", "CollectionInputs", "CompareConfig", "DistanceConfig", "DumpConfig",
    "DumpInputs", "EvaluationConfig", "EvaluationFigures", "FeaturesConfig", "FigureConfig", "FigureFormat",
    "FitConfig", "FrameFigures", "FrameImage", "FrameInputs", "FramesConfig", "GeometryConfig", "HomologyConfig",
    "ImageConfig", "JobConfig", "KeepConfig", "ListInputs", "LocalizeConfig", "MODELS", "MapConfig", "MaskConfig",
    "MatchConfig", "MatchFigures", "MatchImage", "MatchInputs", "MatchMask", "MatcherName", "MatchingMode",
    "MeasureConfig", "MismatchConfig", "Normalization", "OTHER_SCORE_NAMES", "PairInputs", "PairMapConfig",
    "PairsConfig", "Part", "PatchMask", "PhotoInput", "Pooling", "ProtocolName", "QueryConfig", "QueryInputs",
    "RankingConfig", "RankingFigures", "RegisterConfig", "RegisterInputs", "RetrievalImage", "RetrievalTruthConfig",
    "SPairConfig", "ScoreConfig", "ScoreName", "SearchConfig", "Section", "SequenceConfig", "ShortlistConfig",
    "SiftConfig", "Split", "TrainConfig", "TransferConfig", "TransferInputs", "TransferSection", "TruthFigures",
    "TruthInputs", "VerifyConfig", "VotingConfig", "names_a_file",
]  # fmt: skip
