"""What `plugins new` writes is a package that works."""

import tomllib

import pytest

from dinosar.errors import ConflictError, DinosarError, UsageError
from dinosar.plugin_skeleton import write_skeleton
from dinosar.registry import KINDS
from dinosar.testing import check


@pytest.mark.parametrize("kind", KINDS)
def test_the_part_passes_the_kit_as_it_is(kind, tmp_path, monkeypatch):
    folder = write_skeleton(f"fresh-{kind}", kind, tmp_path / "not" / "yet")
    assert folder == tmp_path / "not" / "yet" / f"dinosar-fresh-{kind}"
    monkeypatch.syspath_prepend(str(folder))
    clauses = check(kind, f"dinosar_fresh_{kind}:Fresh{kind.title()}")
    assert [clause for clause in clauses if not clause.holds] == []
    assert len(clauses) >= 7


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_says_how_its_part_is_found_and_its_test_names_it(kind, tmp_path):
    folder = write_skeleton("my-2nd_part", kind, tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == [
        "dinosar_my_2nd_part.py", "pyproject.toml", "test_dinosar_my_2nd_part.py",
    ]  # fmt: skip
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["name"] == "dinosar-my-2nd_part"
    assert project["project"]["entry-points"] == {f"dinosar.{kind}s": {"my-2nd_part": "dinosar_my_2nd_part:My2NdPart"}}
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] == ["dinosar_my_2nd_part.py"]
    assert "class My2NdPart(dinosar." in (folder / "dinosar_my_2nd_part.py").read_text()
    test = (folder / "test_dinosar_my_2nd_part.py").read_text()
    assert f'check("{kind}", "dinosar_my_2nd_part:My2NdPart")' in test


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["x", "wings-of-beetles"])
def test_the_files_are_python_without_a_line_too_long(kind, name, tmp_path):
    for file in write_skeleton(name, kind, tmp_path).glob("*.py"):
        text = file.read_text()
        compile(text, file.name, "exec")
        assert "{" not in text
        assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize(
    "name",
    ["", "My-Part", "2nd", "-x", "x-", "a--b", "a b", "../x", "a/b", "ünï", "x\n", "a.b", "class!", "a:b", "_x"],
)
def test_a_name_that_cannot_be_a_package_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match="use lower-case words joined by hyphens, e.g. my-masker"):
        write_skeleton(name, "masker", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "dinosar-mine").mkdir()
    with pytest.raises(ConflictError, match="dinosar-mine' is there already; choose another name or --out"):
        write_skeleton("mine", "masker", tmp_path)
    assert not list((tmp_path / "dinosar-mine").iterdir())


def test_a_name_too_long_for_the_disk_is_an_error_of_ours(tmp_path):
    with pytest.raises(DinosarError):
        write_skeleton("x" * 300, "masker", tmp_path)
