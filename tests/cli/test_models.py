"""`dinosar models`: what there is, what is here, getting it here, and whether it is still what it was."""

import json
import os
from pathlib import Path

import pytest
from command_line import outside
from fake_hub import COMMIT, DINOV3, Server, in_hub_cache, serving, tensors

from dinosar import weights

FINE = b"weights"
"""What the fake hub gives; nobody reads it as tensors."""


@pytest.fixture
def web():
    with serving(Server()) as server:
        server.offer(DINOV3, FINE)
        yield server


@pytest.fixture
def online(run, web):
    """Runs the command line where the fake hub is the hub."""
    return lambda *words, **more: run(*words, HF_ENDPOINT=web.url, HF_HUB_OFFLINE="0", HF_HUB_DISABLE_XET="1", **more)


def in_cache(model, data):
    return in_hub_cache(Path(os.environ["HF_HUB_CACHE"]), model, data)


def test_the_list_names_every_model_and_whether_it_is_here(here):
    before = here("models", "list").out.splitlines()
    in_cache(DINOV3, FINE)
    after = here("models", "list").out.splitlines()
    assert before[0].split() == ["name", "for", "size", "here", "id", "licence"]
    assert {line.split()[0] for line in before[1:]} == {model.name for model in weights.models()}
    (changed,) = [line for line in after if line not in before]
    assert changed.split()[:6] == ["vits16", "dinov3", "about", "86", "MB", "yes"]
    assert "about" in changed
    assert "DINOv3 License" in changed


def test_as_json_everything_is_told(here):
    in_cache(DINOV3, FINE)
    told = {model["name"]: model for model in json.loads(here("models", "list", "--json").out)["models"]}
    assert set(told) == {model.name for model in weights.models()}
    assert told["vits16"]["revision"] == COMMIT
    assert told["vits16"]["url"] == DINOV3.url
    assert (told["u2net"]["path"], told["u2net"]["md5"]) == (None, "60024c5c889badc19c04ad937298a77b")
    assert Path(told["u2net"]["target"]).name == "u2net.onnx"


def test_one_model_is_shown_whole(here):
    page = here("models", "show", "vits16").out
    for word in (DINOV3.id, DINOV3.url, DINOV3.licence, "about 86 MB", str(weights.target(DINOV3))):
        assert word in page
    assert json.loads(here("models", "show", "vits16", "--json").out)["id"] == DINOV3.id


def test_listing_imports_nothing_heavy(run):
    prelude = "import atexit, sys\nheavy = ('torch', 'numpy', 'pydantic', 'huggingface_hub', 'yaml', 'rich')\n"
    prelude += "atexit.register(lambda: sys.stderr.write(' '.join(n for n in heavy if n in sys.modules)))"
    answer = run("models", "list", prelude=prelude)
    assert answer.code == 0
    assert answer.err in ("", "pydantic"), "typer may bring it to look at flags"


def test_fetching_puts_a_model_where_everybody_finds_it(online):
    answer = online("models", "fetch", "vits16")
    assert answer.code == 0
    assert COMMIT in answer.out
    path = Path(answer.out.split("  ")[1])
    assert path.read_bytes() == FINE
    assert "licence: DINOv3 License" in answer.err
    assert online("models", "verify").out.startswith("vits16  agrees with the hub, the first sight of it  ")


def test_fetching_what_no_hub_gives_is_exit_5_with_one_line(online, web):
    web.status = 404
    answer = online("-q", "models", "fetch", "vits16")
    assert answer.code == 5
    assert f"{web.url}/{DINOV3.repo}/resolve/main/model.safetensors" in answer.complaint


def test_fetching_offline_is_exit_5_and_quick(here):
    answer = here("-q", "models", "fetch", "vitb16")
    assert (answer.code, answer.out) == (5, "")
    assert "HF_HUB_OFFLINE" in answer.complaint


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [(["fetch", "vits61"], 2, "did you mean 'vits16'"), (["show", "zebra"], 2, "known: "),
     (["fetch", "u2net", "--revision", "v1"], 2, "those of rembg have none"),
     (["verify", "vits16"], 5, "nothing to verify"), (["import", "none.pth"], 5, "cannot be read"),
     (["import", "none.pth", "--as", "vits61"], 2, "did you mean"), (["fetch"], 2, "missing argument")],
    ids=str,
)  # fmt: skip
def test_mistakes_are_one_line(words, code, says, here):
    answer = here("-q", "models", *words)
    assert (answer.code, answer.out) == (code, "")
    assert says in answer.complaint


def test_a_file_can_be_brought_and_is_then_here(here, desk):
    (desk / "own.safetensors").write_bytes(tensors({"x": [2]}))
    answer = here("models", "import", "own.safetensors", "--as", "vit_tiny_patch16_224.augreg_in21k")
    assert answer.code == 0
    assert "copied to" in answer.out
    again = here("models", "import", "own.safetensors", "--as", "vit_tiny_patch16_224.augreg_in21k")
    assert "is there already" in again.out
    (desk / "own.safetensors").write_bytes(tensors({"x": [3]}))
    words = ("models", "import", "own.safetensors", "--as", "vit_tiny_patch16_224.augreg_in21k")
    assert here(*words).code == 3
    assert here(*words, "--overwrite").code == 0


def test_junk_is_not_brought(here, desk):
    (desk / "x.pth").write_bytes(b"<!DOCTYPE html>")
    answer = here("models", "import", "x.pth")
    assert answer.code == 5
    assert "a web page" in answer.complaint


def test_verifying_tells_first_sight_from_agreement_and_from_damage(here):
    path = in_cache(DINOV3, FINE)
    assert here("models", "verify").out.startswith("vits16  agrees with the hub  ")
    path.resolve().write_bytes(b"damaged")
    answer = here("models", "verify", "vits16")
    assert answer.code == 5
    assert answer.out.startswith("vits16  DIFFERS: ")
    assert "1 of the files" in answer.complaint


def test_a_file_seen_for_the_first_time_is_said_to_be(here):
    path = weights.target(DINOV3)
    path.parent.mkdir(parents=True)
    path.write_bytes(FINE)
    assert here("models", "verify").out.startswith("vits16  first seen now  ")
    assert here("models", "verify").out.startswith("vits16  agrees with the first sight of it  ")


def test_nothing_here_is_nothing_to_verify(here):
    answer = here("models", "verify")
    assert (answer.code, answer.out) == (0, "no model is here\n")


def test_auto_says_how_to_get_dino(photos, desk, tmp_path):
    answer = outside("compare", *photos, "--no-figures", "--size", "96", cwd=desk, home=tmp_path)
    assert answer.code == 0
    assert "dinosar models fetch vits16" in answer.err
    assert "masker 'auto' became 'grabcut'" in answer.err


def test_requiring_dino_offline_is_exit_5_before_anything_is_written(photos, desk, tmp_path):
    answer = outside("compare", *photos, "--set", "require_dino=true", cwd=desk, home=tmp_path)
    assert answer.code == 5
    for word in ("vits16", DINOV3.url, "dinosar models fetch vits16"):
        assert word in answer.complaint
    assert list(desk.iterdir()) == []
