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
