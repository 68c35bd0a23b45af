"""Each thing the doctor looks at: what it says when all is well, when something is missing, when it is broken."""

import sys
from collections import namedtuple

import pytest

from dinosar import doctor, hardware, weights


def found(name):
    return next(check for check in doctor.examine() if check.name == name)


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Makes a library of its own out of source, in place of the real one."""
    monkeypatch.syspath_prepend(str(tmp_path))
    versions = {"torch": "2.9.0", "torchvision": "0.24.0", "timm": "1.0.20", "rembg": "2.0.60"}

    def version(name):
        if versions.get(name) is None:
            raise doctor.PackageNotFoundError(name)
        return versions[name]

    def install(name, source, number="1.0"):
        versions[name] = number
        (tmp_path / f"{name}.py").write_text(source)
        monkeypatch.delitem(sys.modules, name, raising=False)

    monkeypatch.setattr(doctor, "version", version)
    monkeypatch.setattr(hardware, "accelerators", lambda: [])
    monkeypatch.setattr(hardware, "device", lambda asked="auto": "cpu")
    for name in versions:
        install(name, "", versions[name])
    yield install
    for name in versions:
        sys.modules.pop(name, None)


def libraries():
    return {check.name: check for check in doctor._libraries()}


def test_all_is_well_where_everything_can_be_imported(installed):
    assert [check.state for check in libraries().values()] == ["ok"] * 4


def test_torchvision_of_another_build_is_explained(installed):
    installed("torchvision", "raise RuntimeError('operator torchvision::nms does not exist')", "0.24.0+cpu")
    check = libraries()["torchvision"]
    assert check.state == "broken"
    assert "operator torchvision::nms does not exist" in check.found
    assert "different builds" in check.cure
    assert "--force-reinstall torch torchvision" in check.cure


def test_builds_that_differ_are_told_of_even_while_they_work(installed):
    installed("torch", "", "2.9.0+cu128")
    installed("torchvision", "", "0.24.0+cpu")
    assert libraries()["torchvision"].state == "note"
    installed("torchvision", "", "0.24.0+cu128")
    assert libraries()["torchvision"].state == "ok"


def test_rembg_without_onnxruntime_ends_python_but_not_the_doctor(installed, capsys):
    installed("rembg", "print('No onnxruntime backend found.')\nimport sys\nsys.exit(1)")
    check = libraries()["rembg"]
    assert check.state == "broken"
    assert "onnxruntime is missing" in check.found
    assert 'pip install "rembg[cpu]"' in check.cure
    assert capsys.readouterr().out == ""


def test_what_is_not_installed_is_a_note(installed, monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: (_ for _ in ()).throw(doctor.PackageNotFoundError(name)))
    checks = libraries()
    assert {check.state for check in checks.values()} == {"note"}
    assert list(checks) == ["torch", "rembg"], "without torch nothing is said of what builds on it"
    assert all("pip install" in check.cure for check in checks.values())


def test_a_library_that_fails_on_import_is_broken(installed):
    installed("torch", "raise OSError('libcudart.so.12: cannot open shared object file')")
    checks = libraries()
    assert checks["torch"].state == "broken"
    assert "libcudart" in checks["torch"].found
    assert "force-reinstall torch" in checks["torch"].cure


def test_without_torch_graphics_cards_are_not_known(monkeypatch):
    def none(*_):
        raise ModuleNotFoundError("No module named 'torch'")

    monkeypatch.setattr(hardware, "accelerators", none)
    assert doctor._device().state == "note"


def test_cards_and_what_auto_takes_are_named(monkeypatch):
    monkeypatch.setattr(hardware, "accelerators", lambda: ["cuda: A card"])
    monkeypatch.setattr(hardware, "device", lambda asked="auto": "cuda")
    assert doctor._device().found == "cuda: A card; device auto = cuda"


@pytest.mark.parametrize(
    ("check", "model", "fetch"),
    [
        (doctor._dino, "vits16", "dinosar models fetch vits16"),
        (doctor._rembg_model, "u2net", "dinosar models fetch u2net"),
    ],
    ids=["DINO", "rembg"],
)
def test_weights_that_are_here_are_named_and_missing_ones_can_be_fetched(check, model, fetch):
    assert (check().state, check().cure.split(" (")[0]) == ("note", fetch)
    path = weights.target(weights.published(model))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    assert (check().state, check().found) == ("ok", model)


def test_a_silent_hub_is_a_note_and_says_why():
    check = doctor._hub()
    assert check.state == "note"
    assert "HF_HUB_OFFLINE" in check.found
    assert "dinosar models import" in check.cure


def test_a_hub_that_answers_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "hub_problem", lambda: "")
    assert doctor._hub().found == "https://huggingface.co answers"


def test_the_cache_is_really_written_to_and_left_as_it_was(own_cache, monkeypatch, tmp_path):
    before = list(own_cache.iterdir())
    assert doctor._cache().state == "ok"
    assert list(own_cache.iterdir()) == before
    (tmp_path / "taken").write_text("not a folder")
    monkeypatch.setenv("DINOSAR_CACHE", str(tmp_path / "taken"))
    assert doctor._cache().state == "broken"
    assert "DINOSAR_CACHE" in doctor._cache().cure


@pytest.mark.parametrize(("free", "state"), [(int(5e9), "ok"), (int(1e8), "note")])
def test_a_disk_that_is_nearly_full_is_told(free, state, monkeypatch, own_cache):
    monkeypatch.setenv("DINOSAR_CACHE", str(own_cache / "not" / "yet" / "there"))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(free))
    assert doctor._room().state == state


def test_a_clone_that_was_never_installed_is_broken(monkeypatch):
    monkeypatch.setattr(doctor, "cards", list)
    check = doctor._parts()
    assert check.state == "broken"
    assert "python -m pip install -e ." in check.cure
