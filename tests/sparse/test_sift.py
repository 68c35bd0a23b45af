"""SIFT's pairs are those of a plain search, lie where the pictures say, and are the same whoever asks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dinosar.data import Features, Photo, Specimen
from dinosar.errors import InputError
from dinosar.features import network_image, unit
from dinosar.grid import fit_grid
from dinosar.sparse import sift
from dinosar.sparse.sift import sift_pairs


def texture(seed=0, height=240, width=320, grain=2.0):
    """A picture full of blobs, in colours."""
    random = np.random.default_rng(seed)
    rough = cv2.GaussianBlur(random.random((height, width, 3)).astype(np.float32), (0, 0), grain)
    return cv2.normalize(rough, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def seen(pixels, patches=None, patch=16, **fit):
    """A specimen as it is seen through a grid; all of it is foreground unless told."""
    photo = Photo(np.ascontiguousarray(pixels), "drawn")
    grid = fit_grid(photo.size, patch, **({"fit": "native"} | fit))
    tokens = unit(np.ones((grid.rows, grid.columns, 4), np.float32))
    patches = np.ones((grid.rows, grid.columns), bool) if patches is None else patches(grid)
    return Specimen(photo, Features(tokens, grid, "drawn-v1"), np.ones(pixels.shape[:2], bool), patches,
                    patches.astype(float))  # fmt: skip


def half(grid):
    """The left half of a grid."""
    return np.indices((grid.rows, grid.columns))[1] < grid.columns // 2


def noisy(pixels, seed=9, strength=12):
    noise = np.random.default_rng(seed).normal(0, strength, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def plainly(a, b, ratio):
    """The same from its definition, with a full matrix of squared distances in whole numbers."""
    places, words = [], []
    for specimen in (a, b):
        grid = specimen.features.grid
        left, top, width, height = grid.content
        grey = cv2.cvtColor(network_image(specimen.photo.pixels, grid), cv2.COLOR_RGB2GRAY)
        found, descriptors = cv2.SIFT.create().detectAndCompute(
            np.ascontiguousarray(grey[top : top + height, left : left + width]), None
        )
        at = np.array([each.pt for each in found]) + (left + 0.25, top + 0.25)
        kept = [bool(specimen.patches[int(y // grid.patch), int(x // grid.patch)]) for x, y in at]
        places.append(at[kept])
        words.append(descriptors[kept].astype(np.int64))
    first, second = words
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1) - 2 * first @ second.T
    pairs, crossed = set(), 0
    for i, row in enumerate(squares):
        j = int(row.argmin())
        if squares[:, j].argmin() != i:
            continue
        crossed += 1
        best = row[j] ** 0.5
        others = np.delete(row, j).min() ** 0.5, np.delete(squares[:, j], i).min() ** 0.5
        if ratio == 1 or best <= ratio * min(others):
            pairs.add((*places[0][i], *places[1][j]))
    return pairs, crossed


@pytest.mark.parametrize("ratio", [0.6, 0.75, 1.0])
@pytest.mark.parametrize("patches", [None, half])
def test_pairs_are_those_of_a_plain_search(ratio, patches):
    a, b = seen(texture(), patches), seen(noisy(texture(), strength=25), patches)
    found = sift_pairs(a, b, ratio=ratio)
    pairs, crossed = plainly(a, b, ratio)
    assert found.counts["cross_checked"] == crossed
    assert len(pairs) > 20
    assert {(*x, *y) for x, y in zip(found.a, found.b, strict=True)} == pairs


def test_counts_say_how_many_there_were_on_the_way():
    pixels = texture()
    whole, part, other = seen(pixels), seen(pixels, half), seen(noisy(pixels))
    grey = [cv2.cvtColor(each.photo.pixels, cv2.COLOR_RGB2GRAY) for each in (part, other)]
    (found, words), (others, other_words) = (cv2.SIFT.create().detectAndCompute(each, None) for each in grey)
    counts = sift_pairs(part, other).counts
    left = np.array([each.pt[0] + 0.25 < 160 for each in found])
    assert (counts["keypoints_a"], counts["keypoints_b"]) == (len(found), len(others))
    assert (counts["asked"], counts["answering"]) == (left.sum(), len(others))
    crossed = cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(words[left], other_words)
    assert counts["cross_checked"] == len(crossed) > counts["passed_ratio"] > 0
    assert sift_pairs(whole, other).counts["asked"] == len(found)


def test_distances_ascend_and_are_those_of_the_descriptors():
    found = sift_pairs(seen(texture()), seen(noisy(texture())))
    assert (np.diff(found.distance) >= 0).all()
    assert found.distance.dtype == found.a.dtype == found.b.dtype == np.float64
    assert np.allclose(found.distance**2, np.rint(found.distance**2), atol=0.05)  # roots of whole numbers
    assert (sift_pairs(seen(texture()), seen(texture())).distance == 0).all()


@pytest.mark.parametrize("ratio", [0.75, 1.0])
@pytest.mark.parametrize(
    "other", [lambda p: noisy(p), lambda p: np.tile(p[:120], (2, 1, 1)), lambda p: p], ids=range(3)
)
def test_exchanging_the_photos_exchanges_the_ends_and_nothing_else(other, ratio):
    a, b = seen(texture()), seen(other(texture()))
    there, back = sift_pairs(a, b, ratio=ratio), sift_pairs(b, a, ratio=ratio)
    assert len(there.a) > 20
    assert np.array_equal(there.a, back.b)
    assert np.array_equal(there.b, back.a)
    assert np.array_equal(there.distance, back.distance)
    assert there.counts["asked"] == back.counts["answering"]


def given_to_match(monkeypatch, *words):
    """Hands keypoints of these descriptors to the matching, in the order of A and B."""
    every = [sift.Keypoints(np.arange(2.0 * len(each)).reshape(-1, 2), each, len(each)) for each in words]
    monkeypatch.setattr(sift, "_keypoints", lambda side: every[side])


def test_what_is_as_near_comes_in_one_order_whoever_asks(monkeypatch):
    words = np.eye(4, 128, dtype=np.float32) * 90
    ends = words, words[[2, 0, 3, 1]] + np.float32(3)
    given_to_match(monkeypatch, *ends)
    there, back = sift_pairs(0, 1), sift_pairs(1, 0)
    assert len(np.unique(there.distance)) == 1
    assert np.array_equal(there.a, back.b)
    assert np.array_equal(there.b, back.a)


def test_the_order_in_which_opencv_tells_keypoints_does_not_matter(monkeypatch):
    a, b = seen(texture()), seen(np.tile(texture()[:120], (2, 1, 1)))
    found, as_it_is = sift_pairs(a, b, ratio=1.0), cv2.SIFT.create()

    class Shuffled:
        @staticmethod
        def create():
            return Shuffled()

        def detectAndCompute(self, image, mask):
            keypoints, words = as_it_is.detectAndCompute(image, mask)
            order = np.random.default_rng(1).permutation(len(keypoints))
            return [keypoints[i] for i in order], words[order]

    monkeypatch.setattr(cv2, "SIFT", Shuffled)
    again = sift_pairs(a, b, ratio=1.0)
    assert all(np.array_equal(x, y) for x, y in zip(again[:3], found[:3], strict=True))


def test_the_ratio_is_asked_both_ways(monkeypatch):
    words = np.random.default_rng(0).integers(0, 90, (5, 128)).astype(np.float32)
    twice = np.repeat(words, 2, axis=0)
    twice[np.arange(10), np.arange(10)] += np.resize([30, 31], 10)  # one has two answers as good, each of these has one
    for ends in ((words, twice), (twice, words)):
        given_to_match(monkeypatch, *ends)
        assert sift_pairs(0, 1).counts["cross_checked"] == 5
        assert len(sift_pairs(0, 1).a) == 0
        assert sift_pairs(0, 1, ratio=0.99).distance.tolist() == [30] * 5


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_places_are_measured_from_the_edges_of_pixels(turn):
    """A picture turned round shows any constant shift: it turns, too."""
    pixels = texture()
    found = sift_pairs(seen(pixels), seen(np.rot90(pixels, turn)))
    x, y = found.a.T
    expected = [(x, y), (y, 320 - x), (320 - x, 240 - y), (240 - y, x)][turn]
    off = found.b - np.column_stack(expected)
    assert len(off) > 100
    assert np.abs(np.median(off, axis=0)).max() < 0.02
    assert np.median(np.hypot(*off.T)) < 0.1


def test_a_blob_is_found_where_it_is():
    y, x = np.mgrid[:160, :160] + 0.5
    blob = 60 + 150 * np.exp(-((x - 70.3) ** 2 + (y - 90.6) ** 2) / (2 * 6.0**2))
    grey = np.repeat(blob.astype(np.uint8)[..., None], 3, axis=2)
    found = sift_pairs(seen(grey), seen(grey), ratio=1.0)
    assert found.a == pytest.approx(np.array([[70.3, 90.6]]), abs=0.1)


@pytest.mark.parametrize("fit", [{"fit": "letterbox", "size": 160}, {"fit": "stretch", "size": 160},
                                 {"fit": "native", "crop": (40, 30, 250, 190)}], ids=str)  # fmt: skip
def test_places_are_in_pixels_of_the_photo_however_it_was_shown(fit):
    pixels = texture(grain=5.0)
    plain, shown = seen(pixels), seen(pixels, **fit)
    found = sift_pairs(plain, shown)
    off = np.hypot(*(found.a - found.b).T)
    assert len(off) > 15
    assert np.median(off) < 0.5
    assert (off < 2).mean() > 0.8


def test_padding_has_no_keypoints():
    pixels = texture(height=150, width=310)  # 5 and 5 px of padding above and below, 5 at each side
    padded = seen(pixels)
    assert padded.features.grid.content == (5, 5, 310, 150)
    assert padded.features.grid.network == (320, 160)
    bare, _ = cv2.SIFT.create().detectAndCompute(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None)
    found = sift_pairs(padded, padded, ratio=1.0)
    assert found.counts["keypoints_a"] == len(bare)
    assert (found.a > 0).all()
    assert (found.a < (310, 150)).all()


def test_keypoints_beside_the_foreground_are_neither_asked_nor_answer():
    a, b = seen(texture(), half), seen(noisy(texture()))
    for one, other in ((a, b), (b, a)):
        found = sift_pairs(one, other)
        ends = found.a if one is a else found.b
        assert len(ends) > 50
        assert (ends[:, 0] < 160).all()
    assert len(sift_pairs(a, b).a) < len(sift_pairs(b, b).a)


def test_a_pair_of_places_stands_once_whatever_its_orientations():
    found = sift_pairs(seen(texture()), seen(texture()), ratio=1.0)
    assert found.counts["passed_ratio"] > len(found.a)
    assert len(np.unique(np.hstack([found.a, found.b]), axis=0)) == len(found.a)


def test_of_orientations_at_one_place_the_nearest_is_kept(monkeypatch):
    places, words = np.array([[9.0, 9], [9, 9], [30, 9]]), np.eye(3, 128, dtype=np.float32) * 90
    other = words.copy()
    other[0, 5], other[1, 5] = 20, 10
    drawn = iter([sift.Keypoints(places, words, 3), sift.Keypoints(places + 1, other, 3)])
    monkeypatch.setattr(sift, "_keypoints", lambda _: next(drawn))
    found = sift_pairs(None, None)
    assert found.distance.tolist() == [0, 10]
    assert found.a.tolist() == [[30, 9], [9, 9]]
    assert found.b.tolist() == [[31, 10], [10, 10]]
    assert found.counts["passed_ratio"] == 3


def test_no_keypoint_at_all_is_no_mishap():
    blank, full, tiny = (np.full((64, 64, 3), 90, np.uint8), texture(), texture()[:1, :1])
    nothing = seen(full, lambda grid: np.zeros((grid.rows, grid.columns), bool))
    for a, b in ((blank, blank), (blank, full), (full, blank), (tiny, full)):
        found = sift_pairs(seen(a), seen(b))
        assert found.a.shape == found.b.shape == (0, 2)
        assert found.distance.shape == (0,)
        assert found.counts["cross_checked"] == found.counts["passed_ratio"] == 0
    assert sift_pairs(nothing, seen(full)).counts["asked"] == 0
    assert sift_pairs(seen(full), nothing).counts["keypoints_b"] > 0


def test_where_there_is_no_second_answer_nothing_stands_out(monkeypatch):
    words = np.random.default_rng(0).integers(0, 90, (5, 128)).astype(np.float32)
    one = words[:1] + 1
    for ends in ((one, one), (one, words), (words, one)):
        given_to_match(monkeypatch, *ends)
        assert sift_pairs(0, 1).counts["cross_checked"] == 1
        assert len(sift_pairs(0, 1).a) == 0
        assert len(sift_pairs(0, 1, ratio=1.0).a) == 1


def test_two_answers_at_distance_zero_are_equals():
    pixels = texture()
    twins = seen(np.hstack([pixels, pixels]))
    one = seen(pixels)
    zero = sift_pairs(one, one).counts["passed_ratio"]
    assert sift_pairs(one, twins, ratio=0.999).counts["passed_ratio"] < 0.2 * zero


def test_it_looks_at_the_picture_that_the_backbone_saw():
    pixels = texture(height=480, width=640)
    small = seen(pixels, fit="letterbox", size=320)
    grey = cv2.cvtColor(cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    bare, _ = cv2.SIFT.create().detectAndCompute(grey, None)
    assert sift_pairs(small, small).counts["keypoints_a"] == len(bare)


def test_no_number_of_threads_changes_anything():
    a, b = seen(texture()), seen(noisy(texture()))
    threads, found = cv2.getNumThreads(), []
    try:
        for number in (1, 2, 5):
            cv2.setNumThreads(number)
            found.append(sift_pairs(a, b))
    finally:
        cv2.setNumThreads(threads)
    for each in found[1:]:
        assert all(np.array_equal(x, y) for x, y in zip(each[:3], found[0][:3], strict=True))
        assert each.counts == found[0].counts


def test_more_than_can_be_matched_are_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(sift, "MOST", 5)
    odd = replace(seen(texture()), photo=Photo(texture(), "a\nb"))
    with pytest.raises(InputError, match=r"^SIFT finds \d+ keypoints on the foreground of 'a\\nb', and at most 5 .*$"):
        sift_pairs(odd, odd)
