"""What a run can be told: every option with its reason, every default within its own bounds."""

import pytest
from pydantic import BaseModel, ValidationError

from dinosar.config import (
    MODELS,
    CompareConfig,
    FeaturesConfig,
    FigureConfig,
    ImageConfig,
    MaskConfig,
    Part,
    ScoreConfig,
)
from dinosar.jobs import JOBS
from dinosar.registry import cards
from dinosar.settings import PARTS

SECTIONS = [ImageConfig, MaskConfig, ScoreConfig, FigureConfig]
BUILT_IN = [card for card in cards() if card.package == "dinosar"]


def options(model, path=()):
    """Every option of a config by its dotted name, with the field that declares it."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not Part:
            yield from options(inner, (*path, name))
        elif name != "command" and name not in PARTS and not field.is_required():
            yield ".".join((*path, name)), field


@pytest.mark.parametrize("model", MODELS.values())
def test_every_option_says_why_its_default_is_what_it_is(model):
    named = dict(options(model))
    assert len(named) >= 5
    assert [name for name, field in named.items() if len(field.description or "") < 10] == []


@pytest.mark.parametrize("card", BUILT_IN, ids=lambda card: f"{card.kind}-{card.name}")
def test_every_option_of_a_built_in_part_says_why_too(card):
    fields = card.load().Options.model_fields
    assert [name for name, field in fields.items() if len(field.description or "") < 10] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_default_is_within_its_own_bounds(section):
    defaults = section().model_dump()
    assert section.model_validate(defaults).model_dump() == defaults


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_refuses_unknown_keys_and_cannot_be_changed(section):
    with pytest.raises(ValidationError, match="extra"):
        section(nonsense=1)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(section(), next(iter(section.model_fields)), 1)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    ("section", "name"),
    [(ImageConfig, "crop_margin"), (ImageConfig, "max_megapixels"), (MaskConfig, "share"), (ScoreConfig, "tail")],
)
def test_no_option_is_nan_or_infinite(section, name, number):
    with pytest.raises(ValidationError):
        section(**{name: number})


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        (ImageConfig, {"size": 15}),
        (ImageConfig, {"fit": "squash"}),
        (ImageConfig, {"crop_margin": -0.1}),
        (ImageConfig, {"surroundings": "black"}),
        (MaskConfig, {"share": 1}),
        (MaskConfig, {"components": -1}),
        (MaskConfig, {"erode_px": 1.5}),
        (ScoreConfig, {"mode": "best"}),
        (ScoreConfig, {"random_pairs": 1}),
        (FigureConfig, {"format": "jpg"}),
        (FigureConfig, {"top": 0}),
    ],
)
def test_what_makes_no_sense_is_refused(section, wrong):
    with pytest.raises(ValidationError):
        section(**wrong)


def test_a_part_is_a_name_or_a_name_with_options_beside_it():
    assert Part.model_validate("classic") == Part(use="classic")
    assert Part.model_validate({"use": "classic", "step": 8}).options == {"step": 8}
    assert Part(use="classic", step=8).model_dump() == {"use": "classic", "step": 8}


@pytest.mark.parametrize("wrong", [5, None, "", {"step": 8}, {"use": ""}, {"use": 5}, ["classic"]])
def test_a_part_without_a_name_is_refused(wrong):
    with pytest.raises(ValidationError):
        Part.model_validate(wrong)


def test_each_command_with_a_record_has_its_model_and_says_which_it_is():
    assert set(MODELS) == set(JOBS)
    assert all(model.model_fields["command"].default == name for name, model in MODELS.items())


def test_one_photo_alone_is_shown_whole_and_a_pair_is_cropped():
    assert CompareConfig(inputs={"a": "a", "b": "b"}).image.crop
    assert "crop" not in type(FeaturesConfig(inputs={"image": "a"}).image).model_fields
