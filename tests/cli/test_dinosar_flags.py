"""Command lines of the script DINOSAR are understood with only the program's name changed."""

import json
import re
import shlex

import pytest
from command_line import ROOT
from maskers.tiny_onnx import tiny_onnx
from random_weights import random_weights, saved

from dinosar import settings
from dinosar.cli.compare import FLAGS
from dinosar.cli.dinosar_flags import DINOSAR
from dinosar.errors import DinosarError

SHARED = """--layers -3 -2 -1 --layer-agg median --fg-mode rembg --align-stage none --score-mode foreground
--attn-fg-thresh 0.15 --attn-layers 9 10 11 --mask-erode-px 2 --border-patches 2"""
FIRST = f"""compare data/A.jpg data/B.jpg --dinov3-local-ckpt F.pth --dinov3-arch vits16 {SHARED}
--matching-mode similarity --output-dir outputs/run_A_vs_B"""
SECOND = f"""{FIRST}_demo --match-flavor demo --demo-mutual --demo-ratio 0.92 --demo-topn 200 --demo-verify
--demo-ransac-reproj 3.0"""
THIRD = f"""compare data/A.jpg data/B.jpg --dinov3-local-ckpt F.pth --dinov3-arch vits16 {SHARED}
--keypoints-json K.json --matching-mode both --tps-grid-snap --tps-grid-cell-size 16 --tps-pad-cells 0"""
BOTH_RUN = {
    "command": "compare",
    "inputs": {"a": "data/A.jpg", "b": "data/B.jpg"},
    "mode": "similarity",
    "backbone": {
        "use": "dinov3", "checkpoint": "F.pth", "model": "vits16", "layers": [-3, -2, -1], "layer_agg": "median",
        "attn_layers": [9, 10, 11],
    },
    "masker": {"use": "rembg"},
    "mask": {"erode_px": 2, "border_patches": 2},
    "scores": {"mode": "foreground"},
    "align": {"stage": "none"},
}  # fmt: skip
DEMO = {"use": "mutual", "mutual": False, "verify": "none", "top": 200, "ratio": 1.0}
VERIFIED = DEMO | {"mutual": True, "verify": "similarity", "ratio": 0.92, "tolerance_px": 3.0}


class Settled(DinosarError):
    """Ends a command once its settings are known."""


@pytest.fixture
def given(here, monkeypatch):
    """What the words of a command line set, without the defaults; nothing is run, and no part needs to be there."""
    found = []

    def stop(model, layers):
        found.append(layers.values)
        raise Settled

    def values(words):
        monkeypatch.setattr(settings, "settle", stop)
        answer = here(*shlex.split(words))
        assert found, answer.err
        return found.pop()

    return values


@pytest.fixture
def told(here, monkeypatch):
    """Notes and warnings that come with the words of a command line; nothing is run."""

    def lines(words):
        monkeypatch.setattr(settings, "settle", lambda model, layers: None)
        monkeypatch.setattr("dinosar.jobs.job_module", lambda command: stop())
        *lines, end = here(*shlex.split(words)).err.splitlines()
        assert end == "dinosar: error: "
        return lines

    def stop():
        raise Settled

    return lines


def test_the_first_line_of_its_readme_is_understood(given, told):
    assert given(FIRST) == BOTH_RUN
    (line,) = told(FIRST)
    assert line == "dinosar: note: --attn-fg-thresh: no effect without --attn-fg, as in DINOSAR"


def test_the_second_line_of_its_readme_is_understood(given, told):
    assert given(SECOND) == BOTH_RUN | {"matcher": VERIFIED}
    lines = told(SECOND)
    assert [line.split()[1:3] for line in lines] == [
        ["note:", "--attn-fg-thresh:"], ["note:", "--demo-ratio"], ["warning:", "--match-flavor"],
    ]  # fmt: skip
    assert [line.split()[1] for line in told(SECOND + " --quiet")] == ["warning:"]


def test_the_third_line_of_its_readme_is_understood(given, told):
    homology = {"snap": True, "cell": 16, "pad": 0}
    inputs = {**BOTH_RUN["inputs"], "keypoints": "K.json"}
    wanted = {"mode": "both", "homology": homology, "inputs": inputs}
    assert given(THIRD) == BOTH_RUN | wanted
    (line,) = told(THIRD)
    assert line == "dinosar: note: --attn-fg-thresh: no effect without --attn-fg, as in DINOSAR"


ATTENTION = {"second_masker": {"use": "attention"}, "mask": {"combine": "intersection"}}
MEANT = {
    "--dinov3-local-ckpt F.pth": {"backbone": {"use": "dinov3", "checkpoint": "F.pth"}},
    "--dinov3-arch vitb16 --backbone dinov3": {"backbone": {"use": "dinov3", "model": "vitb16"}},
    "--dinov3-arch vitb16 --checkpoint F.pth": {
        "backbone": {"use": "dinov3", "model": "vitb16", "checkpoint": "F.pth"},
    },
    "--align-stage image --align-method procrustes": {"align": {"stage": "image", "method": "rigid"}},
    "--align-stage both --align-method similarity": {"align": {"stage": "both", "method": "similarity"}},
    "--min-kpts 5": {"homology": {"least": 5}},
    "--tps-grid-rows 12 --tps-grid-cols 20": {"homology": {"rows": 12, "columns": 20}},
    "--layer -2": {"backbone": {"layers": [-2]}},
    "--layer -2 --layers -3 -1": {"backbone": {"layers": [-3, -1]}},
    "--img-size 518": {"image": {"size": 518}},
    "--fg-mode auto": {"masker": {"use": "auto"}},
    "--fg-mode thresh": {"masker": {"use": "threshold"}},
    "--fg-mode grabcut": {"masker": {"use": "grabcut"}},
    "--fg-mode whole": {"masker": {"use": "whole"}},
    "--fg-mode file --set masker.path=masks": {"masker": {"use": "file", "path": "masks"}},
    "--fg-mode attn": {"masker": {"use": "attention"}},
    "--fg-mode attn --attn-fg --attn-fg-mode union": {"masker": {"use": "attention"}},
    "--fg-mode attn_intersect": {"masker": {"use": "auto"}} | ATTENTION,
    "--attn-fg": ATTENTION,
    "--attn-fg --masker grabcut": {"masker": {"use": "grabcut"}} | ATTENTION,
    "--attn-fg --attn-fg-mode union": ATTENTION | {"mask": {"combine": "union"}},
    "--attn-fg --attn-fg-mode attn_only": {"masker": {"use": "attention"}},
    "--attn-fg --attn-fg-mode attn_only --fg-mode rembg": {"masker": {"use": "attention"}},
    "--attn-fg-mode union": {},
    "--attn-fg --attn-fg-thresh 0.15": ATTENTION,
    "--attn-fg --attn-fg-thresh 0.15 --attn-fg-thresh-pct 70": ATTENTION | {
        "second_masker": {"use": "attention", "percentile": 70.0, "threshold": None},
    },
    "--attn-fg --attn-fg-thresh 0.15 --attn-fg-thresh-pct 70 --attn-fg-thresh-mode absolute": ATTENTION | {
        "second_masker": {"use": "attention", "threshold": 0.15, "percentile": None},
    },
    "--attn-fg --attn-fg-thresh-mode absolute": ATTENTION | {
        "second_masker": {"use": "attention", "threshold": 0.25, "percentile": None},
    },
    "--fg-mode attn --attn-fg-thresh-pct 60": {"masker": {"use": "attention", "percentile": 60.0, "threshold": None}},
    "--attn-fg-thresh-pct 60 --attn-fg-thresh-mode absolute --attn-fg-morph close": {},
    "--attn-fg --attn-fg-morph none --attn-fg-kernel 5": ATTENTION,
    "--match-flavor attention": {"matcher": {"use": "salient", "top": 50}},
    "--match-flavor attention --top-matches 30": {"matcher": {"use": "salient", "top": 30}, "figures": {"top": 30}},
    "--match-flavor demo": {"matcher": DEMO},
    "--match-flavor demo --topk 3": {"matcher": DEMO | {"topk": 3}},
    "--match-flavor demo --demo-ransac-reproj 3": {"matcher": DEMO},
    "--match-flavor demo --demo-verify": {"matcher": DEMO | {"verify": "similarity"}},
    "--demo-mutual --demo-ratio 0.5 --demo-topn 9 --demo-verify --demo-ransac-reproj 1": {},
    "--save-debug --report-layer-std --hist-min-joint 9 --attn-mask-layer 3": {},
}  # fmt: skip


@pytest.mark.parametrize("words", MEANT)
def test_what_a_flag_meant_is_set_and_nothing_else(words, given):
    values = given(f"compare a.jpg b.jpg {words}")
    assert values.pop("command") == "compare"
    assert values.pop("inputs") == {"a": "a.jpg", "b": "b.jpg"}
    assert values == MEANT[words]


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        ("--layer 3 --layers 4", ["--layer has no effect beside --layers"]),
        (
            "--attn-fg-thresh 0.1 --attn-fg-mode union",
            ["--attn-fg-mode and --attn-fg-thresh: no effect without --"],
        ),
        ("--attn-fg --attn-fg-thresh 0.1", ["--attn-fg-thresh: no effect without --attn-fg-thresh-mode absolute"]),
        (
            "--attn-fg --attn-fg-thresh-mode absolute --attn-fg-thresh-pct 9",
            ["--attn-fg-thresh-pct: no effect"],
        ),
        ("--fg-mode attn --attn-fg-kernel 3", ["--attn-fg-kernel: no effect without --attn-fg-morph"]),
        (
            "--fg-mode rembg --attn-fg --attn-fg-mode attn_only",
            ["--fg-mode has no effect beside --attn-fg-mode at"],
        ),
        ("--demo-verify --demo-topn 5", ["--demo-topn and --demo-verify: no effect without --match-flavor demo"]),
        ("--save-debug --hist-min-joint 3", ["--save-debug has no effect: ", "--hist-min-joint has no effect: "]),
        ("--match-flavor demo --score-mode demo_inliers", []),
        (
            "--match-flavor demo --score-mode verified --demo-ransac-reproj 2",
            ["--demo-ransac-reproj: no effect"],
        ),
        ("--align-stage none --fg-mode whole --img-size 512 --attn-fg", []),
    ],
)
def test_a_flag_without_effect_is_told_in_one_note(words, notes, told):
    lines = [line.removeprefix("dinosar: note: ") for line in told(f"compare a.jpg b.jpg {words}")]
    assert len(lines) == len(notes)
    assert all(line.startswith(note) for line, note in zip(lines, notes, strict=True))


@pytest.mark.parametrize("flavour", ["demo", "attention"])
def test_that_a_flavour_changes_the_scores_is_a_warning(flavour, told):
    (line,) = told(f"compare a.jpg b.jpg --match-flavor {flavour} -q")
    assert line.startswith(f"dinosar: warning: --match-flavor {flavour}: scores are of the matches")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--dinov3-local-ckpt F --checkpoint G", "--dinov3-local-ckpt and --checkpoint both set the same"),
        ("--dinov3-arch vits16 --model vitb16", "--dinov3-arch and --model both set the same"),
        (
            "--dinov3-arch vits16 --backbone classic",
            "--dinov3-arch means backbone dinov3; leave out --backbone",
        ),
        ("--fg-mode thresh --masker whole", "--fg-mode and --masker both set the same"),
        ("--attn-fg --second-masker whole", "--attn-fg and --second-masker both set the same"),
        ("--attn-fg --combine union", "--attn-fg and --combine both set the same"),
        ("--fg-mode attn_intersect --second-masker whole", "--fg-mode and --second-masker both set the same"),
        ("--attn-fg --attn-fg-mode attn_only --masker whole", "--attn-fg-mode and --masker both set the same"),
        ("--attn-fg --attn-fg-morph open", "--attn-fg-morph open is not here: use --mask-erode-px"),
        ("--match-flavor demo --matcher similarity", "--match-flavor and --matcher both set the same"),
        ("--align-stage mask --align-method homography", "--align-method homography is not here: DINOSAR threw"),
        ("--align-stage somehow", "'somehow' is not one of"),
        ("--fg-mode sam", "'sam' is not one of"),
    ],
)
def test_what_cannot_be_meant_or_would_be_lost_is_refused_in_one_line(words, says, here):
    answer = here("compare", "a.jpg", "b.jpg", *words.split())
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.complaint


def test_every_flag_of_the_table_is_translated():
    assert all(flag.translate and flag.setting is None for flag in DINOSAR)


ALL = """
dinov3-local-ckpt dinov3-arch img-size layer layers layer-agg report-layer-std attn-layers fg-thresh no-crop
border-patches mask-erode-px attn-fg attn-fg-thresh output-dir outdir top-matches keypoints-json align-method min-kpts
match-flavor demo-topn demo-ratio demo-mutual demo-verify demo-ransac-reproj score-mode topk hist-min-joint
matching-mode tps-grid-cell-size consensus-shape-db tps-grid-rows tps-grid-cols tps-grid-snap attn-fg-mode
attn-fg-thresh-mode attn-fg-thresh-pct attn-fg-morph attn-fg-kernel fg-mode attn-mask-layer align-stage save-debug
tps-pad-cells
"""


@pytest.mark.parametrize("name", ALL.split())
def test_every_flag_of_the_script_is_known_here_and_on_its_page(name):
    known = {name for flag in FLAGS for name in flag.names} | {"--output-dir", "--outdir"}
    assert f"--{name}" in known
    page = (ROOT / "docs" / "from_the_originals.md").read_text(encoding="utf-8")
    assert re.search(rf"`--{name}[` ]", page)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A file as DINOv3 ViT-S/16 comes in, of random numbers."""
    return saved(tmp_path_factory.mktemp("weights"), random_weights("vits16"), "F.pth")


@pytest.fixture
def rembg_weights(tmp_path, monkeypatch):
    """A rembg whose u2net is a network of two layers that takes what is dark."""
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "u2net"))
    (tmp_path / "u2net").mkdir()
    (tmp_path / "u2net" / "u2net.onnx").write_bytes(tiny_onnx())


@pytest.mark.parametrize(("words", "matcher"), [(FIRST, "similarity"), (SECOND, "mutual")], ids=["first", "second"])
def test_the_lines_of_its_readme_run(words, matcher, checkpoint, rembg_weights, photos, here, desk):
    (desk / "data").mkdir()
    for path, name in zip(photos, "AB", strict=True):
        (desk / "data" / f"{name}.jpg").write_bytes(path.read_bytes())
    words = words.replace("F.pth", str(checkpoint)) + " --img-size 256 --no-figures --json"
    answer = here(*shlex.split(words))
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert (found["backbone"], found["matcher"]) == ("dinov3-vits16 (F.pth)", matcher)
    assert found["masker"] == "rembg-u2net (not the published file)"
    assert found["folder"].endswith("run_A_vs_B" if matcher == "similarity" else "run_A_vs_B_demo")
    assert 0 < found["distance"] < 1
    assert ("verified" in found["scores"]) == (matcher == "mutual")
