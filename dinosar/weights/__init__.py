"""Files of weights: which are known, where they lie, how they get here, what is in them.

    catalogue.py     the published files: address, size, licence
    disk.py          where a published file lies on this machine
    download.py      getting one here, whole or not at all, from hub.py or releases.py
    importing.py     putting one in its place that a person brought
    recognition.py   which network a file holds, by layouts.py and architecture.py
    first_sight.py   whether a file is still the one that arrived
    tensors.py       reading tensors so that nothing in a file can run
    ledger.py        what is known of a large file, remembered while it stays as it is

Plugins may use this package: `from dinosar import weights`.
"""

from dinosar.errors import WeightsError
from dinosar.weights.catalogue import Model, default, models, named, published, timm_model
from dinosar.weights.disk import Located, locate, places, target
from dinosar.weights.download import fetch, missing, obtain
from dinosar.weights.first_sight import check
from dinosar.weights.hub import hub_answers
from dinosar.weights.ledger import remembered, sha256
from dinosar.weights.recognition import recognise
from dinosar.weights.tensors import read, shapes, sound

__all__ = [
    "Located", "Model", "WeightsError", "check", "default", "fetch", "hub_answers", "locate", "missing", "models",
    "named", "obtain", "places", "published", "read", "recognise", "remembered", "sha256", "shapes", "sound", "target",
    "timm_model",
]  # fmt: skip
