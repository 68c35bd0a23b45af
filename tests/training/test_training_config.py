"""The original's training files are understood; what cannot be had is refused with the reason, and never ignored."""

import logging

import pytest
from original_words import FAST, SLOW

from dinosar import presets
from dinosar.config.training import TrainConfig
from dinosar.config.training_words import NOTED, ONLY, REFUSED
from dinosar.errors import UsageError
from dinosar.settings import Layers, add_file, settle
from dinosar.train_job import fit_options


def settled(tmp_path, text, **more):
    file = tmp_path / "conf.yaml"
    file.write_text(text)
    layers = add_file(Layers(), str(file)).add({"backbone": "classic", **more}, "here")
    return settle(TrainConfig, layers)


def test_the_originals_slow_file_is_read(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "dinosar"):
        config = settled(tmp_path, SLOW)
    assert config.inputs.model_dump(exclude_none=True) == {
        "images": "mega/", "train_scenes": "train_scenes.txt", "val_scenes": "valid_scenes.txt"
    }  # fmt: skip
    assert config.image.size == 224
    assert (config.data.name, config.data.train_num_per_scene, config.data.val_num_per_scene) == (
        "megadepth", [200, 200], [150, 150]
    )  # fmt: skip
    assert (config.data.photometric.name, config.data.photometric.p, config.data.aug) == ("flip", 0.95, True)
    assert (config.model.matcher.input_dim, config.model.matcher.dropout_prob) == (1024, 0.5)
    options = fit_options(config)
    assert (options.epochs, options.lr, options.batch_size, options.full_epochs) == (30, 1e-4, 32, 10)
    assert options.rate(29) == pytest.approx(1e-6)
    for told in ("data.num_workers", "data.info_dir", "model.name", "train.median_metrics",
                 "data.preprocessing.square_pad"):  # fmt: skip
        assert f"{told} is passed over" in caplog.text
    assert config.model.extractor.descriptor.weights == "dinov2_vitl14"
    assert config.data.preprocessing.square_pad is True


def test_the_originals_fast_file_is_read(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "dinosar"):
        config = settled(tmp_path, FAST)
    assert "square_pad" not in caplog.text
    assert "data.train_split is passed over: the pairs are those of the lists" in caplog.text
    assert config.inputs.train_scenes is None
    assert config.inputs.labels == "labels/"
    assert (config.inputs.train_pairs, config.inputs.val_pairs) == ("train_pairs.txt", "test_pairs.txt")
    assert config.data.train_num_per_scene is None


def test_what_is_read_is_written_and_read_again(tmp_path):
    config = settled(tmp_path, SLOW)
    again = TrainConfig.model_validate_json(config.model_dump_json(), strict=True)
    assert again == config


def test_a_folder_named_on_the_command_line_counts(tmp_path):
    assert settled(tmp_path, SLOW, inputs={"images": "other"}).inputs.images == "other"


EVERY = [(section, key) for section, keys in REFUSED.items() for key in keys]


@pytest.mark.parametrize(("section", "key"), EVERY, ids=lambda word: word)
def test_what_cannot_be_had_is_refused_with_the_reason(tmp_path, section, key):
    values = {"inputs": {"images": "x"}}
    inner = values
    for step in section.split("."):
        inner[step] = inner = {}
    inner[key] = 4
    with pytest.raises(UsageError) as caught:
        settle(TrainConfig, Layers().add({**values, "backbone": "classic"}, "here"))
    assert str(caught.value) == f"here: {section}.{key}: cannot be had: {REFUSED[section][key]}"


SINGLE = [(section, key) for section, keys in ONLY.items() for key in keys]


def with_one(section, key, value):
    """Settings of a training of which one key says something."""
    values = {"inputs": {"images": "x"}, "backbone": "classic"}
    inner, (*steps, last) = values, f"{section}.{key}".split(".")
    for step in steps:
        inner[step] = inner = {}
    inner[last] = value
    return settle(TrainConfig, Layers().add(values, "here"))


@pytest.mark.parametrize(("section", "key"), SINGLE, ids=lambda word: word)
@pytest.mark.parametrize("other", [3, False, "sgd"])
def test_where_there_is_one_value_others_are_refused_with_the_reason(section, key, other):
    known, why = ONLY[section][key]
    with pytest.raises(UsageError) as caught:
        with_one(section, key, other)
    assert str(caught.value) == f"here: {section}.{key}: cannot be had: {why}"
    for value in known:
        with_one(section, key, value)


@pytest.mark.parametrize(("section", "key"), EVERY, ids=lambda word: word)
@pytest.mark.parametrize("off", [False, None, 0])
def test_what_is_switched_off_is_no_mistake(section, key, off):
    values = {"inputs": {"images": "x"}, "backbone": "classic"}
    inner = values
    for step in section.split("."):
        inner[step] = inner = {}
    inner[key] = off
    assert settle(TrainConfig, Layers().add(values, "here")) == settle(
        TrainConfig, Layers().add({"inputs": {"images": "x"}, "backbone": "classic"}, "here")
    )


def test_what_is_passed_over_is_told(caplog):
    for section, keys in NOTED.items():
        for key in keys:
            values = {"inputs": {"images": "x"}, "backbone": "classic"}
            inner = values
            for step in (section + "." + key).split(".")[:-1]:
                inner[step] = inner = {}
            inner[key.split(".")[-1]] = ["something"]
            caplog.clear()
            with caplog.at_level(logging.INFO, "dinosar"):
                settle(TrainConfig, Layers().add(values, "here"))
            assert f"{section}.{key} is passed over: {keys[key]}" in caplog.text


def test_a_refused_key_is_told_with_its_line(tmp_path):
    text = SLOW.replace("  one_to_one: true", "  p_rotate: 0.2").replace("  submodules: []", "  tensorboard: true")
    with pytest.raises(UsageError) as caught:
        settled(tmp_path, text)
    lines = text.splitlines()
    first, *mistakes = str(caught.value).splitlines()
    assert first == "2 mistakes:"
    assert mistakes[0].startswith(f"conf.yaml, line {lines.index('  p_rotate: 0.2') + 1}: data.p_rotate: cannot be had")
    assert f"conf.yaml, line {lines.index('  tensorboard: true') + 1}: train.tensorboard: cannot be" in mistakes[1]


LISTED = {"name": "megadepth_easy", "train_num_per_scene": None, "val_num_per_scene": None}


@pytest.mark.parametrize(("values", "key", "why"), [
    ({"data": {"roma_supervision": True}}, "data.roma_supervision", "files of labels"),
    ({"data": {"combine": True}}, "data.combine", "files of labels"),
    ({"data": {"name": "megadepth", "roma_supervision": True}}, "data.roma_supervision", "files of labels"),
    ({"data": {"ccth": 3.0}}, "data.ccth", "have no depths"),
    ({"data": {"depth_tolerance": 0.1}}, "data.depth_tolerance", "have no depths"),
    ({"data": {**LISTED, "ccth": 3.0}}, "data.ccth", "come from the file"),
    ({"data": {"name": "megadepth", "warps": {"views": 9}}}, "data.warps", "only data.name: warps"),
    ({"data": {**LISTED, "across_scenes": True}}, "data.across_scenes", "those of the lists"),
    ({"data": {**LISTED, "train_num_per_scene": [2, 2]}}, "data.train_num_per_scene", "those of the lists"),
    ({"data": {**LISTED, "min_overlap": 0.2}}, "data.min_overlap", "those of the lists"),
    ({"data": {"reseed": True}}, "data.reseed", "name is identity"),
    ({"data": {"reseed": True, "photometric": {"name": "flip"}, "aug": False}}, "data.reseed", "data.aug is false"),
    ({"data": {"reseed": True, "photometric": {"name": "flip", "p": 0.0}}}, "data.reseed", "its p is 0"),
    ({"inputs": {"images": "x", "labels": "y"}}, "inputs.labels", "megadepth_easy alone"),
    ({"data": {"name": "megadepth"}, "inputs": {"images": "x", "val_pairs": "y"}}, "inputs.val_pairs", "alone"),
    ({"data": {"name": "megadepth", "gt_label_path": "y"}}, "data.gt_label_path", "megadepth_easy alone"),
    ({"data": LISTED, "inputs": {"images": "x", "train_scenes": "y"}}, "inputs.train_scenes", "those of the lists"),
    ({"data": LISTED, "train": {"dataset_callback_fn": "sample_new_items"}}, "train.dataset_callback_fn", "the list"),
    ({"train": {"temperature": 0.2}}, "train.temperature", "infonce"),
    ({"train": {"loss": "infonce"}, "model": {"matcher": {"n": 4}}}, "model.matcher.n", "contrastive"),
    ({"data": {**LISTED, "preprocessing": {"square_pad": False}}}, "data.preprocessing.square_pad", "padded to"),
])  # fmt: skip
def test_what_would_have_no_effect_is_refused_at_its_own_key(values, key, why):
    with pytest.raises(UsageError) as caught:
        settle(TrainConfig, Layers().add({"inputs": {"images": "x"}, "backbone": "classic", **values}, "here"))
    message = str(caught.value)
    assert message.startswith(f"here: {key}: ")
    assert why in message
    assert "\n" not in message


@pytest.mark.parametrize("values", [
    {"data": {"name": "megadepth", "ccth": 3.0, "preprocessing": {"square_pad": False}}},
    {"data": {**LISTED, "roma_supervision": True, "combine": True, "preprocessing": {"square_pad": True}}},
    {"data": {"warps": {"views": 9}, "train_num_per_scene": [3, 3], "preprocessing": {"square_pad": False}}},
    {"data": {"reseed": True, "photometric": {"name": "flip"}},
     "train": {"loss": "infonce", "temperature": 0.2, "dataset_callback_fn": "sample_new_items"}},
    {"train": {"loss": "contrastive"}, "model": {"matcher": {"n": 4}}},
])  # fmt: skip
def test_what_has_an_effect_is_taken_and_read_again(values):
    config = settle(TrainConfig, Layers().add({"inputs": {"images": "x"}, "backbone": "classic", **values}, "here"))
    again = settle(TrainConfig, Layers().add(config.model_dump(mode="json"), "a record"))
    assert again == config


@pytest.mark.parametrize(("values", "told"), [
    ({"model": {"extractor": {"trainable": True}}}, "model.extractor.trainable: only the head learns"),
    ({"model": {"extractor": {"descriptor": {"trainable": True}}}}, "descriptor.trainable: only the head learns"),
    ({"model": {"extractor": {"descriptor": {"name": "backbones.resnet"}}}}, "model.extractor.descriptor.name"),
    ({"model": {"extractor": {"detector": {"cell": 14}}}}, "unknown key 'cell'"),
    ({"train": {"dataset_callback_fn": "shuffle"}}, "train.dataset_callback_fn: input should be 'sample_new_items'"),
    ({"data": {"photometric": {"name": "rotate"}}}, "data.photometric.name: input should be 'flip', 'dark'"),
    ({"data": {"photometric": {"difficulty": 1.0}}}, "unknown key 'difficulty'"),
    ({"data": {"one_to_one": False}}, "data.one_to_one"),
    ({"data": {"views": 3}}, "data.views"),
    ({"data": {"min_overlap": 0.5, "max_overlap": 0.4}}, "greater than data.min_overlap"),
    ({"data": {"train_num_per_scene": [1]}}, "data.train_num_per_scene"),
    ({"data": {"warps": {"sides": [0.5, 0.2]}}}, "least and the greatest share"),
    ({"train": {"optimizer": "sgd"}}, "train.optimizer"),
    ({"train": {"lr_schedule": {"on_epoch": False}}}, "train.lr_schedule.on_epoch"),
    ({"train": {"epochz": 3}}, "unknown key 'epochz'; did you mean 'epochs'?"),
    ({"model": {"matcher": {"name": "lightglue"}}}, "model.matcher.name"),
])  # fmt: skip
def test_mistakes_are_named(values, told):
    with pytest.raises(UsageError) as caught:
        settle(TrainConfig, Layers().add({"inputs": {"images": "x"}, "backbone": "classic", **values}, "here"))
    assert told in str(caught.value)


def test_lg_is_lightglue():
    values = {"inputs": {"images": "x"}, "backbone": "classic", "data": {"photometric": {"name": "lg"}}}
    assert settle(TrainConfig, Layers().add(values, "here")).data.photometric.name == "lightglue"


@pytest.mark.parametrize("name", ["overlap_warps", "overlap_megadepth"])
def test_presets_say_only_what_differs(name):
    layers = add_file(Layers(), name, TrainConfig.model_fields)
    given = layers.add({"inputs": {"images": "x"}, "backbone": "classic"}, "here")
    config = settle(TrainConfig, given)
    plain = settle(TrainConfig, Layers().add({"inputs": {"images": "x"}, "backbone": "classic"}, "here"))
    assert config != plain
    assert presets.presets()[name].stem == name
