"""A room that is photographed once for all tests of verification."""

import sys
from pathlib import Path

import pytest
from job_of_verify import PAIRS

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))  # toy_data is no part of the package that is installed

from toy_data.planes import draw_planes, write  # noqa: E402

SEED, VIEWS, SIZE = 3, 7, (400, 300)


@pytest.fixture(scope="session")
def views():
    """Photographs with depths, cameras and poses."""
    return [draw_planes(SEED, number, SIZE) for number in range(VIEWS)]


@pytest.fixture(scope="session")
def drawn_room(tmp_path_factory):
    """The same as a folder; nobody writes into it."""
    folder = tmp_path_factory.mktemp("drawn") / "room"
    write(folder, SEED, VIEWS, SIZE)
    return folder


@pytest.fixture
def room(drawn_room, tmp_path):
    """A collection of photographs of which nothing is known; what is true lies beside it."""
    folder = tmp_path / "room"
    folder.mkdir()
    for file in drawn_room.iterdir():
        target = folder / file.name if file.suffix == ".png" else tmp_path / file.name
        target.write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def inputs(room, tmp_path):
    """What a verification of four pairs is given."""
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("".join(f"{a} {b}\n" for a, b in PAIRS))
    return {"pairs": str(pairs), "images": str(room), "gt": str(tmp_path / "poses.txt"),
            "intrinsics": str(tmp_path / "intrinsics.txt")}  # fmt: skip
