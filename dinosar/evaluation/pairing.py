"""Which landmarks of one file are held against which of another: photos by their names, y running down in both."""

from collections.abc import Sequence
from dataclasses import dataclass

from dinosar.errors import InputError, UsageError, shown
from dinosar.evaluation.landmarks import Measured, measured
from dinosar.landmarks.image_names import parts, stem
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.sheets import LandmarkFile, Sheet, upright
from dinosar.notices import warn


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Every photo that both files know, with the number of landmarks found without truth; and how many only one knows.

    A photo of the first file alone has no truth, one of the second alone was not asked for; neither counts.
    """

    images: tuple[tuple[Measured, int], ...]
    without_truth: tuple[str, ...]
    not_asked: tuple[str, ...]


def evaluated(found: LandmarkFile, true: LandmarkFile) -> Evaluated:
    """The landmarks of one file measured by those of another."""
    left, right = _by_name(found), _by_name(true)
    images = []
    for name in (name for name in left if name in right and right[name].landmarks.there.any()):
        ours, theirs = _comparable(left[name], right[name])
        try:
            images.append(measured(left[name].image, ours, theirs))
        except ValueError as problem:
            raise UsageError(f"{right[name].where}: '{shown(right[name].image)}' gives no measure: {problem}") from None
    if not images:
        raise InputError(
            f"'{shown(found.path)}' and '{shown(true.path)}' have no photo with landmarks in common; "
            "they are paired by the photos' file names"
        )
    _tell_strangers(images, found, true)
    known = {name for name in right if right[name].landmarks.there.any()}
    lacking = tuple(left[name].image for name in left if name not in known)
    return Evaluated(tuple(images), lacking, tuple(right[name].image for name in right if name not in left))


def _by_name(file: LandmarkFile) -> dict[str, Sheet]:
    """The sheets by the photo's name without folders and ending: a truth set on the TIFF is that of its JPEG."""
    sheets: dict[str, Sheet] = {}
    for sheet in file.sheets:
        name = stem(parts(sheet.image)[-1]).casefold()
        if name in sheets:
            raise UsageError(
                f"{sheet.where}: '{shown(sheet.image)}' and '{shown(sheets[name].image)}' ({sheets[name].where}) have "
                "one name but for folder and ending; keep one"
            )
        sheets[name] = sheet
    return sheets


def _comparable(ours: Sheet, theirs: Sheet) -> tuple[Landmarks, Landmarks]:
    """Both sheets' landmarks with y running down, in pixels of the same photo."""
    sizes = [sheet.size for sheet in (ours, theirs) if sheet.size]
    if len(set(sizes)) > 1:
        said = " and ".join(f"{width} x {height} px" for width, height in sizes)
        raise UsageError(f"{theirs.where}: '{shown(theirs.image)}' is said to be {said}; give landmarks of one version")
    if not sizes and (ours.from_bottom != theirs.from_bottom):
        upside = ours if ours.from_bottom else theirs
        raise UsageError(
            f"{upside.where}: y of '{shown(upside.image)}' is counted from the bottom of a photo whose height no file "
            "tells; convert it to COCO first (dinosar landmarks convert)"
        )
    return (ours.landmarks, theirs.landmarks) if not sizes else (
        upright(ours, sizes[0]).landmarks, upright(theirs, sizes[0]).landmarks
    )  # fmt: skip


def _tell_strangers(images: Sequence[tuple[Measured, int]], found: LandmarkFile, true: LandmarkFile) -> None:
    """Warn where the files call no landmark the same: then nothing was compared."""
    if not set(found.names) & set(true.names):
        raise UsageError(
            f"'{shown(found.path)}' and '{shown(true.path)}' have no name of a landmark in common: "
            f"'{shown(found.names[0] if found.names else '')}' … and '{shown(true.names[0])}' …; rename those of one"
        )
    extra = sum(count for _, count in images)
    if extra:
        warn(f"{extra} landmarks of '{shown(found.path)}' have no truth in '{shown(true.path)}'; they do not count")
