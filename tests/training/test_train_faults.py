"""What goes wrong before and within a training: nothing is mixed, nothing is in the way of the corrected command."""

import json
import logging
import shutil

import pytest
from command_line import inside
from small_training import SMALL, SQUARES, carried, config_of, draw, interrupted
from trees import draw_megadepth

from dinosar.errors import ConflictError, InputError, UsageError
from dinosar.train_job import STATE
from dinosar.yaml_files import read_yaml


def torn(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def outputs(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".csv", ".safetensors")}


@pytest.fixture
def half_done(photographs, tmp_path, monkeypatch):
    """A training that was interrupted after it had learned something: its config and its folder."""
    config = config_of(photographs)
    interrupted(config, tmp_path / "run", monkeypatch, 45)
    return config, tmp_path / "run"


def test_a_photograph_that_changed_stops_what_was_interrupted(half_done, photographs):
    config, out = half_done
    before = (out / STATE).read_bytes()
    draw(photographs, [2]).joinpath("photo 2.png").write_bytes((photographs / "photo 4.png").read_bytes())
    with pytest.raises(ConflictError, match=r"other files: 'photo 2\.png' has changed; .*--overwrite"):
        carried(config, out)
    assert (out / STATE).read_bytes() == before
    draw(photographs, [2])  # as it was
    assert carried(config, out).result["steps"]


def test_a_photograph_that_has_come_or_gone_stops_it_and_overwrite_begins_anew(half_done, photographs, tmp_path):
    config, out = half_done
    draw(photographs, [7])
    with pytest.raises(ConflictError, match=r"'the pairs drawn' has changed, 'photo 7\.png' is new"):
        carried(config, out)
    (photographs / "photo 7.png").unlink()
    (photographs / "photo 3.png").unlink()
    with pytest.raises(ConflictError, match=r"'photo 3\.png' is gone"):
        carried(config, out)
    carried(config, out, overwrite=True)
    carried(config, tmp_path / "new")
    assert outputs(out) == outputs(tmp_path / "new")


def test_depths_and_cameras_that_changed_stop_it(tmp_path, monkeypatch):
    draw_megadepth(tmp_path / "mega", scenes=("0001", "0002"), count=3)
    config = config_of(tmp_path / "mega", data={"name": "megadepth", "across_scenes": False})
    interrupted(config, tmp_path / "run", monkeypatch, 22)
    depths = tmp_path / "mega/depth_undistorted/0001"
    shutil.copy(depths / "2.h5", depths / "1.h5")
    with pytest.raises(ConflictError, match=r"0001/images/1\.jpg \(depth\)' has changed"):
        carried(config, tmp_path / "run")
    draw_megadepth(tmp_path / "mega", scenes=("0001", "0002"), count=3)
    shutil.copy(tmp_path / "mega/scene_info/0002.npz", tmp_path / "kept.npz")
    moved_by(tmp_path / "mega/scene_info/0002.npz", 0.01)
    with pytest.raises(ConflictError, match=r"0002/images/1\.jpg \(camera and pose\)'.* have changed"):
        carried(config, tmp_path / "run")
    shutil.copy(tmp_path / "kept.npz", tmp_path / "mega/scene_info/0002.npz")
    assert carried(config, tmp_path / "run").result["steps"]


def moved_by(scene, far):
    """Move every camera of a scene."""
    import numpy as np

    with np.load(scene, allow_pickle=True) as file:
        arrays = dict(file)
    for pose in arrays["poses"]:
        if pose is not None:
            pose[0, 3] += far
    np.savez(scene, **arrays)


@pytest.mark.parametrize(("wrong", "error"), [
    ({"mixed_precision": "float16"}, UsageError),
    ({"lr": 1e30}, InputError),
    ({"lr": 1e30, "log_every_iter": 1000, "save_every_iter": 1}, InputError),
])  # fmt: skip
def test_what_failed_before_anything_was_learned_is_in_nobodys_way(photographs, tmp_path, wrong, error):
    out = tmp_path / "run"
    with pytest.raises(error):
        carried(config_of(photographs, train={**SMALL["train"], **wrong}), out)
    assert not (out / STATE).exists()
    carried(config_of(photographs), out)
    carried(config_of(photographs), tmp_path / "new")
    assert outputs(out) == outputs(tmp_path / "new")


def test_what_was_stopped_before_the_first_state_is_in_nobodys_way(photographs, tmp_path, monkeypatch):
    config = config_of(photographs)
    interrupted(config, tmp_path / "run", monkeypatch, 6)
    other = config_of(photographs, train={**SMALL["train"], "lr": 0.01})
    assert carried(other, tmp_path / "run").result["head"] == carried(other, tmp_path / "new").result["head"]


@pytest.mark.parametrize("save_every", [1, 1000])
def test_a_loss_that_fails_late_keeps_what_was_learned(photographs, tmp_path, monkeypatch, save_every):
    from dinosar.training.learning import Learner

    learn = Learner.learn

    def failing(self, examples, whole, epoch, batch):
        return [float("nan")] * 6 if epoch == 2 else learn(self, examples, whole, epoch, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Learner, "learn", failing)
        with pytest.raises(InputError, match="lower the learning rate"):
            carried(config_of(photographs, train={**SMALL["train"], "save_every_iter": save_every}), tmp_path / "run")
    assert len(list((tmp_path / "run/heads").iterdir())) == 2
    assert bool((tmp_path / "run" / STATE).stat().st_size) == (save_every == 1)
    with pytest.raises(ConflictError, match="begun with other options"):
        carried(config_of(photographs, train={**SMALL["train"], "lr": 0.01}), tmp_path / "run")


def test_torn_photographs_are_left_out_and_told(photographs, tmp_path, caplog):
    whole = carried(config_of(photographs), tmp_path / "whole")
    torn(draw(photographs, [8]) / "photo 8.png")
    (photographs / "photo 9.jpg").write_bytes(b"")
    done = carried(config_of(photographs), tmp_path / "run")
    assert (done.status, done.result["photos"], done.result["photos_left_out"]) == ("partial", 7, 2)
    rows = (tmp_path / "run/errors.csv").read_text().splitlines()
    assert rows[0] == "name,error"
    assert [row.split(",")[0] for row in rows[1:]] == ["photo 8.png", "photo 9.jpg"]
    assert "2 of 7 photographs cannot be read and are left out (the first is 'photo 8.png')" in caplog.text
    assert read_yaml(tmp_path / "run/run.yaml").value["status"] == "partial"
    assert whole.status == "done"
    assert not (tmp_path / "whole/errors.csv").exists()


def test_torn_depths_leave_their_photograph_out(tmp_path):
    draw_megadepth(tmp_path / "mega", scenes=("0001", "0002", "0003"), count=4)
    torn(tmp_path / "mega/depth_undistorted/0001/2.h5")
    torn(tmp_path / "mega/Undistorted_SfM/0002/images/1.jpg")
    (tmp_path / "mega/Undistorted_SfM/0002/images/2.jpg").write_bytes(b"")
    config = config_of(tmp_path / "mega", data={"name": "megadepth", "val_split": ["0003"], "across_scenes": False})
    done = carried(config, tmp_path / "run")
    places = ("0001/images/2", "0002/images/1", "0002/images/2")
    assert sorted(done.noun[1]) == [f"Undistorted_SfM/{place}.jpg" for place in places]
    assert "2.h5" in done.noun[1]["Undistorted_SfM/0001/images/2.jpg"]


def test_too_few_whole_photographs_are_told(photographs, tmp_path):
    for path in photographs.iterdir():
        torn(path)
    with pytest.raises(InputError, match="not one of the 5 photographs can be read"):
        carried(config_of(photographs), tmp_path / "run")
    assert not (tmp_path / "run").exists()


WORDS = ("train", "overlap", "--backbone", "classic", "--size", "96", "--epochs", "1", "--no-figures", "--set",
         "data.train_num_per_scene=[4, 2]", "--set", "train.keep_last_checkpoints=0")  # fmt: skip


def test_the_command_ends_with_4_where_photographs_were_left_out(photographs, tmp_path):
    torn(photographs / "photo 1.png")
    words = (*WORDS, "--json", "-c", "overlap_warps", "--images", photographs, "--out", "run")
    answer = inside(*words, cwd=tmp_path, cache=tmp_path / "c")
    assert answer.code == 4
    assert json.loads(answer.out)["photos_left_out"] == 1
    assert "1 of 5 photographs were left out; errors.csv names them all" in answer.err
    assert answer.err.count("are left out (") + answer.err.count("is left out (") == 1
    assert answer.err.count("failed: photo 1.png: ") == 1


def test_a_head_that_learned_nothing_is_told(photographs, tmp_path, caplog):
    nothing = {**SMALL["train"], "epochs": 1, "lr": 1e-12, "eval_every_iter": 100}
    config = config_of(photographs, train=nothing, model={"matcher": {"descriptor_dim": 8, "dropout_prob": 0.0}})
    done = carried(config, tmp_path / "run")
    assert done.result["validation"][1]["step"] == 0
    assert "nothing was learned, and head.safetensors is the head as it began" in caplog.text
    record = read_yaml(tmp_path / "run/run.yaml").value["record"]
    assert record["result"]["learned"] is False
    assert any("nothing was learned" in line for line in record["warnings"])
    caplog.clear()
    assert carried(config_of(photographs), tmp_path / "other").result["learned"] is True
    assert "nothing was learned" not in caplog.text


def test_fewer_pairs_than_were_asked_for_are_told(photographs, tmp_path, caplog):
    asked = {**SMALL["data"], "train_num_per_scene": [40, 40], "across_scenes": False, "train_split": ["photo 0.png"]}
    carried(config_of(photographs, data=asked), tmp_path / "run")
    assert "of 40 pairs that overlap were drawn to learn from (data.train_num_per_scene x 1 scene)" in caplog.text
    assert "of 40 pairs that share nothing were drawn to learn from" in caplog.text
    assert "data.across_scenes: true" in caplog.text
    caplog.clear()
    few = {**SMALL["data"], "train_num_per_scene": [1, 2], "val_num_per_scene": [1, 2]}
    carried(config_of(photographs, data=few), tmp_path / "enough")
    assert "were drawn" not in caplog.text


def test_one_photograph_alone_is_told_once(tmp_path, caplog):
    carried(config_of(draw(tmp_path / "one", [0])), tmp_path / "run")
    assert caplog.text.count("last weights are taken for the best") == 1


@pytest.mark.parametrize(("extractor", "told"), [
    ({"descriptor": {"weights": "dinov2_vitl14"}}, "the backbone is classic-v1; say --backbone dinov2 --model vitl14"),
    ({"detector": {"cell_size": 14}}, "cell_size is 14, and patches of classic-v1 have 16 px"),
])  # fmt: skip
def test_another_network_than_the_file_names_is_refused(photographs, tmp_path, extractor, told):
    with pytest.raises(UsageError) as caught:
        carried(config_of(photographs, model={"extractor": extractor}), tmp_path / "run")
    assert told in str(caught.value)
    same = {"descriptor": {"weights": "classic-v1"}, "detector": {"cell_size": 16}}
    assert carried(config_of(photographs, model={**SMALL["model"], "extractor": same}), tmp_path / "run").result


def test_other_pairs_are_drawn_in_every_epoch_where_that_is_asked_for(photographs, tmp_path):
    from dinosar.parts import build_backbone
    from dinosar.training.material import material

    few = {**SMALL["data"], "train_num_per_scene": [2, 1]}
    for asked, same in ((None, True), ("sample_new_items", False)):
        config = config_of(photographs, data=few, train={**SMALL["train"], "dataset_callback_fn": asked})
        found = material(config, build_backbone(config.backbone))
        first, second = (list(found.training.pairs(epoch)) for epoch in range(2))
        assert (first == second) is same
        assert len(first) == len(second)
    carried(config, tmp_path / "run")


def test_lists_of_which_a_picture_is_torn(tmp_path, caplog):
    h5py = pytest.importorskip("h5py")
    import numpy as np

    folder = draw(tmp_path / "photos", range(4))
    names = [f"{name}.png" for name in "abcd"]
    for number, name in enumerate(names):
        (folder / f"photo {number}.png").rename(folder / name)
    torn(folder / "d.png")
    pairs = [(names[0], names[1]), (names[1], names[2]), (names[0], names[3])]
    (tmp_path / "pairs.txt").write_text("".join(f"{a} {b} 0.4\n" for a, b in pairs))
    with h5py.File(tmp_path / "labels.h5", "w") as file:
        for number, (a, b) in enumerate(pairs):
            file[f"{a}_{b}/gt_labels"] = np.eye(36, dtype=np.int16)[None] * (number != 1)
    named = {"labels": str(tmp_path / "labels.h5"), "train_pairs": str(tmp_path / "pairs.txt")}
    config = config_of(folder, data={"name": "megadepth_easy", **SQUARES}, inputs={"images": str(folder), **named})
    with caplog.at_level(logging.WARNING):
        done = carried(config, tmp_path / "run")
    assert (done.status, done.result["pairs"], done.result["pairs_without_labels"]) == ("partial", 2, 1)
    assert "the tables of 1 of 2 pairs that overlap are empty (the first is that of 'b.png' and 'c.png')" in caplog.text
    assert caplog.text.count("'b.png' and 'c.png'") == 1
