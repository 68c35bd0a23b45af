"""Which landmarks of one file are held against which of another: photos by their names, y running down in both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dinosar.errors import InputError, UsageError, shown
from dinosar.evaluation.landmarks import Measured, measured
from dinosar.landmarks.image_names import folded, parts, stem
from dinosar.landmarks.points import Landmarks
from dinosar.landmarks.sheets import LandmarkFile, Sheet, upright
from dinosar.notices import note, warn


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Every photo that both files know, with the number of landmarks found without truth; and how many only one knows.

    A photo of the first file alone has no truth, one of the second alone was not asked for; neither counts.
    """

    images: tuple[tuple[Measured, int], ...]
    without_truth: tuple[str, ...]
    not_asked: tuple[str, ...]


def evaluated(found: LandmarkFile, true: LandmarkFile) -> Evaluated:
    """The landmarks of one file measured by those of another: by their names, by position where one side has none."""
    left, right = _by_name(found), _by_name(true)
    known = {name for name in right if right[name].landmarks.there.any()}
    both = [name for name in left if name in known]
    if not both:
        raise InputError(
            f"'{shown(found.path)}' and '{shown(true.path)}' have no photo with landmarks in common; "
            "they are paired by the photos' file names"
        )
    pairs = {name: _named_alike(left[name], right[name]) for name in both}
    if any(pairs[name][0] is not left[name] or pairs[name][1] is not right[name] for name in both):
        note("one of the files names no landmarks: they are taken by their position, as the other file has them")
    _check_names(list(pairs.values()), found, true)
    images = [_measured(*pairs[name]) for name in both]
    extra = sum(count for _, count in images)
    if extra:
        warn(f"{extra} landmarks of '{shown(found.path)}' have no truth in '{shown(true.path)}'; they do not count")
    lacking = tuple(left[name].image for name in left if name not in known)
    return Evaluated(tuple(images), lacking, tuple(right[name].image for name in right if name not in left))


def _measured(ours: Sheet, theirs: Sheet) -> tuple[Measured, int]:
    try:
        return measured(ours.image, *_comparable(ours, theirs))
    except ValueError as problem:
        raise UsageError(f"{theirs.where}: '{shown(theirs.image)}' gives no measure: {problem}") from None


def _named_alike(ours: Sheet, theirs: Sheet) -> tuple[Sheet, Sheet]:
    """Both sheets; where one of them names no landmarks, it takes the names of the other, by position."""
    if not len(ours.landmarks) or ours.landmarks.named == theirs.landmarks.named:
        return ours, theirs
    bare, named = (theirs, ours) if ours.landmarks.named else (ours, theirs)
    if len(bare.landmarks) != len(named.landmarks):
        raise UsageError(
            f"{bare.where}: '{shown(bare.image)}' has {len(bare.landmarks)} landmarks without names, but "
            f"{len(named.landmarks)} with names in the other file ({named.where}), so their order does not tell which "
            "are the same; dinosar landmarks convert --names gives names"
        )
    bare = replace(bare, landmarks=replace(bare.landmarks, names=named.landmarks.names, named=True))
    return (ours, bare) if named is ours else (bare, theirs)


def _by_name(file: LandmarkFile) -> dict[str, Sheet]:
    """The sheets by the photo's name without folders and ending: a truth set on the TIFF is that of its JPEG.

    A photo that is only listed is none that anybody asked about.
    """
    sheets: dict[str, Sheet] = {}
    for sheet in file.sheets:
        if sheet.listed_only:
            continue
        name = folded(stem(parts(sheet.image)[-1]))
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


def _check_names(pairs: Sequence[tuple[Sheet, Sheet]], found: LandmarkFile, true: LandmarkFile) -> None:
    """Complain where the files call no landmark the same: then nothing would be compared."""
    if not any(set(ours.landmarks.names) & set(theirs.landmarks.names) for ours, theirs in pairs):
        raise UsageError(
            f"'{shown(found.path)}' and '{shown(true.path)}' have no name of a landmark in common: "
            f"'{shown(found.names[0] if found.names else '')}' … and '{shown(true.names[0])}' …; rename those of one"
        )
