"""`dinosar retrieve verify` and `localize` as they are typed: what is said, what is left behind, which exit code."""

import json

import pytest
import typer
from command_line import inside
from room_model import write_model

from dinosar import jobs
from dinosar.cli import commands, retrieve_verify
from dinosar.config import MODELS
from dinosar.config.verification import LocalizeConfig, VerifyConfig

NAMES = [f"view_{i:03d}.png" for i in range(7)]
QUICK = ("--no-figures", "--no-models")


@pytest.fixture
def ask(room, tmp_path, monkeypatch):
    """Calls a command in a folder with pairs, photographs and what is true of them."""
    monkeypatch.setitem(MODELS, "retrieve-verify", VerifyConfig)
    monkeypatch.setitem(MODELS, "retrieve-localize", LocalizeConfig)
    monkeypatch.setitem(jobs.JOBS, "retrieve-verify", "dinosar.verify_job")
    monkeypatch.setitem(jobs.JOBS, "retrieve-localize", "dinosar.localize_job")
    app, group = typer.Typer(rich_markup_mode=None), typer.Typer(rich_markup_mode=None)
    retrieve_verify.add_to(group)
    app.add_typer(group, name="retrieve")
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[0]} {NAMES[2]}\n")
    true_way = commands.Commands.get_command

    def get(self, ctx, name):
        return typer.main.get_group(app).commands["retrieve"] if name == "retrieve" else true_way(self, ctx, name)

    monkeypatch.setattr(commands.Commands, "get_command", get)
    return lambda *words: inside("retrieve", *words, cwd=tmp_path, cache=tmp_path / "cache")


def test_a_verification_says_auc_and_leaves_tables_and_a_record(ask, tmp_path):
    answer = ask("verify", "pairs.txt", "--images", "room", "--gt", "poses.txt", "--intrinsics", "intrinsics.txt",
                 "--out", "run", *QUICK)  # fmt: skip
    assert answer.code == 0, answer.err
    assert "AUC@5" in answer.out
    assert "best of each query" in answer.out
    assert {"poses.csv", "auc.json", "run.yaml"} <= {file.name for file in (tmp_path / "run").iterdir()}
    record = (tmp_path / "run" / "run.yaml").read_text()
    assert "estimator: poselib" in record
    assert "pairs: ../pairs.txt" in record
    quiet = ask("verify", "pairs.txt", "--images", "room", "--gt", "poses.txt", "--intrinsics", "intrinsics.txt",
                "--out", "run", "--json", *QUICK)  # fmt: skip
    assert quiet.code == 0
    told = json.loads(quiet.out)
    assert told["per_pair"]["judged"] == 2
    assert told["per_pair"] == json.loads((tmp_path / "run" / "auc.json").read_text())["per_pair"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--images", "room", "--gt", "poses.txt", "--auc"), 3, "AUC of poses needs the intrinsics of every image"),
        (("--images", "room", "--gt", "nowhere.txt"), 3, "nowhere.txt"),
        (("--images", "nowhere"), 3, "nowhere"),
        (("--images", "room", "--matches", "patches"), 2, "name it with --store"),
        (("--images", "room", "--features", "f.h5"), 2, "go together"),
        (("--images", "room", "--estimator", "best"), 2, "best"),
        (("--images", "room", "--store", "db"), 3, "holds no library"),
        (("--dataset", "eth3d"), 2, "data_dirs.yaml"),
        (("--dataset", "foo"), 2, "known: colmap, eth3d, inloc, megadepth, phototourism, plain (one's own is"),
        (("--images", "room", "--dataset", "no_such_module:Mine"), 2, "no module 'no_such_module' can be imported"),
        (("--images", "room", "--dataset", "dinosar.datasets.plain:Plein"), 2, "did you mean 'Plain'?"),
        (("--images", "room", "--gt", "short.txt"), 3, "short.txt', line 1: expected 'name qw qx qy qz tx ty tz'"),
        (("--images", "room", "--gt", "nan.txt"), 3, "nan.txt', line 1: expected 'name qw qx qy qz tx ty tz'"),
        (("--images", "room", "--intrinsics", "flat.txt"), 3, "flat.txt', line 1: a PINHOLE camera needs a picture"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_left(ask, tmp_path, words, code, told):
    (tmp_path / "short.txt").write_text(f"{NAMES[0]} 1 0 0 0 1 2\n")
    (tmp_path / "nan.txt").write_text(f"{NAMES[0]} 1 0 0 0 1 nan 2\n")
    (tmp_path / "flat.txt").write_text(f"{NAMES[0]} PINHOLE 0 300 400 400 200 150\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = ask("verify", "pairs.txt", *words, "--out", "run", *QUICK)
    assert answer.code == code
    assert told in answer.complaint
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == before


def test_data_dirs_are_asked_only_for_data_sets_that_there_are(ask, tmp_path):
    (tmp_path / "data_dirs.yaml").write_text("dataset_dirs:\n  foo: room\n")
    for words in (("verify", "pairs.txt", "--dataset", "foo"), ("localize", "pairs.txt", "--dataset", "foo", "room")):
        answer = ask(*words, "--out", "run")
        assert answer.code == 2
        assert "no dataset named 'foo'; known: colmap, eth3d" in answer.complaint


def test_two_folders_are_one_too_many(ask):
    answer = ask("localize", "pairs.txt", "--dataset", "plain", "room", "--images", "other", "--model", "m")
    assert answer.code == 2
    assert "--dataset plain and --images name two folders (room, other)" in answer.complaint


def test_pairs_without_intrinsics_are_told_as_what_they_are(ask):
    answer = ask("verify", "pairs.txt", "--images", "room", "--gt", "poses.txt", "--out", "run", "--no-figures")
    assert answer.code == 0
    assert "no pose can be judged: 2 without intrinsics" in answer.out
    assert "poselib" not in answer.out
    assert "agreement with a pose" not in answer.out
    assert " on one epipolar geometry" in answer.err
    assert " 0 of " not in answer.err


def test_flags_without_effect_are_said(ask):
    answer = ask("verify", "pairs.txt", "--images", "room", "--no-refine", "--out", "run", *QUICK)
    assert answer.code == 0
    assert "no effect with --matches sift: --no-refine" in answer.err


def test_an_unknown_image_names_its_line(ask, tmp_path):
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[0]} views/other.png\n")
    answer = ask("verify", "pairs.txt", "--images", "room", "--out", "run", *QUICK)
    assert answer.code == 3
    assert "line 2: no image is called 'views/other.png'" in answer.complaint
    assert not (tmp_path / "run").exists()


def test_a_torn_photo_ends_with_exit_code_4_and_the_rest_is_there(ask, tmp_path, room):
    (room / NAMES[2]).write_bytes(b"torn")
    answer = ask("verify", "pairs.txt", "--images", "room", "--gt", "poses.txt", "--intrinsics", "intrinsics.txt",
                 "--out", "run", *QUICK)  # fmt: skip
    assert answer.code == 4
    assert "1 of 2 pairs failed" in answer.err
    assert "all pairs" in answer.out
    assert "AUC is of 1 of 2 pairs; left out: 1 failed" in answer.out
    told = json.loads((tmp_path / "run" / "auc.json").read_text())
    halves = ", ".join(f"{area / 2:.3f} at {most}" for most, area in told["per_pair"]["auc"].items())
    assert f"did the failed ones count as missed, AUC would be {halves}" in answer.out
    assert (tmp_path / "run" / "errors.csv").is_file()


def test_a_localisation_says_how_many_and_how_well(ask, tmp_path, views):
    pytest.importorskip("pycolmap")
    write_model(tmp_path / "model", [views[i] for i in (1, 2)], [NAMES[i] for i in (1, 2)])
    answer = ask("localize", "pairs.txt", "--images", "room", "--model", "model", "--gt", "poses.txt", "--intrinsics",
                 "intrinsics.txt", "--out", "run")  # fmt: skip
    assert answer.code == 0, answer.err
    assert "1 of 1 queries placed" in answer.out
    assert "median error 0.0" in answer.out
    assert {"poses.txt", "localized.csv", "localized.json", "run.yaml"} <= {
        f.name for f in (tmp_path / "run").iterdir()
    }


def test_a_torn_query_is_told_and_the_others_are_placed(ask, tmp_path, views, room):
    pytest.importorskip("pycolmap")
    write_model(tmp_path / "model", [views[i] for i in (1, 2)], [NAMES[i] for i in (1, 2)])
    (tmp_path / "pairs.txt").write_text(f"{NAMES[0]} {NAMES[1]}\n{NAMES[3]} {NAMES[2]}\n")
    (room / NAMES[0]).write_bytes(b"torn")
    words = ("--images", "room", "--model", "model", "--intrinsics", "intrinsics.txt", "--out", "run")
    answer = ask("localize", "pairs.txt", *words)
    assert answer.code == 4
    assert "1 of 2 queries placed" in answer.out
    assert f"failed: {NAMES[0]}: none of its pairs can be used; 'room/{NAMES[0]}' is not a picture" in answer.err
    assert "Warning" not in answer.err  # no true pose is known, and no mean of nothing is taken
    answer = ask("localize", "pairs.txt", *words, "--gt", "poses.txt", "--least", "4000", "--overwrite")
    assert "there is no median error: half or more of the 2 queries with a known pose have no place" in answer.out
    assert "agree within 12 px (--threshold), and 4000 (--least) are asked for" in answer.err


def test_inloc_without_hloc_is_one_line(ask, tmp_path, monkeypatch):
    from dinosar.verification import inloc

    monkeypatch.setattr(inloc, "find_spec", lambda name: None)
    answer = ask("localize", "pairs.txt", "--dataset", "inloc", "room", "--out", "run")
    assert answer.code == 3
    assert "'room' is no collection of InLoc; expected query/iphone7/ and database/cutouts/" in answer.complaint
    for folder in ("query/iphone7", "database/cutouts"):
        (tmp_path / "inloc" / folder).mkdir(parents=True)
    answer = ask("localize", "pairs.txt", "--dataset", "inloc", "inloc", "--out", "run")
    assert answer.code == 2
    assert "hloc, which is not installed; install it with: pip install" in answer.complaint
    assert not (tmp_path / "run").exists()


def test_help_names_every_flag(ask):
    for name, flags in (("verify", retrieve_verify.VERIFY), ("localize", retrieve_verify.LOCALIZE)):
        answer = ask(name, "--help")
        assert answer.code == 0
        for flag in flags:
            assert flag.names[0] in answer.out
