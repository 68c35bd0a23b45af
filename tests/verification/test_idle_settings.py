"""What was given and changes nothing is said, by the flag that stands for it; what has an effect is not."""

import logging

import pytest

from dinosar.config.verification import LocalizeConfig, VerifyConfig
from dinosar.settings import Layers, settle
from dinosar.verification.idle import settled_matches, tell_idle

FILES = {"features": "f.h5", "match_file": "m.h5"}


def told(model, caplog, inputs=(), **settings):
    """The notes that a config calls for."""
    given = {"inputs": {"pairs": "pairs.txt", "images": "photos", **dict(inputs)}, **settings}
    caplog.clear()
    with caplog.at_level(logging.INFO, "dinosar"):
        tell_idle(settle(model, Layers().add(given, "test")))
    return [each.message for each in caplog.records]


@pytest.mark.parametrize("model", [VerifyConfig, LocalizeConfig])
@pytest.mark.parametrize(
    ("inputs", "matches", "note"),
    [
        ({}, {}, None),
        ({"head": "h"}, {}, "no effect with --matches sift: --head"),
        ({"head": "h"}, {"refine": False}, "no effect with --matches sift: --head, --no-refine"),
        ({}, {"reach": 3.0}, "no effect with --matches sift: matches.reach"),
        (FILES, {"by": "sift"}, "no effect with --matches sift: --features, --match-file"),
        (FILES, {"by": "patches"}, "no effect with --matches patches: --features, --match-file"),
        ({"head": "h"}, {"by": "patches"}, None),
        ({"head": "h"}, {"by": "patches", "size": 800, "ratio": 0.9, "reach": 3.0}, None),
        ({}, {"by": "patches", "refine": False, "size": 800, "ratio": 0.9, "reach": 3.0},
         "no effect with --matches patches: matches.reach, --sift-size, --ratio"),
        (FILES, {}, None),
        (FILES, {"size": 800, "ratio": 0.9}, "no effect with --matches hloc: --sift-size, --ratio"),
        ({"head": "h", **FILES}, {}, "no effect with --matches hloc: --head"),
        ({}, {"size": 800, "ratio": 0.9}, None),
    ],
)  # fmt: skip
def test_each_way_of_matching_has_its_own(model, inputs, matches, note, caplog):
    assert told(model, caplog, inputs, matches=matches) == ([note] if note else [])


def test_a_verification_says_its_own(caplog):
    assert told(VerifyConfig, caplog, models={"tolerance": 5.0}, figures={"pairs": 9, "dpi": 99, "format": "svg"}) == []
    assert told(VerifyConfig, caplog, models={"tolerance": 5.0, "ask": False}) == [
        "no effect: --tolerance beside --no-models"
    ]
    assert told(VerifyConfig, caplog, figures={"draw": False, "pairs": 9, "dpi": 99, "format": "svg"}) == [
        "no effect: --drawn beside --no-figures, --figures beside --no-figures, --dpi beside --no-figures"
    ]
    assert told(VerifyConfig, caplog, {"images": None, "store": "db"}, dataset="eth3d") == [
        "no effect without the folder of the collection (--images): --dataset"
    ]


def test_a_localisation_says_its_own(caplog):
    assert told(LocalizeConfig, caplog, skip_matches=20) == ["no effect without --dataset inloc: --skip-matches"]
    assert told(LocalizeConfig, caplog, {"gt": "p", "model": "m"}, placing={"threshold": 5.0}) == []
    assert told(LocalizeConfig, caplog, dataset="inloc", skip_matches=20) == []
    everything = {"gt": "p", "intrinsics": "i", "store": "s", "head": "h", "model": "m", **FILES}
    (note,) = told(LocalizeConfig, caplog, everything, dataset="inloc", placing={"threshold": 5.0, "reach": 1.0},
                   matches={"by": "sift", "ratio": 0.9, "size": 700, "refine": False, "reach": 3.0})  # fmt: skip
    assert note == (
        "no effect with --dataset inloc, which hloc carries out: --gt, --intrinsics, --store, --head, --features, "
        "--match-file, --model, --reach, --threshold, --matches, --no-refine, --sift-size, --ratio, matches.reach"
    )


def test_files_of_hloc_match_where_they_are_given_and_nothing_else_is_said():
    for inputs, by, expected in (({}, "auto", "sift"), (FILES, "auto", "hloc"), (FILES, "patches", "patches")):
        given = {"inputs": {"pairs": "pairs.txt", **inputs}, "matches": {"by": by}}
        assert settled_matches(settle(VerifyConfig, Layers().add(given, "test"))) == expected
