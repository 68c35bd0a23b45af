"""Writes landmarks as any of the kinds of file, and says what a kind cannot hold."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dinosar.errors import UsageError, shown
from dinosar.landmarks.coco import coco_bytes
from dinosar.landmarks.image_names import parts, stem
from dinosar.landmarks.morphoj import morphoj_bytes
from dinosar.landmarks.points import UNCERTAIN, Landmarks
from dinosar.landmarks.sheets import KIND_NAMES, Kind, LandmarkFile, Sheet, landmarks_from
from dinosar.landmarks.slicer import ENDING, slicer_bytes
from dinosar.landmarks.tidy_table import tidy_bytes
from dinosar.landmarks.tps import tps_bytes

FROM_BOTTOM = ("tps", "morphoj")
"""Kinds that count y from the bottom of the photo."""
_BY_ENDING: dict[str, Kind] = {".json": "coco", ".tps": "tps", ".txt": "morphoj", ".csv": "csv", ".tsv": "csv"}


def kind_of_output(path: Path, *, folder: bool = False) -> Kind:
    """The kind of file that a name asks for; a folder holds Slicer's files, one for each photo."""
    if folder or path.name.lower().endswith(ENDING):
        return "slicer"
    if path.suffix.lower() not in _BY_ENDING:
        raise UsageError(
            f"'{shown(path)}': its ending tells no kind of landmark file; end it in .json (COCO), .tps, .txt "
            f"(MorphoJ), .csv, .tsv or {ENDING}, or in / for a folder of {ENDING} files"
        )
    return _BY_ENDING[path.suffix.lower()]


def write_landmarks(
    sheets: Sequence[Sheet],
    kind: Kind,
    *,
    skeleton: Sequence[tuple[str, str]] = (),
    delimiter: str = ",",
    carried: bool = False,
) -> bytes | dict[str, bytes]:
    """The bytes of a landmark file; for 3D Slicer those of each photo's file by its name.

    COCO, Slicer and CSV count y from above, so their sheets must be upright; TPS and MorphoJ count it from below, so
    theirs need the photo's size unless they still are as they were read. COCO alone can say that they were `carried`.
    """
    if kind in FROM_BOTTOM:
        sheets = _in_one_order(sheets)
    else:
        _check_upright(sheets)
    if kind == "slicer":
        return _slicer_files(sheets)
    if kind == "coco":
        return coco_bytes(sheets, skeleton, carried=carried)
    if kind == "csv":
        return tidy_bytes(sheets, delimiter)
    return tps_bytes(sheets) if kind == "tps" else morphoj_bytes(sheets)


def _in_one_order(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Sheets that all have the same landmarks in the same order, as files without names need them.

    What a photo has no landmark of is missing there. Landmarks known by their order alone can only be the same ones.
    """
    names = tuple(dict.fromkeys(name for sheet in sheets for name in sheet.landmarks.names))
    others = [sheet for sheet in sheets if sheet.landmarks.names not in ((), names)]
    if others and not all(sheet.landmarks.named or not len(sheet.landmarks) for sheet in sheets):
        odd = others[0]
        raise UsageError(
            f"{odd.where or shown(odd.image)}: '{shown(odd.image)}' has other landmarks ({len(odd.landmarks)}) than "
            f"the rest ({len(names)} in all), and by their order alone nobody can tell which are the same; name them"
        )
    return [replace(sheet, landmarks=_arranged(sheet.landmarks, names)) for sheet in sheets]


def _arranged(landmarks: Landmarks, names: tuple[str, ...]) -> Landmarks:
    """The landmarks in another order of names; those that are not there are missing."""
    rows = {name: i for i, name in enumerate(landmarks.names)}
    places, visibility = np.full((len(names), 2), np.nan), np.zeros(len(names), np.int8)
    for k, name in enumerate(names):
        if name in rows:
            places[k], visibility[k] = landmarks.places[rows[name]], landmarks.visibility[rows[name]]
    return landmarks_from(names, places, visibility)


def _check_upright(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        if sheet.from_bottom:
            raise UsageError(
                f"{sheet.where}: y of '{shown(sheet.image)}' is counted from the bottom of a photo whose height is not "
                "known; give the folder of the photos with --images"
            )


def _slicer_files(sheets: Sequence[Sheet]) -> dict[str, bytes]:
    """One file for each photo, named after it."""
    found: dict[str, bytes] = {}
    for sheet in sheets:
        name = stem(parts(sheet.image)[-1]) + ENDING
        if name.casefold() in {each.casefold() for each in found}:
            raise UsageError(
                f"{sheet.where}: two photos would both become '{shown(name)}'; write them into two folders"
            )
        found[name] = slicer_bytes(sheet)
    return found


def fitted_to(file: LandmarkFile, kind: Kind) -> tuple[LandmarkFile, list[str]]:
    """The file with what another kind cannot hold taken away, and a sentence about each such thing."""
    losses = [f"{KIND_NAMES[kind]} {what}" for what, lost in _losses(file, kind) if lost]
    sheets = tuple(
        replace(
            sheet,
            kept=sheet.kept if kind == file.kind else {},
            curves=sheet.curves if kind == "tps" else (),
        )
        for sheet in file.sheets
    )
    return replace(file, sheets=sheets), losses


def _losses(file: LandmarkFile, kind: Kind) -> list[tuple[str, bool]]:
    """What each kind cannot hold, and whether the file has it."""
    sheets = file.sheets
    named = any(sheet.landmarks.named for sheet in sheets)
    kept = sorted({key.strip() for sheet in sheets for key in sheet.kept if key != "category"})
    return [
        ("has no names of landmarks: they are known by their order there; keep the list for --names on the way back",
         kind == "tps" and named),
        ("has no curves: their points are left out", kind != "tps" and any(sheet.curves for sheet in sheets)),
        ("knows only there and missing: landmarks marked as uncertain become plain ones",
         kind not in ("coco", "csv") and any((s.landmarks.visibility == UNCERTAIN).any() for s in sheets)),
        ("has no scale: it is left out", kind != "tps" and any(sheet.units_per_px for sheet in sheets)),
        ("cannot say that landmarks were carried by features: they will look as if somebody had set them",
         kind != "coco" and file.carried),
        ("cannot list a photo without landmarks: those that nobody has set become missing ones",
         kind != "coco" and any(sheet.listed_only for sheet in sheets)),
        ("has no skeleton: its lines are left out", kind != "coco" and bool(file.skeleton)),
        (f"has no place for {', '.join(kept)[:80]}: left out", kind != file.kind and bool(kept)),
        ("means missing by a number below 0: landmarks up to half a pixel outside the photo go onto its edge",
         kind == "tps" and any(_over_the_edge(sheet) for sheet in sheets)),
    ]  # fmt: skip


def _over_the_edge(sheet: Sheet) -> bool:
    """Whether a coordinate, counted from below, is negative without being missing."""
    x, y = sheet.landmarks.places.T
    if sheet.from_bottom:
        return False
    return bool((x < 0).any() or (sheet.size is not None and (y > sheet.size[1]).any()))


def renamed(file: LandmarkFile, names: Sequence[str]) -> LandmarkFile:
    """The file with names for landmarks that were known by their order alone."""
    for sheet in file.sheets:
        if len(sheet.landmarks) not in (0, len(names)):
            raise UsageError(
                f"{sheet.where}: '{shown(sheet.image)}' has {len(sheet.landmarks)} landmarks, but --names gives "
                f"{len(names)}; give one for each, in their order"
            )
    sheets = [
        replace(sheet, landmarks=replace(sheet.landmarks, names=tuple(names), named=True))
        if len(sheet.landmarks)
        else sheet
        for sheet in file.sheets
    ]
    return replace(file, sheets=tuple(sheets), unnamed=False)
