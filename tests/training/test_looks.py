"""Pictures that look otherwise: how often, the same again, and labels that fit what is shown."""

import numpy as np
import pytest

from dinosar.config.retrieval import RetrievalImage
from dinosar.config.sections import Part
from dinosar.images import photo_from_array
from dinosar.parts import build_backbone
from dinosar.training.augmentation import AS_IT_IS, Augmentation, Look
from dinosar.training.labels import landing_counts, one_to_one
from dinosar.training.pairs import Pair
from dinosar.training.sampling import InEpoch, Sampled
from dinosar.training.showing import Shower, SquareShower, square_grid
from dinosar.training.warps import Taking, Warps

PHOTO = photo_from_array(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8), "blobs")


def looks(name, p=0.95, count=100_000):
    augmentation, rng = Augmentation(name, p), np.random.default_rng(0)
    return [augmentation.looks(rng) for _ in range(count)]


def test_each_picture_is_mirrored_by_itself_as_often_as_in_the_original():
    drawn = looks("flip")
    for side in range(2):
        assert np.mean([each[side].flip for each in drawn]) == pytest.approx(0.475, abs=0.005)
    both = np.mean([one.flip and other.flip for one, other in drawn])
    # Of two that are drawn by themselves; drawn for the pair it would be 0.2375.
    assert both == pytest.approx(0.475**2, abs=0.004)


def test_no_look_is_changed_where_nothing_should_be():
    assert set(looks("identity", count=50)) == {(AS_IT_IS, AS_IT_IS)}
    assert set(looks("dark", p=0.0, count=50)) == {(AS_IT_IS, AS_IT_IS)}
    assert Augmentation("flip").shown(PHOTO, AS_IT_IS) is PHOTO


def test_mirrored_twice_is_the_picture():
    flip = Augmentation("flip")
    once = flip.shown(PHOTO, Look(flip=True))
    np.testing.assert_array_equal(once.pixels, PHOTO.pixels[:, ::-1])
    np.testing.assert_array_equal(flip.shown(once, Look(flip=True)).pixels, PHOTO.pixels)


@pytest.mark.parametrize("name", ["dark", "lightglue"])
def test_lights_are_few_and_the_same_again(name):
    augmentation = Augmentation(name, lights=3)
    shown = [augmentation.shown(PHOTO, Look(light=light)).pixels for light in range(3)]
    again = [augmentation.shown(PHOTO, Look(light=light)).pixels for light in range(3)]
    for one, other in zip(shown, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len({each.tobytes() for each in shown}) == 3
    assert {each[side].light for each in looks(name, count=200) for side in range(2)} == {None, 0, 1, 2, 3}
    if name == "dark":
        assert all(each.mean() < 0.6 * PHOTO.pixels.mean() for each in shown)


class Halves:
    """Two pictures that look alike, and say that they do: b is a, shifted by one patch to the left."""

    def __init__(self):
        self.scene = np.random.default_rng(1).integers(0, 256, (48, 56, 3), dtype=np.uint8)

    def photo(self, name):
        left = 0 if name == "a" else 8
        return photo_from_array(np.ascontiguousarray(self.scene[:, left : left + 48]), name)

    def landing(self, a, b):
        shift = {"ab": -8.0, "ba": 8.0, "aa": 0.0, "bb": 0.0}[a + b]
        return lambda points: (points + [shift, 0.0], np.ones(len(points), dtype=bool))


PAIRS = (Pair("a", "b", 0.8),)


def sampled(look, pairs=PAIRS, shower=Shower, source=None, *, same=False, **part):
    backbone = build_backbone(Part(use="classic", **part))
    side = backbone.patch * 6
    image = RetrievalImage(size=side)
    return Sampled(lambda epoch: pairs, shower(source or Halves(), look, backbone, image, None), 0, look, same=same)


def test_labels_follow_the_flips():
    """What a mirrored picture shows in a patch is what the unmirrored one shows at the other end of its row."""
    sampler = sampled(Augmentation("flip", p=1.0))
    seen = set()
    for epoch in range(24):
        example = sampler.example(epoch, 0)
        one, other = sampler.look.looks(np.random.default_rng([0, 11, epoch, 0]))
        seen.add((one.flip, other.flip))
        row, column = np.divmod(example.a.patches[example.positives[:, 0]], 6)
        row_b, column_b = np.divmod(example.b.patches[example.positives[:, 1]], 6)
        column, column_b = (
            np.where(look.flip, 5 - here, here)
            for look, here in ((one, column), (other, column_b))
        )  # fmt: skip
        np.testing.assert_array_equal(row, row_b)
        np.testing.assert_array_equal(column - 1, column_b)
        assert len(row) == 30
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_without_looks_nothing_is_drawn():
    sampler = sampled(None)
    sampler.shower.augmentation = Augmentation()
    assert sampler.example(0, 0).positives.tolist() == sampler.plain(Pair("a", "b", 0.8)).positives.tolist()


def test_a_pair_that_shares_nothing_has_no_labels_whatever_the_map_says():
    sampler = sampled(Augmentation(), (Pair("a", "b", 0.0),))
    assert sampler.example(0, 0).positives.shape == (0, 2)


def test_examples_of_an_epoch_are_a_sequence():
    sampler = sampled(Augmentation(), (Pair("a", "b", 0.8), Pair("a", "a", 1.0)))
    found = InEpoch(sampler)
    assert len(found) == 2
    assert [each.b.name for each in found[:5]] == ["b", "a"]
    assert found[-1].b.name == "a"
    with pytest.raises(IndexError):
        found[2]


def test_labels_of_warped_views_are_those_of_their_pixels(photographs):
    files = {file.name: file for file in sorted(photographs.glob("*.png"))}
    source = Warps(files, Taking(hidden=1.0), 6, 48)
    views = source.scenes["photo 3.png"]
    sampler = sampled(Augmentation(), [Pair(views[0], other, 0.5) for other in views], source=source)
    total = 0
    for number, other in enumerate(views):
        example = sampler.example(0, number)
        grid = example.a.grid
        ab, ba = (landing_counts(grid, grid, source.landing(*each)) for each in ((views[0], other), (other, views[0])))
        np.testing.assert_array_equal(example.positives, np.argwhere(one_to_one(ab, ba)))
        total += len(example.positives)
    assert total > 30


def test_blocks_are_kept_within_bounds(monkeypatch):
    shower = sampled(Augmentation()).shower
    one = shower.block("a", AS_IT_IS)
    assert shower.block("a", AS_IT_IS) is one
    monkeypatch.setattr("dinosar.training.showing.MEMORY", one.tokens.nbytes)
    shower.block("b", AS_IT_IS)
    assert shower.block("a", AS_IT_IS) is not one


def test_squares_put_mirrored_pictures_to_the_right():
    plain, flipped = (square_grid((30, 60), 8, 70, mirrored=each) for each in (False, True))
    assert (plain.rows, plain.columns, plain.content) == (8, 8, (0, 0, 32, 64))
    assert flipped.content == (32, 0, 32, 64)
    assert square_grid((60, 30), 8, 64).content == (0, 0, 64, 32)


def test_blocks_of_squares_leave_padding_out():
    tall = photo_from_array(np.random.default_rng(2).integers(0, 256, (60, 30, 3), dtype=np.uint8), "tall")
    source = type("One", (), {"photo": lambda self, name: tall})()
    shower = sampled(Augmentation("flip"), shower=SquareShower, source=source).shower
    plain, flipped = shower.block("tall", AS_IT_IS), shower.block("tall", Look(flip=True))
    assert set(plain.patches % 6) == {0, 1, 2}
    assert set(flipped.patches % 6) == {3, 4, 5}


def test_looks_are_others_in_every_epoch_unless_they_are_to_be_the_same():
    for same, kinds in ((True, 1), (False, 4)):
        sampler = sampled(Augmentation("flip", p=1.0), same=same)
        shown = [sampler.example(epoch, 0) for epoch in range(24)]
        assert len({(each.a.tokens.tobytes(), each.b.tokens.tobytes()) for each in shown}) == kinds


def test_a_pair_that_overlaps_and_has_no_label_is_noted():
    source = Halves()
    source.landing = lambda a, b: lambda points: (points, np.zeros(len(points), dtype=bool))
    sampler = sampled(Augmentation(), (Pair("a", "b", 0.8), Pair("b", "a", 0.0)), source=source)
    assert sampler.unlabelled == set()
    assert [len(sampler.example(0, number).positives) for number in range(2)] == [0, 0]
    assert sampler.unlabelled == {Pair("a", "b", 0.8)}
