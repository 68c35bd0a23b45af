"""The conformance kit: what a part promises, clause by clause. `dinosar plugins check` runs it, and so can pytest.

import pytest
from dinosar.testing import check

@pytest.mark.parametrize("clause", check("masker", "my_package:MyMasker"), ids=str)
def test_contract(clause):
    assert clause.holds, clause.why
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dinosar.config import ImageConfig, Part
from dinosar.contracts import Backbone, Masker, Matcher, Plugin
from dinosar.data import Encoding, Features, Photo, Specimen
from dinosar.errors import DinosarError, WeightsError
from dinosar.features import rounded, unit
from dinosar.grid import fit_grid
from dinosar.parts import build
from dinosar.registry import Kind, find, strangers_code


@dataclass(frozen=True)
class Clause:
    """One promise of the contract, and whether it holds."""

    promise: str
    holds: bool
    why: str = ""

    def __str__(self) -> str:
        return self.promise


def check(kind: Kind, name: str, **options: Any) -> list[Clause]:
    """Every clause for a part, by installed name or `module:Class`; `options` are those it cannot do without."""
    return list(_clauses(kind, name, options))


def toy_photo(seed: int = 0, size: tuple[int, int] = (160, 112)) -> Photo:
    """A small photo: a textured oval on a plain, slightly uneven ground."""
    width, height = size
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    oval = ((x - 0.5) / 0.34) ** 2 + ((y - 0.5) / 0.3) ** 2 < 1
    stripes = 90 + 50 * np.sin(24 * x + 9 * y + seed) + random.normal(0, 8, (height, width))
    ground = 232 - 10 * y + random.normal(0, 2, (height, width))
    tint = np.array([1.0, 0.78, 0.5])
    pixels = np.where(oval[..., None], stripes[..., None] * tint, ground[..., None])
    return Photo(np.clip(pixels, 0, 255).astype(np.uint8), f"toy-{seed}")


def toy_specimen(seed: int = 0, depth: int = 12) -> Specimen:
    """A specimen with random unit tokens on a rectangular grid, some of them masked out."""
    photo = toy_photo(seed)
    grid = fit_grid(photo.size, 16, size=160)
    random = np.random.default_rng(seed + 1000)
    seen = rounded(Encoding(random.normal(size=(grid.rows, grid.columns, depth)).astype(np.float32)))
    saliency = random.random((1, grid.rows, grid.columns)).astype(np.float32)
    features = Features(unit(seen.tokens), grid, "toy", attention=saliency, attention_kind="saliency",
                        lengths=seen.lengths)  # fmt: skip
    patches = random.random((grid.rows, grid.columns)) < 0.7
    mask = np.ones(photo.pixels.shape[:2], dtype=bool)
    return Specimen(photo, features, mask, patches, patches.astype(np.float64))


def _clauses(kind: Kind, name: str, options: dict[str, Any]) -> Iterator[Clause]:
    try:
        plugin_class = find(kind, name).load()
    except DinosarError as problem:
        yield Clause("it loads", False, str(problem))
        return
    yield Clause("it loads", True)
    yield _clause("its docstring says in one line what it does", lambda: _first_line(plugin_class))
    yield _clause("every option has a description", lambda: _options_described(plugin_class))
    required = [key for key, option in plugin_class.Options.model_fields.items() if option.is_required()]
    missing = [key for key in required if key not in options]
    if missing:
        yield Clause(f"it works once given its option {', '.join(missing)} (not tried)", True)
        return
    try:
        plugin = build(kind, Part(use=name, **options))
    except WeightsError:
        yield Clause("it works once its weights are here (not tried)", True)
        return
    except DinosarError as problem:
        yield Clause("it can be made with its default options", False, str(problem))
        return
    checks: dict[str, Callable[[Any], Iterator[Clause]]] = {
        "backbone": _backbone, "masker": _masker, "matcher": _matcher,
    }  # fmt: skip
    yield _clause("its facts are words by name", lambda: _facts(plugin))
    yield from checks[kind](plugin)


def _clause(promise: str, test: Callable[[], str | None]) -> Clause:
    """A clause from a function that returns what is wrong, or None; what it raises is wrong, too."""
    try:
        with strangers_code("it raised"):
            wrong = test()
    except DinosarError as problem:
        wrong = str(problem)
    return Clause(promise, wrong is None, wrong or "")


def _first_line(plugin_class: type[Plugin]) -> str | None:
    line = (plugin_class.__doc__ or "").strip().split("\n")[0]
    return None if 10 <= len(line) <= 120 else "its first line is missing, or not of 10 to 120 characters"


def _options_described(plugin_class: type[Plugin]) -> str | None:
    bare = [key for key, option in plugin_class.Options.model_fields.items() if not option.description]
    return f"no Field(description=...) on {', '.join(bare)}" if bare else None


def _facts(plugin: Plugin) -> str | None:
    facts = plugin.facts()
    plain = isinstance(facts, dict) and all(isinstance(k, str) and isinstance(v, str) for k, v in facts.items())
    return None if plain else f"facts() must be a dict of str by str, but is {facts!r}"


def _backbone(backbone: Backbone) -> Iterator[Clause]:
    sized = _clause("its patch is a number of pixels", lambda: _patch(backbone))
    yield sized
    if not sized.holds:
        return
    patch = backbone.patch
    columns, rows = 7, 5
    image = np.ascontiguousarray(toy_photo(1, (columns * patch, rows * patch)).pixels)
    yield _clause("tokens lie on the rectangle of patches", lambda: _shape(backbone, image, (rows, columns)))
    yield _clause("the same image gives the same tokens", lambda: _repeats(backbone, image))
    yield _clause("it leaves the image as it was", lambda: _unchanged(backbone, image))
    flat = np.full_like(image, 128)
    yield _clause("a flat image gives finite tokens", lambda: _shape(backbone, flat, (rows, columns)))
    yield _clause("another image gives other tokens", lambda: _differs(backbone, image))


def _patch(backbone: Backbone) -> str | None:
    patch = getattr(backbone, "patch", None)
    return None if isinstance(patch, int) and 1 <= patch <= 512 else f"patch is {patch!r}"


def _shape(backbone: Backbone, image: NDArray[np.uint8], shape: tuple[int, int]) -> str | None:
    encoding = backbone.encode(image.copy())
    if not isinstance(encoding, Encoding):
        return f"encode must return a dinosar.Encoding, but returned {type(encoding).__name__}"
    found = encoding.tokens.shape[:2]
    return (
        None
        if found == shape
        else f"tokens are {found[0]} x {found[1]}, but the image has {shape[0]} x {shape[1]} patches"
    )


def _repeats(backbone: Backbone, image: NDArray[np.uint8]) -> str | None:
    same = np.array_equal(backbone.encode(image.copy()).tokens, backbone.encode(image.copy()).tokens)
    return None if same else "two calls differ; seed what is random, or run in evaluation mode"


def _unchanged(backbone: Backbone, image: NDArray[np.uint8]) -> str | None:
    given = image.copy()
    backbone.encode(given)
    return None if np.array_equal(given, image) else "encode wrote into the image it was given"


def _differs(backbone: Backbone, image: NDArray[np.uint8]) -> str | None:
    other = np.ascontiguousarray(image[::-1, ::-1])
    same = np.array_equal(backbone.encode(image.copy()).tokens, backbone.encode(other).tokens)
    return "the tokens do not depend on the image" if same else None


def _masker(masker: Masker) -> Iterator[Clause]:
    photo = toy_photo()
    features = None
    if masker.needs_features:
        from dinosar.features import see
        from dinosar.parts import build_backbone

        features = see(photo, build_backbone(Part(use="classic")), ImageConfig(size=160))
    yield _clause("its mask is a bool array of the photo's size", lambda: _mask_shape(masker, photo, features))
    yield _clause("the same photo gives the same mask", lambda: _mask_repeats(masker, photo, features))
    black = replace(photo, pixels=np.zeros_like(photo.pixels))
    yield _clause("a black photo gives a mask, full or empty", lambda: _mask_shape(masker, black, features))


def _mask_shape(masker: Masker, photo: Photo, features: Features | None) -> str | None:
    mask = masker.mask(photo, features)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        return f"mask must return a bool array, but returned {getattr(mask, 'dtype', type(mask).__name__)}"
    return None if mask.shape == photo.pixels.shape[:2] else f"its shape is {mask.shape}, not {photo.pixels.shape[:2]}"


def _mask_repeats(masker: Masker, photo: Photo, features: Features | None) -> str | None:
    same = np.array_equal(masker.mask(photo, features), masker.mask(photo, features))
    return None if same else "two calls differ; seed what is random"


def _matcher(matcher: Matcher) -> Iterator[Clause]:
    a, b = toy_specimen(1), toy_specimen(2)
    yield _clause("it names only patches that count as specimen", lambda: _counted(matcher, a, b))
    yield _clause("a specimen matched with itself is at distance 0", lambda: _self_match(matcher, a))
    yield _clause("the same specimens give the same matches", lambda: _match_repeats(matcher, a, b))


def _counted(matcher: Matcher, a: Specimen, b: Specimen) -> str | None:
    matches = matcher.match(a, b)
    if not len(matches):
        return "it found no match at all between two specimens"
    if min(matches.asked.min(), matches.answer.min()) < 0:
        return "it gave negative indices; `asked` and `answer` are flat grid indices"
    wrong = (~a.patches.ravel()[matches.asked]).sum() + (~b.patches.ravel()[matches.answer]).sum()
    return f"{wrong} indices are not specimen; `asked` and `answer` are flat grid indices" if wrong else None


def _self_match(matcher: Matcher, a: Specimen) -> str | None:
    worst = float(matcher.match(a, a).distance.max(initial=0))
    return None if worst == 0 else f"the largest distance is {worst:.3g}, and must be exactly 0"


def _match_repeats(matcher: Matcher, a: Specimen, b: Specimen) -> str | None:
    first, second = matcher.match(a, b), matcher.match(a, b)
    same = np.array_equal(first.asked, second.asked) and np.array_equal(first.answer, second.answer)
    return None if same else "two calls differ; seed what is random, and break ties by index"
