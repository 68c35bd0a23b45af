"""`dinosar landmarks transfer`: landmarks of reference photos carried to others, as a COCO file with its record."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import TransferConfig
from dinosar.data import Photo
from dinosar.errors import DinosarError, InputError, ResourceError, UsageError, shown
from dinosar.folders import Output, RunFile
from dinosar.images import load_photo
from dinosar.jobs import Outcome
from dinosar.landmarks.coco import coco_bytes
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.reading import placed, read_landmarks, sheet_for
from dinosar.landmarks.sheets import LandmarkFile, Sheet
from dinosar.notices import note
from dinosar.parts import Seeing, build_seeing
from dinosar.record import file_facts, photo_facts
from dinosar.specimens import outlined
from dinosar.store import Store
from dinosar.transfer import Pose, Sight, carry_all
from dinosar.transfer.telling import Target, doubts, tell, told

SUFFIX = ".json"
MARKUP = ".mrk.json"
"""Ends the files of a folder that is read as a whole."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A photo whose landmarks are known, and what else its file says of it."""

    photo: Photo
    landmarks: Landmarks
    category: str
    skeleton: tuple[tuple[str, str], ...]


def place(config: TransferConfig, out: Path | None, overwrite: bool) -> Output:
    """The COCO file named; its record lies beside it."""
    if out is None or out.suffix != SUFFIX:
        raise UsageError(f"--out '{shown(out or '')}': name the file to write, ending in .json")
    inputs = config.inputs
    for name in (*inputs.keypoints, *inputs.references, *inputs.targets):
        if would_replace(out, Path(name)):
            raise UsageError(f"--out '{shown(out)}' would replace '{shown(name)}', which is read; name another file")
    return RunFile(out, overwrite=overwrite)


def would_replace(out: Path, given: Path) -> bool:
    """Whether a file to be written is one that is read, by whatever name, or would be one of a folder that is."""
    try:
        if out.exists() and given.exists() and out.samefile(given):
            return True
        return given.is_dir() and out.name.endswith(MARKUP) and out.parent.samefile(given)
    except (OSError, ValueError):  # no such name, or no such folder: reading or writing will tell
        return False


def compute(config: TransferConfig) -> Outcome:
    """Carry the landmarks of all references to each target; every target is on its own."""
    if not config.image.crop:
        note("image.crop has no effect: poses are compared on the specimen alone")
    distinct(config.inputs.targets)
    references = known(config)
    parts = build_seeing(config)
    store = Store() if config.store else None
    known_sights = [(ready(each.photo, parts, config, store), each.landmarks) for each in references]
    targets = [carried_to(name, known_sights, parts, config, store) for name in config.inputs.targets]
    failed = [each for each in targets if each.problem]
    if len(failed) == len(targets):
        raise none_left(failed)
    for each in targets:
        tell(each, config.transfer)
    skeleton = tuple(dict.fromkeys(line for each in references for line in each.skeleton))
    return Outcome(
        summary(references, targets, parts, config),
        written(coco_bytes(sheets(targets, references), skeleton, carried=True)),
        {"inputs": facts(config, references, targets)},
        {slot: part for slot, part in vars(parts).items() if part is not None},
        "partial" if failed else "done",
    )


def ready(photo: Photo, parts: Seeing, config: TransferConfig, store: Store | None) -> Sight:
    """A photo with its mask, to be seen in any pose, looked at as it lies: so it is known that it can be."""
    mask = outlined(photo, parts, config, store).mask
    seen = Sight(photo, mask, parts.backbone, config.image, config.mask, store)
    seen.view(Pose(), config.image.size)
    return seen


def carried_to(given: str, references: list[tuple[Sight, Landmarks]], parts: Seeing, config: TransferConfig,
               store: Store | None) -> Target:  # fmt: skip
    """A target with its landmarks, or with what is wrong with its photo or its mask: the others need not wait."""
    try:
        photo = load_photo(given, config.image)
    except (InputError, ResourceError) as problem:  # of the latter, those of the file alone
        return Target(given, None, problem=problem)
    try:
        target = ready(photo, parts, config, store)
    except InputError as problem:
        return Target(given, photo, problem=problem)
    return Target(given, photo, carry_all(references, target, config.transfer))


def none_left(failed: list[Target]) -> DinosarError:
    """What to say where no target has landmarks."""
    first = failed[0].problem
    if first is None or len(failed) == 1:
        return first or InputError("no target was named")
    return InputError(f"none of the {len(failed)} targets can be used; the first: {first}")


def known(config: TransferConfig) -> list[Reference]:
    """The references with their landmarks: each from the first of the files that names it."""
    files = [read_landmarks(name) for name in config.inputs.keypoints]
    return [reference(load_photo(name, config.image), files) for name in config.inputs.references]


def reference(photo: Photo, files: list[LandmarkFile]) -> Reference:
    """A reference, or what to do where no file has landmarks of it."""
    path = photo.path or Path(photo.name)
    for file in files:
        found = sheet_for(file, path)
        if found is None or not found.landmarks.there.any():
            continue
        upright = placed(found, photo.size)
        return Reference(photo, upright.landmarks, str(upright.kept.get("category", "")), file.skeleton)
    names = " and ".join(f"'{shown(file.path)}'" for file in files)
    raise UsageError(f"reference '{shown(path)}' has no landmarks in {names}; give a file of --keypoints that has them")


def distinct(targets: list[str]) -> None:
    """Complain where two targets would have one name in the file."""
    by_name: dict[str, str] = {}
    for given in targets:
        name = Path(given).name
        if name in by_name:
            raise UsageError(
                f"targets '{shown(by_name[name])}' and '{shown(given)}' have one name, by which the file knows them; "
                "carry to one at a time"
            )
        by_name[name] = given


def sheets(targets: list[Target], references: list[Reference]) -> list[Sheet]:
    """What the file says of each target that could be read.

    `confidences` and `errors_expected` (in pixels) stand beside `keypoints`, null where there are none.
    """
    category = next((each.category for each in references if each.category), "specimen")
    names = tuple(dict.fromkeys(name for each in references for name in each.landmarks.names))
    nothing = Landmarks(names, np.full((len(names), 2), np.nan), np.zeros(len(names), np.int8), carried=True)
    written_ = []
    for each in targets:
        if each.photo is None:
            continue
        landmarks = each.found.landmarks if each.found else nothing
        sure, errors = doubts(each.found) if each.found else ([None] * len(names),) * 2
        kept = {"category": category, "confidences": sure, "errors_expected": errors}
        places = landmarks.moved_to(landmarks.places.round(2))
        written_.append(Sheet(Path(each.given).name, places, each.photo.size, kept=kept))
    return written_


def summary(references: list[Reference], targets: list[Target], parts: Seeing,
            config: TransferConfig) -> dict[str, Any]:  # fmt: skip
    """What --json prints."""
    return {
        "references": [each.photo.name for each in references],
        "backbone": parts.backbone.title,
        "masker": " and ".join(each.title for each in parts.maskers),
        "certain": config.transfer.certain,
        "lost": config.transfer.lost,
        "targets": [told(each) for each in targets],
    }


def facts(config: TransferConfig, references: list[Reference], targets: list[Target]) -> dict[str, Any]:
    """Every input as the record keeps it, by its place in the lists of the config; what was not there is left out."""
    inputs = config.inputs
    found = {f"references.{i}": photo_facts(each.photo, inputs.references[i]) for i, each in enumerate(references)}
    for i, each in enumerate(targets):
        if each.photo:
            found[f"targets.{i}"] = photo_facts(each.photo, each.given)
        elif known_file := unread(each.given):
            found[f"targets.{i}"] = known_file
    return found | {f"keypoints.{i}": file_facts(name) for i, name in enumerate(inputs.keypoints)}


def unread(given: str) -> dict[str, Any] | None:
    """A file that is no photo, as the record keeps it; None where its bytes cannot be had either."""
    try:
        return file_facts(given) if Path(given).is_file() else None
    except (OSError, ValueError):
        return None


def written(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The one file of the run."""
    yield "", content
