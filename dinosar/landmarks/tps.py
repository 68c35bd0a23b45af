"""tpsDig's TPS (.tps): per specimen a count, the landmarks with y from the bottom of the photo, and lines KEY=value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dinosar.errors import UsageError, shown
from dinosar.landmarks.image_names import complaint
from dinosar.landmarks.numbers_in_text import coordinate, written
from dinosar.landmarks.points import MISSING, SEEN, Points
from dinosar.landmarks.sheets import LandmarkFile, Sheet, check_bounds, landmarks_from, turned_over
from dinosar.landmarks.source import Source
from dinosar.notices import note, warn

_KEY = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*", re.ASCII)
_OURS = ("IMAGE", "ID", "SCALE", "CURVES", "POINTS")
_LARGEST_COUNT = 100_000


@dataclass
class _Specimen:
    """What has been read of one specimen: the line of its LM=, landmarks, curves, and the values of its keys."""

    line: int
    places: list[tuple[float, float]]
    curves: list[list[tuple[float, float]]] = field(default_factory=list)
    values: dict[str, tuple[int, str]] = field(default_factory=dict)


class _Lines:
    """The lines of a file that hold anything, with their numbers, one after the other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        numbered = enumerate(source.text.splitlines(), 1)
        self._rest = [(number, line) for number, line in numbered if line.strip()][::-1]

    def next(self) -> tuple[int, str] | None:
        return self._rest.pop() if self._rest else None

    def peek(self) -> str:
        return self._rest[-1][1] if self._rest else ""


def parse_tps(source: Source) -> LandmarkFile:
    """All specimens of a TPS file, y still from the bottom."""
    specimens: list[_Specimen] = []
    lines = _Lines(source)
    while (entry := lines.next()) is not None:
        number, line = entry
        found = _KEY.fullmatch(line)
        if not found:
            raise _stray(source, number, line, specimens)
        key, value = found[1].upper(), found[2]
        if key == "LM3":
            raise source.wrong(f"line {number}", "LM3= begins landmarks in three dimensions; only two are read")
        if key == "LM":
            specimens.append(_Specimen(number, _places(lines, number, key, value)))
        elif not specimens:
            raise source.wrong(
                f"line {number}", f"expected LM= before anything else, found '{shown(line.strip(), 60)}'"
            )
        else:
            _take(lines, specimens[-1], number, (key, value))
    _check_counts(source, specimens)
    _fill_up(specimens)
    sheets = tuple(_sheet(source, i, each) for i, each in enumerate(specimens, 1))
    _tell_about_names(source, specimens)
    _tell_about_scales(source, specimens)
    return LandmarkFile("tps", source.path, sheets, unnamed=True)


def _stray(source: Source, number: int, line: str, specimens: list[_Specimen]) -> UsageError:
    """The error about a line that is neither a key nor wanted as a landmark."""
    what = f"expected KEY=value, found '{shown(line.strip(), 60)}'"
    if specimens and not specimens[-1].values and re.match(r"\s*[-+.\d]", line):
        last = specimens[-1]
        what += f", a landmark more than the LM={len(last.places)} of line {last.line} says"
    return source.wrong(f"line {number}", what)


def _take(lines: _Lines, specimen: _Specimen, number: int, entry: tuple[str, str]) -> None:
    """One line KEY=value of a specimen, with the lines that belong to it."""
    key, value = entry
    if key == "POINTS":
        specimen.curves.append(_places(lines, number, key, value))
        return
    if key in specimen.values and key in _OURS:
        first = specimen.values[key][0]
        raise lines.source.wrong(
            f"line {number}", f"{key}= stands at line {first} already; keep one, or begin with LM="
        )
    while key in specimen.values:  # a second comment
        key += "\n"
    specimen.values[key] = number, value


def _places(lines: _Lines, number: int, key: str, value: str) -> list[tuple[float, float]]:
    """The landmarks that follow LM= or POINTS=; NaN where missing."""
    source = lines.source
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) > _LARGEST_COUNT:
        raise source.wrong(f"line {number}", f"expected a whole number after {key}=, found '{shown(value, 60)}'")
    found: list[tuple[float, float]] = []
    while len(found) < int(value):
        if not lines.peek() or _KEY.fullmatch(lines.peek()):
            raise source.wrong(f"line {number}", f"{key}={value} promises {value} lines of x and y, found {len(found)}")
        line = lines.next()
        found.append(_place(source, *(line or (number, "")), curve=key == "POINTS"))
    return found


def _place(source: Source, number: int, line: str, *, curve: bool) -> tuple[float, float]:
    """x and y of one line; NaN where a coordinate is negative or NA, as tpsDig and geomorph mean it."""
    words = line.split()
    try:
        if len(words) != 2:
            raise ValueError(f"expected two numbers, x and y, found '{shown(line.strip(), 60)}'")
        x, y = (coordinate(word) for word in words)
    except ValueError as problem:
        raise source.wrong(f"line {number}", shown(problem)) from None
    if (x is None) != (y is None):
        raise source.wrong(f"line {number}", f"expected two numbers, or NA NA, found '{shown(line.strip(), 60)}'")
    if x is None or y is None or x < 0 or y < 0:
        if curve:
            raise source.wrong(f"line {number}", f"expected a point of a curve, found '{shown(line.strip(), 60)}'")
        return np.nan, np.nan
    return x, y


def _check_counts(source: Source, specimens: list[_Specimen]) -> None:
    """Complain about curves that are not all there, and specimens that differ in their number of landmarks.

    LM=0 is a specimen that nobody has set landmarks on yet.
    """
    first = next((each for each in specimens if each.places), None)
    for each in specimens:
        line, said = each.values.get("CURVES", (each.line, str(len(each.curves))))
        if said != str(len(each.curves)):
            raise source.wrong(f"line {line}", f"CURVES={shown(said, 20)}, but {len(each.curves)} POINTS= follow")
        if first and each.places and len(each.places) != len(first.places):
            raise source.wrong(
                f"line {each.line}",
                f"expected LM={len(first.places)} as at line {first.line}, found LM={len(each.places)}; "
                "a landmark that is missing keeps its line, as -1 -1",
            )


def _fill_up(specimens: list[_Specimen]) -> None:
    """Give specimens with LM=0 as many landmarks as the others have, all missing."""
    count = max((len(each.places) for each in specimens), default=0)
    for each in specimens:
        each.places = each.places or [(np.nan, np.nan)] * count


def _sheet(source: Source, position: int, specimen: _Specimen) -> Sheet:
    """A specimen as a sheet; without IMAGE= it goes by its ID=, else by its place in the file."""
    identity = specimen.values.get("ID", (0, ""))[1] or None
    line, name = specimen.values.get("IMAGE", (specimen.line, ""))
    name = name or identity or str(position)
    if bad := complaint(name):
        raise source.wrong(f"line {line}", f"IMAGE={bad}" if bad.startswith("'") else bad)
    places = _array(specimen.places)
    names = [str(i) for i in range(1, len(places) + 1)]
    visibility = np.where(np.isnan(places[:, 0]), MISSING, SEEN).astype(np.int8)
    return Sheet(
        name, landmarks_from(names, places, visibility), None, identity, from_bottom=True,
        units_per_px=_scale(source, specimen), curves=tuple(_array(curve) for curve in specimen.curves),
        kept={key: value for key, (_, value) in specimen.values.items() if key not in _OURS},
        where=source.at(f"line {specimen.line}"),
    )  # fmt: skip


def _array(places: list[tuple[float, float]]) -> Points:
    return np.array(places, dtype=np.float64).reshape(-1, 2)


def _scale(source: Source, specimen: _Specimen) -> float | None:
    """Units per pixel; many files have SCALE= with nothing behind it, some 0."""
    line, text = specimen.values.get("SCALE", (0, ""))
    try:
        value = coordinate(text)
    except ValueError as problem:
        raise source.wrong(f"line {line}", f"SCALE=: {shown(problem)}") from None
    if value is not None and value < 0:
        raise source.wrong(
            f"line {line}", f"expected SCALE= above 0, found {value:g}; leave it empty where it is unknown"
        )
    return value or None


def _tell_about_scales(source: Source, specimens: list[_Specimen]) -> None:
    lines = [
        each.values["SCALE"][0] for each in specimens if "SCALE" in each.values and _is_zero(*each.values["SCALE"])
    ]
    if lines:
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        warn(f"{source.at(f'line {lines[0]}')}{more}: SCALE=0 is no scale, and is taken as unknown")


def _is_zero(_line: int, text: str) -> bool:
    return coordinate(text) == 0


def _tell_about_names(source: Source, specimens: list[_Specimen]) -> None:
    without = sum(not each.values.get("IMAGE", (0, ""))[1] for each in specimens)
    if without:
        note(
            f"'{shown(source.path)}': {without} of {len(specimens)} specimens have no IMAGE=; they go by their ID=, or "
            "by their place in the file"
        )


def tps_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as TPS; those that are upright need their photo's height."""
    lines: list[str] = []
    for sheet in sheets:
        places, curves = from_below(sheet)
        lines.append(f"LM={len(places)}")
        lines += ["-1 -1" if np.isnan(x) else _line(x, y) for x, y in places]
        if curves:
            lines.append(f"CURVES={len(curves)}")
        for curve in curves:
            lines += [f"POINTS={len(curve)}", *(_line(x, y) for x, y in curve)]
        lines.append(f"IMAGE={sheet.image}")
        lines += [f"ID={sheet.id}"] if sheet.id is not None else []
        lines += [f"{key.rstrip()}={value}" for key, value in sheet.kept.items() if isinstance(value, str)]
        lines += [f"SCALE={written(sheet.units_per_px)}"] if sheet.units_per_px else []
    return ("\n".join(lines) + "\n").encode()


def _line(x: float, y: float) -> str:
    """A place; up to half a pixel outside the photo it goes onto the edge, for below 0 it would read as missing."""
    return f"{written(max(x, 0.0))} {written(max(y, 0.0))}"


def from_below(sheet: Sheet) -> tuple[Points, tuple[Points, ...]]:
    """Landmarks and curves of a sheet with y from the bottom of its photo."""
    if sheet.from_bottom or not (sheet.landmarks.there.any() or sheet.curves):
        return sheet.landmarks.places, sheet.curves
    if sheet.size is None:
        raise UsageError(
            f"{sheet.where or shown(sheet.image)}: the height of '{shown(sheet.image)}' is not known, and y is to be "
            "counted from its bottom; give the folder of the photos with --images"
        )
    check_bounds(sheet, sheet.size)
    height = sheet.size[1]
    return turned_over(sheet.landmarks.places, height), tuple(turned_over(each, height) for each in sheet.curves)
