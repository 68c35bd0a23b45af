"""Landmarks carried between drawings whose truth is known."""

import numpy as np
import pytest
from drawn_sights import PLACES, landmarks, movement, sight

from dinosar.config import TransferSection
from dinosar.landmarks.points import MISSING, SEEN, UNCERTAIN, Landmarks
from dinosar.shape.fits import moved
from dinosar.transfer import carry, carry_all
from dinosar.transfer.turning import Pose

BOX = np.ptp(PLACES, axis=0).max()
HOW = TransferSection()


def miss(found, truth):
    """The largest error as a share of the box."""
    return np.linalg.norm(found.landmarks.places - truth, axis=1).max() / BOX


def test_landmarks_of_a_photo_are_carried_onto_itself():
    found = carry(sight(), landmarks(), sight(), HOW)
    assert found.poses == (Pose(),)
    assert miss(found, PLACES) < 0.02
    assert (found.landmarks.visibility == SEEN).all()
    assert found.landmarks.names == tuple("abcdefgh")


@pytest.mark.parametrize("degrees", [-40.0, 25.0])
@pytest.mark.parametrize("size", [(320, 220), (500, 400)])
def test_a_specimen_turned_enlarged_and_elsewhere_in_the_photo_gets_them_in_its_pixels(degrees, size):
    matrix = movement(degrees, 0.8 * size[0] / 320, (np.array(size) - (320, 220)) / 2)
    found = carry(sight(), landmarks(), sight(matrix, size), HOW)
    assert miss(found, moved(matrix, PLACES)) < 0.05 * size[0] / 320
    assert abs(found.poses[0].degrees - degrees) <= 5


def test_a_turn_beyond_the_search_is_not_found_and_less_sure():
    matrix = movement(170, 0.9)
    blind, all_round = (carry(sight(), landmarks(), sight(matrix), TransferSection(turn=t)) for t in (0, 180))
    assert miss(all_round, moved(matrix, PLACES)) < 0.05
    assert (all_round.landmarks.visibility == SEEN).all()
    assert blind.confidence.max() < all_round.confidence.min()
    assert miss(blind, moved(matrix, PLACES)) > 0.5


def test_a_mirrored_specimen_is_found_when_it_is_looked_for():
    matrix = movement(10, 0.9, mirrored=True)
    found = carry(sight(), landmarks(), sight(matrix), TransferSection(mirror=True))
    assert found.poses[0].mirrored
    assert miss(found, moved(matrix, PLACES)) < 0.05


def test_the_confidence_decides_what_is_seen_uncertain_and_lost():
    found = carry(sight(), landmarks(), sight(movement(5), seed=9), TransferSection(certain=1, lost=0))
    assert (found.landmarks.visibility == UNCERTAIN).all()
    lost = carry(sight(), landmarks(), sight(movement(5), seed=9), TransferSection(certain=1, lost=1))
    assert (lost.landmarks.visibility == MISSING).all()
    assert np.isnan(lost.landmarks.places).all()
    np.testing.assert_array_equal(lost.confidence, found.confidence)


def test_what_the_reference_lacks_is_missing_without_a_confidence():
    visibility = np.full(8, SEEN, np.int8)
    visibility[2] = MISSING
    found = carry(sight(), Landmarks(tuple("abcdefgh"), PLACES, visibility), sight(), HOW)
    assert found.landmarks.missing == ("c",)
    assert np.isnan(found.confidence[2])
    assert np.isfinite(np.delete(found.confidence, 2)).all()


def test_references_vote_by_name_whatever_their_order():
    there = movement(12, 0.9)
    first, second = landmarks(), landmarks(moved(there, PLACES)[::-1], "hgfedcba")
    found = carry_all([(sight(), first), (sight(there), second)], sight(movement(-8)), HOW)
    assert found.landmarks.names == tuple("abcdefgh")
    assert miss(found, moved(movement(-8), PLACES)) < 0.04
    assert len(found.poses) == 2


def test_landmarks_of_one_reference_alone_are_carried_too():
    first, second = landmarks(PLACES[:6], "abcdef"), landmarks(PLACES[4:], "efgh")
    found = carry_all([(sight(), first), (sight(), second)], sight(), HOW)
    assert found.landmarks.names == tuple("abcdefgh")
    assert miss(found, PLACES) < 0.03


def test_no_target_knows_of_the_others():
    reference = sight()
    alone = carry(sight(), landmarks(), sight(movement(9)), HOW)
    carry(reference, landmarks(), sight(movement(-20)), HOW)
    after = carry(reference, landmarks(), sight(movement(9)), HOW)
    np.testing.assert_array_equal(alone.landmarks.places, after.landmarks.places)


def test_a_landmark_beside_the_mask_is_carried_beside_it():
    """One in a corner of what the backbone is shown, one beyond it."""
    places = np.vstack([PLACES, [[47, 42], [20, 100]]])
    matrix = movement(20, 0.8)
    view = sight().view(Pose(), 512)
    units = view.from_photo(places[8:])
    assert (view.holds(units).tolist(), view.shows(units).tolist()) == ([False, False], [True, False])
    found = carry(sight(), landmarks(places, "abcdefghij"), sight(matrix), HOW)
    assert miss(found, moved(matrix, places)) < 0.06


def test_places_stay_within_the_photo():
    cut = movement(0, 1.0, (-75, 0))
    found = carry(sight(), landmarks(), sight(cut), TransferSection(lost=0))
    assert (found.landmarks.places >= 0).all()
    assert (found.landmarks.places <= (320, 220)).all()


def test_the_errors_expected_are_pixels_of_the_target():
    """A photo enlarged to twice its size has errors of twice as many pixels."""
    matrices = movement(5, 0.95), np.diag([2.0, 2.0, 1.0]) @ movement(5, 0.95)
    sights = [sight(matrix, (320 * f, 220 * f)) for f, matrix in zip((1, 2), matrices, strict=True)]
    once, twice = (carry(sight(), landmarks(), each, HOW) for each in sights)
    assert (once.errors > 0).all()
    assert np.median(twice.errors / once.errors) == pytest.approx(2, rel=0.3)
    assert np.median(once.errors) < 0.05 * BOX


def test_lost_landmarks_and_unknown_ones_have_no_expected_error():
    visibility = np.full(8, SEEN, np.int8)
    visibility[2] = MISSING
    found = carry(sight(), Landmarks(tuple("abcdefgh"), PLACES, visibility), sight(), HOW)
    np.testing.assert_array_equal(np.isnan(found.errors), np.arange(8) == 2)
    lost = carry(sight(), landmarks(), sight(), TransferSection(certain=1, lost=1))
    assert np.isnan(lost.errors).all()


def test_what_is_found_on_bare_ground_is_lost(monkeypatch):
    """The mask of the target lacks its right half, and one landmark is carried there all the same."""
    target = sight()
    monkeypatch.setattr("dinosar.transfer.engine.located", beside_the_mask)
    target.mask = target.mask & (np.arange(320) < 190)
    found = carry(sight(), landmarks(), target, TransferSection(turn=0))
    assert found.landmarks.missing == ("d", "e", "f")[: len(found.landmarks.missing)]
    assert "e" in found.landmarks.missing
    assert found.confidence[4] <= 0.05


def beside_the_mask(asking, source, answering, expected):
    """Every landmark at the same place of the photo, whatever is seen there."""
    return answering.from_photo(asking.to_photo(source)), np.full(len(source), 5.0)


def test_a_landmark_that_was_beside_its_mask_may_be_as_far_beside_the_other():
    reference, target = sight(), sight()
    for each in (reference, target):
        each.mask = each.mask & (np.arange(320) < 190)
    found = carry(reference, landmarks(), target, TransferSection(turn=0, lost=0.06))
    assert found.landmarks.there.all()
    np.testing.assert_allclose(found.landmarks.places[4], PLACES[4], atol=0.05 * BOX)


def test_what_was_carried_says_so():
    assert carry(sight(), landmarks(), sight(), HOW).landmarks.carried


def test_the_confidence_that_is_told_is_the_one_that_decides(monkeypatch):
    monkeypatch.setattr("dinosar.transfer.engine.right", lambda evidence: np.full(len(evidence.cycle), 0.89996))
    found = carry(sight(), landmarks(), sight(), TransferSection(certain=0.9))
    assert set(found.confidence.tolist()) == {0.9}
    assert (found.landmarks.visibility == SEEN).all()
