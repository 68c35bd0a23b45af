"""Files that are not what they are given as: of hloc, exchanged; a head for other tokens; the true reason, at once."""

from pathlib import Path

import numpy as np
import pytest
from job_of_verify import NAMES, config_of

from dinosar.backbones.classic import Classic
from dinosar.config import FitConfig, Part
from dinosar.datasets.listed import Listed
from dinosar.errors import InputError
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.hloc_files import (
    Keypoints,
    PairMatches,
    open_matches,
    write_global,
    write_keypoints,
    write_matches,
)
from dinosar.retrieval.library import Library, told_of
from dinosar.retrieval.overlap_head import HeadOptions, OverlapHead
from dinosar.verification import opening
from dinosar.verify_job import compute


@pytest.fixture
def files(tmp_path):
    """hloc's files, of images in folders."""
    random = np.random.default_rng(0)
    names = (f"deep/down/{NAMES[0]}", NAMES[1])
    write_keypoints(tmp_path / "f.h5", {name: Keypoints(random.uniform(0, 300, (9, 2)), (400, 300)) for name in names})
    write_matches(tmp_path / "m.h5", [PairMatches(names, np.arange(9), np.ones(9))])
    write_global(tmp_path / "g.h5", [(name, np.ones(4)) for name in names])
    return {key: str(tmp_path / f"{key}.h5") for key in "fmg"}


@pytest.mark.parametrize(
    ("features", "match_file", "said"),
    [
        ("m", "f", "m.h5' holds no keypoints of any image, but matches, and .*f.h5' holds keypoints; exchange the two"),
        ("m", "m", "m.h5' holds no keypoints of any image, but something else; name the file of local features"),
        ("g", "m", "g.h5' holds no keypoints of any image, but something else; name the file of local features"),
        ("f", "f", "f.h5' holds no matches0 of any pair; name the file of matches"),
        ("f", "g", "g.h5' holds no matches0 of any pair; name the file of matches"),
    ],
)
def test_files_that_are_something_else_stop_at_once(inputs, files, features, match_file, said):
    with pytest.raises(InputError, match=said):
        compute(config_of({**inputs, "features": files[features], "match_file": files[match_file]}))


def test_files_that_do_not_match_are_not_opened(inputs, files):
    """They have no effect, which is said; so it does not matter either what is in them."""
    with pytest.raises(InputError, match="exchange the two"):
        compute(config_of({**inputs, "features": files["m"], "match_file": files["f"]}))
    compute(config_of({**inputs, "features": files["m"], "match_file": files["f"]}, matches={"by": "sift"}))


def test_images_are_found_however_deep_they_lie(files):
    with open_matches(Path(files["f"]), Path(files["m"])) as held:
        assert held.size(f"deep/down/{NAMES[0]}") == (400, 300)
        assert held.size("elsewhere.png") is None


def test_a_head_for_other_tokens_stops_before_anything_starts(inputs, room, tmp_path, monkeypatch):
    backbone = Classic(Classic.Options())
    backbone.name = "classic"
    config = FitConfig(size=320)
    library = Library.made(tmp_path / "db", told_of(backbone, Part(use="classic")), config)
    for each in dump([Listed(f.name, f) for f in sorted(room.glob("*.png"))], library, backbone, config):
        assert not each.problem
    options = HeadOptions(input_dim=7, descriptor_dim=4, position=False)
    weights = {name: np.ones(shape, np.float32) for name, shape in options.shapes().items()}
    monkeypatch.setattr(opening, "open_head", lambda path: OverlapHead(options, weights, title="small"))
    given = {**inputs, "store": str(tmp_path / "db"), "head": "small.safetensors"}
    (tmp_path / "small.safetensors").write_bytes(b"")
    told = []
    monkeypatch.setattr(OverlapHead, "expect", lambda head, *given: told.append(given))
    with pytest.raises(InputError, match="head 'small' takes tokens of depth 7, and these have depth"):
        compute(config_of(given, matches={"by": "patches"}))
    assert told == [(library.title, library.image)]
