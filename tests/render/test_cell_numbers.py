"""Numbers stand in cells that are large enough for them, and keep clear of what is taken."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dinosar.render.cell_numbers import LARGEST, SHARE, SMALLEST, covered_by_names, number_size, write_numbers
from dinosar.render.sheet import width_in_points

COUNTED = np.pad(np.ones((3, 12), bool), ((0, 1), (0, 1)))
LONGEST = width_in_points("2,11", 100) / 100


@pytest.mark.parametrize("size", [SMALLEST + 0.01, 5.5, LARGEST - 0.01])
def test_letters_are_as_large_as_the_cells_allow(size):
    assert number_size(COUNTED, size * LONGEST / SHARE) == pytest.approx(size)


def test_letters_are_never_larger_than_they_need_to_be_and_never_too_small_to_read():
    assert number_size(COUNTED, 1000.0) == LARGEST
    assert number_size(COUNTED, (SMALLEST - 0.01) * LONGEST / SHARE) == 0


def panel():
    figure = Figure((4, 3), dpi=144)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 400), ylim=(300, 0))
    return axes


def centres():
    y, x = np.mgrid[:4, :13]
    return np.stack([30 * x + 15.0, 30 * y + 15.0], axis=2)


def test_a_number_stands_at_the_centre_of_each_cell_that_counts():
    axes = panel()
    write_numbers(axes, centres(), COUNTED, 5.0, np.zeros((0, 4)))
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places == {f"{r},{c}": (30 * c + 15, 30 * r + 15) for r, c in np.argwhere(COUNTED)}


def test_a_number_gives_way_to_what_is_taken():
    axes = panel()
    place = axes.transData.transform(centres()[1, 4])
    write_numbers(axes, centres(), COUNTED, 5.0, np.array([[*place - 1, *place + 1]]))
    written = [text.get_text() for text in axes.texts]
    assert len(written) == COUNTED.sum() - 1
    assert "1,4" not in written


def test_dots_and_names_cover_where_they_stand():
    axes = panel()
    axes.plot([100], [50], "o", markersize=6, markeredgewidth=0)
    axes.plot([0, 400], [0, 300])
    note = axes.annotate("eye", (100, 50), (40, 0), textcoords="offset points", arrowprops={"arrowstyle": "-"})
    name, dot = covered_by_names(axes)
    at = axes.transData.transform((100, 50))
    assert dot == pytest.approx([*at - 6, *at + 6])
    assert name[0] == pytest.approx(at[0] + 80, abs=6)
    assert name[2] - name[0] == pytest.approx(2 * width_in_points("eye", note.get_fontsize()) + 4, abs=6)
