"""`dinosar evaluate pairs` as a job: one's own pairs with landmarks, their answers, and PCK."""

from dinosar.config import PairsConfig
from dinosar.evaluation.own_pairs import OwnPairs
from dinosar.evaluation_job import outcome, place
from dinosar.jobs import Outcome
from dinosar.record import file_facts

__all__ = ["compute", "place"]


def compute(config: PairsConfig) -> Outcome:
    """Read the list and the landmarks, and prepare to look for the answers.

    Landmarks that were found beside the pictures are named in the record, as if they had been given.
    """
    own = OwnPairs.read(config.inputs.pairs, config.inputs.landmarks)
    inputs = config.inputs.model_copy(update={"landmarks": own.named})
    files = {f"landmarks.{i}": file_facts(name) for i, name in enumerate(own.named)}
    found = outcome(config, list(own.listed), own.pair, {"pairs": file_facts(inputs.pairs), **files})
    found.config = config.model_copy(update={"inputs": inputs})
    return found
