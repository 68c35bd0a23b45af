"""Settings that were given and change nothing beside the others: whoever gave them expected something, and is told."""

from collections.abc import Iterable
from typing import Any, Literal

from dinosar.config.verification import LocalizeConfig, PairMatching, PlacingConfig, VerifyConfig, VerifyFigures
from dinosar.notices import note

Config = VerifyConfig | LocalizeConfig
By = Literal["sift", "patches", "hloc"]
USUAL = PairMatching()
BY_HLOC = "inloc"


def settled_matches(config: Config) -> By:
    """Who matches: where nothing was said hloc's files if they are given, else SIFT."""
    if config.matches.by != "auto":
        return config.matches.by
    return "sift" if config.inputs.features is None else "hloc"


def tell_idle(config: Config) -> None:
    """Say which settings have no effect, by the flags that stand for them, and beside what."""
    if config.dataset == BY_HLOC and isinstance(config, LocalizeConfig):
        _tell(_idle_in_inloc(config), "with --dataset inloc, which hloc carries out")
        return
    by = settled_matches(config)
    _tell(_idle_in_matching(config, by), f"with --matches {by}")
    if config.dataset != "plain" and config.inputs.images is None:
        _tell(["--dataset"], "without the folder of the collection (--images)")
    if isinstance(config, LocalizeConfig):
        idle = config.skip_matches != LocalizeConfig.model_fields["skip_matches"].default
        _tell(["--skip-matches"] if idle else [], "without --dataset inloc")
    else:
        _tell(_idle_in_verifying(config), "")


def _idle_in_matching(config: Config, by: By) -> list[str]:
    how, inputs = config.matches, config.inputs
    sift = by == "sift" or (by == "patches" and how.refine)
    return _given(
        (by != "hloc", "--features", inputs.features is not None),
        (by != "hloc", "--match-file", inputs.match_file is not None),
        (by != "patches", "--head", inputs.head is not None),
        (by != "patches", "--no-refine", not how.refine),
        (by != "patches" or not how.refine, "matches.reach", how.reach != USUAL.reach),
        (not sift, "--sift-size", how.size != USUAL.size),
        (not sift, "--ratio", how.ratio != USUAL.ratio),
    )


def _idle_in_verifying(config: VerifyConfig) -> list[str]:
    figures, usual = config.figures, VerifyFigures()
    return _given(
        (
            not config.models.ask,
            "--tolerance beside --no-models",
            config.models.tolerance != type(config.models)().tolerance,
        ),
        (not figures.draw, "--drawn beside --no-figures", figures.pairs != usual.pairs),
        (not figures.draw, "--figures beside --no-figures", figures.format != usual.format),
        (not figures.draw, "--dpi beside --no-figures", figures.dpi != usual.dpi),
    )


def _idle_in_inloc(config: LocalizeConfig) -> list[str]:
    """All but the pairs, the folder, and how many matches a pair must have."""
    inputs, how, placing, usual = config.inputs, config.matches, config.placing, PlacingConfig()
    names = ("gt", "intrinsics", "store", "head", "features", "match_file", "model")
    given: list[tuple[bool, str, Any]] = [
        (True, f"--{name.replace('_', '-')}", getattr(inputs, name) is not None) for name in names
    ]
    given += [(True, f"--{name}", getattr(placing, name) != getattr(usual, name)) for name in type(usual).model_fields]
    return _given(
        *given,
        (True, "--matches", how.by != USUAL.by), (True, "--no-refine", not how.refine),
        (True, "--sift-size", how.size != USUAL.size), (True, "--ratio", how.ratio != USUAL.ratio),
        (True, "matches.reach", how.reach != USUAL.reach),
    )  # fmt: skip


def _given(*flags: tuple[bool, str, bool]) -> list[str]:
    """The names of those that are idle and were given all the same."""
    return [name for idle, name, was_given in flags if idle and was_given]


def _tell(names: Iterable[str], beside: str) -> None:
    listed = list(names)
    if listed:
        note(f"no effect{f' {beside}' if beside else ''}: {', '.join(listed)}")
