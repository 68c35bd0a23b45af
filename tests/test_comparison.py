"""Identical specimens are at distance exactly 0 whatever file they come from, and either order gives one distance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dinosar
from dinosar import features
from dinosar.comparison import compare_photos
from dinosar.config import CompareConfig
from dinosar.errors import InputError, UsageError
from dinosar.parts import build_parts
from dinosar.scores import score
from dinosar.testing import toy_photo

TOY = Path(__file__).resolve().parent.parent / "toy_data"
PAIR = (TOY / "fulgora-alba_i1_p1.jpg", TOY / "fulgora-fusca_i1_p1.jpg")
QUICK = {"backbone": "classic", "masker": "threshold", "image": {"size": 160}}
A, B = toy_photo(1, (240, 168)), toy_photo(2, (200, 150))


def compare(a, b, **settings):
    return dinosar.compare(a, b, **{**QUICK, **settings})


@pytest.fixture(scope="module")
def pair():
    """Two shipped photographs, compared."""
    return compare(*PAIR, store=False)


@pytest.mark.parametrize("path", PAIR, ids=lambda path: path.stem)
def test_a_photo_is_at_distance_exactly_zero_from_itself(path):
    found = compare(path, path)
    assert found.distance == 0
    assert not found.forward.distance.any()
    assert found.forward.mutual.all()


@pytest.mark.parametrize("fit", ["letterbox", "stretch", "native"])
@pytest.mark.parametrize("crop", [True, False])
def test_a_specimen_is_at_distance_zero_from_itself_however_it_is_shown(fit, crop):
    assert compare(A, A, image={"size": 160, "fit": fit, "crop": crop}).distance == 0


@pytest.mark.parametrize("suffix", ["bmp", "tif", "webp"])
def test_the_same_pixels_under_another_name_and_format_are_at_distance_exactly_zero(suffix, tmp_path):
    picture = Image.fromarray(A.pixels)
    picture.save(tmp_path / "one.png")
    picture.save(tmp_path / f"two.{suffix}", **({"lossless": True} if suffix == "webp" else {}))
    found = compare(tmp_path / "one.png", tmp_path / f"two.{suffix}")
    assert (found.a.name, found.b.name) == ("one", "two")
    assert found.distance == 0


def test_a_photo_turned_by_its_exif_tag_is_the_upright_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be seen turned clockwise by a quarter
    Image.fromarray(A.pixels).save(tmp_path / "upright.png")
    Image.fromarray(np.ascontiguousarray(np.rot90(A.pixels))).save(tmp_path / "lying.png", exif=exif)
    found = compare(tmp_path / "upright.png", tmp_path / "lying.png")
    assert found.a.photo.size == found.b.photo.size == A.size
    assert found.distance <= 1e-6


def test_different_species_are_farther_apart_than_chance_allows_for_one(pair):
    assert 0.01 < pair.distance < pair.random.mean()
    assert 0 < pair.scores["foreground"].of_random < 1


def test_swapping_the_photos_swaps_everything_and_changes_no_bit(pair):
    swapped = compare(*PAIR[::-1], store=False)
    assert swapped.distance == pair.distance
    assert np.array_equal(swapped.random, pair.random)
    assert np.array_equal(swapped.forward.distance, pair.backward.distance)
    assert np.array_equal(swapped.forward.answer, pair.backward.answer)
    for name, there in pair.scores.items():
        back = swapped.scores[name]
        assert (there.distance, there.a_to_b, there.b_to_a) == (back.distance, back.b_to_a, back.a_to_b)
        assert there.asymmetry is None or there.asymmetry == -back.asymmetry


def test_paths_words_and_photos_are_all_accepted(tmp_path):
    Image.fromarray(A.pixels).save(tmp_path / "a.png")
    by_path, by_word = compare(tmp_path / "a.png", B), compare(str(tmp_path / "a.png"), B)
    by_photo = compare(A, B)
    assert by_path.distance == by_word.distance == by_photo.distance > 0
    assert (by_photo.a.name, by_photo.b.name) == ("toy-1", "toy-2")


def test_a_setting_given_by_keyword_is_followed():
    found = compare(A, B, masker="whole", image={"size": 96, "crop": False}, scores={"mode": "topk_mean"})
    assert found.a.mask.all()
    assert max(found.a.features.grid.network) == 96
    assert found.headline == "topk_mean"
    assert found.distance == found.scores["topk_mean"].distance


def test_the_options_of_a_part_are_given_beside_its_name():
    assert compare(A, B, matcher={"use": "similarity", "topk": 100}).scores["topk_mean"].distance is None


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"maskr": "whole"}, "unknown key 'maskr'; did you mean 'masker'?"),
        ({"masker": "threshhold"}, "no masker named 'threshhold'; did you mean 'threshold'?"),
        ({"image": {"sise": 96}}, "image: unknown key 'sise'; did you mean 'size'?"),
        ({"matcher": {"use": "similarity", "top": 3}}, "unknown key 'top'; did you mean 'topk'?"),
        ({"image": {"size": 3}}, "image.size"),
        ({"seed": "many"}, "seed"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_with_what_was_meant(settings, sentence):
    with pytest.raises(UsageError) as caught:
        compare(A, B, **settings)
    assert "compare(): " in str(caught.value)
    assert sentence in str(caught.value)


def test_settings_of_the_inputs_are_followed_or_refused_but_not_dropped():
    with pytest.raises(UsageError, match="inputs"):
        compare(A, B, inputs={"a_px_per_mn": 10})


@pytest.mark.parametrize("combine", ["intersection", "union"])
def test_a_second_masker_is_asked_and_the_photo_meets_the_backbone_once_for_both(combine, monkeypatch):
    cleaned = {"components": 0, "fill_holes": False, "combine": combine}
    two = {"second_masker": {"use": "attention", "percentile": 60}, "mask": cleaned}
    shown = []
    spoken = features.spoken
    monkeypatch.setattr(features, "spoken", lambda *words: shown.append(words) or spoken(*words))
    both = compare(A, B, masker={"use": "attention", "percentile": 75}, store=False, **two)
    assert len(shown) == 4  # each photo whole, for the masks, and each specimen
    alone = [compare(A, B, masker={"use": "attention", "percentile": p}, mask=cleaned) for p in (75, 60)]
    kept = alone[0] if combine == "intersection" else alone[1]  # one lies within the other
    assert np.array_equal(both.a.mask, kept.a.mask)
    assert both.distance == kept.distance
    assert not np.array_equal(alone[0].a.mask, alone[1].a.mask)


@pytest.mark.parametrize("order", [("threshold", "attention"), ("attention", "threshold")])
def test_whichever_masker_needs_features_gets_them(order):
    found = compare(A, B, masker=order[0], second_masker=order[1], mask={"components": 0, "fill_holes": False})
    alone = [compare(A, B, masker=each, mask={"components": 0, "fill_holes": False}).a.mask for each in order]
    assert np.array_equal(found.a.mask, alone[0] & alone[1])
    assert 0 < found.a.mask.sum() < max(mask.sum() for mask in alone)


def test_two_maskers_with_nothing_in_common_stop_the_comparison():
    darker, lighter = ({"use": "threshold", "polarity": side} for side in ("darker", "lighter"))
    with pytest.raises(InputError, match=r"in 'toy-1' masker 'threshold' \(.*agree on no specimen.*mask.combine=union"):
        compare(A, B, masker=darker, second_masker=lighter)


NOTHING_COUNTS = {"mask": {"border_patches": 9}, "image": {"size": 96}}


def test_a_specimen_without_a_patch_that_counts_is_told_with_what_to_change():
    with pytest.raises(InputError, match="no patch of 'toy-1' counts as specimen") as caught:
        compare(A, B, **NOTHING_COUNTS)
    assert "lower mask.share, mask.erode_px or mask.border_patches, or raise image.size" in str(caught.value)


def test_a_photo_that_is_not_there_is_told_by_its_name(tmp_path):
    with pytest.raises(InputError, match=r"absent\.jpg"):
        compare(tmp_path / "absent.jpg", B)


def test_every_patch_compared_is_specimen_and_the_crop_is_that_of_the_mask(pair):
    for side in (pair.a, pair.b):
        left, top, width, height = side.features.grid.crop
        rows, columns = np.flatnonzero(side.mask.any(axis=1)), np.flatnonzero(side.mask.any(axis=0))
        pad = round(0.06 * max(np.ptp(rows) + 1, np.ptp(columns) + 1))
        assert (left, top) == (max(0, columns[0] - pad), max(0, rows[0] - pad))
        assert left + width == min(side.photo.size[0], columns[-1] + 1 + pad)
        assert top + height == min(side.photo.size[1], rows[-1] + 1 + pad)
        assert (side.share[side.patches] > 0.5).all()


def test_the_same_seed_gives_the_same_random_pairs_and_another_seed_changes_nothing_else():
    first, again, other = (compare(A, B, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.random, again.random)
    assert not np.array_equal(first.random, other.random)
    assert first.distance == other.distance


def test_warnings_on_the_way_are_kept_with_the_comparison():
    assert compare(A, B).warnings == ()
    (warning,) = dinosar.compare(A, B, masker="threshold", image={"size": 96}).warnings
    assert "backbone 'auto' became" in warning


def test_compare_photos_takes_a_config_as_the_command_does():
    config = CompareConfig.model_validate({"inputs": {"a": "a", "b": "b"}, **QUICK})
    found = compare_photos(A, B, config, build_parts(config))
    assert found.distance == compare(A, B).distance
    again = score(found.a, found.b, found.forward, found.backward, found.random, config.scores)
    assert again == found.scores


def test_the_name_of_a_photo_changes_no_number():
    assert compare(replace(A, name="renamed"), B).distance == compare(A, B).distance
