"""Packages as strangers write them: installed by name alone, found, checked and used."""

import json
import re
import subprocess
import sys

import pytest
from command_line import ROOT, environment, make_photos, outside

from dinosar.plugin_skeleton import write_skeleton
from dinosar.registry import KINDS

PACKAGES = {"saturation": "masker", "pixels": "backbone"}
NEW = {f"fresh-{kind}": kind for kind in KINDS}
PARTS = PACKAGES | NEW


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The two packages of the repository and one fresh skeleton of each kind, installed where nothing else is."""
    fresh = [write_skeleton(name, kind, tmp_path_factory.mktemp("fresh")) for name, kind in NEW.items()]
    target = tmp_path_factory.mktemp("site")
    words = ["install", "--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check", "--quiet"]
    folders = [ROOT / "plugins" / f"dinosar-{name}" for name in PACKAGES] + fresh
    subprocess.run(
        [sys.executable, "-m", "pip", *words, "--target", str(target), *map(str, folders)],
        env=environment(target), check=True, capture_output=True,
    )  # fmt: skip
    return target


@pytest.fixture
def run(site, tmp_path):
    """The command line of somebody who has those packages."""
    return lambda *words: outside(*words, cwd=tmp_path, home=tmp_path, PYTHONPATH=str(site))


@pytest.mark.parametrize("name", PARTS)
def test_what_is_tested_here_is_what_was_installed_here(name, site):
    module = f"dinosar_{name.replace('-', '_')}"
    words = [sys.executable, "-c", f"import {module}; print({module}.__file__)"]
    done = subprocess.run(
        words, env=environment(site, PYTHONPATH=str(site)), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(site / f"{module}.py")


def test_installed_packages_are_listed_and_described(run):
    lines = run("plugins", "--long").out.splitlines()
    for name, kind in PARTS.items():
        (line,) = [line for line in lines if line.split()[:2] == [kind, name]]
        assert line.split()[2:4] == [f"dinosar-{name}", "0.1.0"]
        assert len(line.split()) > 6
        assert "BROKEN" not in line


@pytest.mark.parametrize("name", PARTS)
def test_an_installed_package_keeps_its_promises(name, run, site):
    answer = run("plugins", "check", name)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"{PARTS[name]} '{name}' from dinosar-{name} 0.1.0\n")
    assert "BROKEN" not in answer.out


def test_installed_packages_are_used_by_name_and_recorded(run, tmp_path):
    parts = ["--backbone", "pixels", "--masker", "saturation", "--matcher", "fresh-matcher"]
    more = ["--set", "masker.minimum=0.2", "--no-figures", "--size", "96", "--json", "--out", "X"]
    answer = run("compare", *make_photos(tmp_path), *parts, *more)
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(answer.out)
    assert [found[kind] for kind in KINDS] == ["pixels", "saturation", "fresh-matcher"]
    record = (tmp_path / "X" / "run.yaml").read_text(encoding="utf-8")
    assert all(f"package: dinosar-{name}" in record for name in ("pixels", "saturation", "fresh-matcher"))
    assert "minimum: 0.2" in record


def test_the_test_of_a_new_package_passes(site, tmp_path):
    (test,) = write_skeleton("fresh-masker", "masker", tmp_path).glob("test_*.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)], cwd=tmp_path, text=True,
        env=environment(tmp_path, PYTHONPATH=str(site)), capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_the_example_masker_is_short_and_the_page_shows_it_to_the_letter():
    source = (ROOT / "plugins" / "dinosar-saturation" / "dinosar_saturation.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 30
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    code = source.split('"""\n\n', 1)[1].strip()
    assert f"```python\n{code}\n```" in page


def test_the_page_shows_the_line_that_makes_it_found_and_the_test_of_a_skeleton(tmp_path):
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    project = (ROOT / "plugins" / "dinosar-saturation" / "pyproject.toml").read_text(encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        assert block in project
    (test,) = write_skeleton("my-masker", "masker", tmp_path).glob("test_*.py")
    assert test.read_text().split('"""\n\n', 1)[1].strip() in page


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_imports_nothing_of_dinosar_but_its_public_names(name):
    source = (ROOT / "plugins" / f"dinosar-{name}" / f"dinosar_{name}.py").read_text(encoding="utf-8")
    assert "import dinosar\n" in source
    assert not re.search(r"from dinosar|import dinosar\.", source)
