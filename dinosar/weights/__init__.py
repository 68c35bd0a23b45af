"""Files of weights: which are known, where they lie, how they get here, what is in them.

    catalogue.py   the published files: address, size, licence
    disk.py        where a published file lies on this machine
    download.py    getting one here, whole or not at all
    tensors.py     reading tensors so that nothing in a file can run
    ledger.py      what is known of a large file, remembered while it stays as it is

Plugins may use this package: `from dinosar import weights`.
"""

from dinosar.errors import WeightsError
from dinosar.weights.ledger import remembered, sha256
from dinosar.weights.tensors import read, shapes

__all__ = ["WeightsError", "read", "remembered", "sha256", "shapes"]
