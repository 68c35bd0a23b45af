"""A verification from its inputs to its files, as tests ask for it."""

import csv
import io

from dinosar.config.verification import VerifyConfig
from dinosar.folders import RunFolder
from dinosar.settings import Layers, settle
from dinosar.verify_job import compute, options_of

NAMES = [f"view_{i:03d}.png" for i in range(7)]
PAIRS = [(NAMES[0], NAMES[1]), (NAMES[0], NAMES[2]), (NAMES[1], NAMES[2]), (NAMES[1], NAMES[5])]


def config_of(inputs, **settings):
    """A config without pictures and models, unless they are asked for."""
    given = {"inputs": inputs, "figures": {"draw": False}, "models": {"ask": False}, **settings}
    return settle(VerifyConfig, Layers().add(given, "test"))


def verified(inputs, out, **settings):
    """The outcome, and the files by name."""
    config = config_of(inputs, **settings)
    outcome = compute(config)
    with RunFolder(out, options_of(config)) as output:
        for name, data in outcome.made(output):
            output.write(name, data)
    return outcome, {file.name: file.read_bytes() for file in out.iterdir() if not file.name.startswith(".")}


def table(data):
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(data.decode())))
