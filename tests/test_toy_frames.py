"""The shipped film, the script that draws it, and what the tools for sequences find in it."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from dinosar.backbones.classic import Classic
from dinosar.config import FitConfig
from dinosar.features import see
from dinosar.frames.sequence import K, flicker, standing_out, tearing
from dinosar.images import photo_from_array

FILM = Path(__file__).resolve().parent.parent / "toy_data" / "frames"


def _load():
    spec = importlib.util.spec_from_file_location("toy_data_frames", FILM.with_suffix(".py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


frames = _load()


@pytest.fixture(scope="module")
def film():
    return frames.sequence(torn=frames.TORN)


def test_shipped_files_match_their_sums():
    lines = (FILM / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {relative: digest for digest, relative in (line.split("  ") for line in lines)}
    assert list(sums) == sorted(path.relative_to(FILM).as_posix() for path in FILM.glob("*/*"))
    assert len(sums) == 2 * frames.FRAMES
    for relative, digest in sums.items():
        assert hashlib.sha256((FILM / relative).read_bytes()).hexdigest() == digest, relative


def test_shipped_files_are_small_together():
    assert sum(path.stat().st_size for path in FILM.rglob("*") if path.is_file()) < 700_000


@pytest.mark.parametrize("place", [0, 1])
def test_shipped_frames_are_what_the_script_draws(film, place):
    for i, frame in enumerate(film[place]):
        shipped = cv2.imread(str(FILM / frames.NAMES[place] / f"frame_{i:03d}.png"), cv2.IMREAD_UNCHANGED)
        assert shipped.dtype == np.uint8
        # Another OpenCV may round a few pixels to the next tone.
        assert np.mean(shipped[..., ::-1] != frame) < 0.01
        assert frame.shape == (192, 256, 3)


def test_every_second_frame_is_true_and_the_others_are_mixed_or_torn(film):
    true, made = film
    for i, (a, b) in enumerate(zip(true, made, strict=True)):
        if i % 2 == 0 or i + 1 == len(true):
            np.testing.assert_array_equal(a, b)
            continue
        mean = (true[i - 1].astype(float) + true[i + 1]) / 2
        tone = 255 / 21
        mixed = np.abs(b - mean).max(axis=2) <= 0.5 * tone + 1
        if i in frames.TORN:
            assert mixed[:100].all()
            assert mixed[110:].mean() < 0.8
            np.testing.assert_array_equal(b[110:, 15:], true[i + 1][110:, :-15])
        else:
            assert mixed.all()
            assert (a != b).any(axis=2).mean() > 0.1


def test_the_specimen_moves_smoothly(film):
    steps = [np.abs(a.astype(float) - b).mean() for a, b in zip(film[0], film[0][1:], strict=False)]
    assert min(steps) > 1
    assert max(steps) < 2.5 * min(steps)


def test_corruption_is_a_block_and_changes_nothing_else():
    true, made = frames.sequence(3, 8, (96, 64))
    same, spoiled = frames.sequence(3, 8, (96, 64), corrupt=(2, 5, 99))
    np.testing.assert_array_equal(true, same)
    for i, (a, b) in enumerate(zip(made, spoiled, strict=True)):
        differs = (a != b).any(axis=2)
        if i not in (2, 5):
            assert not differs.any()
            continue
        rows, columns = np.nonzero(differs)
        assert np.ptp(rows) < 16
        assert np.ptp(columns) < 24
        assert differs.sum() > 0.9 * 16 * 24


def test_films_depend_on_the_seed_alone():
    first, again, other = (frames.sequence(seed, 4, (96, 64), corrupt=(1,))[1] for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (np.array(first) != np.array(other)).mean() > 0.3
    assert [len(film) for film in frames.sequence(5, 1, (96, 64))] == [1, 1]


def test_command_line_writes_what_it_is_told(tmp_path):
    asked = ["--out", str(tmp_path / "film"), "--frames", "5", "--size", "96x64", "--corrupt", "2,3", "--seed", "3"]
    assert frames.main(asked) == 0
    written = sorted(path.relative_to(tmp_path / "film").as_posix() for path in (tmp_path / "film").rglob("*.png"))
    assert written == [f"{name}/frame_{i:03d}.png" for name in ("interpolated", "true") for i in range(5)]
    _, made = frames.sequence(3, 5, (96, 64), corrupt=(2, 3))
    stored = cv2.imread(str(tmp_path / "film" / "interpolated" / "frame_003.png"))[..., ::-1]
    np.testing.assert_array_equal(stored, made[3])
    with pytest.raises(SystemExit):
        frames.main([*asked, "--frames", "4"])  # the frames of the longer film would stay among those of the shorter


@pytest.mark.parametrize("wrong", [["--frames", "0"], ["--size", "9"], ["--size", "2x2"], ["--corrupt", "16"]])
def test_command_line_refuses_what_cannot_be_drawn(wrong, tmp_path):
    with pytest.raises(SystemExit):
        frames.main(["--out", str(tmp_path), *wrong])
    assert not list(tmp_path.iterdir())


def seen(frame):
    return see(photo_from_array(frame, "frame"), Classic(), FitConfig(size=512, fit="stretch")).tokens.astype(float)


def distance(a, b):
    first, second = (each.mean(axis=(0, 1)) for each in (a, b))
    return 1 - first @ second / np.linalg.norm(first) / np.linalg.norm(second)


@pytest.mark.parametrize("corrupt", [(), (4, 17, 22)])
def test_corrupted_frames_and_no_others_stand_out(corrupt):
    true, made = frames.sequence(1, 36, corrupt=corrupt)
    shown = [(seen(a), seen(b)) for a, b in zip(true, made, strict=True)]
    assert np.flatnonzero(standing_out([distance(a, b) for a, b in shown], K).marks).tolist() == list(corrupt)


def test_the_torn_frames_tear_and_the_film_flickers(film):
    shown = [(seen(a), seen(b)) for a, b in zip(*film, strict=True)]
    found = {}
    for i in range(3, 14, 2):
        a, b = (each.reshape(-1, each.shape[-1]) for each in shown[i])
        found[i] = tearing((1 - (b @ a.T).max(axis=1)).reshape(shown[i][1].shape[:2]))
    others = max(tear.value for i, tear in found.items() if i not in frames.TORN)
    for i in frames.TORN:
        assert found[i].value > 1.8 * others
        assert found[i].axis == "row"
        assert abs(found[i].index - 0.55 * 32) <= 2
    steps = [[distance(first[side], second[side]) for first, second in zip(shown, shown[1:], strict=False)]
             for side in (0, 1)]  # fmt: skip
    assert flicker(*steps).mean > 0
