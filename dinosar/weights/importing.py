"""A file of weights that a person brought: what it is, and a copy of it where it will be found."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dinosar.errors import ConflictError, UsageError, WeightsError, shown
from dinosar.notices import note, warn
from dinosar.publishing import sha256_of
from dinosar.weights.arriving import arriving
from dinosar.weights.catalogue import Model, models, named
from dinosar.weights.checkpoints import holds_adapter, left_out, networks_left_out
from dinosar.weights.disk import Located, Source, own_files, target
from dinosar.weights.first_sight import differs, remember
from dinosar.weights.formats import kind_of
from dinosar.weights.recognition import recognise
from dinosar.weights.soundness import sound
from dinosar.weights.tensors import read, shapes

BLOCK = 1 << 20
ONNX = b"\x08"
"""A model in ONNX begins with its version: field 1, a number."""


@dataclass(frozen=True)
class Imported:
    """A file in its place. `copied` is False where it lay there already."""

    model: Model
    located: Located
    sha256: str
    copied: bool


def import_file(path: Path, name: str | None = None, *, overwrite: bool = False) -> Imported:
    """Copy a file to where its model belongs. `name` says which model it is where the file itself cannot."""
    asked = named(name) if name else None
    try:
        model = identify(path, asked)
        place = target(model)
        if model.part != "rembg":
            tell = warn if networks_left_out(path) else note
            for sentence in left_out(path):
                tell(f"weights '{shown(path)}': {sentence}")
            sound(path, read(path))
            place = place.with_suffix(".pth") if kind_of(path) == "torch" else place
        return _put(path, model, place, overwrite)
    except OSError as problem:
        raise WeightsError(f"weights '{shown(path)}' cannot be read: {problem.strerror or problem}") from problem


def identify(path: Path, asked: Model | None) -> Model:
    """Which model a file is, by what is in it; what was asked for must agree."""
    if path.is_file() and _is_onnx(path):
        return _rembg_model(path, asked)
    if asked and asked.part == "rembg":
        raise WeightsError(f"weights '{shown(path)}' are not '{asked.name}': that one is a model in ONNX")
    _refuse_adapter(path)
    if asked and asked.part == "timm":
        return asked
    fitting = recognised(path)
    if asked:
        if asked not in fitting:
            raise WeightsError(
                f"weights '{shown(path)}' are not '{asked.name}' but have the shapes of {_listed(fitting)}"
            )
        return asked
    if len(fitting) == 1:
        return fitting[0]
    said = [model for model, word in zip(fitting, ("lvd", "sat"), strict=True) if word in path.name.lower()]
    if len(said) != 1:
        raise UsageError(
            f"weights '{shown(path)}' may be {_listed(fitting)}, which have equal shapes; say which: --as NAME"
        )
    return said[0]


def recognised(path: Path) -> list[Model]:
    """The published models that a file may be; more than one where they have equal shapes."""
    shape = recognise(shapes(path), shown(path)).shape
    known = [each for each in models() if each.part == shape.family and each.name in (shape.name, f"{shape.name}_sat")]
    if not known:
        raise WeightsError(
            f"weights '{shown(path)}' are those of no published {shape.family} ({shape.name}); name the file with "
            "--checkpoint instead"
        )
    if shape.family == "dinov3" and not shape.qkv_bias and "qkvb" in known[0].id:
        raise WeightsError(
            f"weights '{shown(path)}' lack the biases of queries and values that {shape.name} was trained with; take "
            f"those of {known[0].id} ({known[0].url})"
        )
    return known


def _refuse_adapter(path: Path) -> None:
    """Refuse what is no published model, whatever its base is."""
    if holds_adapter(path):
        raise WeightsError(f"weights '{shown(path)}' hold an adapter (LoRA); name that file with --checkpoint instead")


def _is_onnx(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == ONNX and path.suffix.lower() not in (".safetensors", ".pth", ".pt")


def _rembg_model(path: Path, asked: Model | None) -> Model:
    """By the published hash; else by name, as long as nothing published speaks against it."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    known = [model for model in models() if model.part == "rembg"]
    by_hash = next((model for model in known if model.md5 == md5), None)
    by_name = next((model for model in known if path.name in (model.file, model.url.rsplit("/", 1)[-1])), None)
    model = asked or by_hash or by_name
    if model is None:
        raise UsageError(f"weights '{shown(path)}' are in ONNX, but which model are they? Say it with --as NAME")
    if model.part != "rembg":
        raise WeightsError(f"weights '{shown(path)}' are in ONNX; '{model.name}' is a .safetensors or .pth file")
    if model.md5 and model.md5 != md5:
        raise differs(model, path, f"md5 {md5}", f"{model.md5} according to the release")
    if model.sha256 and model.sha256 != sha256_of(path):
        raise differs(model, path, f"sha256 {sha256_of(path)}", f"{model.sha256} according to the release")
    return model


def _put(path: Path, model: Model, place: Path, overwrite: bool) -> Imported:
    digest = sha256_of(path)
    source: Source = "rembg" if model.part == "rembg" else "imported"
    located = Located(place, "", source)
    there = [file for file in own_files(model) if file.is_file()]
    same = next((file for file in there if sha256_of(file) == digest), None)
    if same and same == there[0]:
        remember(model, Located(same, "", source), digest)
        return Imported(model, Located(same, "", source), digest, copied=False)
    if there and not overwrite:
        raise ConflictError(
            f"'{shown(there[0])}' is another file of weights for '{model.name}'; to replace it add --overwrite"
        )
    _copy(path, place, digest)
    for other in there:
        if other != place:
            other.unlink()
    remember(model, located, digest)
    return Imported(model, located, digest, copied=True)


def _copy(path: Path, place: Path, digest: str) -> None:
    """A copy whose bytes are those that were hashed."""
    came = hashlib.sha256()
    with arriving(place) as to, path.open("rb") as source:
        while block := source.read(BLOCK):
            to.write(block)
            came.update(block)
        if came.hexdigest() != digest:
            raise WeightsError(f"weights '{shown(path)}' changed while they were copied; try again")


def _listed(models: list[Model]) -> str:
    return " or ".join(f"'{model.name}' ({model.id})" for model in models)
