"""The trained head: a linear layer on each token and a small network on where it lies, added and brought to length 1.

It computes in NumPy, so that a search with a head imports no torch; `dinosar/training/network.py` is the same in torch.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config.sections import FitConfig
from dinosar.errors import InputError, WeightsError, shown
from dinosar.features import unit
from dinosar.notices import warn
from dinosar.retrieval.heads import Head, Identity

Weights = dict[str, NDArray[np.float32]]
HIDDEN = 512
"""Width of the network that knows the places."""
KEPT = 32
"""Lists of places whose part in the vectors is remembered."""
EPSILON = 1e-5
"""Added to the variance by the layer norm, as torch does."""


@dataclass(frozen=True)
class HeadOptions:
    """How a head is made.

    `position`: whether the place of a patch has a say. `dropout_prob` is of the places' network, in training only.
    `add_cls_tokens`: it learned on the summary token as well, and encodes that. Tokens are brought to `input_length`
    first; None leaves them as long as the backbone made them. `shift` is added to the places.
    """

    input_dim: int
    descriptor_dim: int = 256
    dropout_prob: float = 0.0
    position: bool = True
    add_cls_tokens: bool = False
    input_length: float | None = 1.0
    shift: float = 0.0

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every tensor it has."""
        depth = self.descriptor_dim
        found: dict[str, tuple[int, ...]] = {"input_proj.weight": (depth, self.input_dim), "input_proj.bias": (depth,)}
        if self.position:
            found |= {
                "keypoint_encoder.0.weight": (HIDDEN, 2), "keypoint_encoder.0.bias": (HIDDEN,),
                "keypoint_encoder.1.weight": (HIDDEN,), "keypoint_encoder.1.bias": (HIDDEN,),
                "keypoint_encoder.4.weight": (depth, HIDDEN), "keypoint_encoder.4.bias": (depth,),
            }  # fmt: skip
        return found

    @property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return sum(math.prod(shape) for shape in self.shapes().values())


@dataclass(frozen=True, eq=False)
class OverlapHead:
    """A head with its weights. `told` says in plain data what it was trained on.

    Messages call it by the `file` it was read from, and by its `title` where there is none: one head is called as many.
    """

    options: HeadOptions
    weights: Weights
    told: Mapping[str, Any] = field(default_factory=dict)
    title: str = "head"
    file: str = ""

    def __post_init__(self) -> None:
        wanted = self.options.shapes()
        for name, shape in wanted.items():
            if name not in self.weights or self.weights[name].shape != shape:
                has = self.weights[name].shape if name in self.weights else "nothing"
                raise WeightsError(f"'{self.called}' has {has} as {name}, where {shape} is needed")
        beyond = sorted(set(self.weights) - set(wanted))
        if beyond:
            raise WeightsError(f"'{self.called}' has tensors that no head has: {shown(', '.join(beyond))}")

    @cached_property
    def id(self) -> str:
        """A name that no other weights or options have."""
        known = asdict(self.options) | {"dropout_prob": 0.0}  # it has no say in what is encoded
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode())
        for name in sorted(self.weights):
            digest.update(name.encode() + np.ascontiguousarray(self.weights[name]).tobytes())
        return f"overlap-{digest.hexdigest()[:16]}"

    @property
    def called(self) -> str:
        """What messages call it: its file as it was named, or folder and name where that would be cut off."""
        whole = shown(self.file or self.title)
        return shown("/".join(Path(self.file).parts[-2:]), 120) if self.file and whole.endswith("…") else whole

    @property
    def depth_in(self) -> int:
        """How many numbers a token has that it takes."""
        return self.options.input_dim

    @property
    def depth(self) -> int:
        """How many numbers a vector has that it gives."""
        return self.options.descriptor_dim

    @property
    def needs_lengths(self) -> bool:
        """Whether it must be told how long the tokens were: it learned on tokens as the backbone made them."""
        return self.options.input_length is None

    def encode(self, tokens: NDArray[np.float32], places: NDArray[np.float32],
               lengths: NDArray[np.float32] | None = None) -> NDArray[np.float32]:  # fmt: skip
        """Unit vectors (n, depth) of unit tokens (n, depth_in) that lie at `places` (n, 2) and were `lengths` long."""
        vectors = self._projected(tokens, lengths)
        if self.options.position:
            vectors = vectors + self._placed(np.asarray(places, dtype=np.float32) + np.float32(self.options.shift))
        return np.asarray(unit(vectors), dtype=np.float32)

    def encode_summary(self, summary: NDArray[np.float32], length: float | None = None) -> NDArray[np.float32]:
        """The unit vector (depth,) of a unit summary token, which has no place; for heads that learned on these."""
        if not self.options.add_cls_tokens:
            raise InputError(f"head '{self.called}' learned nothing of summary tokens (add_cls_tokens: false)")
        lengths = None if length is None else np.array([length], dtype=np.float32)
        return np.asarray(unit(self._projected(summary[None], lengths))[0], dtype=np.float32)

    def expect(self, title: str, image: FitConfig | None = None) -> None:
        """Warn where it learned on tokens of another backbone, or of photos that were shown in another size."""
        self._expect_backbone(title)
        then = _size_of(self.told.get("image"))
        now = "" if image is None else _size_of(image.model_dump())
        if then and now and then != now:
            places = "; it learned the places of patches, too, which are others then" if self.options.position else ""
            warn(f"head '{self.called}' was trained on photos shown {then}, and is used on photos shown {now}{places}")

    def _expect_backbone(self, title: str) -> None:
        learned = str(self.told.get("backbone", ""))
        network = str(self.told.get("network", ""))
        if learned and learned != title:
            warn(f"head '{self.called}' was trained on tokens of {learned}, and is used on those of {title}")
        elif not learned and network:
            warn(
                f"head '{self.called}' is of the original, trained on tokens of {network} that saw photos "
                f"without normalisation, and is used on those of {title}"
            )

    def _projected(self, tokens: NDArray[np.float32], lengths: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Tokens (n, depth_in), brought to the length it learned on, through the linear layer."""
        if tokens.shape[1] != self.depth_in:
            raise InputError(
                f"head '{self.called}' takes tokens of depth {self.depth_in}, and these have depth "
                f"{tokens.shape[1]}; name a head that was trained on this backbone, or dump with the head's own"
            )
        weights = self.weights
        # Scaled behind the layer: the numbers are the same, and there are fewer of them.
        vectors = tokens.astype(np.float32, copy=False) @ weights["input_proj.weight"].T
        if self.options.input_length is not None:
            vectors *= np.float32(self.options.input_length)
        elif lengths is None:
            raise InputError(
                f"head '{self.called}' learned on tokens as long as its backbone made them, and these lengths "
                "are not known; dump the photos again"
            )
        else:
            vectors *= lengths[:, None].astype(np.float32)
        return np.asarray(vectors + weights["input_proj.bias"], dtype=np.float32)

    @cached_property
    def _known(self) -> dict[bytes, NDArray[np.float32]]:
        return {}

    def _placed(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the places (n, 2) add; images of one shape have the same, so the last few are kept."""
        key = places.tobytes()
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = self._placed_anew(places)
        return self._known[key]

    def _placed_anew(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        from scipy.special import erf

        weights = self.weights
        hidden = places @ weights["keypoint_encoder.0.weight"].T + weights["keypoint_encoder.0.bias"]
        hidden = hidden - hidden.mean(axis=1, keepdims=True)
        hidden /= np.sqrt(np.square(hidden).mean(axis=1, keepdims=True) + np.float32(EPSILON))
        hidden = hidden * weights["keypoint_encoder.1.weight"] + weights["keypoint_encoder.1.bias"]
        hidden *= np.float32(0.5) * (1 + erf(hidden * np.float32(math.sqrt(0.5))))
        placed = hidden @ weights["keypoint_encoder.4.weight"].T + weights["keypoint_encoder.4.bias"]
        return np.asarray(placed, dtype=np.float32)


def _size_of(image: Any) -> str:
    """In what size photos were shown, in words; empty where it is not known."""
    size, fit = (image.get(key) for key in ("size", "fit")) if isinstance(image, Mapping) else (None, None)
    if fit == "native":
        return "in the size they have"
    return f"at {size} px{', stretched' * (fit == 'stretch')}" if isinstance(size, int) else ""


def open_head(path: Path | str | None) -> Head:
    """The head in a file: one of ours (.safetensors) or of the original (.tar); the tokens as they are without one."""
    if path is None:
        return Identity()
    from dinosar.retrieval.overlap_head_files import read_head

    return read_head(Path(path))
