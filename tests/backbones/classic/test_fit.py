"""The learned projection: regenerated from the repository, and better than nothing on families it never saw."""

import numpy as np
import pytest

from dinosar.backbones.classic import descriptor as d
from dinosar.backbones.classic import fit as fitting
from dinosar.backbones.classic.families import HELD_OUT, LEARNING
from dinosar.backbones.classic.generator import HARD, make_pair


@pytest.fixture(scope="module")
def shipped():
    return d.Weights.load(d.WEIGHTS)


def test_the_shipped_weights_are_the_ones_fitted(shipped):
    assert fitting.difference(fitting.fit(), shipped) < 1e-4


def test_the_file_is_small_and_named_by_its_version(shipped):
    assert d.WEIGHTS.name == "classic-v1.npz"
    assert d.WEIGHTS.stat().st_size < 300_000
    assert shipped.mean.shape == (d.DEPTH,)
    assert shipped.axes.shape == (d.DEPTH, fitting.KEPT)
    assert shipped.mean.dtype == shipped.axes.dtype == np.float32
    assert np.linalg.norm(shipped.axes, 2) == pytest.approx(1, abs=1e-4)


def test_only_learning_families_are_fitted(monkeypatch):
    asked = []

    def recorded(family, *rest):
        asked.append(family)
        return make_pair(family, *rest)

    monkeypatch.setattr(fitting, "make_pair", recorded)
    monkeypatch.setattr(fitting, "SIDE", 64)
    fitting.fit()
    assert len(asked) == fitting.PAIRS
    assert set(asked) == set(LEARNING)
    assert not set(asked) & set(HELD_OUT)


def found_again(pair, encode, step=16):
    """Share of visible patches whose nearest neighbour in the other view is within a patch of the truth."""
    first, second = encode(pair.first), encode(pair.second)
    rows, columns, depth = first.shape
    centres = np.arange(rows) * step + step // 2
    seen = pair.seen[np.ix_(centres, centres)]
    answer = (second[seen] @ first.reshape(-1, depth).T).argmax(axis=1)
    chosen = np.stack([answer % columns, answer // columns], axis=1) * step + (step - 1) / 2
    return (np.hypot(*(chosen - pair.place[np.ix_(centres, centres)][seen]).T) <= step).mean()


def test_it_beats_unprojected_tokens_and_raw_pixels_on_held_out_families(shipped):
    def raw_pixels(image):
        side = len(image) // 16
        patches = image.reshape(side, 16, side, 16, 3).transpose(0, 2, 1, 3, 4).reshape(side, side, -1)
        return d.unit(patches.astype(np.float32) - image.mean(dtype=np.float32))

    methods = [
        lambda image: d.describe(image, 16, shipped),
        lambda image: d.gradients_and_colour(d.lab_of(image), 16)[0],
        raw_pixels,
    ]
    pairs = [make_pair(family, seed, 256, HARD) for family in HELD_OUT for seed in (50, 51)]
    learned, gradients, pixels = (np.mean([found_again(pair, encode) for pair in pairs]) for encode in methods)
    assert learned > gradients + 0.05
    assert gradients > pixels + 0.1


def test_tokens_are_read_between_grid_points():
    tokens = np.array([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], np.float32)
    places = np.array([[0, 0], [1, 1], [0.5, 0.25], [-3, 0], [9, 9]])
    half = 0.5**0.5
    assert np.allclose(fitting.between(tokens, places), [[1, 0], [0, 1], [half, half], [1, 0], [0, 1]])


def test_one_row_of_tokens_can_be_read_between():
    tokens = np.array([[[1, 0], [0, 1]]], np.float32)
    assert np.allclose(fitting.between(tokens, np.array([[1, 0], [0.5, 0]])), [[0, 1], [0.5**0.5, 0.5**0.5]])


def test_directions_that_differ_for_no_reason_are_played_down(monkeypatch):
    """One direction varies most, but as much between views of the same place as between places."""
    monkeypatch.setattr(fitting, "KEPT", 2)
    within = np.diag([4.0, 0.01, 0.01, 0.01])
    total = np.diag([5.0, 1.0, 0.5, 0.001])
    axes = fitting.solve(within, total, np.zeros(4)).axes
    strength = np.linalg.norm(axes, axis=1)
    assert strength[1] > 3 * strength[0]
    assert strength[2] > 3 * strength[0]
    assert strength[3] < 1e-6


def test_nearly_equal_axes_do_not_turn_into_one_another(monkeypatch):
    """A difference in the last digits may swap principal axes of equal variance, but not what is stored."""
    monkeypatch.setattr(fitting, "KEPT", 4)
    within = np.eye(8)
    basis, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((8, 8)))
    variance = np.array([5.0, 5.0, 5.0, 5.0, 1.0, 1.0, 1.0, 1.0])
    noise = np.random.default_rng(4).standard_normal((8, 8)) * 1e-9
    total = (basis * variance) @ basis.T
    one = fitting.solve(within, total, np.zeros(8))
    two = fitting.solve(within, total + noise + noise.T, np.zeros(8))
    assert np.abs(one.axes - two.axes).max() < 1e-6


def test_the_sign_of_an_axis_is_no_difference(shipped):
    turned = shipped.axes.copy()
    turned[:, ::3] *= -1
    assert fitting.difference(shipped, d.Weights(shipped.mean, turned)) == 0
    turned[5, 5] += 0.25
    assert fitting.difference(shipped, d.Weights(shipped.mean, turned)) == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (1e-5, 1)])
def test_check_compares_with_the_shipped_file(monkeypatch, capsys, tmp_path, shipped, shift, code):
    monkeypatch.setattr(fitting, "fit", lambda: d.Weights(shipped.mean + np.float32(shift), shipped.axes))
    out = tmp_path / "again"
    assert fitting.main(["--check", "--out", str(out)]) == code
    said = capsys.readouterr().out
    assert "largest difference from classic-v1.npz: " in said
    assert d.Weights.load(out).mean == pytest.approx(shipped.mean + shift, abs=1e-7)
    if code == 0:
        assert out.read_bytes() == d.WEIGHTS.read_bytes()


def test_nothing_asked_is_an_error():
    with pytest.raises(SystemExit, match="2"):
        fitting.main([])
