"""Components agree with a singular value decomposition, whitened over both frames, and become colours by a sigmoid."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, features_of, scene_of, without, words_of

from dinosar.features import unit
from dinosar.render.frame_components import as_colours, frame_components, pca_features

A, B = features_of(1), without(features_of(2, (90, 200)), (0, 0), (3, 2))


def by_svd(a, b):
    """Whitened scores on the first three axes by another road, of the patches that have a direction; and the shares."""
    tokens = np.concatenate([a.flat[a.directed.ravel()], b.flat[b.directed.ravel()]]).astype(float)
    left, sizes, axes = np.linalg.svd(tokens - tokens.mean(axis=0), full_matrices=False)
    signs = np.array([np.sign(axis[np.argmax(np.abs(axis))]) for axis in axes[:3]])
    return left[:, :3] * signs * np.sqrt(len(tokens) - 1), sizes[:3] ** 2 / (sizes**2).sum()


def test_scores_are_those_of_a_singular_value_decomposition_with_its_sign_fixed():
    found = frame_components(A, B)
    scores, shares = by_svd(A, B)
    together = np.concatenate([found.a[A.directed], found.b[B.directed]])
    assert np.allclose(together, scores, atol=1e-9)
    assert np.allclose(found.shares, shares)
    assert np.allclose(together.std(axis=0, ddof=1), 1)
    assert np.allclose(np.corrcoef(together.T), np.eye(3), atol=1e-9)


def test_patches_without_direction_are_left_out_and_unknown():
    found = frame_components(A, B)
    assert np.array_equal(np.isnan(found.b).all(axis=2), ~B.directed)
    assert np.isfinite(found.a).all()
    assert found.a.shape == (*A.directed.shape, 3)


def test_a_colour_means_the_same_on_both_and_in_either_order():
    tokens = B.tokens.copy()
    tokens[5, :3] = A.tokens[2, 4:7]
    first = frame_components(A, replace(B, tokens=tokens))
    assert np.allclose(first.a[2, 4:7], first.b[5, :3])
    second = frame_components(replace(B, tokens=tokens), A)
    assert np.allclose(first.a, second.b)


def test_colours_are_the_sigmoid_of_twice_the_score():
    assert as_colours(np.array([0.0, 0.5, -0.5, 1e3, -1e3])).tolist() == pytest.approx(
        [0.5, 0.7310585786, 0.2689414214, 1, 0]
    )


def test_the_panels_hold_these_colours(sheets):
    scene = scene_of(A, B)
    pca_features(scene)
    found = frame_components(A, B)
    for axes, scores, features in zip(sheets[0].panels, (found.a, found.b), (A, B), strict=True):
        rgba = axes.images[0].get_array()
        assert np.allclose(rgba[features.directed][:, :3], 1 / (1 + np.exp(-2 * scores[features.directed])))
        assert (rgba[..., 3] == 1).all()
        assert axes.images[0].get_interpolation() == "nearest"
        assert (axes.get_xlim(), axes.get_ylim()) == ((0, features.grid.photo[0]), (features.grid.photo[1], 0))
    said = words_of(sheets[0])
    assert f"red: component 1, {found.shares[0]:.0%} of the variance" in said
    assert "not compared" in said


@pytest.mark.parametrize("depth", [1, 2])
def test_of_fewer_components_the_others_stay_grey_and_are_called_none(depth, sheets):
    pair = [replace(each, tokens=unit(each.tokens[..., -depth:])) for each in (features_of(1), features_of(2))]
    found = frame_components(*pair)
    assert np.count_nonzero(found.shares) == depth
    assert not found.a[..., depth:].any()
    assert found.shares.sum() == pytest.approx(1)
    pca_features(scene_of(*pair))
    assert "blue: component 3, none" in words_of(sheets[0])


def test_equal_patches_everywhere_are_grey_and_said_to_hold_no_pattern(sheets):
    flat = [replace(each, tokens=np.broadcast_to(A.tokens[:1, :1], each.tokens.shape)) for each in (A, A)]
    found = frame_components(*flat)
    assert not found.shares.any()
    assert not found.a.any()
    pca_features(scene_of(*flat))
    assert np.allclose(sheets[0].panels[0].images[0].get_array()[..., :3], 0.5)
    assert "no pattern: all patches are the same" in words_of(sheets[0])


def test_identical_pictures_have_identical_colours():
    found = frame_components(A, A)
    assert np.array_equal(found.a, found.b)


@pytest.mark.parametrize("sizes", [((200, 120), (90, 200)), ((40, 300), (40, 300)), ((300, 30), (64, 48))])
def test_everything_lies_on_the_paper_and_comes_out_the_same_again(sizes, sheets):
    scene = scene_of(*(without(features_of(i, size), (0, 0)) for i, size in enumerate(sizes)), ("甲虫.png", "n" * 99))
    data = pca_features(scene)
    assert beyond_the_sheet(sheets[0]) == []
    assert data == pca_features(scene)
