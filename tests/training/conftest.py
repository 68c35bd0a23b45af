"""What tests of training share: small blocks, a landing by brute force, photographs."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

for _folder in ("datasets", "."):  # trees.py draws collections, command_line.py runs commands
    sys.path.append(str((Path(__file__).parent.parent / _folder).resolve()))


@pytest.fixture
def photographs(tmp_path):
    """A folder of five photographs of blobs, each in its own colours."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 256, (14, 18, 3), dtype=np.uint8)
        picture = cv2.resize(noise, (360, 280), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / f"photo {number}.png"), picture)
    return folder
