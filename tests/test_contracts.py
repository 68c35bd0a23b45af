"""What the three slots share."""

from typing import ClassVar

import numpy as np
import pytest
from pydantic import BaseModel, Field, ValidationError

import dinosar
from dinosar.contracts import Plugin


class Painter(dinosar.Masker):
    """Paints everything."""

    class Options(dinosar.Options):
        share: float = Field(0.5, ge=0, le=1)

    def mask(self, photo, features):
        return np.ones(photo.pixels.shape[:2], bool)


@pytest.mark.parametrize(
    "wrong", [{"shre": 0.1}, {"share": float("nan")}, {"share": float("inf")}, {"share": 2}, {"share": "much"}]
)
def test_options_refuse_what_they_do_not_know_and_what_is_no_number(wrong):
    with pytest.raises(ValidationError):
        Painter.Options(**wrong)


def test_options_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Painter().options.share = 0.1


def test_a_default_that_breaks_its_own_bounds_is_refused():
    class Odd(dinosar.Options):
        share: float = Field(2.0, le=1)

    with pytest.raises(ValidationError):
        Odd()


def test_a_part_without_options_has_its_defaults():
    assert Painter().options == Painter.Options(share=0.5)
    assert Painter(Painter.Options(share=0.1)).options.share == 0.1


@pytest.mark.parametrize("wrong", [type("Options", (), {}), type("Options", (BaseModel,), {}), {"share": 0.5}])
def test_options_that_are_no_options_are_refused_when_the_class_is_made(wrong):
    with pytest.raises(TypeError, match=r"Odd\.Options must be a dinosar\.Options"):
        type("Odd", (dinosar.Masker,), {"Options": wrong})


@pytest.mark.parametrize(
    ("slot", "method"), [(dinosar.Backbone, "encode"), (dinosar.Masker, "mask"), (dinosar.Matcher, "match")]
)
def test_a_slot_is_one_method_wide(slot, method):
    assert slot.__abstractmethods__ == {method}
    with pytest.raises(TypeError, match=method):
        type("Idle", (slot,), {})()
    type("Busy", (slot,), {method: lambda self, *_: None})()


def test_a_part_is_called_by_its_id_else_its_name_else_its_class():
    class Known(Painter):
        known: ClassVar[dict] = {}

        def facts(self):
            return self.known

    part = Known()
    assert part.title == "Known"
    part.name = "painter"
    assert part.title == "painter"
    part.known = {"id": "painter-v2"}
    assert part.title == "painter-v2"


def test_the_public_names_of_the_package_are_all_there():
    assert set(dinosar.__all__) <= set(dir(dinosar))
    assert all(getattr(dinosar, name).__name__ == name for name in dinosar.__all__)
    assert issubclass(dinosar.Backbone, Plugin)
    with pytest.raises(AttributeError, match="nothing_like_that"):
        dinosar.nothing_like_that  # noqa: B018
