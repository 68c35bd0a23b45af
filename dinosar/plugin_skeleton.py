"""The package that `dinosar plugins new` writes: a part that works, its test, and the one line that makes it found."""

import re
from pathlib import Path

from dinosar.errors import ConflictError, UsageError, shown
from dinosar.publishing import make_folder, publish
from dinosar.registry import Kind, cards

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "dinosar-{name}"
version = "0.1.0"
description = "A {kind} for dinosar."
requires-python = ">=3.11"
dependencies = ["dinosar"]

# This is the line that makes it found: name = "module:Class".
[project.entry-points."dinosar.{kind}s"]
{name} = "dinosar_{module}:{cls}"

[tool.hatch.build.targets.wheel]
only-include = ["dinosar_{module}.py"]
"""

TEST = '''\
"""The contract of dinosar, clause by clause."""

import pytest
from dinosar.testing import check


@pytest.mark.parametrize("clause", check("{kind}", "dinosar_{module}:{cls}"), ids=str)
def test_contract(clause):
    assert clause.holds, clause.why
'''

MODULES = {
    "backbone": '''\
"""A backbone for dinosar: the mean colour of each patch."""

import dinosar
import numpy as np
from pydantic import Field


class {cls}(dinosar.Backbone):
    """Mean and spread of the colours in each patch."""

    class Options(dinosar.Options):
        """What can be set."""

        patch: int = Field(16, ge=4, le=64, description="Pixels per patch; as most vision transformers have it.")

    @property
    def patch(self):
        """Width of a patch in pixels."""
        return self.options.patch

    def encode(self, image):
        """One token for each patch of an RGB image whose sides are multiples of the patch."""
        rows, columns = image.shape[0] // self.patch, image.shape[1] // self.patch
        cells = image.reshape(rows, self.patch, columns, self.patch, 3).astype(np.float32) / 255
        return dinosar.Encoding(np.concatenate([cells.mean((1, 3)) - 0.5, cells.std((1, 3)) + 0.01], axis=-1))
''',
    "masker": '''\
"""A masker for dinosar: what is darker than the background."""

import dinosar
from pydantic import Field


class {cls}(dinosar.Masker):
    """Keeps pixels darker than a share of the photo's brightest."""

    class Options(dinosar.Options):
        """What can be set."""

        share: float = Field(0.8, gt=0, le=1, description="Of the brightest pixel; most lie on light ground.")

    def mask(self, photo, features):
        """A bool array of the photo's own size, true on the specimen."""
        light = photo.pixels.mean(axis=2)
        return light < self.options.share * light.max()
''',
    "matcher": '''\
"""A matcher for dinosar: every patch is answered by its nearest."""

import dinosar
import numpy as np
from pydantic import Field


class {cls}(dinosar.Matcher):
    """Nearest patch by cosine, kept when it is near enough."""

    class Options(dinosar.Options):
        """What can be set."""

        most: float = Field(2.0, gt=0, le=2, description="Matches farther apart than this are dropped; 2 keeps all.")

    def match(self, a, b):
        """Matches from the patches of `a` to those of `b`; tokens are unit vectors, indices flat on the grid."""
        best = (a.tokens @ b.tokens.T).argmax(axis=1)
        distance = 0.5 * ((a.tokens.astype(np.float64) - b.tokens[best]) ** 2).sum(axis=1)
        keep = distance <= self.options.most
        return dinosar.Matches(a.indices[keep], b.indices[best[keep]], distance[keep])
''',
}


def write_skeleton(name: str, kind: Kind, parent: Path) -> Path:
    """Write the package `dinosar-NAME` below `parent`; returns its folder."""
    if len(name) > 60 or not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
        raise UsageError(f"plugin name '{shown(name, 60)}': use lower-case words joined by hyphens, e.g. my-{kind}")
    for card in cards(kind):
        if card.name == name:
            raise UsageError(f"{card.title()} has that name already; choose another")
    folder = parent / f"dinosar-{name}"
    if folder.exists():
        raise ConflictError(f"'{shown(folder)}' is there already; choose another name or --out")
    module = name.replace("-", "_")
    words = {
        "name": name,
        "kind": kind,
        "module": module,
        "cls": "".join(word.title() for word in re.split("[-_]", name)),
    }
    make_folder(folder)
    files = {"pyproject.toml": PYPROJECT, f"dinosar_{module}.py": MODULES[kind], f"test_dinosar_{module}.py": TEST}
    for file, text in files.items():
        publish(folder / file, text.format(**words).encode())
    return folder
