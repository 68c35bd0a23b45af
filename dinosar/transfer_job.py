"""`dinosar landmarks transfer`: landmarks of reference photos carried to others, as a COCO file with its record."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import TransferConfig
from dinosar.data import Photo
from dinosar.errors import UsageError, shown
from dinosar.folders import Output, RunFile
from dinosar.images import load_photo
from dinosar.jobs import Outcome
from dinosar.landmarks.coco import coco_bytes
from dinosar.landmarks.points import MISSING, SEEN, UNCERTAIN, Landmarks
from dinosar.landmarks.reading import placed, read_landmarks, sheet_for
from dinosar.landmarks.sheets import LandmarkFile, Sheet
from dinosar.notices import note, warn
from dinosar.parts import Seeing, build_seeing
from dinosar.record import file_facts, photo_facts
from dinosar.specimens import outlined
from dinosar.store import Store
from dinosar.transfer import Carried, Pose, Sight, carry_all

SUFFIX = ".json"


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
    return RunFile(out, overwrite=overwrite)


def compute(config: TransferConfig) -> Outcome:
    """Carry the landmarks of all references to each target; every target is on its own."""
    if not config.image.crop:
        note("image.crop has no effect: poses are compared on the specimen alone")
    references = known(config)
    targets = [load_photo(name, config.image) for name in config.inputs.targets]
    distinct(targets)
    parts = build_seeing(config)
    store = Store() if config.store else None
    known_sights = [(sight(each.photo, parts, config, store), each.landmarks) for each in references]
    carried = [carry_all(known_sights, sight(each, parts, config, store), config.transfer) for each in targets]
    for photo, found in zip(targets, carried, strict=True):
        tell_lost(photo, found)
    skeleton = tuple(dict.fromkeys(line for each in references for line in each.skeleton))
    category = next((each.category for each in references if each.category), "specimen")
    sheets = [sheet(photo, found, category) for photo, found in zip(targets, carried, strict=True)]
    return Outcome(
        summary(references, targets, carried, parts, config),
        written(coco_bytes(sheets, skeleton)),
        {"inputs": facts(config, references, targets)},
        {slot: part for slot, part in vars(parts).items() if part is not None},
    )


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


def distinct(targets: list[Photo]) -> None:
    """Complain where two targets would have one name in the file."""
    by_name: dict[str, Photo] = {}
    for photo in targets:
        name = file_name(photo)
        if name in by_name:
            raise UsageError(
                f"targets '{shown(by_name[name].path)}' and '{shown(photo.path)}' have one name, by which the file "
                "knows them; carry to one at a time"
            )
        by_name[name] = photo


def sight(photo: Photo, parts: Seeing, config: TransferConfig, store: Store | None) -> Sight:
    """A photo with its mask, to be seen in any pose."""
    mask = outlined(photo, parts, config, store).mask
    return Sight(photo, mask, parts.backbone, config.image, config.mask, store)


def file_name(photo: Photo) -> str:
    """What the COCO file calls a photo."""
    return photo.path.name if photo.path else photo.name


def tell_lost(photo: Photo, found: Carried) -> None:
    """Warn of a target on which most landmarks were lost: another photo of it, or another reference, may do better."""
    lost = int((np.isfinite(found.confidence) & ~found.landmarks.there).sum())
    if lost > len(found.landmarks) / 2:
        warn(
            f"{lost} of {len(found.landmarks)} landmarks were lost on '{shown(photo.name)}'; look at its mask, try "
            "--turn 180, --mirror or another reference"
        )


def sheet(photo: Photo, found: Carried, category: str) -> Sheet:
    """What the file says of a target; `confidences` stands beside `keypoints`, null where no reference has one."""
    kept = {"category": category, "confidences": confidences(found)}
    return Sheet(file_name(photo), found.landmarks.moved_to(found.landmarks.places.round(2)), photo.size, kept=kept)


def confidences(found: Carried) -> list[float | None]:
    """How likely each landmark is right, None where no reference has it."""
    return [round(value, 4) if np.isfinite(value) else None for value in found.confidence.tolist()]


def summary(references: list[Reference], targets: list[Photo], carried: list[Carried], parts: Seeing,
            config: TransferConfig) -> dict[str, Any]:  # fmt: skip
    """What --json prints."""
    return {
        "references": [each.photo.name for each in references],
        "backbone": parts.backbone.title,
        "masker": " and ".join(each.title for each in parts.maskers),
        "certain": config.transfer.certain,
        "lost": config.transfer.lost,
        "targets": [told(photo, found) for photo, found in zip(targets, carried, strict=True)],
    }


def told(photo: Photo, found: Carried) -> dict[str, Any]:
    """One target: how many landmarks are certain, uncertain, lost or unknown; each of them; and the poses."""
    visibility, sure = found.landmarks.visibility, confidences(found)
    points = zip(
        found.landmarks.names, found.landmarks.places.round(2).tolist(), visibility.tolist(), sure, strict=True
    )
    return {
        "image": photo.name,
        "certain": int((visibility == SEEN).sum()),
        "uncertain": int((visibility == UNCERTAIN).sum()),
        "lost": int(((visibility == MISSING) & np.isfinite(found.confidence)).sum()),
        "in_no_reference": sum(value is None for value in sure),
        "poses": [pose_in_words(pose) for pose in found.poses],
        "landmarks": [
            {"name": name, "x": place[0] if v else None, "y": place[1] if v else None, "v": v, "confidence": value}
            for name, place, v, value in points
        ],
    }


def pose_in_words(pose: Pose) -> str:
    """How a reference was turned, for people."""
    turn = f"turned {pose.degrees:+.0f} degrees" if pose.degrees else "as it lies"
    return f"mirrored, {turn}" if pose.mirrored else turn


def facts(config: TransferConfig, references: list[Reference], targets: list[Photo]) -> dict[str, Any]:
    """Every input as the record keeps it, by its place in the lists of the config."""
    inputs = config.inputs
    photos = {"references": [each.photo for each in references], "targets": targets}
    found = {
        f"{role}.{i}": photo_facts(photo, getattr(inputs, role)[i])
        for role, each in photos.items() for i, photo in enumerate(each)
    }  # fmt: skip
    return found | {f"keypoints.{i}": file_facts(name) for i, name in enumerate(inputs.keypoints)}


def written(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The one file of the run."""
    yield "", content
