"""Two folders of frames: which belong together, which stand out, and what a curve holds."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from toy_data.frames import sequence

FAST = ("--backbone", "classic", "--size", "256", "--dpi", "60")


@pytest.fixture(scope="module")
def clean():
    """A true sequence and its interpolation, as arrays."""
    return sequence(3, 30, (128, 96))


def write(folder, frames, name="frame_{:03}.png"):
    folder.mkdir()
    for i, each in enumerate(frames):
        Image.fromarray(each).save(folder / name.format(i))
    return folder


def spoiled(frames, which):
    """The frames, some with a block of noise."""
    random, out = np.random.default_rng(1), [each.copy() for each in frames]
    for i in which:
        out[i][20:70, 30:90] = random.integers(0, 256, (50, 60, 3))
    return out


@pytest.mark.parametrize("command", ["distance", "mismatch"])
@pytest.mark.parametrize("which", [(), (5, 12, 13), (0, 3, 8, 9, 17, 22, 29)])
def test_exactly_the_corrupted_frames_are_the_worst(here, desk, clean, command, which):
    write(desk / "true", clean[0])
    write(desk / "made", spoiled(clean[1], which))
    answer = here(command, "--frames", "true", "made", "--out", "D", *FAST)
    assert answer.code == 0, answer.err
    told = json.loads((desk / "D" / "sequence.json").read_text())
    assert told["worst"] == [f"frame_{i:03}" for i in which]
    with (desk / "D" / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["worst"]) for row in rows] == [int(i in which) for i in range(30)]
    assert (f"worst frames  {', '.join(told['worst']) or 'none'}") in answer.out


def test_a_curve_holds_what_it_says(here, desk, clean):
    true, made = clean[0][:8], clean[1][:8]
    write(desk / "true", true)
    write(desk / "made", made)
    answer = here("distance", "--frames", "true", "made", "--out", "D", "--json", *FAST)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    rows = found["results"]
    far = [row["cosine_distance"] for row in rows]
    told = found["sequence"]
    assert told["mean"] == pytest.approx(np.mean(far))
    assert told["p95"] == pytest.approx(np.percentile(far, 95))
    # Flicker, anew: the distances between successive frames, each asked for as a pair of its own.
    steps = []
    for folder in ("true", "made"):
        pairs = [
            {"image_a": f"{folder}/frame_{i:03}.png", "image_b": f"{folder}/frame_{i + 1:03}.png"} for i in range(7)
        ]
        (desk / "steps.json").write_text(json.dumps(pairs))
        answer = here("distance", "--pairs", "steps.json", "--out", f"steps_{folder}", "--json", *FAST)
        steps.append([row["cosine_distance"] for row in json.loads(answer.out)["results"]])
    assert [row["step_a"] for row in rows[1:]] == steps[0]
    assert [row["step_b"] for row in rows[1:]] == steps[1]
    assert rows[0]["step_a"] is None
    assert told["flicker"]["mean"] == pytest.approx(np.mean(np.subtract(steps[1], steps[0])))
    assert told["flicker"]["steps"] == 7
    with Image.open(desk / "D" / "curve.png") as curve:
        assert curve.size[0] > 400


def test_a_tear_is_found_at_its_row(here, desk, clean):
    """The lower part of a frame comes from elsewhere, from row 48 of 96 on."""
    true, made = list(clean[0][:6]), [each.copy() for each in clean[0][:6]]
    made[3][48:] = np.roll(made[3][48:], 30, axis=1)
    write(desk / "true", true)
    write(desk / "made", made)
    answer = here("mismatch", "--frames", "true", "made", "--out", "D", *FAST)
    assert answer.code == 0, answer.err
    torn = json.loads((desk / "D" / "sequence.json").read_text())["tearing"]["strongest"]
    assert (torn["label"], torn["axis"]) == ("frame_003", "row")
    assert abs(torn["at"] - 48) <= 12, "within two patches"


def test_a_frame_that_cannot_be_read_is_a_gap(here, desk, clean):
    write(desk / "true", clean[0][:6])
    write(desk / "made", clean[1][:6])
    (desk / "made" / "frame_002.png").write_bytes(b"no picture")
    answer = here("distance", "--frames", "true", "made", "--out", "D", *FAST)
    assert answer.code == 4
    rows = json.loads((desk / "D" / "results.json").read_text())
    assert [row["status"] for row in rows] == ["done", "done", "failed", "done", "done", "done"]
    assert rows[3]["step_a"] > 0, "A was seen before"
    assert rows[3]["step_b"] is None
    told = json.loads((desk / "D" / "sequence.json").read_text())
    assert (told["frames"], told["judged"], told["flicker"]["steps"]) == (6, 5, 3)
    with (desk / "D" / "curve.csv").open() as file:
        assert [row["cosine_distance"] == "NA" for row in csv.DictReader(file)] == [i == 2 for i in range(6)]


def test_frames_are_paired_by_number_where_names_differ_and_leftovers_are_named(here, desk, clean):
    write(desk / "true", clean[0][:6], "gt-{}.png")
    write(desk / "made", clean[1][:5], "out_{:05}.jpg")
    answer = here("distance", "--frames", "true", "made", "--out", "D", *FAST)
    assert answer.code == 0, answer.err
    assert "frames are paired by the last number in their names, 'gt-0.png' with 'out_00000.jpg'" in answer.err
    assert "1 frames of 'true' have no partner in the other folder: gt-5.png" in answer.err
    assert len(json.loads((desk / "D" / "results.json").read_text())) == 5


def test_a_sequence_resumed_is_the_sequence(here, desk, clean):
    """The same files to the byte, whether a frame was judged in the first try or in the second."""
    write(desk / "true", clean[0][:6])
    write(desk / "made", clean[1][:6])
    good = (desk / "made" / "frame_002.png").read_bytes()
    (desk / "made" / "frame_002.png").write_bytes(good[:100])
    words = ("distance", "--frames", "true", "made", *FAST)
    assert here(*words, "--out", "D").code == 4
    (desk / "made" / "frame_002.png").write_bytes(good)
    assert here(*words, "--out", "D").code == 0
    assert here(*words, "--out", "E").code == 0
    for name in ("results.json", "results.csv", "curve.csv", "sequence.json", "curve.png"):
        assert (desk / "D" / name).read_bytes() == (desk / "E" / name).read_bytes(), name
    assert here("rerun", "E").code == 0


@pytest.mark.parametrize("missing", [("made",), ("true", "made")])
def test_across_a_missing_frame_there_is_no_step(here, desk, clean, missing):
    write(desk / "true", clean[0][:8])
    write(desk / "made", clean[1][:8])
    for folder in missing:
        (desk / folder / "frame_004.png").unlink()
    answer = here("distance", "--frames", "true", "made", "--out", "D", *FAST)
    assert answer.code == 0, answer.err
    rows = json.loads((desk / "D" / "results.json").read_text())
    assert [row["label"] for row in rows if row["step_a"] is None] == ["frame_000", "frame_005"]
    assert json.loads((desk / "D" / "sequence.json").read_text())["flicker"]["steps"] == 5


def test_every_second_frame_is_a_sequence(here, desk, clean):
    write(desk / "true", clean[0][:8])
    write(desk / "made", clean[1][:8])
    for folder in ("true", "made"):
        for i in range(0, 8, 2):
            (desk / folder / f"frame_{i:03}.png").unlink()
    assert here("distance", "--frames", "true", "made", "--out", "D", *FAST).code == 0
    assert json.loads((desk / "D" / "sequence.json").read_text())["flicker"]["steps"] == 3


def test_local_damage_is_found_by_mismatch_where_the_distance_hardly_moves(here, desk, clean):
    """A small block of noise on frames that differ a little everywhere."""
    random = np.random.default_rng(0)
    noisy = [np.clip(each + random.integers(-2, 3, each.shape), 0, 255).astype(np.uint8) for each in clean[0]]
    for i in (4, 19):
        noisy[i][30:60, 40:75] = random.integers(0, 256, (30, 35, 3))
    write(desk / "true", clean[0])
    write(desk / "made", noisy)
    assert here("distance", "--frames", "true", "made", "--out", "D", *FAST).code == 0
    told = json.loads((desk / "D" / "sequence.json").read_text())
    assert told["worst"] == ["frame_004", "frame_019"]
    assert all("raw_mean" in by for by in told["worst_by"].values())
