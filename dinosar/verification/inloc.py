"""InLoc, handed over to hloc: features of all photographs, matches of the pairs, places in the scans."""

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dinosar.errors import InputError, UsageError, shown
from dinosar.registry import AT_WORK, strangers_code

FEATURES, MATCHES = "superpoint_inloc", "superglue"
RESULTS = "InLoc_hloc_superpoint+superglue.txt"
MISSING = (
    "--dataset inloc hands over to hloc, which is not installed; install it with: pip install "
    "git+https://github.com/cvg/Hierarchical-Localization"
)


def check(collection: Path) -> None:
    """An InputError where the folder is not that of InLoc, then a UsageError where hloc is missing."""
    if not (collection / "query" / "iphone7").is_dir() or not (collection / "database" / "cutouts").is_dir():
        raise InputError(
            f"'{shown(collection)}' is no collection of InLoc; expected query/iphone7/ and database/cutouts/ in it"
        )
    if find_spec("hloc") is None:
        raise UsageError(MISSING)


def localise_inloc(collection: Path, pairs: Path, out: Path, skip_matches: int) -> Path:
    """The steps of hloc's own InLoc pipeline on a list of pairs; returns the file of poses, for upload."""
    check(collection)
    extract, match, localise = (_step(name) for name in ("extract_features", "match_features", "localize_inloc"))
    results = out / RESULTS
    with strangers_code("hloc failed", AT_WORK):
        features = extract.main(extract.confs[FEATURES], collection, out)
        matches = match.main(match.confs[MATCHES], pairs, extract.confs[FEATURES]["output"], out)
        localise.main(collection, pairs, features, matches, results, skip_matches=skip_matches)
    return results


def _step(name: str) -> Any:
    """A module of hloc."""
    try:
        return importlib.import_module(f"hloc.{name}")
    except ImportError as problem:
        raise UsageError(f"hloc cannot be used here ({problem}); install what it needs") from problem
