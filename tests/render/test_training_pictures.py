"""The pictures of a training: every labelled patch has its number or none has, and all that is said fits the sheet."""

import io
import re
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dinosar.config.training import TrainConfig
from dinosar.grid import fit_grid
from dinosar.images import photo_from_array
from dinosar.render.sheet import width_in_points
from dinosar.render.training_curve import curve_picture
from dinosar.render.training_labels import LEAST, WIDTH, colours_of, labels_picture, letters_of, words
from dinosar.render.training_provenance import Shown, example_of, footer
from dinosar.retrieval.blocks import Block
from dinosar.training.curves import Point
from dinosar.training.examples import Example
from dinosar.training.pairs import Pair


def config_of(**changes):
    return TrainConfig.model_validate({"inputs": {"images": "x"}, **changes})


def shown(size=224, patch=16, every=2, seed=0):
    """Two pictures of which every other patch shows the same, told in another order."""
    rng = np.random.default_rng(seed)
    photos = [photo_from_array(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8), name) for name in ("a#1", "a#2")]
    grid = fit_grid((400, 300), patch, size=size)
    count = grid.rows * grid.columns
    tokens = np.eye(count, 4, dtype=np.float32) + 1
    blocks = [Block(photo.name, tokens, np.arange(count), grid) for photo in photos]
    cells = np.stack([np.arange(0, count, every), rng.permutation(count)[: -(-count // every)]], axis=1)
    return Shown(Example(*blocks, cells), *photos, 0.5, "by the collection")


def texts(svg):
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg.decode())


@pytest.fixture
def written(monkeypatch):
    """What is written on panels; in a file it may be drawn as lines."""
    from matplotlib.axes import Axes

    found, text = [], Axes.text
    monkeypatch.setattr(Axes, "text", lambda axes, x, y, s, *a, **k: found.append(s) or text(axes, x, y, s, *a, **k))
    return found


def test_every_pair_has_its_number_on_both_pictures(written):
    drawn = shown()
    said = texts(labels_picture(drawn, config_of(figures={"format": "svg"}), "footer"))
    count = len(drawn.positives)
    assert count > 70
    assert Counter(written) == {str(number): 2 for number in range(1, count + 1)}
    assert any("same number and colour: same place" in word for word in said)
    assert any(f"{count} patches of A and {count} of B" in word for word in said)


def test_where_numbers_would_be_too_small_there_are_none_and_nothing_speaks_of_them(written):
    said = texts(labels_picture(shown(size=896), config_of(figures={"format": "svg"}), "footer"))
    assert not written
    assert not [word for word in said if "number" in word and "# numbers" not in word]
    assert any("same colour: same place" in word for word in said)


@pytest.mark.parametrize("count", [1, 9, 150, 900])
def test_numbers_fit_into_their_patches(count):
    for side in (6.0, 10.0, 18.0, 60.0):
        size = letters_of(count, [side, side * 2])
        if size is None:
            assert max(width_in_points("8" * len(str(count)), LEAST), LEAST) > 0.6 * side
        else:
            assert size >= LEAST
            assert width_in_points("8" * len(str(count)), size) <= side


@pytest.mark.parametrize("data", [{}, {"name": "megadepth"}, {"warps": {"hidden": 0.0}}])
@pytest.mark.parametrize("numbered", [True, False])
def test_what_is_said_fits_the_sheet(data, numbered):
    lines = words(shown(size=896, every=1), config_of(data=data), numbered=numbered)
    assert max(width_in_points(line, 8.5) for line in lines) <= (WIDTH - 0.7) * 72
    assert any("cut out of one photograph" in line for line in lines) == (data.get("name") != "megadepth")
    assert any("scraps" in line for line in lines) == (not data)
    assert lines[0].endswith("B shows 50% of A, by the collection.")


def test_colours_tell_places_apart_wherever_they_lie():
    grid = fit_grid((400, 300), 16, size=224)
    corner = np.array([0, 1, 2, grid.columns, grid.columns + 1, grid.columns + 2])
    colours = np.array(colours_of(corner, grid))
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)[~np.eye(6, dtype=bool)]
    assert apart.min() > 0.3
    assert colours_of(corner[:1], grid)
    assert colours_of(corner[:0], grid) == []


def test_patches_without_a_partner_are_paler():
    drawn = shown(every=4)
    plain = photo_from_array(np.full((300, 400, 3), 60, dtype=np.uint8), "plain")
    data = labels_picture(
        Shown(drawn.example, plain, plain, 0.5, "by the list"), config_of(figures={"dpi": 100}), "footer"
    )
    image = np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=np.int64)
    dark, pale = (image < 120).sum(), ((image > 170) & (image < 190)).sum()
    assert pale > 2 * dark > 0


class Training:
    """A sampler of pairs of pictures that vary ever less."""

    def __init__(self, overlaps):
        self.listed = [Pair(f"{i}", f"{i}", overlap) for i, overlap in enumerate(overlaps)]
        self.unlabelled = set()
        self.shower = SimpleNamespace(photo=lambda name, look: photo_from_array(
            np.random.default_rng(0).integers(100 - int(name), 100 + int(name) + 1, (8, 8, 3), dtype=np.uint8), name
        ))  # fmt: skip

    def pairs(self, epoch):
        return self.listed

    def plain(self, pair):
        return pair


def test_the_example_is_of_middling_overlap_with_labels_and_shows_something():
    training = Training([0.9, 0.1, 0.5, 0.0, 0.4, 0.45])
    found = SimpleNamespace(training=training, told_by=lambda name: f"by {name}")
    assert example_of(found).by == "by 5"
    assert example_of(found).overlap == 0.45  # of 0.4, 0.45 and 0.5 the last of the list varies most
    training.unlabelled = {training.listed[5]}
    assert example_of(found).overlap == 0.4
    training.unlabelled = set(training.listed)
    assert example_of(found).overlap == 0.45


def test_the_footer_counts_one_scene_as_one():
    told = {"backbone": "b", "parameters": 5, "loss": "l", "pairs": 2, "pairs_overlapping": 1, "pairs_validated": 0}
    assert "2 pairs of 1 scene," in footer({**told, "scenes": 1}, config_of())
    assert "2 pairs of 3 scenes," in footer({**told, "scenes": 3}, config_of())
    assert "2 pairs," in footer(told, config_of())


@pytest.mark.parametrize("last", [1, 2, 3, 7, 40, 5000])
def test_ticks_stand_at_whole_steps(last, monkeypatch):
    from dinosar.render.sheet import Sheet

    ticks = []

    def seen(sheet):
        sheet.figure.canvas.draw()
        ticks.extend(each for axes in sheet.figure.axes for each in axes.get_xticks())
        return b""

    monkeypatch.setattr(Sheet, "render", seen)
    curve_picture([point("training", step, 1.0) for step in (0, last)], config_of(), "footer")
    inside = [each for each in ticks if 0 <= each <= last]
    assert inside
    assert all(each == round(each) for each in inside)


def point(kind, step, total):
    return Point(kind, step, 1, total, total, 0.0, 0.5, 0.1, 1e-4)


def test_a_curve_whose_best_is_its_beginning_says_so():
    points = [point("validation", 0, 1.0), point("training", 5, 0.9), point("validation", 5, 1.2)]
    config = config_of(figures={"format": "svg"})
    assert "best: 1 before the first step: nothing was learned" in texts(curve_picture(points, config, "footer"))
    better = [*points, point("validation", 9, 0.8)]
    assert "best: 0.8 after step 9" in texts(curve_picture(better, config, "footer"))
    assert "nothing was learned" in texts(curve_picture([], config, "footer"))
