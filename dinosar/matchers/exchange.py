"""Which of two specimens comes first, whoever asks: so exchanging A and B exchanges the answers, nothing else."""

import dinosar


def turned(a: dinosar.Specimen, b: dinosar.Specimen) -> bool:
    """Whether a pair is to be worked out from `b` to `a`: both directions must sort, fit and break ties alike."""
    return _key(b) < _key(a)


def _key(specimen: dinosar.Specimen) -> tuple[tuple[int, int], bytes, bytes]:
    """What tells specimens apart, and gives them an order that is not that of the question."""
    return specimen.features.grid.network, specimen.patches.tobytes(), specimen.tokens.tobytes()
