"""Imports go one way, files fit in one reading, and built-in parts sit at the guests' table."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dinosar"
LAYERS = [
    {"errors", "notices", "timing", "progress", "yaml_files", "regular_files"},
    {"arrays", "publishing", "grid", "cache", "registry", "shape"},
    {"principal", "foreground"},
    {"weights", "hardware", "journal", "landmarks"},
    {"data", "cameras"},
    {"contracts"},
    {"images"},
    {"config"},
    {"automatic", "parts", "presets", "settings", "store", "folders"},
    {"features", "masks", "matches", "scores", "components", "alignment", "poses"},
    {"specimens"},
    {"homology"},
    {"comparison"},
    {"transfer", "evaluation", "frames"},
    {"spair", "sparse", "datasets"},
    {"retrieval"},
    {"training", "verification"},
    {"render"},
    {"homology_tables", "match_tables", "tables", "record"},
    {"jobs"},
    {"frames_job"},
    {"evaluation_job"},
    {"compare_job", "features_job", "transfer_job", "mismatch_job", "distance_job"},
    {"match_job", "spair_job", "pairs_job"},
    {"dump_job", "ranking_job", "verify_job", "localize_job", "train_job", "overlap_truth_job"},
    {"retrieval_pictures"},
    {"query_job", "register_job"},
    {"rerun", "testing", "plugin_pages", "plugin_skeleton", "doctor"},
    {"cli"},
]
PARTS = ("backbones", "maskers", "matchers")
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def place(path):
    """The first name below the package: a module, or the folder that holds it."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    """Modules of the package that a file imports when it is imported itself, not inside functions or type checks."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("dinosar"):
            names = [node.module] if node.module != "dinosar" else [f"dinosar.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names if "." in name}
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("dinosar.")}
    return found


@pytest.mark.parametrize(
    "path",
    [file for file in FILES if place(file) not in ("__init__", "__main__", *PARTS)],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_imports_go_one_way(path):
    own = place(path)
    assert own in LEVEL, f"{own} has no place in docs/architecture.md; give it one"
    above = {name for name in imported(path) if name in LEVEL and LEVEL[name] > LEVEL[own]}
    assert not above, f"{path.name} imports {above}, which stand below it"


@pytest.mark.parametrize(
    "path", [file for file in FILES if place(file) in PARTS], ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_built_in_parts_import_what_a_stranger_may(path):
    from dinosar import __all__ as public

    modules = {"errors", "foreground", "hardware", "notices", "weights"}  # those that are public: docs/plugins.md
    allowed = {*PARTS, *public, *modules}
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_fits_in_one_reading(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_story_fits_on_a_page():
    assert len((PACKAGE / "comparison.py").read_text(encoding="utf-8").splitlines()) < 80


def test_the_architecture_page_shows_the_same_order():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for names in LAYERS:
        assert any(names <= set(line.replace("(and what it is made of)", "").replace(" ", "").split(","))
                   for line in page.splitlines())  # fmt: skip
