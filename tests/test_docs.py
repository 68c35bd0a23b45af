"""What the pages say can be typed can be typed, and what they name is there."""

import contextlib
import io
import re
import shlex
import tomllib

import pytest
import typer
from command_line import ROOT, inside

from dinosar import errors
from dinosar.cli import LISTS, USAGE_ERROR, app
from dinosar.cli.words import arranged

NAMES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in sorted(NAMES)}
README = PAGES["README.md"]
GROUP = typer.main.get_command(app)
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def code_lines(page):
    """Lines of a page's blocks of code."""
    indented = [line[4:] for line in FENCED.sub("", page).splitlines() if line.startswith("    ")]
    return indented + [line for block in FENCED.findall(page) for line in block.splitlines()]


def spans(page):
    """Words of a page set as code within a sentence."""
    return re.findall(r"`([^`\n]+)`", FENCED.sub("", page))


def typed(page):
    """Every command line of dinosar on a page."""
    lines = [part.strip() for line in code_lines(page) for part in line.split("&&")] + spans(page)
    lines = [line.removeprefix("python -m ") for line in lines]
    return sorted({re.split(r"\s{3,}|\s[|;]|then:", line)[0].strip() for line in lines if line.startswith("dinosar ")})


def parsed(words):
    """Let the command line take words apart; fails where it would complain. Returns the command."""
    command, context = GROUP, GROUP.make_context("dinosar", [], resilient_parsing=True)
    words = [word for word in words if word not in ("--help", "--debug", "-q", "--version")]
    words = arranged(words, LISTS)
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        inner = command.get_command(None, words[0])
        assert inner, f"no command {words[0]}"
        command, words = inner, words[1:]
    command.make_context(command.name, list(words), parent=context, resilient_parsing=not words)
    return command


def within(command):
    """The commands of a group by name; none of a command."""
    names = command.list_commands(None) if hasattr(command, "list_commands") else ()
    return {name: command.get_command(None, name) for name in names}


LINES = sorted({line for page in PAGES.values() for line in typed(page)})
SPANS = [span for page in PAGES.values() for span in spans(page) if span.startswith(("-", "dinosar"))]
OPTIONS = sorted({name for span in SPANS for name in re.findall(r"(?<!\S)--?[a-z][a-z0-9_-]*", span)})


def test_there_is_something_to_type():
    assert len(LINES) >= 10
    assert len(OPTIONS) >= 10


@pytest.mark.parametrize("line", LINES)
def test_what_a_page_says_to_type_is_understood(line):
    for each in alternatives(line):
        assert parsed(shlex.split(each)[1:])


def alternatives(line):
    """`dinosar plugins [show|check]` as its several lines."""
    start, bracket, rest = line.partition("[")
    return [start + word for word in ("", *rest.rstrip("]").split("|"))] if bracket else [line]


@pytest.mark.parametrize("line", ["dinosar compair A B", "dinosar compare A B --colour", "dinosar store x"])
def test_a_line_that_cannot_be_typed_would_be_found(line):
    with pytest.raises((AssertionError, USAGE_ERROR)):
        parsed(shlex.split(line)[1:])


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_a_page_names_is_one(option):
    def options(command):
        own = {name for each in command.params for name in each.opts}
        return own.union(*map(options, within(command).values()))

    foreign = {"--index-url", "-e", "-m", "-y", "-n", "-f", "--force-reinstall", "--no-deps", "--check"}
    assert option in options(GROUP) | foreign | {"--help"}


def leaves(command, words=()):
    for name, inner in within(command).items():
        yield from leaves(inner, (*words, name)) if hasattr(inner, "commands") else [(*words, name)]


@pytest.mark.parametrize("words", list(leaves(GROUP)), ids=" ".join)
def test_every_command_is_told_of_on_some_page(words):
    pages = "\n".join(page for name, page in PAGES.items() if name != "CHANGELOG.md")
    assert re.search(rf"dinosar {' '.join(words)}\b", pages) or (len(words) > 1 and f"`{words[-1]} " in pages)


LINKS = sorted({
    (name, target.partition("#")[0]) for name, page in PAGES.items()
    for target in re.findall(r"\]\(([^)\s]+)\)", page) if not re.match(r"[a-z]+:|#", target)
})  # fmt: skip


@pytest.mark.parametrize(("page", "target"), LINKS, ids=str)
def test_what_a_page_links_to_is_there(page, target):
    assert ((ROOT / page).parent / target).exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_heading_that_a_page_links_to_is_on_it(page):
    headings = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)", PAGES[page], re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGES[page])) <= headings


TOPS = {path.name for path in ROOT.iterdir() if path.is_dir()}
NAMED = sorted({
    span for page in PAGES.values() for span in (*spans(page), *re.findall(r"\S+", " ".join(code_lines(page))))
    if re.fullmatch(r"[\w./-]+", span) and span.partition("/")[0] in TOPS and "/" in span
})  # fmt: skip


@pytest.mark.parametrize("path", NAMED)
def test_a_file_that_a_page_names_is_there(path):
    assert (ROOT / path).exists()


SETUP = [line for line in code_lines(README) if "pip install" in line]


def test_the_readme_sets_up_in_one_line_to_a_result_and_in_one_to_the_tests():
    assert re.fullmatch(r"python -m pip install -e \. && dinosar compare \S+\.jpg \S+\.jpg( --\S+ \S+)*", SETUP[0])
    assert SETUP[1] == 'python -m pip install -e ".[test]" && python -m pytest'


@pytest.mark.parametrize("line", SETUP[:2], ids=["result", "tests"])
def test_the_lines_that_set_up_mean_the_same_in_every_shell(line):
    assert not set(line) & set("'$\\;`^%~*")


def test_continuous_integration_runs_the_lines_of_the_readme():
    flow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    assert SETUP[0].split(" && ")[1] in flow
    assert SETUP[1] in flow


def test_the_readme_names_every_exit_code():
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)} | {0, 130, 143}
    told = re.search(r"Exit codes: (.*?)\.\s", README, re.DOTALL)[1]
    assert {int(number) for number in re.findall(r"\b\d+\b", told)} == codes


def test_the_readme_names_every_part_that_comes_with_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for names in project["entry-points"].values():
        for name in names:
            assert f"`{name}`" in README
    for preset in set(re.findall(r"--config (\w+)", README)):
        assert (ROOT / "configs" / f"{preset}.yaml").is_file()


def test_the_page_about_installing_names_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all(f"`{extra}`" in PAGES["docs/install.md"] for extra in project["optional-dependencies"])


def shape(text):
    """Lines of an answer, every digit the same."""
    return [re.sub(r"\d", "0", line.strip()) for line in text.splitlines() if line.strip()]


def test_the_answer_that_the_readme_shows_has_the_shape_of_the_real_one(tmp_path, own_cache):
    block = README.split("\n    A fulgora", 1)[1].split("\n\nE", 1)[0]
    words = shlex.split(SETUP[0].split(" && dinosar ")[1])
    words = [str(ROOT / word) if word.endswith(".jpg") else word for word in words]
    answer = inside(*words, "--no-figures", "--backbone", "classic", cwd=tmp_path, cache=own_cache)
    assert answer.code == 0
    real = shape(answer.out)
    assert [line for line in shape("A fulgora" + block) if line not in real] == []


@pytest.mark.parametrize("number", range(2))
def test_the_python_of_the_page_about_frames_runs(monkeypatch, number):
    block = re.findall(r"^```python\n(.*?)^```", PAGES["docs/frames.md"], re.DOTALL | re.MULTILINE)[number]
    monkeypatch.chdir(ROOT)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(block, {})
    said = out.getvalue()
    assert ("uncalibrated" in said) if number == 0 else said.startswith("frame_000.png 0.0 0.0\nframe_001.png 0.0")


def test_the_python_of_the_readme_runs(monkeypatch):
    (block,) = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(ROOT)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(block, {})
    distance, of_random, homology, rows, columns = map(float, re.findall(r"[\d.]+", out.getvalue()))
    assert 0 < distance < of_random
    assert 0 < homology < 1
    assert min(rows, columns) > 10
