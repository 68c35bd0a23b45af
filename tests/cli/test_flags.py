"""Flags, settings and help are one and the same: what a flag says it sets and what stands there by default is so."""

import re
from enum import StrEnum
from typing import get_args

import pytest
import typer
from command_line import Settled

from dinosar import jobs
from dinosar.cli import app
from dinosar.cli.compare import FLAGS as COMPARE
from dinosar.cli.features import FLAGS as FEATURES
from dinosar.config import MODELS, OTHER_SCORE_NAMES, Part, ScoreName
from dinosar.presets import presets
from dinosar.registry import find
from dinosar.settings import Layers, settle

TABLES = {"compare": COMPARE, "features": FEATURES}
WORDS = {"compare": ["compare", "a.jpg", "b.jpg"], "features": ["features", "a.jpg", "--out", "f.npz"]}
INPUTS = {"compare": {"a": "a.jpg", "b": "b.jpg"}, "features": {"image": "a.jpg"}}
ROWS = [(command, flag) for command, table in TABLES.items() for flag in table]
SETTING = [(command, flag) for command, flag in ROWS if flag.setting]
SPELLED = [(command, flag, name) for command, flag in SETTING for name in flag.names]
OTHER_PART = {
    "backbone": "random-test", "masker": "whole", "second_masker": "whole", "fallback_masker": "whole",
    "matcher": "dinosar.matchers.similarity:Similarity",
}  # fmt: skip
OWNER = {"backbone": "dinov3", "matcher": "similarity"}
"""The part whose options have flags."""


def called(x):
    return x.names[0] if hasattr(x, "names") else str(x)


def default(command, setting=""):
    """The config without flags, with the part that has that setting."""
    owner = owner_of(setting)
    chosen = {owner: OWNER[owner]} if owner else {}
    return settle(MODELS[command], Layers().add({"inputs": INPUTS[command], **chosen}, "here"))


def owner_of(setting):
    """The section whose part must be another than by default for a setting to be understood."""
    return "backbone" if setting == "require_dino" else setting.partition(".")[0] if option_of_a_part(setting) else ""


def option_of_a_part(setting):
    """Whether a setting is an option of a part that can be named."""
    part, dot, _ = setting.partition(".")
    return bool(dot) and part in OWNER


def value_at(config, setting):
    """The value of a setting, a part by its name."""
    for step in setting.split("."):
        config = config.options[step] if isinstance(config, Part) else getattr(config, step)
    return config.use if isinstance(config, Part) else config


def field_at(command, setting):
    """What the model, or the part, says of a setting."""
    *outer, last = setting.split(".")
    if option_of_a_part(setting):
        return find(*outer, OWNER[outer[0]]).load().Options.model_fields[last]
    model = MODELS[command]
    for step in outer:
        model = model.model_fields[step].annotation
    return model.model_fields[last]


def another(flag, before):
    """(words after the flag, value they must lead to), other than what stands there by default."""
    if flag.value is not None:
        return [], flag.value
    if flag.numbers:
        return ["-3", "-2"], [-3, -2]
    if flag.setting in OTHER_PART:
        return [OTHER_PART[flag.setting]], OTHER_PART[flag.setting]
    if issubclass(flag.kind, StrEnum):
        word = next(each.value for each in flag.kind if each.value != before)
        return [word], word
    if flag.kind is str:
        word = {"backbone.model": "vitb16"}.get(flag.setting, "own.file")
        return [word], word
    numbers = {"mask.border_patches": 3, "mask.share": 0.25, "homology.coverage": 0.25}
    number = numbers.get(flag.setting, 51 if flag.kind is int else 12.5)
    return [str(number)], number


@pytest.mark.parametrize(("command", "flag", "name"), SPELLED, ids=called)
def test_a_flag_changes_its_setting_under_each_of_its_names_and_no_other(command, flag, name, settled):
    before = default(command, flag.setting)
    words, wanted = another(flag, value_at(before, flag.setting))
    owner = owner_of(flag.setting)
    after = settled(*WORDS[command], name, *words, *([f"--{owner}", OWNER[owner]] if owner else []))
    assert value_at(before, flag.setting) != wanted
    assert value_at(after, flag.setting) == wanted
    rest = [key for key in MODELS[command].model_fields if key != flag.setting.partition(".")[0]]
    assert {key: getattr(after, key) for key in rest} == {key: getattr(before, key) for key in rest}


@pytest.mark.parametrize(("command", "flag"), SETTING, ids=called)
def test_the_default_that_help_tells_is_the_default(command, flag):
    told = re.search(r"\(default: ([^;)]+)", flag.help)
    field = field_at(command, flag.setting)
    before = field.get_default(call_default_factory=True)
    before = before.use if isinstance(before, Part) else before
    before = ",".join(map(str, before)) if isinstance(before, list | tuple) else before
    if flag.value is not None:
        assert before is not flag.value
        assert told is None
    else:
        assert (told and told[1]) == (None if before is None else str(before))


@pytest.mark.parametrize(
    ("command", "flag"), [(c, f) for c, f in SETTING if issubclass(f.kind, StrEnum)], ids=called
)  # fmt: skip
def test_a_choice_offers_exactly_the_words_that_the_setting_takes(command, flag):
    former = OTHER_SCORE_NAMES if flag.setting == "scores.mode" else {}
    words = list(get_args(field_at(command, flag.setting).annotation))
    assert [each.value for each in flag.kind] == words + list(former)


@pytest.mark.parametrize("word", OTHER_SCORE_NAMES)
def test_a_former_name_of_a_score_is_understood(word, settled):
    assert settled(*WORDS["compare"], "--score-mode", word).scores.mode == OTHER_SCORE_NAMES[word]
    assert OTHER_SCORE_NAMES[word] in get_args(ScoreName)


@pytest.mark.parametrize("command", TABLES)
def test_a_list_of_numbers_may_stand_before_the_photos(command, settled):
    names = WORDS[command][1:]
    config = settled(command, "--layers", "-3", "-2", "-1", *names, "--attn-layers", "9", "11", "--backbone", "dinov3")
    assert config.backbone.options["layers"] == [-3, -2, -1]
    assert config.backbone.options["attn_layers"] == [9, 11]
    assert list(config.inputs.model_dump().values())[: len(INPUTS[command])] == list(INPUTS[command].values())


def test_of_a_list_that_is_given_twice_the_last_counts(settled):
    words = ["--layers", "-3", "-2", "--backbone", "dinov3", "--layers=-1,-2"]
    assert settled(*WORDS["compare"], *words).backbone.options["layers"] == [-1, -2]


def test_a_part_may_be_named_after_its_options(settled):
    config = settled(*WORDS["compare"], "--topk", "7", "--matcher", "dinosar.matchers.similarity:Similarity")
    assert config.matcher.options["topk"] == 7


@pytest.mark.parametrize("command", TABLES)
def test_without_flags_every_default_stands(command, settled):
    assert settled(*WORDS[command]) == default(command)


@pytest.mark.parametrize("command", TABLES)
def test_names_and_parameters_are_unique(command):
    names = [name for flag in TABLES[command] for name in flag.names]
    assert len(names) == len(set(names))
    assert len({flag.key for flag in TABLES[command]}) == len(TABLES[command])


@pytest.mark.parametrize(("command", "flag"), ROWS, ids=called)
def test_every_row_of_the_table_is_an_option_of_the_command(command, flag):
    options = {name for option in typer.main.get_command(app).get_command(None, command).params for name in option.opts}
    assert set(flag.names) <= options


@pytest.mark.parametrize("command", TABLES)
def test_every_option_of_a_command_is_in_the_table_or_says_where_the_output_goes(command):
    options = {name for option in typer.main.get_command(app).get_command(None, command).params for name in option.opts}
    listed = {name for flag in TABLES[command] for name in flag.names}
    loose = {name for name in options - listed if name.startswith("-")}
    assert loose <= {"--out", "-o", "--output-dir", "--outdir", "--help", "-h"}


def test_a_later_word_goes_over_an_earlier_one_and_flags_and_set_over_all(settled, desk):
    (desk / "my.yaml").write_text("seed: 1\nimage: {size: 64}\nfigures: {dpi: 60}\n")
    (desk / "your.yaml").write_text("seed: 2\n")
    words = ["--config", "my.yaml", "-c", "your.yaml", "--size", "96", "--set", "figures.dpi=80", "--set",
             "figures.dpi=70"]  # fmt: skip
    config = settled(*WORDS["compare"], *words)
    assert (config.seed, config.image.size, config.figures.dpi) == (2, 96, 70)


def test_a_config_cannot_name_other_photos_than_the_command_line(settled, desk):
    (desk / "my.yaml").write_text("inputs: {a: x.jpg, b: y.jpg, a_px_per_mm: 52}\n")
    inputs = settled(*WORDS["compare"], "--config", "my.yaml").inputs
    assert (inputs.a, inputs.b, inputs.a_px_per_mm) == ("a.jpg", "b.jpg", 52)


@pytest.mark.parametrize("name", presets())
def test_a_preset_is_found_by_its_stem_and_by_its_path_and_changes_something(name, settled):
    by_stem = settled(*WORDS["compare"], "--config", name)
    assert by_stem == settled(*WORDS["compare"], "--config", str(presets()[name]))
    assert by_stem.model_dump() != default("compare").model_dump() or name == "offline"


@pytest.mark.parametrize("names", [("--out",), ("-o",), ("--output-dir",), ("--outdir",)], ids=str)
def test_the_folder_may_be_named_by_each_of_its_flags(names, here, desk, monkeypatch):
    places = []

    def stop(config, output, told=()):
        places.append(output.path.as_posix())
        raise Settled

    monkeypatch.setattr(jobs, "carry_out", stop)
    here(*WORDS["compare"], *names, "X")
    assert places == ["X"]
