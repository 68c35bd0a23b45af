"""Sheets of a ranking, coloured votes and numbered tiles: the right images, patches and words at the right places."""

import io
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from drawn_frames import beyond_the_sheet, words_of
from drawn_matches import colour_at
from matplotlib.colors import Normalize
from matplotlib.patches import ConnectionPatch, Rectangle
from PIL import Image

from dinosar.features import halved
from dinosar.grid import fit_grid
from dinosar.render.retrieval_correspondence import SIDES, correspondence_picture, place_colours, tilings
from dinosar.render.retrieval_provenance import Searched, counted, footer, per_cent
from dinosar.render.retrieval_scene import AnsweredScene, squares
from dinosar.render.retrieval_sheet import (
    GONE,
    NO_VOTE,
    PAGE,
    Asked,
    contact_sheet,
    contact_sheets,
    in_figures,
    planned,
)
from dinosar.render.retrieval_votes import scale_of, votes_picture
from dinosar.render.sheet import Style
from dinosar.retrieval.blocks import Block
from dinosar.retrieval.telling import Found, answered, thinned
from dinosar.testing import toy_photo

SEARCHED = Searched("toy-v1", "identity", "maxsim", 0.62, 12320, "mean cosine of the best patch", "automatic",
                    ("pooled tokens", 100))  # fmt: skip
LANDSCAPE, PORTRAIT, WIDE, TALL = (240, 160), (160, 240), (400, 80), (60, 260)


def style_of(kind="png", dpi=100):
    return Style(kind, dpi, footer(SEARCHED))


def block_of(seed, size=LANDSCAPE, patch=20, long_side=240, keep=1.0, crop=None):
    """A block whose tokens vary smoothly over the photo, the same for every seed but for some noise."""
    random, grid = np.random.default_rng(seed), fit_grid(size, patch, size=long_side, crop=crop)
    x, y = (grid.centres() / np.array(grid.network)).T
    smooth = np.stack([np.sin(3 * x), np.cos(4 * y), x * y, np.sin(5 * y + x), np.ones_like(x)], axis=1)
    tokens = halved(smooth + 0.25 * random.normal(size=smooth.shape))
    patches = np.flatnonzero(random.random(len(tokens)) < keep)
    return Block(f"photo {seed}.jpg", tokens[patches], patches, grid)


def scene_of(a=None, b=None, least=None, rank=1, style=None):
    """Two images; if nothing else is said, half of the query's patches have a hit."""
    a, b = (block_of(i) if block is None else block for i, block in enumerate((a, b), 1))
    pixels = tuple(toy_photo(i, block.grid.photo).pixels for i, block in enumerate((a, b)))
    middle = float(np.median(answered(a, b, 0.0).there.cosine)) if least is None and len(a) else 0.9
    return AnsweredScene(answered(a, b, middle if least is None else least), pixels, rank, style or style_of())


def without_patches(block):
    return replace(block, tokens=block.tokens[:0], patches=block.patches[:0])


def plain(colour, size=LANDSCAPE):
    return np.full((size[1], size[0], 3), colour, dtype=np.uint8)


def ranking_of(count, start=1, size=LANDSCAPE, **changes):
    """Images each in a colour of its own."""
    return [
        Found(rank, f"folder/image_{rank}.jpg", 1 - rank / 100, 1 / rank, True, plain(colour_of(rank), size), **changes)
        for rank in range(start, start + count)
    ]


def colour_of(rank):
    return (40 + 5 * (rank % 41), 230 - 5 * (rank % 37), 60 + 60 * (rank % 3))


def size_in_inches(data, dpi=100):
    return np.array(Image.open(io.BytesIO(data)).size) / dpi


def pixel(data, sheet, inches):
    """The colour so many inches from the left and above the foot."""
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    x, y = inches[0] * sheet.style.dpi, image.shape[0] - inches[1] * sheet.style.dpi
    return image[int(y), int(x)]


# the contact sheet


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 6, 11, 20, 21, 40])
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
def test_every_image_stands_at_its_place_and_nothing_off_the_sheet(count, size, sheets):
    query, ranking = Asked("a query.jpg", plain((9, 9, 200), size)), ranking_of(count, size=size)
    data = contact_sheet(query, ranking, SEARCHED, style_of())
    sheet, plan = sheets[0], planned(query, ranking)
    assert size_in_inches(data) == pytest.approx((sheet.width, sheet.height), abs=0.02)
    assert beyond_the_sheet(sheet) == []
    assert len(sheet.figure.axes) == count + 1
    top = sheet.height - 0.46
    assert np.array_equal(pixel(data, sheet, (0.35 + 0.3, top - 0.22 - 0.3)), (9, 9, 200))
    for i, found in enumerate(ranking):
        left, down = plan.corner(i)
        assert np.array_equal(pixel(data, sheet, (left + 0.3, top - down - 0.22 - 0.3)), colour_of(found.rank))


@pytest.mark.parametrize("count", [1, 2, 4, 9, 20, 40])
def test_the_query_is_larger_than_what_it_found(count):
    plan = planned(Asked("q", plain(9)), ranking_of(count))
    assert plan.query[0] > plan.box(0)[0]
    assert plan.query[1] > plan.box(0)[1]


def test_pictures_overlap_neither_each_other_nor_words(sheets):
    sizes = [LANDSCAPE, PORTRAIT, WIDE, TALL]
    ranking = [replace(each, pixels=plain(5, sizes[i % 4])) for i, each in enumerate(ranking_of(24))]
    contact_sheet(Asked("q" * 300, plain(1, TALL)), ranking, SEARCHED, style_of())
    figure, renderer = sheets[0].figure, sheets[0].figure.canvas.get_renderer()
    boxes = [axes.get_window_extent(renderer) for axes in figure.axes]
    boxes += [text.get_window_extent(renderer) for text in figure.texts]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            shared = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(shared) <= 1


def test_rank_score_overlap_and_name_are_said(sheets):
    ranking = [*ranking_of(2), Found(3, "x.jpg", -0.5, None, True, None)]
    contact_sheet(Asked("query.jpg", None), ranking, SEARCHED, style_of())
    words = [text.get_text() for text in sheets[0].figure.texts]
    for said in ("1", "2", "3", "0.990", "0.980", "-0.500", "100%", "50%", "overlap not computed", "folder/image_1.jpg",
                 "x.jpg", "query", "query.jpg", "Ranks 1 to 3 of 12 320 images, by maxsim"):  # fmt: skip
        assert said in words
    assert NO_VOTE not in words
    assert words_of(sheets[0]).count(GONE) == 2


def test_the_bar_is_as_long_as_the_overlap(sheets):
    ranking = [replace(each, overlap=share) for each, share in zip(ranking_of(4), (0.0, 0.25, 0.5, 1.0), strict=True)]
    contact_sheet(Asked("q", plain(1)), ranking, SEARCHED, style_of())
    bars = [each.get_width() for each in sheets[0].figure.artists if isinstance(each, Rectangle)]
    assert np.divide(bars[1::2], bars[::2]) == pytest.approx([0, 0.25, 0.5, 1])


@pytest.mark.parametrize("silent", [1, 3])
def test_what_no_patch_votes_for_is_faded_and_named(silent, sheets):
    ranking = [replace(each, voted=i >= silent, score=0.0) for i, each in enumerate(ranking_of(5))]
    data = contact_sheet(Asked("q", plain(1)), ranking, SEARCHED, style_of())
    words, plan = [text.get_text() for text in sheets[0].figure.texts], planned(Asked("q", plain(1)), ranking)
    assert words.count(NO_VOTE) == silent
    assert ("1 image is faded" if silent == 1 else "3 images are faded") in " ".join(words)
    for i, found in enumerate(ranking):
        left, down = plan.corner(i)
        seen = pixel(data, sheets[0], (left + 0.3, sheets[0].height - 0.46 - down - 0.52))
        assert np.array_equal(seen, colour_of(found.rank)) == found.voted
        assert seen.min() >= (0 if found.voted else 165)


def test_long_names_are_cut_in_the_middle_to_the_width_of_their_picture(sheets):
    ranking = [replace(each, name=f"DUC1/scan_{'x' * 90}_{each.rank}.jpg") for each in ranking_of(12)]
    contact_sheet(Asked(f"{'y' * 200}_end.jpg", plain(1)), ranking, SEARCHED, style_of())
    renderer, plan = sheets[0].figure.canvas.get_renderer(), planned(Asked("q", plain(1)), ranking)
    cut = [text for text in sheets[0].figure.texts if "…" in text.get_text()]
    assert len(cut) == 13
    for text in cut:
        first = text.get_text()[0]
        room = plan.query[0] if first == "y" else plan.across
        assert text.get_text().endswith(".jpg")
        assert text.get_window_extent(renderer).width <= room * 100 * 1.04


def test_a_long_ranking_has_pages_that_go_on_counting(sheets):
    pages = list(contact_sheets(Asked("q", plain(1)), ranking_of(PAGE + 3), SEARCHED, style_of(dpi=40)))
    assert len(pages) == 2
    titles = [sheet.figure.texts[0].get_text() for sheet in sheets]
    assert titles == ["Ranks 1 to 40 of 12 320 images, by maxsim", "Ranks 41 to 43 of 12 320 images, by maxsim"]
    (empty,) = contact_sheets(Asked("q", plain(1)), [], SEARCHED, style_of(dpi=40))
    assert empty.startswith(b"\x89PNG")
    assert "No image was found among 12 320 images" in words_of(sheets[2])


def test_scores_and_shares_never_say_more_than_is_so():
    assert [in_figures(score) for score in (0.12345, -0.5, 546.04, 1e6, 0.0)] == [
        "0.123", "-0.500", "546.0", "1000000.0", "0.000"]  # fmt: skip
    assert in_figures(float("nan")) == "no score"
    assert [per_cent(share) for share in (0.0, 0.004, 0.005, 0.254, 0.994, 0.996, 1.0, None)] == [
        "0%", "<1%", "<1%", "25%", "99%", ">99%", "100%", "not computed"]  # fmt: skip
    assert [counted(many) for many in (7, 999, 1000, 1234567)] == ["7", "999", "1 000", "1 234 567"]


def test_the_footer_says_who_searched_and_how():
    assert footer(SEARCHED).split("\n") == [
        "backbone toy-v1   head identity   rule maxsim   hit: cosine above 0.62 (automatic)",
        "database: 12 320 images   shortlist: the 100 nearest by pooled tokens were compared patch by patch",
    ]
    every = footer(replace(SEARCHED, shortlist=None, database=1, threshold=""))
    assert every.endswith("above 0.62\ndatabase: 1 image   no shortlist: every image was compared patch by patch")


# coloured votes


@pytest.mark.parametrize(("a", "b"), [
    (block_of(1), block_of(2)), (block_of(1, PORTRAIT), block_of(2)), (block_of(1, WIDE), block_of(2, TALL)),
    (block_of(1, keep=0.7), block_of(2, PORTRAIT, keep=0.7)), (block_of(1, crop=(30, 10, 170, 130)), block_of(2)),
])  # fmt: skip
def test_the_patches_with_a_hit_have_its_colour_and_no_others(a, b, sheets):
    scene = scene_of(a, b, style=style_of(dpi=120))
    scene = replace(scene, pixels=(plain((200, 100, 60), a.grid.photo), plain((60, 100, 200), b.grid.photo)))
    data, (sheet,) = votes_picture(scene), sheets
    low, high = scale_of(scene.told)
    assert size_in_inches(data, 120) == pytest.approx((sheet.width, sheet.height), abs=0.02)
    assert beyond_the_sheet(sheet) == []
    for axes, block, hits in zip(sheet.panels, (a, b), (scene.told.there, scene.told.back), strict=True):
        assert 0 < hits.hit.mean() < 1
        colours = matplotlib.colormaps["viridis"](Normalize(low, high)(hits.cosine))[:, :3]
        for row, edges in enumerate(squares(block, np.arange(len(block)))):
            expected = 0.72 * colours[row] + 0.28 * 120 / 255 if hits.hit[row] else np.full(3, 120 / 255)
            assert np.abs(colour_at(data, sheet, axes, edges[:4].mean(axis=0)) - expected).max() < 0.02


def test_places_without_a_vote_are_neither_coloured_nor_outlined():
    block = block_of(1, keep=0.5)
    edges = squares(block, np.arange(len(block)))
    centres = np.stack([each[:4].mean(axis=0) for each in edges])
    assert np.allclose(centres, block.in_photo)
    assert len(edges) == len(block)


def test_the_words_count_both_ways_and_the_title_tells_the_smaller_share(sheets):
    scene = scene_of(block_of(1), block_of(2, PORTRAIT), 0.98, rank=7)
    votes_picture(scene)
    words, told = words_of(sheets[0]), scene.told
    assert f"Overlap {min(told.there.hit.mean(), told.back.hit.mean()):.0%}: " in words
    assert f"in the image of rank 7: {told.there.hit.sum()} of {len(told.query)} ({told.coverage:.0%})" in words
    assert f"in the query: {told.back.hit.sum()} of {len(told.other)} ({told.coverage_back:.0%})" in words
    assert "cosine is above 0.98." in words
    assert "rank 7  photo 2.jpg" in words


def test_the_scale_begins_at_the_least_cosine_and_ends_at_a_round_number():
    told = scene_of(least=0.9).told
    assert scale_of(told) == (0.9, 1.0)
    low, high = scale_of(scene_of(least=1.0).told)
    assert low < high == 1.0
    some = replace(told, min_cosine=0.5, there=told.there._replace(cosine=np.full(len(told.query), 0.61)),
                   back=told.back._replace(cosine=np.full(len(told.other), 0.62)))  # fmt: skip
    assert scale_of(some) == (0.5, pytest.approx(0.65))


@pytest.mark.parametrize("draw", [votes_picture, correspondence_picture])
def test_where_nothing_answers_that_is_said(draw, sheets):
    draw(scene_of(least=0.9999))
    draw(scene_of(without_patches(block_of(1))))
    assert words_of(sheets[0]).count("no patch has a hit") == 2
    assert words_of(sheets[1]).count("no patch votes") == 1
    assert words_of(sheets[1]).count("no patch has a hit") == 1
    assert "None" not in words_of(sheets[1])
    assert "nan" not in words_of(sheets[1])


# numbered tiles


def numbers_in(axes):
    return {text.get_text(): text for text in axes.texts if text.get_text().isdigit()}


@pytest.mark.parametrize(("a", "b"), [
    (block_of(1, patch=10), block_of(2, patch=10)), (block_of(1, PORTRAIT, 10), block_of(2, LANDSCAPE, 10)),
    (block_of(1, patch=10, crop=(30, 10, 170, 130)), block_of(2, patch=10, keep=0.6)),
])  # fmt: skip
def test_equal_numbers_stand_in_the_tiles_of_patches_that_answer_each_other(a, b, sheets):
    scene = scene_of(a, b, 0.8)
    data, (sheet,) = correspondence_picture(scene), sheets
    assert size_in_inches(data) == pytest.approx((sheet.width, sheet.height), abs=0.02)
    assert beyond_the_sheet(sheet) == []
    renderer = sheet.figure.canvas.get_renderer()
    assert len(sheet.figure.axes) == 2 * len(SIDES)
    for row, side in enumerate(SIDES):
        found = thinned(scene.told, side)
        assert len(found) > 3
        for axes, tiling in zip(sheet.figure.axes[2 * row : 2 * row + 2], tilings(scene, found), strict=True):
            shown = numbers_in(axes)
            assert list(shown) == [str(i) for i in range(1, len(found) + 1)]
            per_px = axes.get_window_extent(renderer).width / tiling.block.grid.crop[2]
            for i, text in enumerate(shown.values()):
                place = np.array(text.get_position())
                box = text.get_bbox_patch().get_window_extent(renderer)
                chip = np.array([box.width, box.height]) / 2
                assert (np.abs(place - tiling.middles[i]) * per_px + chip <= tiling.tile / 2 * per_px + 1).all()
                assert (np.abs(place - tiling.places[i]) * per_px <= chip + 2).all()
                colour = place_colours(a.in_photo[found.query[i : i + 1]], a)[0]
                assert np.allclose(text.get_bbox_patch().get_facecolor()[:3], colour)


def test_tiles_without_a_number_are_faded(sheets):
    a, b = block_of(1, patch=10), block_of(2, patch=10)
    scene = replace(scene_of(a, b, 0.97), pixels=(plain(40), plain(40)))
    data, (sheet,) = correspondence_picture(scene, [8]), sheets
    (tiling, _) = tilings(scene, thinned(scene.told, 8))
    for tile in range(64):
        row, column = divmod(tile, 8)
        corner = (np.array([column, row]) + 0.12) * tiling.tile
        if tile in tiling.taken:
            number = tiling.places[list(tiling.taken).index(tile)]
            if (np.abs(number - corner) < 12).all():
                continue
        seen = colour_at(data, sheet, sheet.figure.axes[0], corner)
        assert (seen.mean() > 0.5) == (tile not in tiling.taken)


def test_rows_with_the_same_tiles_are_drawn_once(sheets):
    correspondence_picture(scene_of(block_of(1, patch=60), block_of(2, patch=60), 0.2))
    assert len(sheets[0].figure.axes) == 2
    assert "4 x 4 tiles, fewer where whole patches are fewer (2 x 4): " in words_of(sheets[0])


def test_where_tiles_are_too_small_for_numbers_lines_join_the_patches(sheets):
    scene = scene_of(block_of(1, (40, 260), 5, 260), block_of(2, (40, 260), 5, 260), 0.5)
    correspondence_picture(scene, [8])
    found = thinned(scene.told, 8)
    lines = [each for each in sheets[0].figure.artists if isinstance(each, ConnectionPatch)]
    ends = {(tuple(line.xy1), tuple(line.xy2)) for line in lines}
    rows = zip(scene.told.query.in_photo[found.query], scene.told.other.in_photo[found.other], strict=True)
    assert ends == {(tuple(one), tuple(two)) for one, two in rows}
    assert "lines join the patches" in words_of(sheets[0])
    assert numbers_in(sheets[0].figure.axes[0]) == {}


def test_colours_of_places_run_from_blue_to_orange_and_from_light_to_dark():
    block = block_of(1)
    corners = place_colours(np.array([[0, 0], [240, 0], [0, 160], [240, 160.0]]), block)
    blue, light = corners[:, 2] - corners[:, 0], corners.sum(axis=1)
    assert (blue[[0, 2]] > 0.2).all()
    assert (blue[[1, 3]] < -0.2).all()
    assert light[[0, 1]].min() > light[[2, 3]].max() + 0.5
    assert np.array_equal(place_colours(np.array([[-99.0, -99.0]]), block)[0], corners[0])


@pytest.mark.parametrize("draw", [votes_picture, correspondence_picture])
def test_of_a_photo_only_what_the_backbone_saw_is_drawn(draw, sheets):
    crop = (30, 20, 100, 60)
    seen = np.zeros((160, 240, 3), np.uint8)
    seen[20:80, 30:130] = 200
    for pixels in (seen, seen[::2, ::2]):
        draw(replace(scene_of(block_of(1, crop=crop), least=0.99), pixels=(pixels, plain(9))))
    for sheet in sheets:
        image = sheet.figure.axes[0].images[0]
        assert image.get_extent() == [30, 130, 80, 20]
        assert np.asarray(image.get_array()).min() == 200


# every kind of file


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_bytes_twice_in_every_format(kind):
    style = style_of(kind, 60)

    def drawn():
        scene = scene_of(style=style)
        sheet = contact_sheet(Asked("甲 $x$.jpg", plain(1)), ranking_of(3), SEARCHED, style)
        return votes_picture(scene), correspondence_picture(scene), sheet

    first, second = drawn(), drawn()
    assert first == second
    assert all(data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]) for data in first)


def test_shrunk_pixels_are_drawn_at_the_same_places(sheets):
    whole = scene_of()
    small = replace(whole, pixels=tuple(np.ascontiguousarray(each[::2, ::2]) for each in whole.pixels))
    for scene in (whole, small):
        votes_picture(scene)
    for one, two in zip(sheets[0].panels, sheets[1].panels, strict=True):
        assert one.images[0].get_extent() == two.images[0].get_extent()
        assert one.get_xlim() == two.get_xlim()
