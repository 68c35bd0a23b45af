"""What configs of every command are made of: sections, parts by name, and how a whole photo is shown to a network."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from dinosar.grid import Fit
from dinosar.images import LoadOptions


class Section(BaseModel):
    """A part of a config; unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Part(BaseModel):
    """A plugin by name, with its options beside it: `{use: classic, patch: 8}`, or only `classic`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    use: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    _asked: str = PrivateAttr("")
    _instead_of: str = PrivateAttr("")

    @classmethod
    def resolved(cls, asked: str, use: str, options: dict[str, Any], instead_of: str = "") -> "Part":
        """A part settled on, which remembers what was asked for (`auto`) until it has been announced.

        `instead_of` is what was wanted and out of reach, with what went with it, in words.
        """
        part = cls(use=use, **options)
        part._asked, part._instead_of = asked, instead_of
        return part

    @property
    def instead_of(self) -> str:
        """What it stands in for, in words; empty where it is what was wanted."""
        return self._instead_of

    def __eq__(self, other: object) -> bool:
        """Equal parts are equal, whatever was asked for on the way to them."""
        return isinstance(other, Part) and (self.use, self.options) == (other.use, other.options)

    def __hash__(self) -> int:
        return hash(self.use)

    @property
    def asked(self) -> str:
        """The name that was asked for, where another was settled on; else empty."""
        return "" if self._asked == self.use else self._asked

    @property
    def options(self) -> dict[str, Any]:
        """What stands beside `use`."""
        return dict(self.model_extra or {})


def names_a_file(option: str) -> bool:
    """Whether an option of a part names a file, by its own name: `path`, `checkpoint` or `…_path`."""
    return option in ("path", "checkpoint") or option.endswith("_path")


class FitConfig(Section, LoadOptions):
    """How a whole photo becomes the image a network sees."""

    size: int = Field(512, ge=16, le=8192, description="Long side in px: 32 tokens of 16 px.")
    fit: Fit = Field("letterbox", description="letterbox keeps the aspect, native the pixels themselves.")
