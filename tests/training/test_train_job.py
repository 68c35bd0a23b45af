"""`train overlap` as a job: what it leaves behind, and that a killed one goes on to the same bytes."""

import logging
import os
import signal
import time
from pathlib import Path

import pytest
from command_line import everything_in, finished, inside, outputs_of, started
from small_training import SMALL, SQUARES, carried, config_of, draw, interrupted
from trees import draw_megadepth

from dinosar.errors import ConflictError, InputError, UsageError
from dinosar.parts import build_backbone
from dinosar.publishing import sha256_of
from dinosar.retrieval.overlap_head import open_head
from dinosar.train_job import STATE
from dinosar.training.material import material
from dinosar.yaml_files import read_yaml


@pytest.fixture(scope="module")
def run(tmp_path_factory, request):
    """A finished training, its config and its folder."""
    folder = draw(tmp_path_factory.mktemp("photos"))
    out = tmp_path_factory.mktemp("runs") / "run"
    config = config_of(folder)
    return config, carried(config, out), out


def test_it_leaves_a_head_its_curve_and_a_record(run):
    config, done, out = run
    assert set(outputs_of(out)) - {".running.yaml"} == {
        "head.safetensors", "heads", "heads/epoch_0002.safetensors", "heads/epoch_0003.safetensors", "losses.csv",
        "losses.png", "labels_example.png",
    }  # fmt: skip
    record = read_yaml(out / "run.yaml").value
    assert record["status"] == "done"
    photos = sorted(Path(config.inputs.images).iterdir())
    assert record["record"]["pictures"] == {str(path): sha256_of(path) for path in photos}
    assert record["record"]["learned_from"]["count"] == len(photos) + 1  # and the pairs
    assert set(record["record"]["outputs"]) == {
        name for name in outputs_of(out) if name not in ("heads", ".running.yaml")
    }
    head = open_head(out / "head.safetensors")
    assert head.id == done.result["head"]
    assert head.told["backbone"] == "classic-v1"
    assert head.depth == 8
    rows = (out / "losses.csv").read_text().splitlines()
    assert rows[0].startswith("kind,step,epoch,total")
    assert rows[1].startswith("validation,0,1,")
    assert done.result["scenes_validated"] == 1
    assert done.result["pairs_overlapping"] > 0


def test_the_same_again_gives_the_same_bytes(run, tmp_path):
    config, _, out = run
    carried(config, tmp_path / "again")
    assert outputs_of(tmp_path / "again") == outputs_of(out)


def test_without_the_store_it_is_the_same(run, tmp_path):
    config, done, _ = run
    assert carried(config.model_copy(update={"store": False}), tmp_path / "again").result["head"] == done.result["head"]


@pytest.mark.parametrize("after", [20, 45, 70])
def test_what_was_interrupted_goes_on_to_the_same_files(run, tmp_path, monkeypatch, after):
    config, _, out = run
    interrupted(config, tmp_path / "run", monkeypatch, after)
    assert (tmp_path / "run" / STATE).is_file()
    assert not (tmp_path / "run" / "run.yaml").exists()
    carried(config, tmp_path / "run")
    assert outputs_of(tmp_path / "run").keys() == outputs_of(out).keys()
    same = {name: data for name, data in outputs_of(tmp_path / "run").items() if name != ".running.yaml"}
    assert same.items() <= outputs_of(out).items()


def test_other_options_do_not_go_on(run, tmp_path, monkeypatch):
    config, _, _ = run
    interrupted(config, tmp_path / "run", monkeypatch, 45)
    other = config_of(config.inputs.images, train={**SMALL["train"], "lr": 0.01})
    with pytest.raises(ConflictError, match=r"begun with other options \(train\)"):
        carried(other, tmp_path / "run")
    carried(other, tmp_path / "run", overwrite=True)
    assert not (tmp_path / "run" / STATE).exists()
    assert carried(other, tmp_path / "new").result["head"] == open_head(tmp_path / "run/head.safetensors").id


def test_a_finished_training_is_left_alone(run):
    config, _, out = run
    before = everything_in(out)
    with pytest.raises(ConflictError, match="finished run"):
        carried(config, out)
    assert everything_in(out) == before


def test_tokens_of_another_depth_are_told_before_anything_is_learned(run, tmp_path):
    config, _, _ = run
    wrong = config_of(config.inputs.images, model={"matcher": {"input_dim": 1024}})
    with pytest.raises(InputError, match="input_dim is 1024, and tokens of classic-v1 have depth 128"):
        carried(wrong, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_photographs_that_share_too_little_are_told(run, tmp_path):
    config, _, _ = run
    none = config_of(config.inputs.images, data={"min_overlap": 0.9999, "max_overlap": 1.0})
    with pytest.raises(InputError, match=r"data\.min_overlap"):
        carried(none, tmp_path / "run")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no picture"):
        carried(config_of(tmp_path / "empty"), tmp_path / "run")


def test_it_learns_from_depth_and_pose(tmp_path, caplog):
    draw_megadepth(tmp_path / "mega", scenes=("0001", "0002", "0015"), count=3)
    config = config_of(tmp_path / "mega", data={
        "name": "megadepth", "val_split": ["0015"], "photometric": {"name": "flip"}, "across_scenes": False,
    })  # fmt: skip
    with caplog.at_level(logging.INFO, "dinosar"):
        done = carried(config, tmp_path / "run")
    assert done.result["scenes"] == 2
    assert "scene 0015 of MegaDepth" in caplog.text
    assert open_head(tmp_path / "run/head.safetensors").told["data"] == "megadepth"
    source = material(config, build_backbone(config.backbone))
    assert {source.told_by(pair.a) for pair in source.training.pairs(0)} <= {"by the collection", "by depth and pose"}


def test_scenes_may_stand_in_lists(tmp_path):
    draw_megadepth(tmp_path / "mega", scenes=("0001", "0002", "0003"), count=3)
    (tmp_path / "val.txt").write_text("0002\n")
    config = config_of(tmp_path / "mega", data={"name": "megadepth"}, inputs={"val_scenes": str(tmp_path / "val.txt")})
    assert carried(config, tmp_path / "run").result["scenes_validated"] == 1
    record = read_yaml(tmp_path / "run/run.yaml").value
    assert record["record"]["inputs"]["val_scenes"]["sha256"]


def test_a_collection_without_depths_is_told(run, tmp_path):
    config, _, _ = run
    with pytest.raises(InputError, match="camera, a pose and a map of depths"):
        carried(config_of(config.inputs.images, data={"name": "plain"}), tmp_path / "run")


def test_lists_need_their_labels(run, tmp_path):
    config, _, _ = run
    with pytest.raises(UsageError, match=r"give inputs\.labels"):
        carried(config_of(config.inputs.images, data={"name": "megadepth_easy", **SQUARES}), tmp_path / "run")


def test_counts_are_needed_where_pairs_are_drawn(run, tmp_path):
    config, _, _ = run
    with pytest.raises(UsageError, match="train_num_per_scene"):
        carried(config_of(config.inputs.images, data={"train_num_per_scene": None}), tmp_path / "run")


WORDS = ("train", "overlap", "--backbone", "classic", "--size", "96", "--epochs", "2", "--batch-size", "4", "--lr",
         "0.003", "--set", "train.save_every_iter=1", "--set", "data.train_num_per_scene=[4, 2]",
         "--no-figures")  # fmt: skip


def test_the_command_tells_where_the_head_is(run, tmp_path):
    config, _, _ = run
    answer = inside(*WORDS, "-c", "overlap_warps", "--images", config.inputs.images, cwd=tmp_path, cache=tmp_path / "c")
    assert answer.code in (0, None), answer.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert str(folder / "head.safetensors") in answer.out
    assert "validation" in answer.out
    assert "--head" in answer.out


def test_the_command_without_photographs_is_one_sentence(tmp_path):
    answer = inside("train", "overlap", "--backbone", "classic", cwd=tmp_path, cache=tmp_path / "c")
    assert answer.code == 2
    assert "inputs.images is missing; give --images" in answer.err
    answer = inside("train", "overlap", "--backbone", "classic", "--images", "nowhere", cwd=tmp_path, cache=tmp_path)
    assert answer.code == 3
    assert "nowhere" in answer.complaint


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_the_command_killed_goes_on_and_ends_the_same(run, tmp_path):
    config, _, _ = run
    words = ("--quiet", *WORDS, "--images", config.inputs.images, "--set", "data.max_overlap=1.0")
    whole = finished(started(*words, "--out", "whole", cwd=tmp_path, home=tmp_path))
    assert whole.code == 0, whole.err
    process = started(*words, "--out", "killed", cwd=tmp_path, home=tmp_path)
    end = time.monotonic() + 120
    while process.poll() is None and not (tmp_path / "killed" / STATE).exists() and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    finished(process)
    assert not (tmp_path / "killed" / "run.yaml").exists()
    again = finished(started(*words, "--out", "killed", cwd=tmp_path, home=tmp_path))
    assert again.code == 0, again.err
    for name in ("head.safetensors", "losses.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
