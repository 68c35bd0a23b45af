"""From layers of settings to a config, or every mistake at once."""

import contextlib
import copy
from pathlib import Path

import pytest

from dinosar import presets as presets_module
from dinosar.config import CompareConfig, DistanceConfig, FeaturesConfig, TrainConfig
from dinosar.errors import DinosarError, UsageError
from dinosar.presets import preset_path, presets
from dinosar.settings import Layers, add_assignments, add_file, add_value, settle
from dinosar.yaml_files import write_yaml

INPUTS = {"inputs": {"a": "a.jpg", "b": "b.jpg"}, "backbone": "classic"}


@pytest.fixture
def written(tmp_path):
    """Writes a config file; returns its name."""

    def write(text, name="my.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return write


@pytest.fixture
def preset(tmp_path, monkeypatch):
    """Writes a preset into the folder where presets are looked for."""
    (tmp_path / "dinosar" / "configs").mkdir(parents=True)
    monkeypatch.setattr(presets_module, "files", lambda package: tmp_path / package)

    def write(name, text):
        (tmp_path / "dinosar" / "configs" / f"{name}.yaml").write_text(text, encoding="utf-8")

    return write


def layers(*assignments, **values):
    return add_assignments(Layers().add({**INPUTS, **values}, "here"), assignments)


def settled(*assignments, **values):
    return settle(CompareConfig, layers(*assignments, **values))


def mistakes(*assignments, model=CompareConfig, **values):
    with pytest.raises(UsageError) as caught:
        settle(model, layers(*assignments, **values))
    return str(caught.value).splitlines()


def test_without_settings_every_default_is_filled_in():
    config = settled()
    assert config.image.size == 512
    assert config.backbone.model_dump() == {"use": "classic", "step": 16}
    assert config.masker.model_dump() == {"use": "grabcut", "iterations": 4, "ring": 0.03, "shadow": 18.0, "side": 512}
    assert config.matcher.use == "similarity"


def test_flags_go_over_files_over_presets_over_defaults(preset, written):
    preset("base", "seed: 1\nimage:\n  size: 128\n  crop: false\nscores: {tail: 0.1}\n")
    found = Layers().add(INPUTS, "here")
    add_file(found, "base")
    add_file(found, written("image: {size: 256}\nscores: {tail: 0.2}"))
    add_value(found, "scores.tail", 0.25, "--tail")
    config = settle(CompareConfig, found)
    assert (config.seed, config.image.size, config.image.crop, config.scores.tail) == (1, 256, False, 0.25)
    assert config.image.fit == "letterbox"


def test_an_option_alone_belongs_to_the_part_that_is_used_anyway(written):
    assert settled("masker.iterations=6").masker.model_dump()["iterations"] == 6
    config = settle(CompareConfig, add_file(layers(), written("masker:\n  iterations: 7")))
    assert (config.masker.use, config.masker.options["iterations"]) == ("grabcut", 7)


def test_naming_another_part_drops_the_options_of_the_former():
    found = layers(masker={"use": "grabcut", "iterations": 9, "ring": 0.2})
    found.add({"masker": "threshold"}, "--masker")
    assert settle(CompareConfig, found).masker.model_dump() == {
        "use": "threshold", "polarity": "any", "ring": 0.03, "shadow": 18.0, "side": 1024,
    }  # fmt: skip


@pytest.mark.parametrize("again", ["threshold", {"use": "threshold"}, {"polarity": "darker"}])
def test_naming_the_same_part_again_keeps_its_options(again):
    found = layers(masker={"use": "threshold", "ring": 0.2})
    found.add({"masker": again}, "--masker")
    assert settle(CompareConfig, found).masker.options["ring"] == 0.2


def test_options_given_with_another_part_are_its_own():
    found = layers(masker={"use": "grabcut", "ring": 0.2})
    found.add({"masker": {"use": "threshold", "side": 64}}, "--masker")
    assert settle(CompareConfig, found).masker.options == {"polarity": "any", "ring": 0.03, "shadow": 18.0, "side": 64}


def test_adding_a_layer_leaves_what_was_given_alone():
    given = {"masker": {"use": "grabcut", "iterations": 9}, "image": {"size": 64}}
    before = copy.deepcopy(given)
    add_assignments(Layers().add(given, "here"), ["masker=whole", "image.size=32"])
    assert given == before


def test_all_mistakes_of_a_file_are_told_together_with_file_and_line(written):
    name = written(
        "image:\n  size: big\n  fitt: letterbox\nmasker:\n  use: threshold\n  rin: 0.1\n  side: 1\nseeed: 3\n"
        "matcher: simliarity\nscores: {tail: true}\n"
    )
    with pytest.raises(UsageError) as caught:
        settle(CompareConfig, add_file(layers(), name))
    first, *rest = str(caught.value).splitlines()
    assert first == "7 mistakes:"
    assert len(rest) == 7
    for line, says in [
        (2, "image.size: input should be a valid integer, but got 'big'"),
        (3, "image: unknown key 'fitt'; did you mean 'fit'?"),
        (6, "masker 'threshold': unknown key 'rin'; did you mean 'ring'?"),
        (7, "masker 'threshold': side: input should be greater than or equal to 64, but got 1"),
        (8, "unknown key 'seeed'; did you mean 'seed'?"),
        (9, "no matcher named 'simliarity'; did you mean 'similarity'?"),
        (10, "scores.tail: input should be a valid number, but got True"),
    ]:
        assert f"my.yaml, line {line}: {says}" in rest


def test_two_mistakes_in_one_part_are_two_mistakes():
    first, *rest = mistakes("masker=threshold", "masker.ring=9", "masker.side=1")
    assert (first, len(rest)) == ("2 mistakes:", 2)


def test_a_mistake_names_the_layer_that_made_it(preset, written):
    preset("base", "\n\nimage: {size: 3}\nseed: 4")
    found = add_file(Layers().add(INPUTS, "here"), "base")
    add_file(found, written("mask:\n  share: 2"))
    add_value(found, "figures.dpi", 7, "--dpi")
    add_assignments(found, ["scores.tail=-1"])
    with pytest.raises(UsageError) as caught:
        settle(CompareConfig, found)
    for source in ("base.yaml, line 3: image.size", "my.yaml, line 2: mask.share", "--dpi: figures.dpi",
                   "--set scores.tail: scores.tail"):  # fmt: skip
        assert source in str(caught.value)


STRICT = [
    ("image.size", "true"), ("image.size", "'512'"), ("image.size", "512.5"), ("image.size", "512.0"),
    ("image.size", "null"), ("image.size", "[512]"), ("image.crop", "1"), ("image.crop", "no"),
    ("image.crop", "'true'"), ("scores.tail", "'0.3'"), ("scores.tail", "true"), ("scores.tail", "1e400"),
    ("image.fit", "1"), ("image.fit", "true"), ("seed", "1e400"), ("seed", "-1"), ("image", "5"), ("image", "null"),
    ("inputs.a", "5"), ("inputs.a", "null"), ("masker.iterations", "'4'"), ("masker.iterations", "true"),
    ("masker.ring", "'0.1'"), ("masker.ring", "1e400"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), STRICT)
def test_a_value_of_another_type_is_refused_by_name(name, value):
    (line,) = mistakes(f"{name}={value}")
    assert line.startswith(f"--set {name}: ")
    assert name.split(".")[-1] in line.split(": ", 1)[1]
    assert "but got" in line


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [("scores.tail", "1", 1.0), ("image.crop_margin", "0", 0.0), ("scores.tail", "1e-3", 0.001), ("seed", "7", 7),
     ("image.crop", "false", False), ("inputs.a", "'0123'", "0123"), ("inputs.a", "0123", "0123"),
     ("inputs.a", "no.jpg", "no.jpg"), ("inputs.a_px_per_mm", "12", 12.0), ("inputs.a_px_per_mm", "null", None)],
)  # fmt: skip
def test_a_value_that_can_be_meant_is_taken(name, value, found):
    config = settled(f"{name}={value}")
    for step in name.split("."):
        config = getattr(config, step)
    assert config == found
    assert type(config) is type(found) or isinstance(found, float)


@pytest.mark.parametrize("value", ["5", "null", "[whole]", "{ring: 0.1, use: 5}", "''", "{use: null}", "true"])
def test_what_names_no_part_is_refused(value):
    (line,) = mistakes(f"masker={value}")
    assert line.startswith("--set masker: masker must be a name, or a mapping with 'use: name', but is ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("image.size", "must look like part.option=value"),
        ("=5", "must look like part.option=value"),
        (" =5", "must look like part.option=value"),
        ("image.size=[1", "--set image.size, line"),
        ("image.size=*x", "aliases"),
        ("image.size=# 5", "is empty"),
    ],
)
def test_an_assignment_that_is_none_is_refused(text, says):
    with pytest.raises(UsageError, match="--set") as caught:
        add_assignments(Layers(), [text])
    assert says in str(caught.value)


def test_an_assignment_may_hold_equals_signs_blanks_and_nothing():
    found = add_assignments(Layers(), ["inputs.a=x=y.jpg", " seed = 5", "inputs.b="]).values
    assert found == {"inputs": {"a": "x=y.jpg", "b": ""}, "seed": 5}


def test_what_is_missing_is_said_to_be():
    with pytest.raises(UsageError) as caught:
        settle(CompareConfig, Layers().add({"backbone": "classic", "inputs": {"a": "a.jpg"}}, "here"))
    assert str(caught.value) == "here: inputs.b is missing"
    with pytest.raises(UsageError, match="^inputs is missing$"):
        settle(FeaturesConfig, Layers().add({"backbone": "classic"}, "here"))


def test_a_part_that_a_command_has_no_use_for_is_an_unknown_key():
    (line,) = mistakes(model=FeaturesConfig, inputs={"image": "a.jpg"}, matcher="similarity")
    assert line.startswith("here: unknown key 'matcher'; ")


def test_a_broken_part_is_told_with_where_it_was_named(stranger):
    target = stranger.part("Masker", "raise RuntimeError('no licence')")
    (line,) = mistakes(f"masker={target}")
    assert line.startswith(f"--set masker: masker '{target}'")
    assert line.endswith("did not load: RuntimeError: no licence")


def test_a_part_that_must_be_given_an_option_says_which():
    (line,) = mistakes("masker=file")
    assert line.endswith("masker 'file': path is missing")
    assert line.startswith("--set masker: ")


def test_a_file_name_that_is_no_text_is_taken_or_refused_by_name():
    odd = "a\udcff.jpg"
    with contextlib.suppress(UsageError):
        assert settled(inputs={"a": odd, "b": "b.jpg"}).inputs.a == odd
        return
    (line,) = mistakes(inputs={"a": odd, "b": "b.jpg"})
    assert line.startswith("here: inputs.a: ")
    assert line.isprintable()


@pytest.mark.parametrize("text", ["- a\n- b\n", "word", "5", "---\n"])
def test_a_file_without_settings_is_refused(text, written):
    with pytest.raises(UsageError, match=r"my\.yaml: must hold settings as 'key: value' lines"):
        add_file(Layers(), written(text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DinosarError, match=r"nothing\.yaml' cannot be read"):
        add_file(Layers(), str(tmp_path / "nothing.yaml"))


CONFIGS = [
    {},
    {"masker": {"use": "threshold", "polarity": "darker", "ring": 0.4}, "seed": 7},
    {"backbone": {"use": "classic", "step": 8}, "image": {"size": 64, "fit": "native", "crop_margin": 0}},
    {"inputs": {"a": "0123", "b": "no", "a_px_per_mm": 1e-3}, "scores": {"tail": 1e-7, "mode": "topk_mean"}},
    {"inputs": {"a": "ünï\n: #.jpg", "b": "~"}, "store": False, "figures": {"draw": False, "format": "svg"}},
    {"masker": {"use": "file", "path": "null"}, "mask": {"components": 0, "share": 0}},
    {"seed": 10**19},
]


@pytest.mark.parametrize("values", CONFIGS, ids=str)
def test_a_settled_config_written_and_read_again_is_the_same(values, written):
    config = settled(**values)
    plain = config.model_dump(mode="json")
    again = settle(CompareConfig, add_file(Layers(), written(write_yaml(plain))))
    assert again == config
    assert again.model_dump(mode="json") == plain


def test_a_record_is_a_config_whose_status_and_facts_are_ignored(written):
    config = settled(seed=7)
    plain = {**config.model_dump(mode="json"), "status": "done", "record": {"seconds": {"total": 1}, "nonsense": []}}
    record = written(write_yaml(plain), "run.yaml")
    found = settle(CompareConfig, add_file(Layers(), record))
    assert found.model_copy(update={"inputs": config.inputs}) == config
    assert Path(found.inputs.a) == Path(record).parent / config.inputs.a, "a record names files relative to itself"


def test_auto_is_settled_once_and_for_all():
    config = settle(CompareConfig, Layers().add({"inputs": INPUTS["inputs"]}, "here"))
    assert config.backbone.use == "classic"
    assert config.backbone.asked == "auto"
    assert settled(**config.model_dump(mode="json")).model_dump() == config.model_dump()


@pytest.mark.parametrize("name", ["base.yaml", "base.yml", "./base", "sub\\base", "../base"])
def test_what_looks_like_a_file_is_one(name, preset):
    preset("base", "seed: 1")
    assert str(preset_path(name)).replace("/", "\\").endswith(name.removeprefix("./").replace("/", "\\"))


def test_a_preset_is_found_by_its_stem_and_a_typo_answered(preset):
    preset("shells", "seed: 1")
    preset("beetles", "seed: 2")
    assert list(presets()) == ["beetles", "shells"]
    assert settle(CompareConfig, add_file(layers(), "beetles")).seed == 2
    with pytest.raises(
        UsageError, match=r"no preset named 'beetels'; did you mean 'beetles'\? \(a file must end in \.ya"
    ):
        preset_path("beetels")


def test_presets_lie_inside_the_package_or_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(presets_module, "files", lambda package: tmp_path / package)
    assert presets() == {}
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "beside.yaml").write_text("seed: 1")
    assert list(presets()) == ["beside"]
    (tmp_path / "dinosar" / "configs").mkdir(parents=True)
    (tmp_path / "dinosar" / "configs" / "inside.yaml").write_text("seed: 1")
    assert list(presets()) == ["inside"]


@pytest.mark.parametrize("name", presets())
def test_every_preset_that_comes_with_the_package_settles(name):
    model, inputs = (TrainConfig, {"images": "photos"}) if "overlap" in name else (CompareConfig, INPUTS["inputs"])
    assert settle(model, add_file(Layers().add({"inputs": inputs}, "here"), name, model.model_fields))


def test_options_do_not_pass_from_one_part_to_another_through_auto():
    layers = Layers().add({"backbone": {"use": "classic", "step": 8}}, "one").add({"backbone": "auto"}, "two")
    assert layers.values["backbone"] == {"use": "auto", "step": 8}
    layers.add({"backbone": "random-test"}, "three")
    assert layers.values["backbone"] == {"use": "random-test"}
    assert layers.dropped == ["backbone 'classic' gave way to 'random-test'; with it went: step"]


def test_options_given_for_auto_stay_with_what_is_named_after_it():
    layers = Layers().add({"backbone": {"use": "auto", "step": 8}}, "one").add({"backbone": "classic"}, "two")
    assert layers.values["backbone"] == {"use": "classic", "step": 8}
    assert layers.dropped == []


def test_of_a_preset_a_command_takes_what_it_knows_and_tells_of_the_rest(preset, caplog):
    preset("scene", "masker: whole\nimage: {crop: false, size: 128}\n")
    with caplog.at_level("INFO", "dinosar"):
        found = add_file(Layers(), "scene", DistanceConfig.model_fields)
    assert found.values == {"image": {"size": 128}}
    assert caplog.messages == ["preset 'scene': image.crop means nothing to this command"]
