"""COCO keypoints (.json): photos, categories that name the landmarks, and one annotation for each specimen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dinosar.errors import shown
from dinosar.landmarks.image_names import complaint
from dinosar.landmarks.json_text import is_number, kind_of, list_at, parse_json
from dinosar.landmarks.points import MISSING, Landmarks
from dinosar.landmarks.sheets import OUTSIDE, LandmarkFile, Sheet, landmarks_from
from dinosar.landmarks.source import Source
from dinosar.publishing import json_bytes

_OURS = ("id", "image_id", "category_id", "keypoints", "num_keypoints")
"""Keys of an annotation that are written anew; all others are kept as they are."""
CARRIED = "landmarks carried by features"
"""What `info.dinosar` says in a file whose landmarks nobody set."""


@dataclass(frozen=True)
class _Category:
    """The names of a category's landmarks, none where it names none, and its name."""

    title: str
    names: tuple[str, ...] | None


def parse_coco(source: Source, *, bounds: bool = True) -> LandmarkFile:
    """All photos of a COCO file; those without an annotation are only listed.

    Landmarks outside the size that the file states are an error, unless `bounds` is off.
    """
    content = parse_json(source)
    images = _images(source, list_at(source, content, "images"))
    raw = content.get("categories", [])
    categories = _categories(source, list_at(source, {"categories": raw}, "categories"))
    annotations = _annotations(source, list_at(source, content, "annotations"), images)
    counts: dict[str, tuple[str, int]] = {}
    sheets = []
    for key, (number, image) in images.items():
        at, annotation = annotations.get(key, ("", {}))
        category = _category_of(source, at, annotation, categories)
        size = _size(source, number, image)
        landmarks = _landmarks(source, at, annotation, category, size if bounds else None)
        if annotation:
            _check_count(source, at, len(landmarks), counts, str(annotation.get("category_id")))
        kept = {k: v for k, v in annotation.items() if k not in _OURS}
        sheets.append(
            Sheet(image["file_name"], landmarks, size, key, where=source.at(f"images[{number}]"),
                  kept=kept | ({"category": category.title} if annotation and category.title else {}),
                  listed_only=not annotation)
        )  # fmt: skip
    nameless = any(_category_of(source, at, each, categories).names is None for at, each in annotations.values())
    info = content.get("info")
    carried = isinstance(info, dict) and info.get("dinosar") == CARRIED
    return LandmarkFile("coco", source.path, tuple(sheets), _skeleton(source, raw), nameless, carried)


def _images(source: Source, images: list[Any]) -> dict[str, tuple[int, dict[str, Any]]]:
    """The photos by their id, each with its number in the file."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    by_name: dict[str, int] = {}
    if not images:
        raise source.wrong("images", "expected at least one photo, found none; export it again")
    for i, image in enumerate(images):
        at = f"images[{i}]"
        _must_be_object(source, at, image)
        key = _id(source, f"{at}.id", image.get("id"))
        name = image.get("file_name")
        if not isinstance(name, str):
            raise source.wrong(f"{at}.file_name", f"expected the name of a photo, found {kind_of(name)}")
        if bad := complaint(name):
            raise source.wrong(f"{at}.file_name", bad)
        if key in found:
            raise source.wrong(
                f"{at}.id", f"{shown(key, 60)} is the id of images[{found[key][0]}], too; give it another"
            )
        if name in by_name:
            raise source.wrong(f"{at}.file_name", f"'{shown(name)}' stands at images[{by_name[name]}], too; keep one")
        found[key], by_name[name] = (i, image), i
    return found


def _must_be_object(source: Source, at: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise source.wrong(at, f"expected an object {{...}}, found {kind_of(value)}")


def _id(source: Source, at: str, value: Any) -> str:
    """An id as text: some programs write 7 in one place and "7" in another."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).strip():
        raise source.wrong(at, f"expected an id, a whole number or text, found {kind_of(value)}")
    return str(value)


def _size(source: Source, number: int, image: dict[str, Any]) -> tuple[int, int] | None:
    """Width and height where the file states both."""
    sides: list[Any] = [image.get("width"), image.get("height")]
    if sides == [None, None]:
        return None
    for side, value in zip(("width", "height"), sides, strict=True):
        if not is_number(value) or not 0 < value < 10**7 or value % 1:
            raise source.wrong(f"images[{number}].{side}", f"expected a whole number of pixels, found {kind_of(value)}")
    return int(sides[0]), int(sides[1])


def _categories(source: Source, categories: list[Any]) -> dict[str, _Category]:
    """The categories by their id."""
    found: dict[str, _Category] = {}
    for i, category in enumerate(categories):
        at = f"categories[{i}]"
        _must_be_object(source, at, category)
        key = _id(source, f"{at}.id", category.get("id"))
        if key in found:
            raise source.wrong(f"{at}.id", f"{shown(key, 60)} is the id of two categories; give one another")
        names = list_at(source, category, "keypoints", f"{at}.") if category.get("keypoints") else []
        for j, name in enumerate(names):
            where = f"{at}.keypoints[{j}]"
            if not isinstance(name, str) or not name.strip():
                raise source.wrong(where, f"expected the name of a landmark, found {kind_of(name)}")
            if name in names[:j]:
                first = names.index(name)
                raise source.wrong(where, f"'{shown(name)}' is the name of keypoints[{first}], too; rename one")
        found[key] = _Category(str(category.get("name") or ""), tuple(names) or None)
    return found


def _skeleton(source: Source, categories: list[Any]) -> tuple[tuple[str, str], ...]:
    """The lines between landmarks, by names; COCO counts from 1."""
    found: list[tuple[str, str]] = []
    for i, category in enumerate(categories):
        names = category.get("keypoints") or []
        for j, pair in enumerate(category.get("skeleton") or [] if names else []):
            ends: list[Any] = pair if isinstance(pair, list) and len(pair) == 2 else [None]
            if not all(type(end) is int and 1 <= end <= len(names) for end in ends):
                raise source.wrong(
                    f"categories[{i}].skeleton[{j}]",
                    f"expected two whole numbers from 1 to {len(names)}, found {shown(pair, 60)}",
                )
            found.append((names[ends[0] - 1], names[ends[1] - 1]))
    return tuple(dict.fromkeys(found))


def _annotations(
    source: Source, annotations: list[Any], images: dict[str, tuple[int, dict[str, Any]]]
) -> dict[str, tuple[str, dict[str, Any]]]:
    """The one annotation with landmarks of each photo, by the photo's id.

    Boxes and masks alone are passed over, and so is an annotation of nothing but missing landmarks beside another.
    """
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for i, annotation in enumerate(annotations):
        at = f"annotations[{i}]"
        _must_be_object(source, at, annotation)
        key = _id(source, f"{at}.image_id", annotation.get("image_id"))
        if key not in images:
            raise source.wrong(
                f"{at}.image_id", f"expected the id of one of the {len(images)} images, found {kind_of(key)}"
            )
        if annotation.get("keypoints") in (None, []):
            continue
        if key in found and _all_missing(annotation):
            continue
        if key in found and not _all_missing(found[key][1]):
            name = images[key][1]["file_name"]
            raise source.wrong(
                at,
                f"'{shown(name)}' has its landmarks at {found[key][0]} already; one specimen a photo is read: keep one",
            )
        found[key] = at, annotation
    return found


def _all_missing(annotation: dict[str, Any]) -> bool:
    """Whether an annotation has v = 0 throughout."""
    values = annotation["keypoints"]
    return isinstance(values, list) and len(values) % 3 == 0 and all(v is not False and v == 0 for v in values[2::3])


def _category_of(source: Source, at: str, annotation: dict[str, Any], categories: dict[str, _Category]) -> _Category:
    """What names an annotation's landmarks; a photo without an annotation takes the names of the only category."""
    if not categories:
        return _Category("", None)
    if annotation.get("category_id") is None:
        if len(categories) == 1:
            return next(iter(categories.values()))
        if not annotation:
            return _Category("", ())
    key = _id(source, f"{at}.category_id", annotation.get("category_id"))
    if key not in categories:
        known = ", ".join(shown(each, 30) for each in list(categories)[:10])
        raise source.wrong(f"{at}.category_id", f"expected one of the categories {known}, found {shown(key, 60)}")
    return categories[key]


def _landmarks(
    source: Source, at: str, annotation: dict[str, Any], category: _Category, size: tuple[int, int] | None
) -> Landmarks:
    """The landmarks of an annotation; all missing where there is none."""
    if not annotation:
        names = category.names or ()
        return landmarks_from(names, np.full((len(names), 2), np.nan), np.zeros(len(names), np.int8))
    values = list_at(source, annotation, "keypoints", f"{at}.")
    at = f"{at}.keypoints"
    if len(values) % 3:
        raise source.wrong(at, f"expected x, y, v for each landmark, found {len(values)} values, no multiple of 3")
    count = len(values) // 3
    names = category.names or tuple(str(i) for i in range(1, count + 1))
    if len(names) != count:
        raise source.wrong(at, f"expected the {len(names)} landmarks that its category names, found {count}")
    places, visibility = np.full((count, 2), np.nan), np.zeros(count, np.int8)
    for i in range(count):
        x, y, v = values[3 * i : 3 * i + 3]
        if isinstance(v, bool) or v not in (0, 1, 2):
            raise source.wrong(
                f"{at}[{3 * i + 2}]", f"expected v = 0, 1 or 2 of '{shown(names[i])}', found {kind_of(v)}"
            )
        if v == MISSING:
            continue
        _check_place(source, at, 3 * i, (x, y), size)
        places[i], visibility[i] = (x, y), int(v)
    return landmarks_from(names, places, visibility)


def _check_place(source: Source, at: str, index: int, place: Sequence[Any], size: tuple[int, int] | None) -> None:
    """Complain about a visible landmark whose x or y is no number, or outside its photo."""
    for i, (axis, value) in enumerate(zip("xy", place, strict=True)):
        where = f"{at}[{index + i}]"
        if not is_number(value):
            raise source.wrong(where, f"expected {axis} of a visible landmark as a number, found {kind_of(value)}")
        if size and not -OUTSIDE <= value <= size[i] + OUTSIDE:
            raise source.wrong(
                where, f"expected {axis} from 0 to {size[i]}, found {value:g}; give a landmark that is not there v=0"
            )


def _check_count(source: Source, at: str, count: int, counts: dict[str, tuple[str, int]], category: str) -> None:
    """Complain when two annotations of one category differ in their number of landmarks."""
    first, expected = counts.setdefault(category, (at, count))
    if count != expected:
        raise source.wrong(f"{at}.keypoints", f"expected {expected} landmarks as at {first}, found {count}")


def coco_bytes(sheets: Sequence[Sheet], skeleton: Sequence[tuple[str, str]] = (), *, carried: bool = False) -> bytes:
    """Upright sheets as a COCO keypoints file, a category for each set of names; `carried` is written into its info."""
    kinds: dict[tuple[str, ...], int] = {}
    titles: dict[tuple[str, ...], str] = {}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for key, sheet in zip(_ids(sheets), sheets, strict=True):
        names = sheet.landmarks.names
        size = {"width": sheet.size[0], "height": sheet.size[1]} if sheet.size else {}
        images.append({"id": key, "file_name": sheet.image, **size})
        if not names:
            continue
        number = kinds.setdefault(names, len(kinds) + 1)
        if not sheet.listed_only:
            titles.setdefault(names, str(sheet.kept.get("category", "specimen")))
            annotations.append(_annotation(len(annotations) + 1, key, number, sheet))
    categories = [_category(number, titles.get(names, "specimen"), names, skeleton) for names, number in kinds.items()]
    info = {"info": {"dinosar": CARRIED}} if carried else {}
    return json_bytes({**info, "images": images, "annotations": annotations, "categories": categories})


def _ids(sheets: Sequence[Sheet]) -> list[int | str]:
    """The ids the sheets bring along, where each has one of its own; else 1, 2, 3, …"""
    given = [sheet.id for sheet in sheets]
    if None in given or len(set(given)) < len(given):
        return list(range(1, len(sheets) + 1))
    return [
        int(key) if key and key.isdecimal() and key.isascii() and str(int(key)) == key else str(key) for key in given
    ]


def _annotation(number: int, image: int | str, category: int, sheet: Sheet) -> dict[str, Any]:
    keypoints: list[float | int] = []
    for (x, y), v in zip(sheet.landmarks.places.tolist(), sheet.landmarks.visibility.tolist(), strict=True):
        keypoints += [x, y, v] if v else [0, 0, 0]
    return {
        "id": number, "image_id": image, "category_id": category, "keypoints": keypoints,
        "num_keypoints": int(sheet.landmarks.there.sum()),
        **{key: value for key, value in sheet.kept.items() if key != "category"},
    }  # fmt: skip


def _category(number: int, title: str, names: tuple[str, ...], skeleton: Sequence[tuple[str, str]]) -> dict[str, Any]:
    lines = [[names.index(a) + 1, names.index(b) + 1] for a, b in skeleton if a in names and b in names]
    return {"id": number, "name": title, "keypoints": list(names), "skeleton": lines}
