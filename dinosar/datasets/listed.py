"""One photograph of a collection, and what a collection can be asked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dinosar.cameras import Camera, Pose

Role = Literal["database", "query", "both"]


@dataclass(frozen=True, eq=False)
class Listed:
    """A photograph by its name (relative to the root of its collection, with forward slashes) and its file.

    `both`: it is asked about, and it answers. `depth` names a map of depths as `file.h5:/depth`. What is not known is
    None.
    """

    name: str
    path: Path
    role: Role = "both"
    scene: str = ""
    camera: Camera | None = None
    pose: Pose | None = None
    depth: str | None = None


class Dataset(ABC):
    """A collection below a folder. One's own is a class like these, named as `module:Class`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @abstractmethod
    def photographs(self) -> list[Listed]:
        """All there are, in the order of their names; an InputError where the tree is another."""

    def overlaps(self) -> dict[tuple[str, str], float]:
        """How much of a photograph another shows, (name, name) -> [0, 1], where the collection says so."""
        return {}
