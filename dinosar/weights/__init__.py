"""Files of weights: which are known, where they lie, how they get here, what is in them.

    catalogue.py     the published files: address, size, licence
    disk.py          where a published file lies on this machine
    download.py      getting one here, whole or not at all, from hub.py or releases.py
    importing.py     putting one in its place that a person brought
    recognition.py   which network a file holds, by layouts.py and architecture.py
    first_sight.py   whether a file is still the one that arrived
    formats.py       a file as it lies on the disk, read so that nothing in it can run
    unwrapping.py    containers, prefixes and unused heads, taken off
    leftovers.py     what lies beside the weights that are taken, and whether it may be left out
    tensors.py       the tensors of a network in a file
    soundness.py     whether tensors can be what a training left behind
    adapters.py      low-rank adapters (LoRA) told by their names; adapter_config.py, adapter_scales.py: their strength
    already_merged.py  whether weights hold an adapter already that is to be added to them
    base_names.py    what the name of a network says of it
    declarations.py  what a file says of itself beside its tensors
    checkpoints.py   a file that a person names: adapter, declarations, what is left out
    ledger.py        what is known of a large file, remembered while it stays as it is

Plugins may use this package: `from dinosar import weights`.
"""

from dinosar.errors import WeightsError
from dinosar.weights.catalogue import Model, default, models, named, published, timm_model
from dinosar.weights.checkpoints import (
    Adapter,
    adapter,
    adapter_alone,
    declared,
    holds_adapter,
    left_out,
    networks_left_out,
)
from dinosar.weights.disk import Located, locate, places, target
from dinosar.weights.download import fetch, missing, obtain
from dinosar.weights.first_sight import check
from dinosar.weights.hub import hub_answers
from dinosar.weights.ledger import recalled, remembered, sha256
from dinosar.weights.recognition import recognise
from dinosar.weights.soundness import sound
from dinosar.weights.tensors import read, shapes

__all__ = [
    "Adapter", "Located", "Model", "WeightsError", "adapter", "adapter_alone", "check", "declared", "default", "fetch",
    "holds_adapter", "hub_answers", "left_out", "locate", "missing", "models", "named", "networks_left_out", "obtain",
    "places", "published", "read", "recalled", "recognise", "remembered", "sha256", "shapes", "sound", "target",
    "timm_model",
]  # fmt: skip
