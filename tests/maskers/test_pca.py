"""The masker pca: whole patches, as they were decided; it abstains in a sentence, and says what a mask rests on."""

import gc
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_photos import SHIPPED, TOY, overlap

from dinosar.config import CompareConfig, ImageConfig, Part
from dinosar.data import Features, Photo
from dinosar.errors import Abstained, InputError, UsageError
from dinosar.features import see
from dinosar.foreground import Rule, View, decide, inside
from dinosar.grid import fit_grid, share_per_patch
from dinosar.images import load_photo
from dinosar.maskers.pca import PCA
from dinosar.masks import asked_together, find_mask
from dinosar.notices import collected
from dinosar.parts import build_backbone
from dinosar.settings import Layers, settle
from dinosar.testing import check, toy_photo

HERE = "dinosar.maskers.pca:PCA"


def features_of(photo, box=(0.3, 0.25, 0.7, 0.75), fit="letterbox", size=320, noise=0.1, crop=None):
    """Tokens of two kinds: those of a box (left, top, right, bottom in shares of the photo), and the others."""
    grid = fit_grid(photo.size, 16, fit=fit, size=size, crop=crop)
    share = grid.centres_in_photo() / photo.size
    within = ((share > box[:2]) & (share < box[2:])).all(axis=1).reshape(grid.rows, grid.columns)
    random = np.random.default_rng(3)
    tokens = noise * random.standard_normal((grid.rows, grid.columns, 12))
    tokens[..., 0] += 1
    tokens[within, 1] += 1
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    focus = (0.2 + within + 0.1 * random.random(within.shape)).astype(np.float32)
    return Features(tokens.astype(np.float32), grid, "drawn", attention=focus[None]), within


def photo_of(width, height):
    return Photo(np.zeros((height, width, 3), dtype=np.uint8), "drawn")


def noise(photo):
    features, _ = features_of(photo)
    tokens = np.random.default_rng(0).standard_normal(features.tokens.shape)
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    return replace(features, tokens=tokens.astype(np.float32), attention=None)


def masked(photo, features, **options):
    return PCA(PCA.Options(**options)).mask(photo, features)


@pytest.mark.parametrize("fit", ["letterbox", "stretch", "native"])
@pytest.mark.parametrize("size", [(413, 300), (250, 431), (320, 320), (333, 217)])
@pytest.mark.parametrize("crop", [None, (37, 21, 190, 170)])
def test_the_mask_covers_the_patches_that_were_decided_and_no_others(fit, size, crop):
    photo = photo_of(*size)
    box = (0.3, 0.25, 0.7, 0.75) if crop is None else (0.25, 0.2, 0.5, 0.6)
    features, _ = features_of(photo, box, fit, crop=crop)
    view = View(features.tokens, inside(features.grid) & features.directed, features.focus, features.lengths)
    (verdict,) = decide([view])
    mask = masked(photo, features)
    assert mask.shape == photo.pixels.shape[:2]
    assert np.array_equal(share_per_patch(mask, features.grid) > 0.5, verdict.patches)
    left, top, width, height = crop or (0, 0, *size)
    assert not np.delete(mask, np.s_[top : top + height], axis=0).any()
    assert not np.delete(mask, np.s_[left : left + width], axis=1).any()


@pytest.mark.parametrize("fit", ["letterbox", "stretch", "native"])
def test_what_is_of_the_other_kind_is_found(fit):
    photo = photo_of(400, 300)
    features, within = features_of(photo, fit=fit)
    assert np.array_equal(share_per_patch(masked(photo, features), features.grid) > 0.5, within)


def test_patches_without_direction_are_not_specimen():
    photo = photo_of(320, 320)
    features, within = features_of(photo)
    tokens = features.tokens.copy()
    tokens[8:11, 8] = 0
    found = share_per_patch(masked(photo, replace(features, tokens=tokens)), features.grid) > 0.5
    expected = within.copy()
    expected[8:11, 8] = False
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("words", [("+", "-"), ("plus", "minus")])
def test_a_side_that_is_given_is_taken(words):
    photo = photo_of(320, 320)
    features, within = features_of(photo)
    for word, expected in zip(words, (within, ~within), strict=True):
        assert np.array_equal(share_per_patch(masked(photo, features, sign=word), features.grid) > 0.5, expected)


def test_it_abstains_in_one_sentence_with_the_reasons_of_both_methods():
    photo = photo_of(320, 320)
    with pytest.raises(Abstained) as caught:
        masked(photo, noise(photo))
    said = str(caught.value)
    assert said.startswith("masker 'pca' cannot tell what is specimen in 'drawn': the principal component ")
    assert "; the normalised cut " in said
    assert len(said.splitlines()) == 1
    with pytest.raises(Abstained) as caught:
        masked(photo, noise(photo), ncut=False)
    assert "normalised cut" not in str(caught.value)


def test_another_masker_is_named_or_asked():
    from dinosar.config import MaskConfig
    from dinosar.maskers.whole import Whole

    photo = photo_of(320, 320)
    with pytest.raises(Abstained, match="--fallback-masker"):
        find_mask(photo, [PCA()], MaskConfig(), noise(photo))
    with collected() as said:
        assert find_mask(photo, [PCA()], MaskConfig(), noise(photo), fallback=Whole()).all()
    assert "cannot tell what is specimen" in said[0]


def test_several_photos_are_seen_together():
    photos = [replace(photo_of(320, 320), name=name) for name in "abc"]
    features = [features_of(photo, (left, 0.3, left + 0.4, 0.7))[0]
                for photo, left in zip(photos, (0.3, 0.2, 0.35), strict=True)]  # fmt: skip
    for count in (2, 3):
        masker = PCA()
        masks = asked_together(photos[:count], masker, features[:count])
        assert len(masks) == len(masker.facts()) == count
        for photo, each, mask in zip(photos, features, masks, strict=False):
            assert masker.evidence(photo)["method"] == "pca-joint"
            assert np.array_equal(mask, PCA().mask(photo, each))


def test_one_of_several_may_abstain():
    photos = photo_of(320, 320), photo_of(320, 320)
    masker = PCA()
    mask, word = asked_together(photos, masker, [features_of(photos[0])[0], noise(photos[1])])
    assert mask.any()
    assert isinstance(word, Abstained)
    assert masker.evidence(photos[0])["method"] == "pca"
    assert masker.evidence(photos[1])["method"] is None
    assert len(masker.evidence(photos[1])["reasons"]) == 3


def test_evidence_and_facts_say_what_a_mask_rests_on():
    photo, masker = photo_of(320, 320), PCA()
    assert masker.evidence(photo) == {}
    assert masker.facts() == {}
    masker.mask(photo, features_of(photo)[0])
    told = masker.evidence(photo)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["method"], told["sign"], told["reasons"]) == ("pca", "+", [])
    assert set(told["votes"]) == {"border", "attention", "skewness"}
    assert masker.facts() == {"foreground of drawn": f"pca, side +, confidence {told['confidence']:.3f}"}
    masker.mask(photo, replace(features_of(photo)[0], attention=None))
    assert masker.evidence(photo)["votes"]["attention"] is None
    with pytest.raises(Abstained):
        masker.mask(photo, noise(photo))
    assert masker.facts() == {"foreground of drawn": "none"}


def test_photos_are_not_kept():
    photo, masker = photo_of(320, 320), PCA()
    masker.mask(photo, features_of(photo)[0])
    assert len(masker._found) == 1
    del photo
    gc.collect()
    assert len(masker._found) == 0


def test_a_photo_with_few_pixels_to_a_patch_is_warned_of():
    photo = photo_of(60, 60)
    with collected() as said:
        masked(photo, features_of(photo, size=320)[0])
    assert "a patch is 3.0 px of 'drawn' wide" in said[0]
    with collected() as said:
        masked(photo_of(80, 80), features_of(photo_of(80, 80), size=320)[0])
    assert said == []


def test_without_features_it_says_what_is_missing():
    with pytest.raises(InputError, match="masker 'pca' looks at tokens, and was given none"):
        PCA().mask(photo_of(32, 32), None)


def options_of(**masker):
    given = {"inputs": {"a": "a", "b": "b"}, "backbone": "classic", "masker": {"use": HERE, **masker}}
    return settle(CompareConfig, Layers().add(given, "x.yaml")).masker.options


def test_options_are_those_of_the_rule():
    filled = options_of()
    assert Rule(**filled) == Rule()
    assert options_of(**filled) == filled
    assert options_of(sign="minus")["sign"] == "-"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sign": "left"}, "sign: "),
        ({"sign": 1}, "sign: "),
        ({"confidence": 2}, "confidence: input should be less than or equal to 1"),
        ({"least": 0.5, "most": 0.4}, "least (0.5) must be below most (0.4)"),
        ({"ncuts": False}, "unknown key 'ncuts'; did you mean 'ncut'?"),
    ],
)
def test_options_that_cannot_be_meant_are_told_in_one_sentence(given, sentence):
    with pytest.raises(UsageError) as caught:
        options_of(**given)
    assert sentence in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("path", SHIPPED[:4], ids=lambda path: path.stem)
def test_shipped_photos_are_found_by_classic(path):
    photo = load_photo(path)
    features = see(photo, build_backbone(Part(use="classic")), ImageConfig())
    masker = PCA()
    truth = cv2.imread(str(TOY / "masks" / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED) > 0
    mask = masker.mask(photo, features)
    assert masker.evidence(photo)["votes"]["border"] > 0.9
    assert mask[truth].mean() > 0.9
    assert overlap(mask, truth) > 0.5  # its windows are three patches wide, and so is the rim


@pytest.mark.parametrize("seed", range(3))
def test_the_toy_photo_of_the_conformance_kit_is_found(seed):
    photo = toy_photo(seed, (320, 224))
    features = see(photo, build_backbone(Part(use="classic")), ImageConfig(size=320))
    y, x = np.mgrid[:224, :320] / np.array([224, 320]).reshape(2, 1, 1)
    oval = ((x - 0.5) / 0.34) ** 2 + ((y - 0.5) / 0.3) ** 2 < 1
    assert overlap(masked(photo, features), oval) > 0.6


def test_every_promise_of_a_masker_is_kept():
    assert [str(clause) for clause in check("masker", HERE) if not clause.holds] == []
