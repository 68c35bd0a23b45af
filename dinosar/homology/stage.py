"""The part of a comparison that is homology: what came of it, or why nothing did."""

from dinosar.config import CompareConfig
from dinosar.data import Outlined, Specimen
from dinosar.errors import InputError
from dinosar.homology.cells import Homology
from dinosar.homology.comparing import By, compare_cells
from dinosar.homology.given import read_consensus
from dinosar.homology.scoring import not_computed, score_cells
from dinosar.notices import warn
from dinosar.parts import Parts
from dinosar.scores import Score, Values
from dinosar.specimens import seen
from dinosar.store import Store

LITTLE = 0.5
"""Share of a specimen below which its cells are told to be a part only."""


def homologous(
    a: Specimen, b: Specimen, config: CompareConfig, parts: Parts, store: Store | None, random: Values
) -> tuple[Homology | None, dict[str, Score]]:
    """The cells and their scores. In mode `both` what cannot be computed is a score that says why; alone, an error."""
    if config.mode == "similarity":
        return None, {}

    def look(outlined: Outlined) -> Specimen:
        return seen(outlined, parts, config, store)

    given = a.landmarks is not None and b.landmarks is not None
    mean = config.inputs.consensus
    consensus = read_consensus(mean, len(a.landmarks)) if mean and a.landmarks is not None else None
    if mean and not given:
        warn("inputs.consensus has no effect: its landmarks are not those that the features propose")
    try:
        by = By(None if given else parts.proposer, consensus, look)
        homology = compare_cells(a, b, config.homology, config.mask, by)
    except InputError as reason:
        if config.mode == "tps_homology":
            raise InputError(f"homology was not computed: {reason}") from reason
        return None, not_computed(str(reason))
    _tell_part(homology, a, b)
    if homology.source == "transferred":
        warn("landmarks: carried there by features, and so not independent of them where those are compared")
    if not given:
        warn(
            f"landmarks: {len(homology.names)} proposed by the features that are compared, and so not independent of "
            "them; give --keypoints FILE for ones that are"
        )
    return homology, score_cells(homology, random, config.scores)


def _tell_part(homology: Homology, a: Specimen, b: Specimen) -> None:
    """Warn where the cells cover little of a specimen: their mean speaks for that part alone."""
    shares = [homology.share(side, each.mask) for side, each in ((homology.a, a), (homology.b, b))]
    if min(shares) < LITTLE:
        warn(
            f"the cells cover {shares[0]:.0%} of {a.name} and {shares[1]:.0%} of {b.name}: homology speaks for that "
            "part alone; more landmarks or --pad-cells reach further"
        )
