"""Words for distances, which hold only for the network they were found with."""

BANDS = ((0.05, "very similar"), (0.15, "minor differences"), (0.30, "noticeable differences"))
"""Upper ends, and what lies below each; VFI-Similarity gives them for its own trained checkpoint."""
BEYOND = "significant differences"
UNCALIBRATED = "uncalibrated"


def band(distance: float, calibration: str) -> str:
    """The word for a distance, where the checkpoint declares that its distances mean what the bands say."""
    if not calibration:
        return UNCALIBRATED
    return next((word for end, word in BANDS if distance < end), BEYOND)
