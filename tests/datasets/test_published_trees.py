"""The trees in which collections are published, drawn small with true geometry, and what goes wrong with them."""

import h5py
import numpy as np
import pycolmap
import pytest
import trees
from trees import SIZE, draw_colmap, draw_eth3d, draw_inloc, draw_megadepth, draw_phototourism, look, noise

from dinosar.cameras import Camera
from dinosar.datasets.colmap_models import registered
from dinosar.datasets.depth_maps import depth_of
from dinosar.datasets.megadepth import MegaDepth
from dinosar.datasets.opening import NAMES, open_dataset
from dinosar.errors import InputError, UsageError
from dinosar.notices import collected

DRAWN = ("plain", "megadepth", "eth3d", "phototourism", "colmap")


def photographs(kind, folder):
    return open_dataset(kind, folder).photographs()


def test_a_drawn_view_shows_where_another_sees_its_points():
    """Pixels of one view, by its depths, camera and pose, in the other: the same colours, to a few levels."""
    for a, b in ((0, 1), (1, 3), (3, 0)):
        one, other = look(a), look(b)
        rows, columns = (each.ravel() for each in np.mgrid[2 : SIZE[1] : 5, 2 : SIZE[0] : 5])
        pixels = np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))], 1)
        seen = pixels @ np.linalg.inv(one.camera.matrix).T * one.depth[rows, columns][:, None]
        world = (seen - one.pose[:3, 3]) @ one.pose[:3, :3]
        np.testing.assert_allclose(world[:, 2], 0, atol=1e-5)
        there = trees.projected(other, world) - 0.5
        inside = ((there >= 0) & (there <= np.array(SIZE) - 1)).all(1)
        assert inside.sum() > 100
        x, y = np.rint(there[inside]).astype(int).T
        apart = np.abs(other.pixels[y, x].astype(int) - one.pixels[rows, columns][inside]).mean()
        shuffled = np.abs(other.pixels[y, x].astype(int) - one.pixels[rows, columns][inside][::-1]).mean()
        assert apart < 15 < shuffled / 3


@pytest.mark.parametrize("kind", DRAWN)
def test_cameras_and_poses_are_those_of_the_views(tmp_path, kind):
    views = getattr(trees, f"draw_{kind}")(tmp_path)
    photos = photographs(kind, tmp_path)
    assert [photo.name for photo in photos] == sorted(views)
    assert sum(photo.pose is not None for photo in photos) >= 3
    for photo in photos:
        assert photo.path.is_file()
        assert "\\" not in photo.name
        np.testing.assert_allclose(photo.camera.matrix, views[photo.name].camera.matrix, atol=1e-9)
        assert (photo.camera.width, photo.camera.height) == SIZE
        if photo.pose is not None:
            np.testing.assert_allclose(photo.pose, views[photo.name].pose, atol=1e-9)


@pytest.mark.parametrize("kind", [name for name in NAMES if name != "plain"])
def test_a_folder_of_another_tree_says_what_was_wanted_and_what_is_there(tmp_path, kind):
    noise(tmp_path / "pictures" / "a.jpg")
    with pytest.raises(InputError) as told:
        photographs(kind, tmp_path)
    assert "expected" in str(told.value)
    assert "found 'pictures'" in str(told.value)
    with pytest.raises(InputError, match="is not there; check the path"):
        photographs(kind, tmp_path / "nowhere")


def test_inloc_asks_by_telephone(tmp_path):
    names = draw_inloc(tmp_path)
    photos = photographs("inloc", tmp_path)
    assert [photo.name for photo in photos] == sorted(names)  # neither the licence nor a scan
    assert {photo.name: photo.role for photo in photos} == {
        name: "query" if name.startswith("query") else "database" for name in names
    }
    assert {photo.scene for photo in photos if photo.role == "database"} == {"DUC1", "DUC2"}
    assert all(photo.camera is None and photo.pose is None for photo in photos)


def test_megadepth_knows_depths_and_overlaps(tmp_path):
    views = draw_megadepth(tmp_path, scenes=("0015", "0022"))
    dataset = open_dataset("megadepth", tmp_path)
    photos = {photo.name: photo for photo in dataset.photographs()}
    assert {photo.scene for photo in photos.values()} == {"0015", "0022"}
    for name, photo in photos.items():
        np.testing.assert_array_equal(depth_of(photo.depth), views[name].depth)
    overlaps = dataset.overlaps()
    assert len(overlaps) == 2 * (6 - 1)  # one pair shares nothing
    assert all(a in photos and b in photos and a != b and 0 < share <= 1 for (a, b), share in overlaps.items())
    table = np.load(tmp_path / "scene_info/0022.npz")["overlap_matrix"]
    images = [f"Undistorted_SfM/0022/images/{i}.jpg" for i in (3, 1)]
    assert overlaps[images[0], images[1]] == table[3, 1] != table[1, 3]


def test_one_scene_of_megadepth_is_its_file(tmp_path):
    views = draw_megadepth(tmp_path, scenes=("0015", "0022"))
    photos = photographs("megadepth", tmp_path / "scene_info" / "0022.npz")
    assert [photo.name for photo in photos] == sorted(name for name in views if "/0022/" in name)
    assert all(photo.path.is_file() and photo.depth for photo in photos)


def test_megadepth_says_what_is_missing(tmp_path):
    draw_megadepth(tmp_path)
    (tmp_path / "Undistorted_SfM/0015/images/1.jpg").unlink()
    (tmp_path / "depth_undistorted/0015/2.h5").unlink()
    with collected() as warnings:
        photos = photographs("megadepth", tmp_path)
    assert [photo.depth is None for photo in photos] == [True, False]
    assert "1 of 3 photographs that" in warnings[0]
    assert "'Undistorted_SfM/0015/images/1.jpg'" in warnings[0]
    for photo in photos:
        photo.path.unlink()
    with pytest.raises(InputError, match="not one of the 3 photographs"):
        photographs("megadepth", tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"poses": None}, "holds no poses"),
        ({"poses": trees.of_objects([np.eye(4)] * 2)}, "tells of 4 photographs, and its poses of another number"),
        ({"poses": trees.of_objects([None, *[np.zeros((4, 4))] * 3])}, "a pose is a rotation"),
        ({"poses": trees.of_objects([None] * 4)}, "tells nothing usable of 'Undistorted_SfM/0015/images/1.jpg'"),
        ({"intrinsics": trees.of_objects([np.eye(2)] * 4)}, "intrinsics are of shape"),
        ({"intrinsics": trees.of_objects(["words"] * 4)}, "tells nothing usable"),
    ],
)
def test_a_scene_of_megadepth_that_is_damaged(tmp_path, changed, said):
    draw_megadepth(tmp_path)
    file = tmp_path / "scene_info/0015.npz"
    with np.load(file, allow_pickle=True) as held:
        arrays = {key: held[key] for key in held.files} | changed
    np.savez(file, **{key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(InputError) as told:
        photographs("megadepth", tmp_path)
    assert said in str(told.value)
    assert "0015.npz" in str(told.value)


def test_eth3d_takes_the_undistorted_cameras(tmp_path):
    """The distorted photographs number their cameras the other way round; those numbers must not be followed."""
    views = draw_eth3d(tmp_path, scenes=("courtyard", "pipes"))
    photos = photographs("eth3d", tmp_path)
    focals = [photo.camera.params[0] for photo in photos]
    assert focals == [views[photo.name].camera.params[0] for photo in photos]
    assert len(set(focals)) == 3
    assert {photo.scene for photo in photos} == {"courtyard", "pipes"}


def test_eth3d_needs_no_points(tmp_path):
    draw_eth3d(tmp_path / "with")
    draw_eth3d(tmp_path / "without", points=False)
    with_points, without = (photographs("eth3d", tmp_path / each) for each in ("with", "without"))
    assert [photo.camera for photo in without] == [photo.camera for photo in with_points]
    assert all(photo.pose is not None for photo in without)


def test_phototourism_leads_from_one_photograph_to_another_as_it_is_defined(tmp_path):
    """R and T are of photographs: R_b R_a^T and T_b - R_b R_a^T T_a lead from a to b."""
    draw_phototourism(tmp_path)
    (tmp_path / "brandenburg_gate/images").mkdir(parents=True)
    with collected() as warnings:
        a, b, _ = photographs("phototourism", tmp_path)
    assert "1 scenes have no K1_K2.h5, and are left out" in warnings[0]
    with h5py.File(tmp_path / "sacre_coeur/R.h5") as turns, h5py.File(tmp_path / "sacre_coeur/T.h5") as moves:
        names = [photo.path.stem for photo in (a, b)]
        (turn_a, turn_b), (move_a, move_b) = ([file[name][()] for name in names] for file in (turns, moves))
    turn = turn_b @ turn_a.T
    lead = b.pose @ np.linalg.inv(a.pose)
    np.testing.assert_allclose(lead[:3, :3], turn, atol=1e-12)
    np.testing.assert_allclose(lead[:3, 3:], move_b - turn @ move_a, atol=1e-12)


def test_phototourism_says_what_is_damaged(tmp_path):
    draw_phototourism(tmp_path)
    with h5py.File(tmp_path / "sacre_coeur/T.h5", "r+") as moves:
        del moves["01-1_11"]
    with pytest.raises(InputError, match=r"R.h5' tells nothing usable of '01-1_11'"):
        photographs("phototourism", tmp_path)
    (tmp_path / "sacre_coeur/R.h5").write_bytes(b"no HDF5")
    with pytest.raises(InputError, match=r"R.h5' is no HDF5 file that is whole"):
        photographs("phototourism", tmp_path)


@pytest.mark.parametrize("text", [False, True])
def test_models_of_colmap_are_read_from_text_and_binary(tmp_path, text):
    views = draw_colmap(tmp_path, text=text)
    by_folder = photographs("colmap", tmp_path)
    assert [photo.role for photo in by_folder] == ["both", "both", "both", "query"]
    assert by_folder[-1].pose is None
    by_model = photographs("colmap", tmp_path / "sparse/0")
    assert [photo.name for photo in by_model] == sorted(views)
    assert by_model[-1].camera is None  # its list lies beside the folder that was not named


def test_a_model_of_colmap_keeps_blanks_in_binary_and_cuts_them_in_text(tmp_path):
    views = draw_colmap(tmp_path / "binary", between=" ")
    assert {photo.name for photo in photographs("colmap", tmp_path / "binary")} == set(views)
    draw_colmap(tmp_path / "text", between=" ", text=True)
    with pytest.raises(InputError, match="not one of the"):
        photographs("colmap", tmp_path / "text")


def test_lists_beside_a_model_of_colmap_hold(tmp_path):
    draw_colmap(tmp_path)
    (tmp_path / "query.txt").write_text("walk/view_0.png\n")
    (tmp_path / "database.txt").write_text("walk/view_1.png\nwalk/view_2.png\n")
    assert [photo.role for photo in photographs("colmap", tmp_path)] == ["query", "database", "database"]


def test_what_is_wrong_with_a_model_of_colmap_is_told(tmp_path):
    draw_colmap(tmp_path)
    model = tmp_path / "sparse/0"
    images = (model / "images.bin").read_bytes()
    (model / "images.bin").write_bytes(images[: len(images) // 2])
    with pytest.raises(InputError, match=r"the model of COLMAP in .* is damaged"):
        photographs("colmap", tmp_path)
    (model / "images.bin").write_bytes(images)
    (tmp_path / "images/walk/view_1.png").unlink()
    with collected() as warnings:
        assert len(photographs("colmap", tmp_path)) == 3
    assert "1 of 3 photographs that" in warnings[0]
    (tmp_path / "sparse/1").mkdir()
    for file in model.iterdir():
        (tmp_path / "sparse/1" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match=r"holds 2 models \('0', '1'\); name the folder of one"):
        photographs("colmap", tmp_path)


@pytest.mark.parametrize("file", ["cameras.bin", "images.bin", "rigs.bin", "frames.bin"])
def test_a_model_of_colmap_that_is_cut_short_is_told_wherever_the_cut_is(tmp_path, file):
    """The library alone reads on and on in some of them."""
    draw_colmap(tmp_path, points=4)
    data = (tmp_path / "sparse/0" / file).read_bytes()
    for cut in {0, 4, 8, len(data) // 3, len(data) // 2, len(data) - 9, len(data) - 1}:
        (tmp_path / "sparse/0" / file).write_bytes(data[:cut])
        with pytest.raises(InputError, match=f"is damaged .*{file} is cut short"):
            photographs("colmap", tmp_path)
    (tmp_path / "sparse/0" / file).write_bytes(data)
    assert len(photographs("colmap", tmp_path)) == 4


def test_a_rig_of_several_cameras_is_whole(tmp_path):
    """Sensors with and without a pose, frames that several cameras share."""
    identity = pycolmap.Rigid3d(np.eye(4)[:3])
    model = pycolmap.Reconstruction()
    rig = pycolmap.Rig(rig_id=1)
    for i in (1, 2, 3):
        camera = pycolmap.Camera(camera_id=i, **look(i).camera.as_dict())
        model.add_camera(camera)
        if i == 1:
            rig.add_ref_sensor(camera.sensor_id)
        else:
            rig.add_sensor(camera.sensor_id, identity if i == 2 else None)
    model.add_rig(rig)
    frame = pycolmap.Frame(frame_id=1, rig_id=1)
    frame.rig_from_world = pycolmap.Rigid3d(look(0).pose[:3])
    for i in (1, 2):
        frame.add_data_id(pycolmap.data_t(model.cameras[i].sensor_id, i))
    model.add_frame(frame)
    for i in (1, 2):
        model.add_image(pycolmap.Image(name=f"{i}.png", camera_id=i, image_id=i, frame_id=1))
    model.write_binary(str(tmp_path))
    found = registered(tmp_path)
    assert [image.name for image in found] == ["1.png", "2.png"]
    for image, step in zip(found, (1, 2), strict=True):
        assert image.camera == look(step).camera
        np.testing.assert_allclose(image.pose, look(0).pose, atol=1e-12)
    data = (tmp_path / "rigs.bin").read_bytes()
    (tmp_path / "rigs.bin").write_bytes(data[:-1])
    with pytest.raises(InputError, match="rigs.bin is cut short"):
        registered(tmp_path)


def test_a_camera_of_a_kind_that_is_not_worked_with_is_left_out(tmp_path):
    draw_eth3d(tmp_path)
    calibration = tmp_path / "courtyard/dslr_calibration_undistorted"
    (calibration / "cameras.txt").write_text(
        f"0 FOV {SIZE[0]} {SIZE[1]} 90 90 48 36 0.1\n" + "".join(f"{i} PINHOLE 96 72 90 90 48 36\n" for i in (1, 2))
    )
    with collected() as warnings:
        found = registered(calibration)
    assert "a camera of the kind FOV" in warnings[0]
    assert [image.camera is None for image in found] == [True, False, False]
    assert found[1].camera == Camera("PINHOLE", *SIZE, (90.0, 90.0, 48.0, 36.0))
    assert all(image.pose is not None for image in found)


def test_without_the_libraries_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    draw_colmap(tmp_path / "colmap")
    draw_phototourism(tmp_path / "phototourism")
    for module, extra, kind in (("pycolmap", "colmap", "colmap"), ("h5py", "hdf5", "phototourism")):
        monkeypatch.setitem(__import__("sys").modules, module, None)
        with pytest.raises(UsageError, match=rf"pip install 'dinosar\[{extra}\]'"):
            photographs(kind, tmp_path / kind)


def test_what_megadepth_does_not_know_is_not_nothing(tmp_path):
    draw_megadepth(tmp_path)
    (file,) = (tmp_path / "scene_info").glob("*.npz")
    with np.load(file, allow_pickle=True) as stored:
        arrays = dict(stored)
    matrix = arrays["overlap_matrix"].astype(np.float64)
    known = [row for row, path in enumerate(arrays["image_paths"]) if path is not None]
    first, second, third = known[:3]
    matrix[first, second], matrix[second, first], matrix[first, third] = -1, 0.0, 1.2
    np.savez(file, **{**arrays, "overlap_matrix": matrix})
    dataset = MegaDepth(tmp_path)
    names = [str(arrays["image_paths"][row]) for row in known]
    table = dataset.table(names[::-1])
    last = len(names) - 1
    assert np.isnan(table[last, last - 1])
    assert table[last - 1, last] == 0
    assert table[last, last - 2] == 1
    assert (np.diag(table) == 1).all()
