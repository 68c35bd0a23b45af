"""Sheets that tests make up, and one valid file of each kind to spoil."""

import copy
import json

import numpy as np
from hypothesis import strategies as st

from dinosar.landmarks.points import MISSING
from dinosar.landmarks.sheets import Sheet, landmarks_from

NAMES = ("eye", "wing base", "wing apex")
COCO = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 200, "height": 100},
        {"id": 2, "file_name": "b.jpg", "width": 200, "height": 100},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [10, 20, 2, 30.5, 40, 1, 0, 0, 0], "num_keypoints": 2},
        {"id": 2, "image_id": 2, "category_id": 1, "keypoints": [11, 21, 2, 31, 41, 2, 51, 61, 2], "num_keypoints": 3},
    ],
    "categories": [{"id": 1, "name": "insect", "keypoints": list(NAMES), "skeleton": [[1, 2], [2, 3]]}],
}
TPS = "LM=3\n10 20\n30.5 40\n-1 -1\nIMAGE=a.jpg\nID=7\nSCALE=0.05\nLM=3\n11 21\n31 41\n51 61\nIMAGE=b.jpg\nID=8\n"
MORPHOJ = "ID\tx1\ty1\tx2\ty2\na\t10\t20\t30.5\t40\nb\t11\t21\tNA\tNA\n"
CSV = "image,landmark,x,y,visibility\na.jpg,eye,10,20,2\na.jpg,wing base,30.5,40,1\nb.jpg,eye,11,21,2\n"
SLICER = {
    "markups": [
        {
            "type": "Fiducial",
            "coordinateSystem": "LPS",
            "controlPoints": [
                {"label": "eye", "position": [9.5, 19.5, 0.0], "positionStatus": "defined"},
                {"label": "wing base", "position": [30.0, 39.5, 0.0], "positionStatus": "defined"},
                {"label": "wing apex", "position": [0.0, 0.0, 0.0], "positionStatus": "undefined"},
            ],
        }
    ]
}


def changed(content, path, value):
    """A copy of JSON in which the value at a path is another; `del` takes the key away."""
    whole = here = copy.deepcopy(content)
    *way, last = path
    for step in way:
        here = here[step]
    if value is del_:
        del here[last]
    else:
        here[last] = value
    return json.dumps(whole)


class del_:  # noqa: N801 - a word for tables
    """Takes a key away."""


def sheet(image, places, names=None, **more):
    """A sheet from places, None where missing, in a row of (x, y) or (x, y, v)."""
    full = [(np.nan, np.nan, MISSING) if each is None else (*each, 2)[:3] for each in places]
    array = np.array(full, dtype=float).reshape(-1, 3)
    names = names or [str(i) for i in range(1, len(full) + 1)]
    return Sheet(image, landmarks_from(names, array[:, :2], array[:, 2].astype(np.int8)), **more)


def same(a, b, *, tolerance=1e-9, visibility=True):
    """Whether two sheets say the same of their landmarks."""
    left, right = a.landmarks, b.landmarks
    return (
        left.names == right.names
        and left.named == right.named
        and np.allclose(left.places, right.places, rtol=0, atol=tolerance, equal_nan=True)
        and np.array_equal(
            left.visibility if visibility else left.there, right.visibility if visibility else right.there
        )
    )


NAME = st.text("abcdefghij ÄßλЖ漢'_().-", min_size=1, max_size=12).map(str.strip).filter(
    lambda text: text and text.strip(". ") and text.lower() not in ("na", "nan", "n/a")
)  # fmt: skip


@st.composite
def sheets(draw, *, images=NAME, uncertain=True, count=None):
    """Upright sheets of photos of 640 x 480 px that share their landmarks' names."""
    total = draw(st.integers(1, 6)) if count is None else count
    names = draw(st.one_of(st.none(), st.lists(NAME, min_size=total, max_size=total, unique=True)))
    photos = draw(st.lists(images, min_size=1, max_size=4, unique_by=str.casefold))
    place = st.tuples(
        st.floats(0, 640, allow_subnormal=False), st.floats(0, 480, allow_subnormal=False),
        st.sampled_from([1, 2] if uncertain else [2]),
    )  # fmt: skip
    rows = st.lists(st.one_of(st.none(), place), min_size=total, max_size=total)
    return [sheet(f"{photo}.jpg", draw(rows), names, size=(640, 480)) for photo in photos]
