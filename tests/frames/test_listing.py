"""Lists of pairs, the names of their folders, two folders of frames, and videos."""

import itertools
import json
import logging
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinosar.errors import InputError, UsageError
from dinosar.frames.listing import folder_names, no_video, pairs_of_folders, read_pairs

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2"


def put(folder, text, name="pairs.json"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def frames(folder, *names, content=PNG):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content)
    return folder


def mistakes(path, error=UsageError):
    with pytest.raises(error) as caught:
        read_pairs(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


LISTS = {
    "list.json": '[{"image_a": "a.png", "image_b": "b.png", "label": "one"},'
    ' {"ref_img": "c.png", "dist_img": "d.png"}]',
    "object.json": '{"pairs": [{"ref_img": "a.png", "dist_img": "b.png", "label": "one"},'
    ' {"image_a": "c.png", "ref_img": "c.png", "dist_img": "", "image_b": "d.png", "label": null}]}',
    "comma.csv": "image_a,image_b,label\na.png,b.png,one\nc.png,d.png,\n",
    "semicolon.csv": "label;ref_img;dist_img\r\none;a.png;b.png\r\n;c.png;d.png\r\n",
    "tab.tsv": "image_a\timage_b\tlabel\na.png\tb.png\tone\n\nc.png\td.png\t\n",
    "bom.csv": '\ufeff"image_a", "image_b", "label",,\n"a.png", "b.png", "one",,\n"c.png", "d.png", "",,\n',
    "mac.csv": "image_a,image_b,label\ra.png,b.png,one\rc.png,d.png,\r",
    "bom.json": '\ufeff[{"image_a":"a.png","image_b":"b.png","label":"one"},{"image_a":"c.png","image_b":"d.png"}]',
    "list.yaml": "# mine\n- {image_a: a.png, image_b: b.png, label: one}\n- image_a: c.png\n  image_b: d.png\n",
    "object.yml": "pairs:\n- {ref_img: a.png, dist_img: b.png, label: one}\n- {ref_img: c.png, dist_img: d.png}\n",
}  # fmt: skip


@pytest.mark.parametrize("ending", ["", ".txt", ".csv"])
@pytest.mark.parametrize("name", LISTS)
def test_every_kind_of_list_says_the_same_whatever_it_is_called(tmp_path, name, ending):
    pairs = read_pairs(put(tmp_path, LISTS[name], name + ending))
    assert [(p.written, p.label, p.given, p.number) for p in pairs] == [
        (("a.png", "b.png"), "one", "one", 1),
        (("c.png", "d.png"), "pair_002", "", 2),
    ]
    assert [(p.a, p.b) for p in pairs] == [
        (tmp_path / "a.png", tmp_path / "b.png"),
        (tmp_path / "c.png", tmp_path / "d.png"),
    ]


def test_paths_are_found_beside_the_list_then_here_and_else_expected_beside_the_list(tmp_path, monkeypatch):
    here, folder = tmp_path / "here", tmp_path / "lists"
    frames(here, "both.png", "here.png")
    frames(folder, "both.png")
    monkeypatch.chdir(here)
    far = str(tmp_path / "far.png")
    text = json.dumps([{"image_a": "both.png", "image_b": "here.png"}, {"image_a": "nowhere.png", "image_b": far},
                       {"image_a": "x" * 300, "image_b": "\ud800.png"}])  # fmt: skip
    first, second, third = read_pairs(put(folder, text))
    assert (first.a, first.b) == (folder / "both.png", Path("here.png"))
    assert (second.a, second.b) == (folder / "nowhere.png", Path(far))
    assert third.a == folder / ("x" * 300)


def test_quoted_cells_hold_delimiters_and_lines(tmp_path):
    path = put(tmp_path, 'image_a,image_b,label\n"a,1.png","b ""2"".png",x\n"c\nd.png",e.png,\n,f.png,\n', "p.csv")
    assert "line 5: expected image_a or ref_img" in read_pairs(path)[2].problem
    pairs = read_pairs(put(tmp_path, path.read_text().replace("\n,f.png,", ""), "p.csv"))
    assert [p.written for p in pairs] == [("a,1.png", 'b "2".png'), ("c\nd.png", "e.png")]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"image_a": "a.png"}, "expected image_b or dist_img, found only 'image_a'"),
        ({"image_b": "a.png", "label": "x"}, "expected image_a or ref_img, found only 'image_b', 'label'"),
        ({}, "expected image_a or ref_img, found nothing"),
        ({"image_a": "a", "ref_img": "b", "image_b": "c"}, "found both with two values, 'a' and 'b'"),
        ("a.png", 'expected an object with image_a and image_b, found "a.png"'),
        (None, "found nothing"),
        (["a", "b"], "found a list"),
        ({"image_a": 3, "image_b": "c"}, "expected text as image_a, found 3"),
        ({"image_a": ["a"], "image_b": "c"}, "expected text as image_a, found a list"),
        ({"image_a": " ", "image_b": "c"}, "expected text as image_a"),
        ({"image_a": "a\0", "image_b": "c"}, "expected text as image_a"),
        ({"image_a": "a", "image_b": "c", "label": [7]}, "expected text as label, found a list"),
        ({"image_a": None, "image_b": "c"}, "expected image_a or ref_img"),
    ],
)  # fmt: skip
def test_a_wrong_item_is_told_with_its_place_and_what_was_expected_and_found(tmp_path, item, said):
    good = {"image_a": "a.png", "image_b": "b.png"}
    pairs = read_pairs(put(tmp_path, json.dumps([good, good, item])))
    assert [pair.problem for pair in pairs[:2]] == ["", ""]
    message = pairs[2].problem
    assert f"item 3: {said}" in message or (message.count("item 3: ") == 1 and said in message)
    assert f"item 1: {said}" in mistakes(put(tmp_path, json.dumps([item]))) or said in mistakes(tmp_path / "pairs.json")


def test_all_mistakes_are_told_at_once_but_not_without_end(tmp_path):
    message = mistakes(put(tmp_path, json.dumps([{}, 3])))
    assert "item 1: " in message
    assert "item 2: " in message
    message = mistakes(put(tmp_path, json.dumps([{}] * 40)))
    assert "and 35 more" in message
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "lists no pair"),
        ('{"pairs": []}', "lists no pair"),
        ("image_a,image_b\n", "lists no pair"),
        ("{}", "found an object"),
        ('{"pairs": {}}', "found an object"),
        ('{"pairs": [], "pairs": [1]}', "found an object"),
        ('{"image_a": "a", "image_b": "b"}', "found an object"),
        ("", "expected a JSON list"),
        ("a.png,b.png\n", "found 'a.png,b.png'"),
        ("image_a,image_a,image_b\na,b,c\n", "once each"),
        ("image_a,image_b\na,b,c\n", "line 2: expected 2 cells as in the header, found 3"),
        ("image_a,image_b\n\na\n", "line 3: expected 2 cells as in the header, found 1"),
        ('image_a,image_b\na,"b\n', "line 2: expected a row of cells"),
        ('[{"image_a": "a"', "line 1, column 17: expected JSON"),
        ('[{"image_a": "a", "image_a": "b"}]', "item 1: expected each key once, found 'image_a' twice"),
        ("[" * 100_000, "without end"),
        ("[" + "1" * 10_000 + "]", "without end"),
        (b"\xff\xfe[\0]\0", "UTF-8"),
        (PNG, "UTF-8"),
        ("x" * 500_000, "expected a JSON list"),
        ("- image_a: [a]\n  image_b: b\n", "item 1: expected text as image_a, found a list"),
        ("- image_a: a\n  image_a: b\n", "line 2"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_one_sentence(tmp_path, text, said):
    assert said in mistakes(put(tmp_path, text, "pairs"))


def test_a_folder_a_missing_file_a_video_and_a_giant_are_no_lists(tmp_path):
    (tmp_path / "lists").mkdir()
    assert "--frames" in mistakes(tmp_path / "lists")
    put(tmp_path, "[]", "pairs.json")
    assert "did you mean 'pairs.json'" in mistakes(tmp_path / "pair.json", InputError)
    assert "ffmpeg" in mistakes(put(tmp_path, MP4, "clip.mp4"))
    with (tmp_path / "giant.json").open("wb") as file:
        file.truncate(30_000_000)
    assert "divide it" in mistakes(tmp_path / "giant.json")


def test_keys_that_nobody_reads_are_told_once(tmp_path, caplog):
    items = [{"image_a": "a", "image_b": "b", "fps": 30, "who": "me"}] * 3
    with caplog.at_level(logging.INFO, "dinosar"):
        assert len(read_pairs(put(tmp_path, json.dumps({"pairs": items, "made": "by hand"})))) == 3
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "'made'" in told[0]
    assert "'fps', 'who'" in told[1]


def test_a_label_that_had_to_be_changed_is_told(tmp_path, caplog):
    items = [{"image_a": "a", "image_b": "b", "label": label} for label in ("left eye", "fine")]
    with caplog.at_level(logging.INFO, "dinosar"):
        assert [p.label for p in read_pairs(put(tmp_path, json.dumps(items)))] == ["left-eye", "fine"]
    assert "'left eye' as 'left-eye' (1 so)" in caplog.text


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["x", "x", "X", "x_2"], ["x", "x_3", "X_4", "x_2"]),
        (["", "pair_001", ""], ["pair_001_2", "pair_001", "pair_003"]),
        (["a/b\\c:d", "..", "", "....", "日本"], ["a-b-c-d", "pair_002", "pair_003", "pair_004", "pair_005"]),
        (["results.json", "run.yaml", "frame_1.PNG", "v1.2", ".running.lock"],
         ["results_json", "run_yaml", "frame_1_PNG", "v1.2", "running_lock"]),
        (["con", "NUL.txt", "aux.1", "com1", "com10", "lpt0"],
         ["pair_con", "NUL_txt", "pair_aux.1", "pair_com1", "com10", "pair_lpt0"]),
        (["a" * 200, "a" * 201], ["a" * 80, "a" * 80 + "_2"]),
    ],
)  # fmt: skip
def test_names_of_folders(labels, names):
    assert folder_names(labels) == names


def test_numbers_are_as_wide_as_the_longest():
    assert folder_names([""] * 1000)[::999] == ["pair_0001", "pair_1000"]
    assert folder_names([""] * 999)[-1] == "pair_999"


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(["x", "X", "x_2", "pair_002", "con", "a.csv", ""]))))
def test_names_of_folders_are_safe_and_unlike_each_other(labels):
    names = folder_names(labels)
    assert len(names) == len(labels)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}", name)
        assert not name.endswith((".", "-"))
        assert not re.fullmatch(r"(?i)(con|nul|aux|prn|com[0-9]|lpt[0-9])(\..*)?", name)
        assert not name.casefold().endswith((".json", ".yaml", ".csv", ".png"))


def test_many_like_labels_take_no_time_to_tell_apart():
    assert folder_names(["x"] * 20_000)[-1] == "x_20000"


def test_frames_are_paired_by_name_whatever_their_endings(tmp_path):
    a = frames(tmp_path / "a", "frame_2.png", "frame_10.png", "frame_1.png", "frame_3.png")
    b = frames(tmp_path / "b", "frame_1.jpg", "frame_2.jpg", "frame_10.jpg", "extra.jpg", content=JPEG)
    found = pairs_of_folders(a, b)
    assert [(p.a.name, p.b.name) for p in found.pairs] == [
        ("frame_1.png", "frame_1.jpg"), ("frame_2.png", "frame_2.jpg"), ("frame_10.png", "frame_10.jpg"),
    ]  # fmt: skip
    assert [(p.label, p.number) for p in found.pairs] == [("frame_1", 1), ("frame_2", 2), ("frame_10", 3)]
    assert (found.alone_a, found.alone_b, found.by) == (["frame_3.png"], ["extra.jpg"], "name")
    assert found.pairs[0].a == a / "frame_1.png"


def test_frames_of_other_names_are_paired_by_their_last_number(tmp_path):
    a = frames(tmp_path / "a", *(f"true_v2_{i:04d}.png" for i in (1, 2, 9, 10)), "cover.png")
    b = frames(tmp_path / "b", "out10.png", "out9.png", "out1.png", "cover.png", "out77.png")
    found = pairs_of_folders(a, b)
    assert [p.b.name for p in found.pairs] == ["out1.png", "out9.png", "out10.png", "cover.png"]
    assert found.by == "number"
    assert (found.alone_a, found.alone_b) == (["true_v2_0002.png"], ["out77.png"])


def test_numbers_pair_frames_that_are_padded_differently(tmp_path):
    a = frames(tmp_path / "a", *(f"f_{i}.png" for i in range(1, 13)))
    b = frames(tmp_path / "b", *(f"f_{i:02d}.png" for i in range(1, 13)))
    found = pairs_of_folders(a, b)
    assert [(p.a.stem, p.b.stem) for p in found.pairs] == [(f"f_{i}", f"f_{i:02d}") for i in range(1, 13)]
    assert not found.alone_a


def test_numbers_do_not_pair_where_a_folder_has_one_twice(tmp_path):
    a = frames(tmp_path / "a", "cam1_01.png", "cam2_01.png", "x_02.png")
    b = frames(tmp_path / "b", "y_01.png", "y_02.png")
    with pytest.raises(InputError, match=r"'cam1_01.png'.*'y_01.png'"):
        pairs_of_folders(a, b)


def test_names_go_before_numbers_that_pair_no_more(tmp_path):
    a = frames(tmp_path / "a", "p_1.png", "q_2.png")
    b = frames(tmp_path / "b", "p_1.png", "q_2.png")
    assert pairs_of_folders(a, b).by == "name"


def test_names_with_accents_spelled_in_two_ways_are_one(tmp_path):
    a = frames(tmp_path / "a", "caf\u00e9.png")
    b = frames(tmp_path / "b", "cafe\u0301.png")
    assert len(pairs_of_folders(a, b).pairs) == 1


def test_what_is_hidden_or_no_picture_is_left_out_and_a_damaged_frame_is_not(tmp_path, caplog):
    a = frames(tmp_path / "a", "f_1.png", ".f_2.png", "f_3")
    (a / "notes.txt").write_text("these are frames")
    (a / "f_4.png").write_bytes(b"")
    (a / "f_5.png").mkdir()
    b = frames(tmp_path / "b", *(f"f_{i}.png" for i in range(1, 6)))
    with caplog.at_level(logging.INFO, "dinosar"):
        found = pairs_of_folders(a, b)
    assert [p.a.name for p in found.pairs] == ["f_1.png", "f_3", "f_4.png"]
    assert found.alone_b == ["f_2.png", "f_5.png"]
    assert "left out: 'notes.txt'" in caplog.text


def test_folders_that_cannot_be_meant(tmp_path):
    good = frames(tmp_path / "good", "f_1.png")
    (tmp_path / "empty").mkdir()
    prose = frames(tmp_path / "prose", "a.exr", content=b"\x76\x2f\x31\x01")
    twice = frames(tmp_path / "twice", "f_1.png", "f_1.jpg")
    (tmp_path / "link").symlink_to(good)
    for bad, said in (
        (good, "same folder"), (tmp_path / "link", "same folder"), (good / "f_1.png", "is a file"),
        (tmp_path / "gone", "is not there"), (tmp_path / "empty", "holds no picture"), (prose, "'a.exr'"),
        (twice, "'f_1.jpg' and 'f_1.png'"), (good / "f_1.png" / "x", "is not there"),
    ):  # fmt: skip
        for two in ((good, bad), (bad, good)):
            with pytest.raises(InputError, match=re.escape(said)) as caught:
                pairs_of_folders(*two)
            assert "\n" not in str(caught.value)


def command(path, error=UsageError):
    with pytest.raises(error) as caught:
        no_video(path)
    return str(caught.value).split("make them with: ")[1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("clip.mp4", MP4),
        ("clip.MOV", b"\0\0\0\x14ftypqt  "),
        ("clip.mkv", b"\x1aE\xdf\xa3\x01"),
        ("clip", b"\x1aE\xdf\xa3\x01"),
        ("clip.dat", b"RIFF\0\0\0\0AVI LIST"),
        ("clip.m4v", b""),
    ],
)  # fmt: skip
def test_a_video_is_refused_with_the_command_that_makes_frames(tmp_path, monkeypatch, name, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    stem = Path(name).stem
    assert command(Path(name)) == f"mkdir {stem}_frames && ffmpeg -i {name} {stem}_frames/%06d.png"
    good = frames(tmp_path / "good", "f_1.png")
    with pytest.raises(UsageError, match="ffmpeg"):
        pairs_of_folders(good, tmp_path / name)


def test_the_command_holds_for_odd_names_and_for_folders_that_are_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = Path("-100% it's.mp4")
    odd.write_bytes(MP4)
    words = shlex.split(command(odd))
    assert words == ["mkdir", "./-100% it's_frames", "&&", "ffmpeg", "-i", "./-100% it's.mp4",
                     "./-100%% it's_frames/%06d.png"]  # fmt: skip
    Path("clip.mp4").write_bytes(MP4)
    Path("clip_frames").mkdir()
    assert command(Path("clip.mp4")) == "ffmpeg -i clip.mp4 clip_frames/%06d.png"


def test_pictures_folders_and_what_is_not_there_are_no_videos(tmp_path):
    (tmp_path / "picture.mp4").write_bytes(PNG)
    (tmp_path / "moving.gif").write_bytes(b"GIF89a" + b"\0" * 20)
    (tmp_path / "folder.mp4").mkdir()
    for name in ("picture.mp4", "moving.gif", "folder.mp4", "gone.mp4", "a\0b.mp4"):
        no_video(tmp_path / name)
    with pytest.raises(UsageError, match=r"moving_frames/%06d\.png"):
        pairs_of_folders(tmp_path / "moving.gif", tmp_path)


def test_a_folder_of_nothing_but_a_video_gets_the_command(tmp_path):
    film = frames(tmp_path / "film", "clip.mp4", content=MP4)
    with pytest.raises(UsageError, match="ffmpeg"):
        pairs_of_folders(film, frames(tmp_path / "b", "f_1.png"))


@given(st.lists(st.integers(0, 999), min_size=1, max_size=12, unique=True), st.data())
def test_frames_with_distinct_numbers_are_paired_as_brute_force_pairs_them(tmp_path_factory, numbers, data):
    others = data.draw(st.lists(st.integers(0, 999), min_size=1, max_size=12, unique=True))
    folder = tmp_path_factory.mktemp("frames")
    a = frames(folder / "a", *(f"a{i}.png" for i in numbers))
    b = frames(folder / "b", *(f"b_{i:05d}.png" for i in others))
    expected = sorted(i for i, j in itertools.product(numbers, others) if i == j)
    if not expected:
        with pytest.raises(InputError):
            pairs_of_folders(a, b)
        return
    found = pairs_of_folders(a, b)
    assert [(p.a.name, p.b.name) for p in found.pairs] == [(f"a{i}.png", f"b_{i:05d}.png") for i in expected]
    assert len(found.alone_a) + len(expected) == len(numbers)
    assert len(found.alone_b) + len(expected) == len(others)


def test_a_label_that_is_a_number_is_text_and_one_of_a_wrong_item_is_kept(tmp_path):
    items = [{"image_a": "a", "image_b": "b", "label": 7}, {"image_a": "a", "label": "half"}]
    first, second = read_pairs(put(tmp_path, json.dumps(items)))
    assert (first.label, first.given) == ("7", "7")
    assert (second.label, bool(second.problem)) == ("half", True)
