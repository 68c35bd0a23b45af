"""The package as it is installed: what pyproject.toml declares is what is there, in a clone, with conda, in a wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution

import pytest
from command_line import ROOT, environment, make_photos, outside

import dinosar
from dinosar.yaml_files import read_yaml

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
USERS = ("pose", "colmap", "faiss", "cluster", "hdf5", "accelerate", "heif", "tiff")
CONDA = {"matplotlib-base": "matplotlib"}
PRESETS = sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))


def parted(requirement):
    """(name, versions) of a requirement; both spellings of a name count as one."""
    name, versions = re.fullmatch(r"([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)\s*(.*)", requirement).groups()
    return CONDA.get(name, name).lower().replace("_", "-"), versions


def in_environment_yml():
    """Every requirement that conda and pip are told of there, and the pip section's own extra words."""
    listed = read_yaml(ROOT / "environment.yml").value["dependencies"]
    (by_pip,) = (each["pip"] for each in listed if isinstance(each, dict))
    return [each for each in listed if isinstance(each, str)], by_pip


@pytest.mark.parametrize("group", PROJECT["entry-points"])
def test_the_installed_entry_points_are_those_declared(group):
    installed = {entry.name: entry.value for entry in distribution("dinosar").entry_points.select(group=group)}
    assert installed == PROJECT["entry-points"][group], "run: python -m pip install -e . again"


def test_the_installed_command_is_the_one_declared():
    (script,) = distribution("dinosar").entry_points.select(group="console_scripts")
    assert {script.name: script.value} == PROJECT["scripts"], "run: python -m pip install -e . again"
    assert callable(script.load())


def test_nobody_is_declared_who_is_not_there():
    for names in PROJECT["entry-points"].values():
        for target in names.values():
            module, _, name = target.partition(":")
            assert hasattr(__import__(module, fromlist=[name]), name)


def test_environment_yml_names_what_pyproject_needs_with_the_same_bounds_and_nothing_else():
    conda, by_pip = in_environment_yml()
    listed = [parted(each) for each in (*conda, *by_pip) if not re.match(r"python>|pip$|-e ", each)]
    needed = [*PROJECT["dependencies"], *(each for name in USERS for each in EXTRAS[name])]
    needed += [each for each in EXTRAS["test"] if not each.startswith("dinosar[")]
    assert sorted(listed) == sorted(map(parted, needed))


def test_environment_yml_asks_for_the_same_python_and_for_the_clone_itself():
    conda, by_pip = in_environment_yml()
    assert f"python{PROJECT['requires-python']}" in conda
    assert "pip" in conda
    assert "-e ." in by_pip


def test_every_requirement_has_a_lower_bound():
    given = [*PROJECT["dependencies"], *(each for name in (*USERS, "test") for each in EXTRAS[name])]
    assert [each for each in given if ">=" not in each and not each.startswith("dinosar[")] == []


def test_the_extras_are_those_promised_and_test_includes_them_all():
    assert set(EXTRAS) == {*USERS, "test", "dev"}
    (own,) = [each for each in EXTRAS["test"] if each.startswith("dinosar[")]
    assert set(own.removeprefix("dinosar[").removesuffix("]").split(",")) == set(USERS)
    assert {parted(each)[0] for each in EXTRAS["test"]} >= {"pytest", "hypothesis", "hatchling"}


def test_one_version_everywhere():
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", log, re.MULTILINE)[1] == dinosar.__version__
    assert read_yaml(ROOT / "CITATION.cff").value["version"] == dinosar.__version__
    assert distribution("dinosar").version == dinosar.__version__, "run: python -m pip install -e . again"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built here."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, env=environment(folder), check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """The wheel in a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
    return folder


def test_a_wheel_holds_code_presets_weights_and_the_mark_of_types(unpacked):
    inside = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    cloned = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dinosar").rglob("*.py")}
    assert cloned <= inside
    assert {f"dinosar/configs/{name}.yaml" for name in PRESETS} <= inside
    assert "dinosar/py.typed" in inside
    assert any(re.fullmatch(r"dinosar/backbones/classic/.*\.npz", name) for name in inside)
    assert any(name.endswith("LICENSE") for name in inside)
    assert all(name.startswith(("dinosar/", f"dinosar-{dinosar.__version__}.dist-info/")) for name in inside)


def test_a_wheel_runs_on_its_own_with_its_presets(unpacked, tmp_path):
    prelude = f"import sys; sys.path.insert(0, {str(unpacked)!r})\nimport dinosar; print(dinosar.__file__)"
    photos = make_photos(tmp_path)
    words = ("compare", *photos, "--config", "offline", "--no-figures", "--out", "X")
    answer = outside(*words, cwd=tmp_path, home=tmp_path, prelude=prelude)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(str(unpacked))
    record = read_yaml(tmp_path / "X" / "run.yaml").value
    assert record["backbone"]["use"] == "classic"
    answer = outside("compare", "a", "b", "--config", "none", cwd=tmp_path, home=tmp_path, prelude=prelude)
    assert answer.code == 2
    assert all(name in answer.err for name in PRESETS)
