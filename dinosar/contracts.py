"""The three slots of the toolkit, each one method wide: Backbone.encode, Masker.mask, Matcher.match.

A plugin is a class with a docstring whose first line describes it, a nested `Options` that says what can be set and
why each default is what it is, and one method. Built-in parts are written against this file and nothing else.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from dinosar.data import Encoding, Features, Matches, Photo, Specimen
from dinosar.errors import Abstained


class Options(BaseModel):
    """Typed options of a part. Unknown keys, NaN and infinities are refused; instances cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)


class Plugin(ABC):
    """What the three slots share: options, and facts for the record.

    Options are checked when the config is read; load weights and heavy libraries in `__init__` or later, never when
    the module is imported.
    """

    kind: ClassVar[str]
    name: str = ""
    """What the run called it; set when a config builds it, as is where it came from."""
    origin: Mapping[str, str] = MappingProxyType({})

    class Options(Options):
        """A part without options of its own."""

    def __init__(self, options: Any = None) -> None:
        self.options: Any = self.Options() if options is None else options

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not (isinstance(cls.Options, type) and issubclass(cls.Options, Options)):
            raise TypeError(f"{cls.__name__}.Options must be a dinosar.Options")

    @property
    def title(self) -> str:
        """What figures and tables call it: the id among its facts, else the name it was called by."""
        return self.facts().get("id") or self.name or type(self).__name__

    def facts(self) -> dict[str, str]:
        """What the record should remember beside the options: a weights file, its SHA-256, a model's id, a licence."""
        return {}

    def pinned(self) -> dict[str, Any]:
        """Options as a rerun must give them to get the same again, where what was asked for left something open."""
        return {}


class Backbone(Plugin):
    """Turns an image into tokens on a grid.

    `patch` is the width of a patch in pixels; images given to `encode` have sides that are multiples of it.
    """

    kind = "backbone"
    patch: int

    @abstractmethod
    def encode(self, image: NDArray[np.uint8]) -> Encoding:
        """Tokens of an RGB image (height, width, 3): one for each patch, row by row."""


class Masker(Plugin):
    """Says which pixels of a photo are specimen.

    A masker that looks at tokens sets `needs_features = True` and is given those of the whole photo. One that cannot
    tell raises `dinosar.errors.Abstained` with the reason.
    """

    kind = "masker"
    needs_features: ClassVar[bool] = False

    @abstractmethod
    def mask(self, photo: Photo, features: Features | None) -> NDArray[np.bool_]:
        """Specimen pixels as a bool array (height, width) of the photo's own size."""

    def masks(
        self, photos: Sequence[Photo], features: Sequence[Features | None]
    ) -> list[NDArray[np.bool_] | Abstained]:
        """Masks of photos that show the same kind of thing; for a masker that can do better by seeing them together.

        Asked by `dinosar match`. A mask for each photo, or why there is none.
        """
        return [self._word(*each) for each in zip(photos, features, strict=True)]

    def _word(self, photo: Photo, features: Features | None) -> NDArray[np.bool_] | Abstained:
        try:
            return self.mask(photo, features)
        except Abstained as reason:
            return reason

    def evidence(self, photo: Photo) -> dict[str, Any]:
        """What the mask last given of a photo rests on, as plain data for tables and JSON."""
        return {}


class Matcher(Plugin):
    """Finds, for patches of one specimen, the patches of the other that answer them."""

    kind = "matcher"

    @abstractmethod
    def match(self, a: Specimen, b: Specimen) -> Matches:
        """Matches from `a` (asking) to `b` (answering); the other direction is asked for separately."""
