"""Every mistake in a landmark file is one sentence that names the file and the place in it; nothing is written."""

import json

import pytest
from landmark_sheets import COCO, CSV, MORPHOJ, SLICER, TPS, changed, del_

from dinosar.errors import UsageError
from dinosar.landmarks.reading import read_landmarks

A, IM, C = "annotations", "images", "categories"
K = (A, 0, "keypoints")
COCO_MISTAKES = {
    "names and count": (changed(COCO, K, [1, 2, 2]), "annotations[0].keypoints", "3 landmarks that its category names"),
    "no triples": (changed(COCO, K, [1, 2, 2, 3]), "annotations[0].keypoints", "multiple of 3"),
    "right of the photo": (changed(COCO, (*K, 0), 201), "annotations[0].keypoints[0]", "x from 0 to 200, found 201"),
    "below the photo": (changed(COCO, (*K, 4), 100.6), "annotations[0].keypoints[4]", "y from 0 to 100"),
    "left of the photo": (changed(COCO, (*K, 0), -0.6), "annotations[0].keypoints[0]", "x from 0 to 200"),
    "text for a number": (changed(COCO, (*K, 0), "10"), "annotations[0].keypoints[0]", 'found "10"'),
    "true for a number": (changed(COCO, (*K, 0), True), "annotations[0].keypoints[0]", "found true"),
    "null for a number": (changed(COCO, (*K, 1), None), "annotations[0].keypoints[1]", "found nothing"),
    "visibility 3": (changed(COCO, (*K, 2), 3), "annotations[0].keypoints[2]", "v = 0, 1 or 2 of 'eye', found 3"),
    "visibility true": (changed(COCO, (*K, 2), True), "annotations[0].keypoints[2]", "found true"),
    "visibility in text": (changed(COCO, (*K, 2), "2"), "annotations[0].keypoints[2]", 'found "2"'),
    "keypoints no list": (changed(COCO, K, {"eye": 1}), "annotations[0].keypoints", "expected a list, found an object"),
    "two of one photo": (changed(COCO, (A, 1, "image_id"), 1), "annotations[1]", "at annotations[0] already"),
    "photo unknown": (changed(COCO, (A, 1, "image_id"), 9), "annotations[1].image_id", "one of the 2 images"),
    "photo not said": (changed(COCO, (A, 1, "image_id"), del_), "annotations[1].image_id", "expected an id"),
    "category unknown": (changed(COCO, (A, 1, "category_id"), 9), "annotations[1].category_id", "1, found 9"),
    "image id twice": (changed(COCO, (IM, 1, "id"), "1"), "images[1].id", "1 is the id of images[0], too"),
    "image id a list": (changed(COCO, (IM, 1, "id"), [1]), "images[1].id", "expected an id"),
    "photo twice": (changed(COCO, (IM, 1, "file_name"), "a.jpg"), "images[1].file_name", "images[0], too"),
    "no file name": (changed(COCO, (IM, 1, "file_name"), del_), "images[1].file_name", "the name of a photo"),
    "width": (changed(COCO, (IM, 0, "width"), 0), "images[0].width", "whole number of pixels, found 0"),
    "height": (changed(COCO, (IM, 0, "height"), 1.5), "images[0].height", "whole number of pixels, found 1.5"),
    "height lacking": (changed(COCO, (IM, 0, "height"), del_), "images[0].height", "found nothing"),
    "image no object": (changed(COCO, (IM, 0), 3), "images[0]", "expected an object {...}, found 3"),
    "annotation no object": (changed(COCO, (A, 0), []), "annotations[0]", "found a list"),
    "category no object": (changed(COCO, (C, 0), "x"), "categories[0]", 'found "x"'),
    "name twice": (changed(COCO, (C, 0, "keypoints", 2), "eye"), "categories[0].keypoints[2]", "'eye' is the name of"),
    "name a number": (changed(COCO, (C, 0, "keypoints", 2), 3), "categories[0].keypoints[2]", "name of a landmark"),
    "skeleton": (changed(COCO, (C, 0, "skeleton", 1), [2, 4]), "categories[0].skeleton[1]", "from 1 to 3"),
    "category twice": (changed(COCO, (C,), COCO[C] * 2), "categories[1].id", "two categories"),
    "no images": (changed(COCO, (IM,), del_), "images", "expected a list, found no such key"),
    "no annotations": (changed(COCO, (A,), None), "annotations", "expected a list, found nothing"),
    "no photos": (changed(COCO, (IM,), []), "images", "at least one photo, found none"),
    "a list": ("[1, 2]", "", "expected a JSON object {...}, found a list"),
    "no JSON": ('{"images": [}', "line 1, column 13", "expected JSON, but "),
    "cut short": (json.dumps(COCO)[:-40], "line 1, column ", "expected JSON, but "),
    "NaN": (changed(COCO, (*K, 3), float("nan")), "line 1, column ", "expected a number, found NaN"),
    "infinite": (changed(COCO, (*K, 3), float("-inf")), "line 1, column ", "found -Infinity"),
    "too large": (json.dumps(COCO).replace("30.5", "1e999"), "line 1, column ", "found 1e999"),
    "key twice": (json.dumps(COCO, indent=1).replace('"id": 2', '"id": 1,\n"id": 2', 1), "", "'id' stands twice"),
    "nested": ("[" * 100_000, "", "lists or numbers without end"),
    "endless number": ('{"images": ' + "9" * 5000 + "}", "", "lists or numbers without end"),
    "counts differ": (
        json.dumps({**COCO, C: [], A: [COCO[A][0], {**COCO[A][1], "keypoints": [1, 2, 2]}]}),
        "annotations[1].keypoints", "expected 3 landmarks as at annotations[0], found 1",
    ),
}  # fmt: skip
PATHS = {
    "POSIX": ("/etc/passwd", "write 'passwd'"),
    "Windows": ("C:\\Users\\me\\photos\\a.jpg", "write 'a.jpg'"),
    "Windows with slashes": ("D:/photos/a.jpg", "write 'a.jpg'"),
    "UNC": ("\\\\server\\share\\a.jpg", "write 'a.jpg'"),
    "out": ("../a.jpg", "leads out of the photos' folder"),
    "out later": ("x/../../a.jpg", "leads out of the photos' folder"),
    "out, other slashes": ("..\\a.jpg", "leads out of the photos' folder"),
    "empty": ("", "expected the name of a photo"),
    "no name": ("x/..", "expected the name of a photo"),
}
TPS_MISTAKES = {
    "a line too few": (TPS.replace("31 41\n", ""), "line 8", "LM=3 promises 3 lines of x and y, found 2"),
    "a line too few at the end": ("LM=2\n1 2\n", "line 1", "promises 2 lines of x and y, found 1"),
    "a line too many": (TPS.replace("-1 -1", "5 6\n7 8"), "line 5", "a landmark more than the LM=3 of line 1"),
    "one number": (TPS.replace("30.5 40", "30.5"), "line 3", "expected two numbers, x and y, found '30.5'"),
    "three numbers": (TPS.replace("30.5 40", "30.5 40 1"), "line 3", "expected two numbers"),
    "letters": (TPS.replace("30.5", "3O.5"), "line 3", "found '3O.5'"),
    "decimal comma": (TPS.replace("30.5", "30,5"), "line 3", "'30,5' has a decimal comma; write 30.5"),
    "half missing": (TPS.replace("30.5", "NA"), "line 3", "NA NA"),
    "infinite": (TPS.replace("30.5", "1e999"), "line 3", "found '1e999'"),
    "count": (TPS.replace("LM=3", "LM=three", 1), "line 1", "whole number after LM=, found 'three'"),
    "count lacking": (TPS.replace("LM=3", "LM=", 1), "line 1", "whole number after LM=, found ''"),
    "count endless": ("LM=999999999\n1 2\n", "line 1", "whole number after LM="),
    "three dimensions": (TPS.replace("LM=3", "LM3=3", 1), "line 1", "three dimensions"),
    "begins without": ("IMAGE=a.jpg\n" + TPS, "line 1", "expected LM= before anything else"),
    "key without value sign": (TPS.replace("ID=7", "ID 7"), "line 6", "expected KEY=value, found 'ID 7'"),
    "image twice": (TPS.replace("ID=7", "IMAGE=c.jpg"), "line 6", "IMAGE= stands at line 5 already"),
    "scale": (TPS.replace("0.05", "0,05"), "line 7", "decimal comma"),
    "scale in words": (TPS.replace("0.05", "1 mm"), "line 7", "SCALE=: expected a number"),
    "scale below zero": (TPS.replace("0.05", "-1"), "line 7", "expected SCALE= above 0"),
    "counts differ": (TPS.replace("LM=3\n11 21\n", "LM=2\n"), "line 8", "expected LM=3 as at line 1, found LM=2"),
    "curves": (TPS.replace("ID=7", "CURVES=2\nPOINTS=1\n1 2"), "line 6", "CURVES=2, but 1 POINTS= follow"),
    "points": (TPS.replace("ID=7", "CURVES=1\nPOINTS=2\n1 2"), "line 7", "POINTS=2 promises 2 lines"),
    "curve with a gap": (TPS.replace("ID=7", "CURVES=1\nPOINTS=1\n-1 -1"), "line 8", "expected a point of a curve"),
    **{f"path {name}": (TPS.replace("a.jpg", path), "line 5", hint) for name, (path, hint) in PATHS.items() if path},
}
MORPHOJ_MISTAKES = {
    "spaces": (MORPHOJ.replace("\t", " "), "line 1", "tabs or commas between, found neither"),
    "no header": (MORPHOJ.split("\n", 1)[1], "line 1", "expected a header of names, found the number '40'"),
    "a cell too few": (MORPHOJ.replace("\t40", ""), "line 2", "expected 5 cells between tabs as in the header"),
    "a column too many": (MORPHOJ.replace("y2", "y2\tsex").replace("40", "40\tf").replace("NA\n", "NA\tm\n"), "line 1",
                          "found 6 columns"),
    "letters": (MORPHOJ.replace("30.5", "3O.5"), "line 2, column 4", "found '3O.5'"),
    "decimal comma": (MORPHOJ.replace("30.5", "30,5"), "line 2, column 4", "decimal comma"),
    "decimal comma between commas": (MORPHOJ.replace("30.5", "30,5").replace("\t", ","), "line 2", "decimal commas?"),
    "half missing": (MORPHOJ.replace("40", "NA"), "line 2, columns 4 and 5", "found '30.5' and 'NA'"),
    "header alone": (MORPHOJ.split("\n")[0], "line 1", "expected specimens below the header"),
    "open quotes": (MORPHOJ.replace("a\t", '"a\t'), "line 3", "expected a row of cells"),
    **{f"path {name}": (MORPHOJ.replace("\na\t", f"\n{path}\t"), "line 2, column 1", hint)
       for name, (path, hint) in PATHS.items()},
}  # fmt: skip
CSV_MISTAKES = {
    "column": (CSV.replace("landmark", "landmrk"), "line 1", "found no 'landmark' in image, landmrk, x, y, visibility"),
    "column twice": (CSV.replace("visibility", "x"), "line 1", "the column 'x' stands twice"),
    "twice": (CSV.replace("wing base", "eye"), "line 3", "'eye' of 'a.jpg' stands at line 2 already"),
    "letters": (CSV.replace("30.5", "3O.5"), "line 3", "landmark 'wing base': expected a number"),
    "decimal comma": (CSV.replace(",", ";").replace("30.5", "30,5"), "line 3", "decimal comma; write 30.5"),
    "decimal comma between commas": (CSV.replace("30.5", "30,5"), "line 3", "decimal commas?"),
    "half missing": (CSV.replace("30.5", "NA"), "line 3", "expected x and y, or NA for both"),
    "visibility": (CSV.replace("40,1", "40,3"), "line 3, column visibility", "expected 0, 1 or 2, found '3'"),
    "no landmark": (CSV.replace("wing base", " "), "line 3, column landmark", "found nothing"),
    "header alone": (CSV.split("\n")[0] + "\n", "line 1", "expected landmarks below the header"),
    "infinite": (CSV.replace("30.5", "inf"), "line 3", "found 'inf'"),
    "not tidy": ("hello world\n1 2\n", "line 1", "expected the columns image, landmark, x, y"),
    **{f"path {name}": (CSV.replace("a.jpg", path), "line 2, column image", hint)
       for name, (path, hint) in PATHS.items()},
}  # fmt: skip
M, P = ("markups", 0), ("markups", 0, "controlPoints")
SLICER_MISTAKES = {
    "no markups": ("{}", "markups", "found no such key"),
    "two lists": (changed(SLICER, ("markups",), SLICER["markups"] * 2), "markups", "found 2 entries"),
    "a curve": (changed(SLICER, (*M, "type"), "Curve"), "markups[0].type", 'found "Curve"'),
    "system": (changed(SLICER, (*M, "coordinateSystem"), "XYZ"), "markups[0].coordinateSystem", "expected LPS or RAS"),
    "system lacking": (changed(SLICER, (*M, "coordinateSystem"), del_), "markups[0].coordinateSystem", "found nothing"),
    "no points": (changed(SLICER, P, None), "markups[0].controlPoints", "expected a list"),
    "point": (changed(SLICER, (*P, 1), 3), "markups[0].controlPoints[1]", "expected an object"),
    "position": (changed(SLICER, (*P, 1, "position"), [1, 2]), "markups[0].controlPoints[1].position", "three numbers"),
    "letters": (changed(SLICER, (*P, 1, "position", 0), "9"), "markups[0].controlPoints[1].position[0]", 'found "9"'),
    "depth": (
        changed(SLICER, (*P, 1, "position", 2), 4),
        "markups[0].controlPoints[",
        "expected all points in one plane",
    ),
    "status": (
        changed(SLICER, (*P, 1, "positionStatus"), "lost"),
        "markups[0].controlPoints[1].positionStatus",
        "lost",
    ),
    "label twice": (
        changed(SLICER, (*P, 1, "label"), "eye"),
        "markups[0].controlPoints[1].label",
        "controlPoints[0], too",
    ),
    "label lacking": (changed(SLICER, (*P, 1, "label"), ""), "markups[0].controlPoints[1].label", "found nothing"),
    "label a number": (changed(SLICER, (*P, 1, "label"), 3), "markups[0].controlPoints[1].label", "expected text"),
    "NaN": (changed(SLICER, (*P, 0, "position", 0), float("nan")), "line 1, column ", "found NaN"),
}
TABLE = [
    pytest.param(name, text, where, says, id=f"{name} {kind}")
    for name, mistakes in (
        ("my file.json", COCO_MISTAKES), ("my file.tps", TPS_MISTAKES), ("my file.txt", MORPHOJ_MISTAKES),
        ("my file.csv", CSV_MISTAKES), ("my file.mrk.json", SLICER_MISTAKES),
        ("my file.json", {f"path {name}": (changed(COCO, (IM, 0, "file_name"), path), "images[0].file_name", hint)
                          for name, (path, hint) in PATHS.items()}),
    )
    for kind, (text, where, says) in mistakes.items()
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "where", "says"), TABLE)
def test_a_mistake_is_one_sentence_that_names_file_and_place(tmp_path, name, text, where, says):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_landmarks(path)
    line = str(caught.value)
    assert caught.value.exit_code == 2
    assert line.startswith(f"'{path}', {where}" if where else f"'{path}'"), line
    assert says in line, line
    assert line.isprintable()
    assert len(line) < 700
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(COCO)),
        ("a.tps", TPS),
        ("a.txt", MORPHOJ),
        ("a.csv", CSV),
        ("a.mrk.json", json.dumps(SLICER)),
    ],
)
def test_what_the_mistakes_were_made_in_is_sound(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    first = read_landmarks(tmp_path / name).sheets[0].landmarks
    assert len(first) >= 2
    assert first.there[:2].all()
