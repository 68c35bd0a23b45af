"""The conformance kit passes what keeps the contract, and names the clause of what does not."""

import numpy as np
import pytest

from dinosar.testing import Clause, check, toy_photo, toy_specimen

ENCODE = """
patch = 8
def encode(self, image):
    rows, columns = image.shape[0] // 8, image.shape[1] // 8
    cells = image.reshape(rows, 8, columns, 8, 3).astype(np.float32)
    return dinosar.Encoding(cells.mean((1, 3)) + 1)
"""
MASK = """
def mask(self, photo, features):
    return photo.pixels.mean(axis=2) < 200
"""
MATCH = """
def match(self, a, b):
    best = (a.tokens @ b.tokens.T).argmax(axis=1)
    distance = 0.5 * ((a.tokens.astype(np.float64) - b.tokens[best]) ** 2).sum(axis=1)
    return dinosar.Matches(a.indices, b.indices[best], distance)
"""
GOOD = {"backbone": ("Backbone", ENCODE), "masker": ("Masker", MASK), "matcher": ("Matcher", MATCH)}


def broken(clauses):
    return [clause.promise for clause in clauses if not clause.holds]


@pytest.mark.parametrize("kind", GOOD)
def test_a_part_that_keeps_the_contract_passes_every_clause(kind, stranger):
    clauses = check(kind, stranger.part(*GOOD[kind]))
    assert broken(clauses) == []
    assert len(clauses) >= 7
    assert len({str(clause) for clause in clauses}) == len(clauses)


@pytest.mark.parametrize(
    ("kind", "name", "options"),
    [
        ("backbone", "classic", {}),
        ("masker", "whole", {}),
        ("masker", "threshold", {"polarity": "darker"}),
        ("masker", "grabcut", {}),
        ("masker", "file", {}),
        ("matcher", "similarity", {"block": 7}),
    ],
)
def test_built_in_parts_pass(kind, name, options):
    assert broken(check(kind, name, **options)) == []


EVERYWHERE = {
    "it loads": ["raise RuntimeError('no licence')", "import sys; sys.exit(1)", "class Options: pass"],
    "every option has a description": ["class Options(dinosar.Options):\n    a: int = 1\n    b: int = Field(2)"],
    "it can be made with its default options": [
        "class Options(dinosar.Options):\n    a: int = Field(5, le=4, description='Never right.')",
        "def __init__(self, options=None): raise RuntimeError('no licence')",
        "def __init__(self, options=None): import no_such_library_at_all",
        "def __init__(self): super().__init__()",
    ],
    "its facts are words by name": [
        "def facts(self): return {'layers': 12}",
        "def facts(self): return ['a', 'b']",
        "def facts(self): return {1: 'a'}",
        "def facts(self): return None",
        "def facts(self): raise KeyError('weights')",
    ],
}


@pytest.mark.parametrize(("promise", "body"), [(each, body) for each, bodies in EVERYWHERE.items() for body in bodies])
@pytest.mark.parametrize("kind", GOOD)
def test_a_promise_of_every_part_that_is_broken_is_named(kind, promise, body, stranger):
    slot, good = GOOD[kind]
    clauses = check(kind, stranger.part(slot, f"{good}\n{body}"))
    assert broken(clauses) == [promise]
    assert all(clause.why for clause in clauses if not clause.holds)


@pytest.mark.parametrize("docstring", ["", '"""Masks."""', f'"""{"long " * 30}"""', '"""\n\n"""'])
def test_a_docstring_that_says_too_little_or_too_much_is_named(docstring, stranger):
    method = "def mask(self, photo, features): return photo.pixels[..., 0] < 9"
    module = stranger.module(f"import dinosar\n\nclass Part(dinosar.Masker):\n    {docstring}\n    {method}")
    assert broken(check("masker", f"{module}:Part")) == ["its docstring says in one line what it does"]


SHAPE = "tokens lie on the rectangle of patches"
SAME = "the same image gives the same tokens"
LEAVES = "it leaves the image as it was"
FLAT = "a flat image gives finite tokens"
OTHER = "another image gives other tokens"
PATCH = "its patch is a number of pixels"
BACKBONES = {
    "no-patch": ("del patch", PATCH),
    "patch-of-none": ("patch = 0", PATCH),
    "patch-a-word": ("patch = '8'", PATCH),
    "patch-a-fraction": ("patch = 8.0", PATCH),
    "patch-fails": ("@property\ndef patch(self): raise RuntimeError('no weights')", PATCH),
    "square": (
        "def encode(self, image): return dinosar.Encoding(image[:40, :40, 0].reshape(5, 8, 5, 8).swapaxes(1, 2)"
        ".reshape(5, 5, 64).astype(np.float32))",
        SHAPE,
    ),
    "turned": (
        "good = encode\ndef encode(self, image): return dinosar.Encoding(self.good(image).tokens.swapaxes(0, 1))",
        SHAPE,
    ),
    "an-array": ("good = encode\ndef encode(self, image): return self.good(image).tokens", SHAPE),
    "nothing": ("def encode(self, image): return None", SHAPE),
    "raises": ("def encode(self, image): raise RuntimeError('out of memory')", SHAPE),
    "raises-its-own": ("class Odd(Exception): pass\ndef encode(self, image): raise self.Odd('no')", SHAPE),
    "asserts": ("def encode(self, image): assert False, 'never'", SHAPE),
    "not-finite": (
        "good = encode\ndef encode(self, image): return dinosar.Encoding(self.good(image).tokens * np.nan)",
        SHAPE,
    ),
    "chance": (
        "good = encode\ndef encode(self, image): return dinosar.Encoding(self.good(image).tokens + np.random.random())",
        SAME,
    ),
    "counts": (
        "good, calls = encode, 0\ndef encode(self, image):\n    self.calls += 1\n"
        "    return dinosar.Encoding(self.good(image).tokens + self.calls)",
        SAME,
    ),
    "divides": (
        "good = encode\ndef encode(self, image):\n    with np.errstate(all='ignore'):\n"
        "        return dinosar.Encoding(self.good(image).tokens / np.float32(np.ptp(image)))",
        FLAT,
    ),
    "blind": (
        "def encode(self, image): return dinosar.Encoding(np.ones((image.shape[0] // 8, image.shape[1] // 8, 3)))",
        OTHER,
    ),
}  # fmt: skip
MASK_SHAPE = "its mask is a bool array of the photo's size"
MASK_SAME = "the same photo gives the same mask"
BLACK = "a black photo gives a mask, full or empty"
MASKERS = {
    "bytes": ("def mask(self, photo, features): return photo.pixels[..., 0]", MASK_SHAPE),
    "turned": ("def mask(self, photo, features): return photo.pixels[..., 0].T > 9", MASK_SHAPE),
    "three-planes": ("def mask(self, photo, features): return photo.pixels > 9", MASK_SHAPE),
    "small": ("def mask(self, photo, features): return photo.pixels[::2, ::2, 0] > 9", MASK_SHAPE),
    "a-list": ("def mask(self, photo, features): return (photo.pixels[..., 0] > 9).tolist()", MASK_SHAPE),
    "nothing": ("def mask(self, photo, features): return None", MASK_SHAPE),
    "writes": (
        "def mask(self, photo, features):\n    photo.pixels[:] = 0\n    return photo.pixels[..., 0] > 9",
        MASK_SHAPE,
    ),
    "raises-its-own": ("class Odd(Exception): pass\ndef mask(self, photo, features): raise self.Odd('no')", MASK_SHAPE),
    "chance": ("def mask(self, photo, features): return np.random.random(photo.pixels.shape[:2]) < 0.5", MASK_SAME),
    "needs-light": (
        "def mask(self, photo, features):\n    if not photo.pixels.any(): raise ValueError('too dark')\n"
        "    return photo.pixels[..., 0] > 9",
        BLACK,
    ),
}
COUNTED = "it names only patches that count as specimen"
ITSELF = "a specimen matched with itself is at distance 0"
AGAIN = "the same specimens give the same matches"
MATCHERS = {
    "positions": ("return dinosar.Matches(np.arange(len(distance)), best, distance)", COUNTED),
    "outside": ("return dinosar.Matches(a.indices, b.indices[best] + 1000, distance)", COUNTED),
    "from-the-end": (
        "return dinosar.Matches(a.indices - a.patches.size, b.indices[best] - b.patches.size, distance)",
        COUNTED,
    ),
    "none-at-all": ("return dinosar.Matches(a.indices[:0], b.indices[best][:0], distance[:0])", COUNTED),
    "a-tuple": ("return a.indices, b.indices[best], distance", COUNTED),
    "nothing": ("return None", COUNTED),
    "raises-its-own": ("class Odd(Exception): pass\n    raise Odd('no')", COUNTED),
    "cosine": ("return dinosar.Matches(a.indices, b.indices[best], distance + 1e-7)", ITSELF),
    "not-itself": ("return dinosar.Matches(a.indices[1:], b.indices[best][:-1], np.ones(len(best) - 1))", ITSELF),
    "chance": (
        "keep = np.random.random(len(best)) < 0.5\n"
        "    return dinosar.Matches(a.indices[keep], b.indices[best][keep], distance[keep])",
        AGAIN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BACKBONES)
def test_a_backbone_that_breaks_a_promise_is_told_which(case, stranger):
    body, promise = BACKBONES[case]
    assert promise in broken(check("backbone", stranger.part("Backbone", f"{ENCODE}\n{body}")))


@pytest.mark.parametrize("change", ["image[:4] = 0", "image //= 2", "image.sort(axis=0)"])
def test_a_backbone_that_writes_into_its_image_breaks_that_promise_and_no_other(change, stranger):
    body = f"good = encode\ndef encode(self, image):\n    word = self.good(image)\n    {change}\n    return word"
    assert broken(check("backbone", stranger.part("Backbone", f"{ENCODE}\n{body}"))) == [LEAVES]


@pytest.mark.parametrize("case", MASKERS)
def test_a_masker_that_breaks_a_promise_is_told_which(case, stranger):
    body, promise = MASKERS[case]
    assert promise in broken(check("masker", stranger.part("Masker", body)))


@pytest.mark.parametrize("case", MATCHERS)
def test_a_matcher_that_breaks_a_promise_is_told_which(case, stranger):
    ending, promise = MATCHERS[case]
    body = MATCH.replace("return dinosar.Matches(a.indices, b.indices[best], distance)", ending)
    assert promise in broken(check("matcher", stranger.part("Matcher", body)))


def test_a_masker_that_looks_at_tokens_is_given_them(stranger):
    body = """
    needs_features = True
    def mask(self, photo, features):
        return photo.pixels[..., 0] < 99 + features.tokens.max()
    """
    assert broken(check("masker", stranger.part("Masker", body))) == []


REQUIRED = "class Options(dinosar.Options):\n    level: int = Field(description='How dark is dark.')\n"


def test_an_option_that_must_be_given_is_asked_for_not_guessed(stranger):
    target = stranger.part(
        "Masker", f"{REQUIRED}\ndef mask(self, photo, features): return photo.pixels[..., 0] < self.options.level"
    )
    clauses = check("masker", target)
    assert broken(clauses) == []
    assert "level (not tried)" in clauses[-1].promise
    assert MASK_SHAPE in [clause.promise for clause in check("masker", target, level=9)]


@pytest.mark.parametrize("options", [{"level": "dark"}, {"levl": 5, "level": 5}])
def test_options_that_do_not_fit_are_told_not_raised(options, stranger):
    clauses = check("masker", stranger.part("Masker", REQUIRED + MASK), **options)
    assert len(broken(clauses)) == 1


@pytest.mark.parametrize("name", ["no-such-part", "no_such_module_at_all:Part", "pathlib:Path"])
def test_what_does_not_load_is_one_broken_clause(name):
    (clause,) = check("masker", name)
    assert (clause.promise, clause.holds) == ("it loads", False)
    assert clause.why


def test_a_clause_is_called_by_its_promise():
    assert str(Clause("it loads", True)) == "it loads"


def test_toys_are_the_same_every_time_and_rectangular():
    one, other = toy_specimen(3), toy_specimen(3)
    assert np.array_equal(one.tokens, other.tokens)
    assert np.array_equal(toy_photo(3).pixels, one.photo.pixels)
    assert not np.array_equal(toy_photo(4).pixels, one.photo.pixels)
    assert one.features.grid.rows != one.features.grid.columns
    assert 0 < one.patches.sum() < one.patches.size
    assert np.allclose(np.linalg.norm(one.tokens, axis=1), 1, atol=1e-6)
