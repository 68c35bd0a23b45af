"""What ran, on what, with which parts."""

import hashlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import dinosar
from dinosar.config import CompareConfig, FeaturesConfig, Part, TransferConfig
from dinosar.data import Photo
from dinosar.parts import build
from dinosar.record import LIBRARIES, environment, file_facts, part_facts, photo_facts, record_text, relocated
from dinosar.settings import Layers, add_file, settle
from dinosar.yaml_files import parse_yaml


def test_a_photo_is_recorded_as_it_was_named_and_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = Photo(np.zeros((4, 6, 3), np.uint8), "a", Path("sub/../a.jpg"), "0123", notes=("turned",))
    assert photo_facts(photo, "sub/../a.jpg") == {
        "given": "sub/../a.jpg",
        "absolute": str(tmp_path.resolve() / "a.jpg"),
        "sha256": "0123",
        "width": 6,
        "height": 4,
        "notes": ["turned"],
    }
    assert photo_facts(Photo(np.zeros((4, 6, 3), np.uint8), "a"), "a")["absolute"] is None


def test_a_part_is_recorded_with_its_origin_and_what_it_says_of_itself():
    facts = part_facts(build("backbone", Part(use="classic")))
    assert facts["use"] == "classic"
    assert facts["target"] == "dinosar.backbones.classic:Classic"
    assert (facts["package"], facts["version"]) == ("dinosar", version("dinosar"))
    assert facts.items() >= build("backbone", Part(use="classic")).facts().items()


def test_a_part_that_is_not_installed_is_recorded_as_such(stranger):
    target = stranger.part(
        "Masker", "def mask(self, photo, features): return None\ndef facts(self): return {'id': 'x'}"
    )
    facts = part_facts(build("masker", Part(use=target)))
    assert facts == {"use": target, "target": target, "package": "(not installed)", "version": "?", "id": "x"}


def test_the_environment_names_the_libraries_in_use_and_no_others(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", np)
    monkeypatch.delitem(sys.modules, "rembg", raising=False)
    found = environment()
    assert found["dinosar"] == dinosar.__version__
    assert found["python"] == platform.python_version()
    assert found["libraries"]["numpy"] == np.__version__
    assert "rembg" not in found["libraries"]
    assert set(found["libraries"]) <= {name for names in LIBRARIES.values() for name in names}


def compare_config(**change):
    return settle(CompareConfig, Layers().add({"backbone": "classic", **change}, "here"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("photos/a.jpg", "../../photos/a.jpg"), ("runs/one/a.jpg", "a.jpg"), ("../a.jpg", "../../../a.jpg")],
)
def test_inputs_are_named_relative_to_the_record(given, wanted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = compare_config(inputs={"a": given, "b": str(tmp_path / "b.jpg"), "a_px_per_mm": 12.5})
    plain = relocated(config, Path("runs/one"))
    others = {"keypoints": None, "consensus": None, "b_px_per_mm": None}
    assert plain["inputs"] == {"a": wanted, "b": "../../b.jpg", "a_px_per_mm": 12.5, **others}
    assert {**plain, "inputs": None} == {**config.model_dump(mode="json"), "inputs": None}


def test_inputs_on_another_drive_are_named_in_full(tmp_path, monkeypatch):
    def other_drive(*_):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr("dinosar.record.os.path.relpath", other_drive)
    config = settle(FeaturesConfig, Layers().add({"backbone": "classic", "inputs": {"image": "a.jpg"}}, "here"))
    assert relocated(config, tmp_path)["inputs"]["image"] == str(Path("a.jpg").resolve())


def test_a_record_is_a_config_with_a_status_and_facts(tmp_path):
    config = compare_config(inputs={"a": "a.jpg", "b": "b.jpg"}, masker={"use": "threshold", "ring": 0.1}, seed=7)
    facts = {"result": {"distance": 0.25, "note": "no"}, "outputs": {"a.png": "0123"}}
    text = record_text(config.model_dump(mode="json"), "done", facts, "run.yaml")
    assert text.startswith("# ")
    assert "dinosar rerun run.yaml" in text.splitlines()[0]
    value = parse_yaml(text, "run.yaml").value
    assert (value["status"], value["record"]) == ("done", facts)
    (tmp_path / "run.yaml").write_text(text, encoding="utf-8")
    found = settle(CompareConfig, add_file(Layers(), str(tmp_path / "run.yaml")))
    assert found.model_copy(update={"inputs": config.inputs}) == config
    assert found.inputs.a == str(tmp_path / config.inputs.a), "a record names files relative to itself"


def test_a_photo_whose_name_is_no_text_can_be_recorded(tmp_path):
    photo = Photo(np.zeros((4, 6, 3), np.uint8), "a", tmp_path / "a\udcff.jpg", "0123")
    text = record_text({}, "done", {"inputs": {"a": photo_facts(photo, str(photo.path))}}, "run.yaml")
    assert text.encode()
    assert parse_yaml(text, "run.yaml").value["record"]["inputs"]["a"]["width"] == 6


def test_a_file_is_recorded_with_its_sum(tmp_path):
    (tmp_path / "k.json").write_text("{}")
    facts = file_facts(str(tmp_path / "k.json"))
    assert facts["sha256"] == hashlib.sha256(b"{}").hexdigest()
    assert facts["absolute"] == str(tmp_path / "k.json")


def test_a_folder_of_landmark_files_is_recorded_with_one_sum_of_all(tmp_path):
    for name in ("a.mrk.json", "b.mrk.json", "photo.jpg"):
        (tmp_path / name).write_text(name)
    before = file_facts(str(tmp_path))["sha256"]
    (tmp_path / "photo.jpg").write_text("another")  # no landmarks
    assert file_facts(str(tmp_path))["sha256"] == before
    (tmp_path / "b.mrk.json").write_text("another")
    assert file_facts(str(tmp_path))["sha256"] != before


def test_any_other_folder_is_recorded_with_one_sum_of_names_and_sizes(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.jpg").write_text("1")
    before = file_facts(str(tmp_path))["sha256"]
    assert file_facts(str(tmp_path))["sha256"] == before
    (tmp_path / "deep" / "a.jpg").write_text("12")
    assert file_facts(str(tmp_path))["sha256"] != before
    (tmp_path / "deep" / "a.jpg").write_text("1")
    (tmp_path / "b.jpg").write_text("")
    assert file_facts(str(tmp_path))["sha256"] != before


def test_lists_of_inputs_are_named_relative_to_the_record_too(tmp_path):
    inputs = {"references": ["a.jpg", "b.jpg"], "keypoints": ["k.json"], "targets": ["sub/c.jpg"]}
    config = settle(TransferConfig, Layers().add({"backbone": "classic", "masker": "whole", "inputs": inputs}, "here"))
    assert relocated(config, Path("runs/one"))["inputs"] == {
        "references": ["../../a.jpg", "../../b.jpg"], "keypoints": ["../../k.json"], "targets": ["../../sub/c.jpg"],
    }  # fmt: skip
