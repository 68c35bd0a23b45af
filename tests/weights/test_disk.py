"""Weights are found where this package, the hub's own library and rembg keep them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_hub import COMMIT, DINOV2, DINOV3, U2NET, in_hub_cache

from dinosar.weights.disk import Located, hub_cache, locate, places, rembg_home, target

OTHER = "beef" + "0" * 36
NAMES = (
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "XDG_CACHE_HOME",
    "U2NET_HOME",
    "REMBG_HOME",
    "XDG_DATA_HOME",
)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine on which nobody has set a folder."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize(
    "variables",
    [{}, {"HF_HOME": "/x/hf"}, {"HF_HUB_CACHE": "/x/hub", "HF_HOME": "/x/hf"}, {"HF_HOME": "~/hf"},
     {"XDG_CACHE_HOME": "/x/cache"}, {"HUGGINGFACE_HUB_CACHE": "/x/old"}, {"HF_HOME": "$HOME/other"},
     {"HF_HUB_CACHE": "/x/new", "HUGGINGFACE_HUB_CACHE": "/x/old"}],
    ids=str,
)  # fmt: skip
def test_the_hubs_cache_is_where_its_own_library_has_it(variables, bare):
    for name, value in variables.items():
        bare.setenv(name, value)
    code = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert str(hub_cache()) == os.path.normpath(told.stdout.strip())


@pytest.mark.parametrize(
    "variables",
    [{}, {"U2NET_HOME": "/x/u2"}, {"REMBG_HOME": "/x/rembg"}, {"XDG_DATA_HOME": "/x/data"}, {"U2NET_HOME": "~/u2"},
     {"U2NET_HOME": "/x/u2", "REMBG_HOME": "/x/rembg", "XDG_DATA_HOME": "/x/data"},
     {"REMBG_HOME": "/x/rembg", "XDG_DATA_HOME": "/x/data"}],
    ids=str,
)  # fmt: skip
def test_the_models_of_rembg_are_where_it_has_them(variables, bare):
    from rembg.sessions.u2net import U2netSession

    for name, value in variables.items():
        bare.setenv(name, value)
    assert str(rembg_home()) == os.path.normpath(U2netSession.rembg_home())
    assert str(target(U2NET).parent) == os.path.normpath(U2netSession.model_dir())


def test_nothing_is_there_on_a_fresh_machine():
    assert [locate(model) for model in (DINOV3, DINOV2, U2NET)] == [None, None, None]


@pytest.mark.parametrize("link", [True, False], ids=["links", "copies"])
def test_a_file_in_the_hubs_cache_is_found_with_its_commit(link):
    from huggingface_hub import try_to_load_from_cache

    path = in_hub_cache(hub_cache(), DINOV3, b"weights", link=link)
    assert locate(DINOV3) == Located(path, COMMIT, "hub")
    assert try_to_load_from_cache(DINOV3.repo, DINOV3.file, cache_dir=hub_cache()) == str(path)
    assert locate(DINOV2) is None


def test_a_pinned_revision_accepts_only_its_own_snapshot():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    target(DINOV3).parent.mkdir(parents=True)
    target(DINOV3).write_bytes(b"imported")
    assert locate(DINOV3, COMMIT).path == path
    assert locate(DINOV3, "main").path == path
    assert locate(DINOV3, OTHER) is None
    assert locate(DINOV3, "v2") is None
    assert locate(DINOV3).path == target(DINOV3)


def test_a_snapshot_without_a_name_will_do_when_none_is_asked_for():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights", commit=OTHER, ref=None)
    assert locate(DINOV3) == Located(path, OTHER, "hub")
    main = in_hub_cache(hub_cache(), DINOV3, b"newer", commit=COMMIT)
    assert [each.path for each in places(DINOV3)] == [main, path]


def test_a_link_to_nothing_and_a_folder_are_no_weights():
    path = in_hub_cache(hub_cache(), DINOV3, b"weights")
    (path.parent / path.readlink()).resolve().unlink()
    assert locate(DINOV3) is None
    target(DINOV2).mkdir(parents=True)
    assert locate(DINOV2) is None


@pytest.mark.parametrize("content", ["../../../evil", "x" * 40, "", COMMIT.upper(), "\xff"])
def test_a_reference_that_is_no_commit_leads_nowhere(content):
    in_hub_cache(hub_cache(), DINOV3, b"weights", ref=None)
    refs = hub_cache() / f"models--{DINOV3.repo.replace('/', '--')}" / "refs"
    (refs / "main").write_bytes(content.encode("latin-1"))
    assert locate(DINOV3).revision == COMMIT
    assert locate(DINOV3, "main") is None


@pytest.mark.parametrize("revision", ["../../../../x", "/etc/hostname"])
def test_a_revision_cannot_lead_out_of_the_cache(revision):
    in_hub_cache(hub_cache(), DINOV3, b"weights")
    assert locate(DINOV3, revision) is None


def test_imported_files_come_first_whichever_their_kind(own_cache):
    in_hub_cache(hub_cache(), DINOV3, b"weights")
    folder = own_cache / "weights" / "dinov3" / "vits16"
    folder.mkdir(parents=True)
    (folder / "model.pth").write_bytes(b"official")
    assert locate(DINOV3) == Located(folder / "model.pth", "", "imported")
    assert target(DINOV3) == folder / "model.safetensors"


@pytest.mark.parametrize("place", ["models/u2net/u2net.onnx", "u2net.onnx"])
def test_both_places_of_rembg_are_looked_into(place, monkeypatch, tmp_path):
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"onnx")
    assert locate(U2NET) == Located(path, "", "rembg")


def test_an_older_place_is_looked_into_beside_the_newer(bare, tmp_path):
    bare.setenv("REMBG_HOME", str(tmp_path / "new"))
    old = Path.home() / ".u2net" / "u2net.onnx"
    old.parent.mkdir()
    old.write_bytes(b"onnx")
    assert locate(U2NET).path == old
    assert target(U2NET) == tmp_path / "new" / "models" / "u2net" / "u2net.onnx"


def test_looking_imports_nothing_heavy():
    code = (
        "import sys; from dinosar import weights; [weights.locate(m) for m in weights.models()]; print(*(n for n in "
        "('torch', 'huggingface_hub', 'numpy', 'rembg', 'filelock', 'rich', 'pydantic', 'ssl') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
