"""`attention` keeps the highest part of the map a backbone gives, laid over the photo where the patches lie."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from dinosar.config import CompareConfig, ImageConfig, Part
from dinosar.data import Features, Photo
from dinosar.errors import InputError, UsageError
from dinosar.features import see
from dinosar.grid import Grid, fit_grid
from dinosar.maskers import attention
from dinosar.maskers.attention import Attention, highest
from dinosar.parts import build, build_backbone
from dinosar.settings import Layers, settle
from dinosar.testing import check, toy_photo

often = settings(max_examples=60, deadline=None, derandomize=True)
SIZES = [(97, 61), (200, 160), (33, 150), (41, 40)]
GRIDS = [
    fit_grid(size, 16, fit=fit, size=96) for size in SIZES for fit in ("letterbox", "native", "stretch")
]  # fmt: skip
grids = st.sampled_from(GRIDS)
seeds = st.integers(0, 10**6)


def drawn(grid, values, kind="attention"):
    """Features with this map."""
    maps = np.stack([np.zeros_like(values), values]).astype(np.float32)
    tokens = np.zeros((grid.rows, grid.columns, 2), dtype=np.float32)
    return Features(tokens, grid, "drawn", attention=maps, attention_kind=kind)


def photo_on(grid):
    return Photo(np.zeros((grid.photo[1], grid.photo[0], 3), dtype=np.uint8), "drawn")


def masked(grid, values, **options):
    return Attention(Attention.Options(**options)).mask(photo_on(grid), drawn(grid, values))


def random_map(grid, seed):
    return np.random.default_rng(seed).random((grid.rows, grid.columns)).astype(np.float32)


def by_scipy(grid, values):
    """The map at the centre of every pixel of the photo; beyond the outer centres of patches it is constant."""
    width, height = grid.photo
    y, x = np.mgrid[:height, :width] + 0.5
    places = grid.to_network(np.stack([x.ravel(), y.ravel()], axis=1)) / grid.patch - 0.5
    axes = [np.arange(-1, n + 1, dtype=float) for n in values.shape]
    padded = np.pad(values.astype(float), 1, mode="edge")
    within = np.clip(places[:, ::-1], 0, np.array(values.shape) - 1)
    return RegularGridInterpolator(axes, padded)(within).reshape(height, width)


@given(grid=grids, seed=seeds, threshold=st.sampled_from((0.0, 0.2, 0.5, 0.77)))
@often
def test_a_threshold_is_a_level_on_the_scaled_and_interpolated_map(grid, seed, threshold):
    values = random_map(grid, seed) * 7 + 2
    scaled = (values.astype(float) - values.min()) / (float(values.max()) - float(values.min()))
    expected = by_scipy(grid, scaled)
    disagree = masked(grid, values, threshold=threshold) != (expected > threshold)
    assert np.abs(expected[disagree] - threshold).max(initial=0) < 1e-9


@given(grid=grids, seed=seeds, percentile=st.sampled_from((0.0, 10.0, 50.0, 85.0, 99.0)))
@often
def test_a_percentile_keeps_the_patches_above_it(grid, seed, percentile):
    values = random_map(grid, seed)
    if values.size < 2:
        return
    level = np.percentile(values.astype(float), percentile)
    lowered, cut = highest(values.astype(float), percentile)
    assert np.array_equal(lowered > cut, values > level)
    centres = grid.centres_in_photo().reshape(grid.rows, grid.columns, 2)
    expected = by_scipy(grid, values)
    mask = masked(grid, values, percentile=percentile)
    disagree = mask != (expected > cut)
    assert np.abs(expected[disagree] - cut).max(initial=0) < 1e-9
    column, row = (np.clip(np.floor(centres[..., i]).astype(int), 0, grid.photo[i] - 1) for i in (0, 1))
    exact = np.isclose(centres, np.stack([column, row], axis=-1) + 0.5).all(axis=-1)  # a pixel lies on the very centre
    assert np.array_equal(mask[row, column][exact], (values > level)[exact])


@pytest.mark.parametrize("percentile", [50, 70, 85, 95])
def test_the_share_of_the_photo_is_about_what_the_percentile_says(percentile):
    grid = fit_grid((640, 480), 16, size=640)
    y, x = np.mgrid[: grid.rows, : grid.columns]
    values = np.exp(-(((x - 20.3) / 14) ** 2) - ((y - 14.1) / 11) ** 2)  # one smooth hill
    share = masked(grid, values, percentile=percentile).mean()
    assert share == pytest.approx(1 - percentile / 100, abs=0.012)


@given(grid=grids, seed=seeds)
@often
def test_a_higher_threshold_keeps_a_part_of_what_a_lower_one_keeps(grid, seed):
    values = random_map(grid, seed)
    masks = [masked(grid, values, threshold=level) for level in (0.0, 0.1, 0.35, 0.6, 0.9)]
    for wide, narrow in zip(masks, masks[1:], strict=False):
        assert not (narrow & ~wide).any()


@given(grid=grids, seed=seeds, percentile=st.sampled_from((20.0, 60.0, 85.0)))
@often
def test_a_higher_percentile_keeps_a_part_of_what_a_lower_one_keeps(grid, seed, percentile):
    values = random_map(grid, seed)
    assert not (masked(grid, values, percentile=percentile + 10) & ~masked(grid, values, percentile=percentile)).any()


EVEN = [grid for grid in GRIDS if all(2 * grid.content[i] + grid.content[i + 2] == grid.network[i] for i in (0, 1))]


@given(grid=st.sampled_from(EVEN), seed=seeds, axis=st.sampled_from((0, 1)), threshold=st.sampled_from((None, 0.4)))
@often
def test_a_mirrored_map_gives_a_mirrored_mask(grid, seed, axis, threshold):
    values = random_map(grid, seed)
    options = {} if threshold is None else {"threshold": threshold}
    mirrored = masked(grid, np.flip(values, axis), **options)
    assert (np.flip(mirrored, axis) ^ masked(grid, values, **options)).mean() < 1e-3  # a pixel on the very level


def test_there_are_grids_with_and_without_padding_to_mirror():
    assert len(EVEN) >= 6
    assert any(grid.content[0] or grid.content[1] for grid in EVEN)


@given(grid=grids, seed=seeds, factor=st.sampled_from((1e-6, 3.0, 1e6)))
@often
def test_the_scale_of_the_map_does_not_matter(grid, seed, factor):
    values = random_map(grid, seed)
    for options in ({}, {"threshold": 0.5}):
        before, after = masked(grid, values, **options), masked(grid, values * np.float32(factor), **options)
        assert (before ^ after).mean() < 1e-3  # scaling rounds


PADDED = Grid(photo=(70, 50), crop=(0, 0, 70, 50), network=(160, 112), content=(48, 32, 70, 50), patch=16)


@pytest.mark.parametrize("options", [{}, {"threshold": 0.3}, {"percentile": 40}])
def test_what_lies_in_the_padding_changes_nothing(options):
    values = random_map(PADDED, 5)
    centre = PADDED.centres().reshape(PADDED.rows, PADDED.columns, 2)
    padding = ((centre < (48, 32)) | (centre > (118, 82))).any(axis=-1)
    assert padding.sum() > 40
    loud, quiet = np.where(padding, 100, values), np.where(padding, 0, values)
    expected = masked(PADDED, quiet, **options)
    assert np.array_equal(masked(PADDED, loud, **options), expected)
    assert 0 < expected.mean() < 1


def test_what_was_not_shown_to_the_backbone_is_not_specimen():
    grid = Grid(photo=(100, 80), crop=(20, 10, 64, 48), network=(64, 48), content=(0, 0, 64, 48), patch=16)
    mask = masked(grid, np.arange(12).reshape(3, 4), percentile=0)
    outside = np.ones((80, 100), dtype=bool)
    outside[10:58, 20:84] = False
    assert mask.any()
    assert not mask[outside].any()


@pytest.mark.parametrize("options", [{}, {"threshold": 0.0}, {"percentile": 0}])
@pytest.mark.parametrize("value", [0.0, 0.3])
def test_where_nothing_stands_out_there_is_no_specimen(options, value):
    grid = GRIDS[0]
    assert not masked(grid, np.full((grid.rows, grid.columns), value), **options).any()


def test_a_photo_of_one_patch_is_flat():
    grid = fit_grid((16, 16), 16, size=16)
    assert not masked(grid, np.ones((1, 1))).any()


TIES = [
    ([5, 5, 5, 5, 1, 1, 1, 1, 1, 1], 80, [0, 1]),
    ([1, 1, 1, 5, 5, 5, 5, 1, 1, 1], 80, [3, 4]),
    ([0, 0, 9, 0, 0, 0, 0, 0, 0, 4], 50, [2, 9]),  # what is lowest never counts, however few are above it
    ([2, 1, 2, 1, 2, 3, 0, 0, 0, 0], 70, [0, 2, 5]),
    ([1, 0], 85, [0]),
]


@pytest.mark.parametrize(("values", "percentile", "kept"), TIES)
def test_of_equal_patches_the_first_in_reading_order_count(values, percentile, kept):
    lowered, level = highest(np.array(values, dtype=float), percentile)
    assert np.flatnonzero(lowered > level).tolist() == kept


@given(values=st.lists(st.integers(0, 4), min_size=2, max_size=40), percentile=st.floats(0, 99.9))
@often
def test_never_more_patches_than_the_percentile_leaves(values, percentile):
    values = np.array(values, dtype=float)
    if values.min() == values.max():
        return
    lowered, level = highest(values, percentile)
    kept = lowered > level
    left = len(values) - 1 - int(percentile * (len(values) - 1) / 100)
    assert kept.sum() == min(left, (values > values.min()).sum())
    ranked = sorted(range(len(values)), key=lambda i: (-values[i], i))
    assert set(np.flatnonzero(kept)) == set(ranked[: kept.sum()])


def test_the_edge_lies_halfway_between_what_counts_and_what_does_not():
    grid = fit_grid((32, 16), 16, size=32)
    mask = masked(grid, np.array([[0.0, 1.0]]))
    assert np.array_equal(mask, np.broadcast_to(np.arange(32) >= 16, (16, 32)))


def test_blocks_change_nothing(monkeypatch):
    grid = fit_grid((700, 900), 16, size=320)
    values = random_map(grid, 1)
    expected = masked(grid, values)
    for rows in (1, 7, 100000):
        monkeypatch.setattr(attention, "BLOCK", rows)
        assert np.array_equal(masked(grid, values), expected)


def test_the_last_of_several_maps_counts():
    grid = GRIDS[0]
    first, last = random_map(grid, 1), random_map(grid, 2)
    features = replace(drawn(grid, last), attention=np.stack([first, first, last]))
    assert np.array_equal(Attention().mask(photo_on(grid), features), masked(grid, last))


@pytest.mark.parametrize("kind", ["attention", "saliency"])
def test_the_record_says_what_it_looked_at(kind):
    grid, masker = GRIDS[0], build("masker", Part(use="attention"))
    assert (masker.facts(), masker.title) == ({}, "attention")
    masker.mask(photo_on(grid), drawn(grid, random_map(grid, 0), kind))
    assert masker.facts()["looks_at"] == kind
    assert masker.title == ("attention" if kind == "attention" else "attention (saliency)")


def test_a_backbone_that_looks_at_nothing_is_told():
    grid = GRIDS[0]
    features = replace(drawn(grid, random_map(grid, 0)), attention=None)
    with pytest.raises(InputError, match="backbone 'drawn' gives neither attention nor saliency.*another masker"):
        Attention().mask(photo_on(grid), features)
    with pytest.raises(InputError, match="no backbone gives"):
        Attention().mask(photo_on(grid), None)


def options_of(**masker):
    given = {"inputs": {"a": "a", "b": "b"}, "backbone": "classic", "masker": {"use": "attention", **masker}}
    return settle(CompareConfig, Layers().add(given, "x.yaml")).masker.options


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, {"percentile": 85, "threshold": None}),
        ({"percentile": 60}, {"percentile": 60, "threshold": None}),
        ({"threshold": 0.4}, {"percentile": None, "threshold": 0.4}),
        ({"threshold": 0}, {"percentile": None, "threshold": 0}),
        ({"threshold": 0.4, "percentile": None}, {"percentile": None, "threshold": 0.4}),
        ({"threshold": None}, {"percentile": 85, "threshold": None}),
    ],
)
def test_options_are_filled_in_and_read_back_the_same(given, filled):
    assert options_of(**given) == filled
    assert options_of(**filled) == filled


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"percentile": 60, "threshold": 0.4}, "threshold: give either percentile or threshold"),
        ({"percentile": None}, "threshold: give either percentile or threshold"),
        ({"percentile": 100}, "percentile: input should be less than 100"),
        ({"threshold": 1}, "threshold: input should be less than 1"),
        ({"percentile": "many"}, "percentile: input should be a valid number"),
        ({"percentil": 3}, "unknown key 'percentil'; did you mean 'percentile'?"),
    ],
)
def test_options_that_cannot_be_meant_are_told_in_one_sentence(given, sentence):
    with pytest.raises(UsageError, match="masker 'attention': ") as caught:
        options_of(**given)
    assert sentence in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_saliency_of_classic_finds_a_specimen_on_plain_ground():
    photo = toy_photo(1, (320, 224))
    features = see(photo, build_backbone(Part(use="classic")), ImageConfig(size=320))
    mask = Attention(Attention.Options(percentile=80)).mask(photo, features)
    y, x = np.mgrid[:224, :320] / np.array([224, 320]).reshape(2, 1, 1)
    oval = ((x - 0.5) / 0.34) ** 2 + ((y - 0.5) / 0.3) ** 2 < 1
    assert oval[mask].mean() > 0.9


def test_every_promise_of_a_masker_is_kept():
    assert [str(clause) for clause in check("masker", "attention") if not clause.holds] == []
