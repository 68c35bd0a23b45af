"""`rembg` runs rembg's own sessions on a file that is there, and does nothing else in anybody's name."""

import contextlib
import json
import socket
import sys
from dataclasses import replace
from hashlib import sha256
from threading import Barrier, BrokenBarrierError, Thread

import numpy as np
import pytest
from command_line import make_photos, outside
from PIL import Image
from tiny_onnx import DARK, tiny_onnx

from dinosar.config import CompareConfig, Part
from dinosar.data import Photo
from dinosar.errors import UsageError, WeightsError
from dinosar.maskers import rembg, rembg_sessions
from dinosar.maskers.rembg import Rembg
from dinosar.notices import collected
from dinosar.parts import build
from dinosar.settings import Layers, settle
from dinosar.testing import check, toy_photo
from dinosar.yaml_files import read_yaml

NO_NETWORK = """
import socket
def refuse(*_, **__): raise SystemExit("somebody asked for the network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A folder of rembg's models with nothing in it, on a machine without a network."""

    def refuse(*_, **__):
        pytest.fail("somebody asked for the network")

    for name in ("REMBG_HOME", "XDG_DATA_HOME", "MODEL_CHECKSUM_DISABLED", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "u2net"))
    (tmp_path / "u2net").mkdir()
    return tmp_path / "u2net"


@pytest.fixture
def weights(home):
    """The tiny network where older versions of rembg kept theirs."""
    path = home / "u2net.onnx"
    path.write_bytes(tiny_onnx())
    return path


@pytest.fixture
def no_rembg_yet(monkeypatch):
    """As in a process that has loaded nothing of rembg."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("rembg", rembg_sessions.OWN_NAME):
            monkeypatch.delitem(sys.modules, name)
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] in ("rembg", rembg_sessions.OWN_NAME):
            del sys.modules[name]


def matte_of(photo):
    """What the tiny network gives with U2-Net's way of preparing and reading, computed without rembg."""
    small = np.asarray(Image.fromarray(photo.pixels).resize((320, 320), Image.Resampling.LANCZOS)).astype(float)
    prepared = (small / small.max() - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    answer = -prepared.mean(axis=2)
    scaled = (answer - answer.min()) / (answer.max() - answer.min()) * 255
    full = Image.fromarray(scaled.astype(np.uint8)).resize(photo.size, Image.Resampling.LANCZOS)
    return np.asarray(full).astype(float)


@pytest.mark.parametrize("size", [(160, 112), (97, 401), (640, 480), (1, 1000)])
@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.9])
def test_the_mask_is_what_the_network_gives_more_than_alpha(size, alpha, weights):
    photo = toy_photo(3, size)
    matte = matte_of(photo)
    found = Rembg(Rembg.Options(alpha=alpha)).mask(photo, None)
    disagree = found != (matte > alpha * 255)
    assert found.shape == photo.pixels.shape[:2]
    assert np.abs(matte - alpha * 255)[disagree].max(initial=0) <= 2  # the last bit before it is cut to 8
    assert disagree.mean() < 0.01


def test_half_means_128_and_more_of_255(weights, monkeypatch):
    given = Gives(np.array([[0, 126, 127], [128, 129, 255]], dtype=np.uint8))
    monkeypatch.setattr(rembg, "session", lambda *wanted: given)
    found = Rembg().mask(Photo(np.zeros((2, 3, 3), dtype=np.uint8), "six"), None)
    assert found.tolist() == [[False, False, False], [True, True, True]]


class Gives:
    """A session that gives this matte."""

    def __init__(self, matte):
        self.matte = matte

    def predict(self, image):
        return [Image.fromarray(self.matte)]


def test_a_photo_without_any_contrast_holds_nothing(weights):
    photo = toy_photo()
    flat = replace(photo, pixels=np.full_like(photo.pixels, 90))
    assert not Rembg().mask(flat, None).any()


@pytest.mark.parametrize("place", ["u2net", "new/models/u2net"])
def test_both_places_are_found_where_rembg_keeps_models(place, tmp_path, monkeypatch):
    path = tmp_path / place / "u2net.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tiny_onnx())
    if place.startswith("new"):
        monkeypatch.delenv("U2NET_HOME")
        monkeypatch.setenv("REMBG_HOME", str(tmp_path / "new"))
    assert Rembg().mask(toy_photo(), None).any()


def test_the_record_says_which_network_from_which_file_under_which_licence(weights, monkeypatch):
    monkeypatch.setattr("dinosar.weights.check", lambda model, found: ("the release",))
    facts = build("masker", Part(use="rembg")).facts()
    assert facts.pop("rembg").startswith("2.")
    assert facts.pop("onnxruntime")[0].isdigit()
    assert facts.pop("licence").startswith("Apache-2.0")
    digest = sha256(weights.read_bytes()).hexdigest()
    assert facts == {"id": "rembg-u2net", "weights": "u2net.onnx", "weights_sha256": digest}


def test_a_file_that_is_not_the_published_one_is_said_and_called_so(weights):
    with collected() as told:
        facts = build("masker", Part(use="rembg")).facts()
    assert "takes a file that is not the published one" in told[0]
    assert str(weights) in told[0]
    assert facts["id"] == "rembg-u2net (not the published file)"
    assert "licence" not in facts


def test_a_missing_file_is_one_line_with_everything_a_person_needs(home):
    with pytest.raises(WeightsError) as caught:
        build("masker", Part(use="rembg"))
    line = str(caught.value)
    assert caught.value.exit_code == 5
    assert line.isprintable()
    for word in ("'u2net'", str(home), "u2net.onnx", "dinosar models fetch u2net",
                 "https://github.com/danielgatis/rembg/releases/download/v0.0.0/u2net.onnx"):  # fmt: skip
        assert word in line
    assert list(home.iterdir()) == []


DAMAGED = {
    "nothing": b"",
    "zeros": bytes(500),
    "junk": b"\x93NUMPY, not ONNX" * 40,
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 175997641\n",
    "a web page": b"<!doctype html><title>404</title>",
    "half a file": tiny_onnx()[:90],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_one_line_and_nothing_else_on_any_stream(data, weights, capfd):
    weights.write_bytes(data)
    with pytest.raises(
        WeightsError, match=r"damaged, or no ONNX model \([^\[]+\).*dinosar models fetch u2net"
    ) as caught:
        Rembg().mask(toy_photo(), None)
    assert str(weights) in str(caught.value)
    assert str(caught.value).isprintable()
    assert capfd.readouterr() == ("", "")


UNLIKE = {
    "another size": (tiny_onnx(side=64), "are not those of rembg's model 'u2net'.*Got: 320 Expected: 64"),
    "no map": (tiny_onnx(keep=0), r"are not those of rembg's model 'u2net'.*shape \(1, 320, 320\)"),
    "no numbers": (tiny_onnx((*DARK, "Log")), "give NaN or infinity"),
}


@pytest.mark.parametrize("case", UNLIKE.values(), ids=UNLIKE)
def test_a_network_that_does_not_fit_is_told_by_its_file(case, weights):
    data, says = case
    weights.write_bytes(data)
    with pytest.raises(WeightsError, match=says) as caught:
        Rembg().mask(toy_photo(), None)
    assert str(weights) in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_of_ones_own_is_read_wherever_it_lies_and_named(tmp_path, home):
    path = tmp_path / "elsewhere" / "beetles.onnx"
    path.parent.mkdir()
    path.write_bytes(tiny_onnx())
    masker = Rembg(Rembg.Options(model_path=str(path)))
    (home / "u2net.onnx").write_bytes(tiny_onnx())
    assert np.array_equal(masker.mask(toy_photo(), None), Rembg().mask(toy_photo(), None))
    assert masker.title == "rembg-u2net (beetles.onnx)"
    assert "licence" not in masker.facts()


@pytest.mark.parametrize("name", ["absent.onnx", "."])
def test_a_file_of_ones_own_that_is_not_there_is_not_replaced_by_another(name, tmp_path, weights):
    with pytest.raises(WeightsError, match="not there; correct the option model_path"):
        Rembg(Rembg.Options(model_path=str(tmp_path / name)))


def test_a_file_that_cannot_be_read_is_told(weights, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("dinosar.weights.sha256", refuse)
    with pytest.raises(WeightsError, match=r"u2net\.onnx' cannot be read: Permission denied"):
        Rembg()


def test_another_network_is_prepared_for_as_rembg_does_it(tmp_path):
    path = tmp_path / "isnet.onnx"
    path.write_bytes(tiny_onnx(side=1024))
    photo = toy_photo()
    found = Rembg(Rembg.Options(model="isnet-general-use", model_path=str(path))).mask(photo, None)
    dark = photo.pixels.mean(axis=2)
    assert np.median(dark[found]) < np.median(dark[~found])


def test_an_unknown_network_is_told_with_the_list_before_anything_is_loaded(no_rembg_yet):
    settings = {"inputs": {"a": "a", "b": "b"}, "backbone": "classic", "masker": {"use": "rembg", "model": "u2nt"}}
    with pytest.raises(UsageError) as caught:
        settle(CompareConfig, Layers().add(settings, "run.yaml"))
    assert "masker 'rembg': model: must be one of u2net, u2netp" in str(caught.value)
    assert str(caught.value).endswith("but got 'u2nt'")
    assert not {"rembg", rembg_sessions.OWN_NAME} & set(sys.modules)


def test_a_config_is_recorded_filled_in():
    settings = {"inputs": {"a": "a", "b": "b"}, "backbone": "classic", "masker": "rembg"}
    config = settle(CompareConfig, Layers().add(settings, "test"))
    assert config.masker.options == {"model": "u2net", "model_path": None, "alpha": 0.5}


def test_one_session_serves_every_photo_part_and_thread(weights, monkeypatch):
    made, maskers, two_at_once = [], [], Barrier(2)
    make = rembg_sessions._made

    def made_together(*words):
        made.append(words)
        with contextlib.suppress(BrokenBarrierError):  # nobody comes while another makes one
            two_at_once.wait(timeout=0.3)
        return make(*words)

    monkeypatch.setattr(rembg_sessions, "_made", made_together)

    def ask():
        maskers.append(Rembg())
        assert maskers[-1]._session

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(3):
        maskers[seed].mask(toy_photo(seed), None)
    assert len(maskers) == 4
    assert len({id(masker._session) for masker in maskers}) == len(made) == 1


def test_a_file_that_was_replaced_is_read_again(weights):
    photo = toy_photo()
    dark = Rembg().mask(photo, None)
    weights.write_bytes(tiny_onnx(("ReduceMean", "Identity")))
    light = Rembg().mask(photo, None)
    assert (dark ^ light).mean() > 0.9


def test_the_mask_is_the_same_on_any_number_of_threads(weights, monkeypatch):
    photo, masks = toy_photo(2), []
    for threads in ("1", "2", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        rembg_sessions._kept.clear()
        masks.append(Rembg().mask(photo, None))
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[1], masks[2])


def test_every_promise_of_a_masker_is_kept(weights):
    assert [str(clause) for clause in check("masker", "rembg") if not clause.holds] == []


@pytest.mark.parametrize("absent", ["onnxruntime", "rembg"])
def test_a_missing_package_is_told_with_what_to_install_and_nothing_is_printed(
    absent, weights, no_rembg_yet, monkeypatch, capfd
):
    rembg_sessions._kept.clear()
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(UsageError, match=r"masker 'rembg' needs .*'rembg\[cpu\]'") as caught:
        build("masker", Part(use="rembg")).mask(toy_photo(), None)
    assert caught.value.exit_code == 2
    assert str(caught.value).isprintable()
    assert capfd.readouterr() == ("", "")


def other_rembg(folder, monkeypatch, sessions, bg=""):
    """Another version of the package, installed before the real one."""
    package = folder / "other" / "rembg"
    (package / "sessions").mkdir(parents=True)
    (package / "__init__.py").write_text("from . import bg")
    (package / "bg.py").write_text(bg)
    (package / "sessions" / "__init__.py").write_text(sessions)
    monkeypatch.syspath_prepend(str(package.parent))


TABLE = "sessions_class = [type('Old', (), {'name': classmethod(lambda cls: 'u2net')})]\n"


def test_sessions_are_loaded_without_the_front_door(tmp_path, no_rembg_yet, monkeypatch):
    other_rembg(tmp_path, monkeypatch, TABLE, bg="raise RuntimeError('half a minute')")
    assert list(rembg_sessions.session_classes()) == ["u2net"]
    assert "rembg" not in sys.modules


def test_sessions_that_cannot_stand_alone_are_loaded_with_the_whole_package(tmp_path, no_rembg_yet, monkeypatch):
    other_rembg(tmp_path, monkeypatch, f"from ..bg import LEVEL\n{TABLE}", bg="LEVEL = 3")
    assert list(rembg_sessions.session_classes()) == ["u2net"]
    assert rembg_sessions.OWN_NAME not in sys.modules


def test_a_version_of_rembg_that_lacks_a_network_is_told(tmp_path, no_rembg_yet, monkeypatch):
    other_rembg(tmp_path, monkeypatch, TABLE)
    path = tmp_path / "bria.onnx"
    path.write_bytes(tiny_onnx())
    rembg_sessions._kept.clear()
    with pytest.raises(UsageError, match="knows no model 'bria-rmbg'"):
        Rembg(Rembg.Options(model="bria-rmbg", model_path=str(path))).mask(toy_photo(), None)


def test_the_catalogue_names_networks_that_rembg_has():
    from dinosar import weights

    known = rembg_sessions.session_classes()
    assert {model.name for model in weights.models() if model.part == "rembg"} <= set(known)


@pytest.fixture
def dinosar(tmp_path, home):
    """Runs the command line in a process of its own that fails where anybody asks for the network."""
    desk = tmp_path / "desk"
    desk.mkdir()
    photos = make_photos(desk)

    def call(*words):
        return outside(
            *words, cwd=desk, home=tmp_path, prelude=NO_NETWORK, U2NET_HOME=str(home), PYTHONWARNINGS="error"
        )

    call.desk, call.photos = desk, photos
    return call


QUICK = ("--masker", "rembg", "--backbone", "classic", "--size", "96", "--no-figures", "--out", "run")


def test_the_command_line_compares_with_it_records_it_and_runs_again(dinosar, weights):
    answer = dinosar("compare", *dinosar.photos, *QUICK, "--json")
    assert answer.code == 0
    assert "not the published one" in answer.complaint
    result = json.loads(answer.out)
    shares = [result["patches"][side]["mask_share_of_photo"] for side in "ab"]
    assert all(0.1 < share < 0.7 for share in shares)
    record = read_yaml(dinosar.desk / "run" / "run.yaml").value
    assert record["masker"] == {"use": "rembg", "model": "u2net", "model_path": None, "alpha": 0.5}
    facts = record["record"]["parts"]["masker"]
    assert facts["id"] == "rembg-u2net (not the published file)"
    assert facts["weights_sha256"] == sha256(weights.read_bytes()).hexdigest()
    assert "onnxruntime" in record["record"]["environment"]["libraries"]
    again = dinosar("rerun", "run/run.yaml")
    assert again.code == 0
    assert "not the published one" in again.err
    weights.write_bytes(tiny_onnx(("ReduceMean", "Identity")))
    other = dinosar("rerun", "run/run.yaml")
    assert other.code == 7
    assert "masker 'rembg': weights_sha256 was" in other.err


def test_a_file_of_ones_own_is_found_again_from_the_record(dinosar):
    (dinosar.desk / "own.onnx").write_bytes(tiny_onnx())
    assert dinosar("compare", *dinosar.photos, *QUICK, "--set", "masker.model_path=own.onnx").code == 0
    assert read_yaml(dinosar.desk / "run" / "run.yaml").value["masker"]["model_path"] == "../own.onnx"
    assert dinosar("rerun", "run/run.yaml").code == 0


def test_without_weights_the_command_line_stops_in_one_line_and_takes_no_other_masker(dinosar):
    answer = dinosar("compare", *dinosar.photos, *QUICK)
    assert (answer.code, answer.out) == (5, "")
    assert answer.complaint.startswith("dinosar: error: ")
    assert "dinosar models fetch u2net" in answer.complaint
    assert not (dinosar.desk / "run").exists()


def test_the_front_door_of_rembg_stays_shut(weights, tmp_path):
    prelude = (
        f"{NO_NETWORK}\nimport atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(str(sorted({'rembg', 'numba', 'skimage'} & set(sys.modules)))))"
    )
    a, b = make_photos(tmp_path)
    answer = outside("compare", a, b, *QUICK, cwd=tmp_path, home=tmp_path, prelude=prelude,
                     U2NET_HOME=str(weights.parent))  # fmt: skip
    assert (answer.code, answer.err.splitlines()[1:]) == (0, ["[]"])
