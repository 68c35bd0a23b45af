"""The foreground of the tokens: their first principal component, with a vote on which side of it is the specimen."""

from collections.abc import Sequence
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

import dinosar
from dinosar.errors import Abstained, shown
from dinosar.foreground import Rule, Verdict, View, decide, in_pixels, inside
from dinosar.notices import warn

DEFAULT = Rule()
NARROW = 4.0
"""Pixels of the photo that a patch must be wide for a mask of pixels to say which patches were meant."""
SIDES = {"plus": "+", "minus": "-"}


class PCA(dinosar.Masker):
    """The side of the tokens' first principal component that a vote names; abstains where it cannot tell."""

    needs_features = True

    class Options(dinosar.Options):
        """Which side of the component counts, and when there is no telling."""

        sign: Literal["auto", "+", "-"] = Field(
            "auto",
            description="Side of the component that is specimen. auto: as border, attention and the heavier tail vote; "
            "+ (or plus): what the border of the photo has less of; - (or minus): the other side.",
        )
        ncut: bool = Field(
            True, description="Ask the normalised cut where the component tells nothing: it tells half of those."
        )
        confidence: float = Field(
            DEFAULT.confidence, ge=0, le=1,
            description="How sure the votes must be, from 0 to 1: of generated pictures with less, a fifth was right.",
        )  # fmt: skip
        separability: float = Field(
            DEFAULT.separability, ge=0, le=1,
            description="How much of the variance both sides must explain: an even ramp, which has no sides, has 0.75.",
        )  # fmt: skip
        least: float = Field(
            DEFAULT.least,
            ge=0,
            lt=1,
            description="Least share of the patches: below, it is a speck or a few odd tokens.",
        )
        most: float = Field(
            DEFAULT.most, gt=0, le=1, description="Largest share of the patches: above, nothing is left for the ground."
        )

        @field_validator("sign", mode="before")
        @classmethod
        def _by_either_name(cls, sign: Any) -> Any:
            return SIDES.get(sign, sign) if isinstance(sign, str) else sign

        @model_validator(mode="after")
        def _in_order(self) -> "PCA.Options":
            if self.least >= self.most:
                raise ValueError(f"least ({self.least:g}) must be below most ({self.most:g})")
            return self

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._found: WeakKeyDictionary[dinosar.Photo, Verdict] = WeakKeyDictionary()
        self._facts: dict[str, str] = {}

    def mask(self, photo: dinosar.Photo, features: dinosar.Features | None) -> NDArray[np.bool_]:
        """Pixels of the patches that are foreground in this photo alone."""
        word = self.masks([photo], [features])[0]
        if isinstance(word, Abstained):
            raise word
        return word

    def masks(
        self, photos: Sequence[dinosar.Photo], features: Sequence[dinosar.Features | None]
    ) -> list[NDArray[np.bool_] | Abstained]:
        """The same of several photos, by the component they have in common where its votes are the surer ones."""
        seen = [each for each in features if each is not None]
        if len(seen) < len(photos):
            raise dinosar.InputError("masker 'pca' looks at tokens, and was given none; name a backbone")
        verdicts = decide([_view(each) for each in seen], Rule(**self.options.model_dump()))
        return [self._told(*each) for each in zip(photos, seen, verdicts, strict=True)]

    def evidence(self, photo: dinosar.Photo) -> dict[str, Any]:
        """Method, side, votes, confidence, area and separability; or, where there is no mask, the reasons alone."""
        return self._found[photo].as_dict() if photo in self._found else {}

    def facts(self) -> dict[str, str]:
        """How the foreground of every photo was found."""
        return dict(self._facts)

    def _told(
        self, photo: dinosar.Photo, features: dinosar.Features, verdict: Verdict
    ) -> NDArray[np.bool_] | Abstained:
        self._found[photo] = verdict
        self._facts[f"foreground of {photo.name}"] = _in_words(verdict)
        name = shown(photo.name)
        if verdict.patches is None:
            reasons = "; ".join(verdict.reasons)
            return Abstained(f"masker '{self.name or 'pca'}' cannot tell what is specimen in '{name}': {reasons}")
        width = features.grid.patch / max(features.grid.scale)
        if width < NARROW:
            warn(f"a patch is {width:.1f} px of '{name}' wide: its mask may not tell the patches that were meant")
        return in_pixels(verdict.patches, features.grid)


def _view(features: dinosar.Features) -> View:
    """What the tokens of a photo say, without what pads it and without tokens that have no direction."""
    return View(features.tokens, inside(features.grid) & features.directed, features.focus, features.lengths)


def _in_words(verdict: Verdict) -> str:
    """Method, side and confidence in a line for the record."""
    if verdict.method is None or verdict.confidence is None:
        return "none"
    side = f", side {verdict.sign}" if verdict.sign else ""
    return f"{verdict.method}{side}, confidence {verdict.confidence:.3f}"
