"""Matches of drawn photographs, held against the places that truly answer each other."""

import numpy as np
import pytest
from room_model import in_the_world

from dinosar.backbones.classic import Classic
from dinosar.config import FitConfig, Part
from dinosar.datasets.listed import Listed
from dinosar.errors import InputError
from dinosar.retrieval.dumping import dump
from dinosar.retrieval.heads import Identity
from dinosar.retrieval.hloc_files import Keypoints as Written
from dinosar.retrieval.hloc_files import PairMatches, open_matches, write_keypoints, write_matches
from dinosar.retrieval.library import Library, told_of
from dinosar.verification.correspondences import HlocSource, PatchSource, SiftSource, about, mutual
from dinosar.verification.photo_shelf import Lately, PhotoShelf
from dinosar.verification.pose_errors import between, pose_error
from dinosar.verification.relative_pose import Found, relative_pose
from dinosar.verification.sift_points import Keypoints, keypoints_of, matched, rooted, squares
from toy_data.planes import seen_in

A, B = "view_001.png", "view_002.png"


@pytest.fixture
def shelf(room):
    return PhotoShelf({file.name: file for file in sorted(room.glob("*.png"))})


def misses(views, matches, a=1, b=2):
    """How far, in pixels of b, each match ends from where its beginning truly is."""
    places, _ = in_the_world(views[a], matches.a)
    return np.linalg.norm(seen_in(views[b], places)[0] - matches.b, axis=1)


def test_sift_finds_what_is_true_to_a_fraction_of_a_pixel(views, shelf):
    found = SiftSource(shelf).matches(A, B)
    off = misses(views, found)
    assert len(found.a) > 100
    assert (off < 3).mean() > 0.85
    assert np.median(off) < 0.6


def test_places_lie_on_the_centres_of_pixels_as_they_are_counted_here():
    """A blot around a known place is found there, and turned round it is found at the turned place."""
    y, x = np.mgrid[:96, :120]
    blot = 200 * np.exp(-((x + 0.5 - 60.0) ** 2 + (y + 0.5 - 41.0) ** 2) / (2 * 6.0**2))
    pixels = np.repeat(np.rint(blot).astype(np.uint8)[..., None], 3, axis=2)
    from dinosar.images import photo_from_array

    for picture, place in ((pixels, (60, 41)), (pixels[::-1, ::-1].copy(), (60, 55))):
        found = keypoints_of(photo_from_array(picture, "blot")).places
        assert np.linalg.norm(found - place, axis=1).min() < 0.1


def test_a_large_photo_is_searched_small_and_told_in_its_own_pixels(views):
    import cv2

    from dinosar.images import photo_from_array

    large = cv2.resize(views[1].pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    small = keypoints_of(photo_from_array(views[1].pixels, "small"))
    found = keypoints_of(photo_from_array(large, "large"), size=400)
    near = np.linalg.norm(small.places[:, None] - found.places[None] / 3, axis=2).min(axis=1)
    assert np.median(near) < 0.5
    assert len(keypoints_of(photo_from_array(large, "large"), size=400, most=50).places) == 50


def test_matching_is_brute_force():
    random = np.random.default_rng(0)
    words = [rooted(random.integers(0, 256, (n, 128)).astype(np.float32)) for n in (60, 45)]
    words[1][:20] = words[0][10:30] + random.integers(-3, 4, (20, 128))
    ends = [random.uniform(0, 100, (len(each), 2)) for each in words]
    found = matched(Keypoints(ends[0], words[0]), Keypoints(ends[1], words[1]), 0.8)
    expected = []
    wide = [each.astype(np.float64) for each in words]
    table = np.array([[((p - q) ** 2).sum() for q in wide[1]] for p in wide[0]])
    assert (squares(*words) == table).all()
    for i, row in enumerate(table):
        j = int(row.argmin())
        if table[:, j].argmin() != i:
            continue
        if all(line.min() <= 0.64 * np.partition(line, 1)[1] for line in (row, table[:, j])):
            expected.append((table[i, j], *ends[0][i], *ends[1][j]))
    rows = np.column_stack([found.distance**2, found.a, found.b])
    assert np.allclose(rows[np.lexsort(rows.T[::-1])], sorted(expected))
    assert (np.diff(found.distance) >= 0).all()
    assert len(expected) >= 15


@pytest.mark.parametrize(("ratio", "passes"), [(0.74, 0), (0.75, 1), (0.8, 1)])
def test_the_ratio_is_one_of_distances(ratio, passes):
    """The best answer lies at 3, the second at 4; back there is another that is far off."""
    words = [np.zeros((2, 128), np.float32) for _ in range(2)]
    words[0][1, 5] = 400
    words[1][0, 0], words[1][1, 1] = 3, 4
    found = matched(*(Keypoints(np.arange(4.0).reshape(2, 2), each) for each in words), ratio)
    assert len(found.a) == passes
    assert found.distance.tolist() == [3.0] * passes


def test_exchanged_photographs_exchange_the_ends(shelf):
    source = SiftSource(shelf)
    there, back = source.matches(A, B), source.matches(B, A)
    assert sorted(np.hstack([there.a, there.b]).tolist()) == sorted(np.hstack([back.b, back.a]).tolist())


def test_two_keypoints_that_look_the_same_stand_out_for_nobody():
    words = rooted(np.random.default_rng(0).integers(0, 256, (3, 128)).astype(np.float32))
    twins = Keypoints(np.arange(8.0).reshape(4, 2), words[[0, 0, 1, 2]])
    found = matched(Keypoints(np.arange(6.0).reshape(3, 2), words), twins)
    assert len(found.a) == 2
    nothing = Keypoints(np.empty((0, 2)), np.empty((0, 128), np.float32))
    assert len(matched(nothing, twins).a) == 0
    assert len(matched(twins, Keypoints(twins.places[:1], twins.descriptors[:1])).a) == 0


@pytest.fixture
def library(room, tmp_path):
    backbone = Classic(Classic.Options())
    backbone.name = "classic"
    config = FitConfig(size=320)
    library = Library.made(tmp_path / "db", told_of(backbone, Part(use="classic")), config)
    files = sorted(room.glob("*.png"))
    assert not [each for each in dump([Listed(f.name, f) for f in files], library, backbone, config) if each.problem]
    return library


def test_refined_patches_are_exact_where_their_centres_are_not(views, shelf, library):
    centres = PatchSource(library, Identity(), None).matches(A, B)
    refined = PatchSource(library, Identity(), SiftSource(shelf, ratio=0.9)).matches(A, B)
    truth = between(views[1].pose, views[2].pose)
    errors = []
    for found in (centres, refined):
        pose = relative_pose(found.a, found.b, views[1].camera, views[2].camera)
        known = pose.rotation if isinstance(pose, Found) else None
        errors.append(pose_error(known, getattr(pose, "translation", None), truth).pose)
    assert np.median(misses(views, centres)) > 4
    assert np.median(misses(views, refined)) < 1
    assert errors[1] < 1 < errors[0]


def test_mutual_patches_are_brute_force(library):
    one, other = library.block(A), library.block(B)
    rows, columns, distance = mutual(one, other)
    cosine = one.tokens.astype(np.float64) @ other.tokens.astype(np.float64).T
    expected = {(i, int(row.argmax())) for i, row in enumerate(cosine) if cosine[:, row.argmax()].argmax() == i}
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
    assert (np.diff(distance) >= 0).all()
    back = mutual(other, one)
    assert set(zip(back[1].tolist(), back[0].tolist(), strict=True)) == expected


def test_a_patch_speaks_for_what_lies_about_it(library):
    block = library.block(A)
    width = block.grid.patch / block.grid.scale[0]
    centre = block.in_photo[[40]]
    places = centre + width * np.array([[0, 0], [1.4, -1.4], [1.6, 0], [0, 1.6]])
    assert about(places, block, np.array([40]), 1.5).ravel().tolist() == [1, 1, 0, 0]


def test_matches_of_hloc_are_read_as_they_are(tmp_path):
    random = np.random.default_rng(0)
    points = {name: random.uniform(0, 300, (20, 2)) for name in (A, B)}
    write_keypoints(tmp_path / "f.h5", {name: Written(each, (400, 300)) for name, each in points.items()})
    answers = np.where(random.random(20) < 0.5, random.permutation(20), -1)
    write_matches(tmp_path / "m.h5", [PairMatches((A, B), answers, np.ones(20))])
    with open_matches(tmp_path / "f.h5", tmp_path / "m.h5") as files:
        source = HlocSource(files, "m.h5", PhotoShelf({}))
        found = source.matches(A, B)
        assert np.allclose(found.a, points[A][answers >= 0], atol=1e-4)
        assert np.allclose(found.b, points[B][answers[answers >= 0]], atol=1e-4)
        assert source.matches(A, "elsewhere.png") is None


def test_what_was_not_asked_for_longest_is_forgotten():
    made = []
    lately = Lately(lambda name: made.append(name) or name.upper(), 2)
    assert [lately.of(name) for name in "abacab"] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]


def test_a_photo_that_cannot_be_read_is_told(shelf, room):
    (room / A).write_bytes(b"no picture")
    with pytest.raises(InputError, match=A.split(".")[0]):
        SiftSource(shelf).matches(A, B)
    with pytest.raises(InputError, match="no file of 'other.png' is known"):
        shelf.photo("other.png")
