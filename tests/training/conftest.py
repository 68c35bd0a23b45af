"""What tests of training share: where other tests' tools lie, and photographs."""

import sys
from pathlib import Path

import pytest

for _folder in ("datasets", "."):  # trees.py draws collections, command_line.py runs commands
    sys.path.append(str((Path(__file__).parent.parent / _folder).resolve()))


@pytest.fixture
def photographs(tmp_path):
    """A folder of five photographs of blobs, each in its own colours."""
    from small_training import draw

    return draw(tmp_path / "photos")
