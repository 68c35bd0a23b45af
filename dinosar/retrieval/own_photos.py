"""Which images of a library the photographs of a folder are, whatever they are called there.

A folder within the one that was dumped calls its photographs by shorter names, so that a name alone may mean another
photograph. Where a file lies tells more, and its content tells most.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dinosar.datasets.listed import Listed
from dinosar.publishing import sha256_of
from dinosar.retrieval.library import Library


@dataclass
class Recognised:
    """Photographs with what the library calls them, in their order, and those that it does not hold."""

    known: list[tuple[Listed, str]] = field(default_factory=list)
    unknown: list[Listed] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The images that the photographs are, each once: two copies of one photograph are one image."""
        return list(dict.fromkeys(name for _, name in self.known))

    @property
    def renamed(self) -> dict[str, str]:
        """What the library calls otherwise: the name below the folder, and that in the library."""
        return {each.name: name for each, name in self.known if each.name != name}


def recognised(listed: Sequence[Listed], library: Library) -> Recognised:
    """The images that these photographs are: by the place of the file, else by its content."""
    told = {each.name: each.name if _is_of_that_file(each, library) else None for each in listed}
    if None in told.values():
        images = _Images(library)
        for find in (images.by_place, images.by_name_and_content, images.by_content):
            taken = {name for name in told.values() if name is not None}
            told |= {each.name: find(each, taken) for each in listed if told[each.name] is None}
    found = Recognised()
    for each in listed:
        name = told[each.name]
        if name is None:
            found.unknown.append(each)
        else:
            found.known.append((each, name))
    return found


def root_of(found: Recognised, library: Library) -> Path | None:
    """The folder to which names in the library are relative, if the photographs that it does not hold lie below it.

    Where those that it holds do not tell, its rows do, by where the files lay.
    """
    told = [(_place(each).as_posix(), name) for each, name in found.known]
    for pairs in (told, ((row.path, row.name) for row in library.index.rows())):
        roots = Counter(path.removesuffix(f"/{name}") for path, name in pairs if path.endswith(f"/{name}"))
        for root in (Path(path) for path, _ in roots.most_common()):
            if all(_place(each).is_relative_to(root) for each in found.unknown):
                return root
    return None


def _is_of_that_file(each: Listed, library: Library) -> bool:
    """Whether the image of that name is of that very file; of an imported one nobody knows its file."""
    row = library.index.row(each.name)
    return row is not None and (row.sha256 is None or row.path == _place(each).as_posix())


def _place(each: Listed) -> Path:
    return Path(each.path).absolute()


class _Images:
    """The images of a library by where their files lay, and by what these held.

    Each way gives the name of the image that a photograph is, or None; `taken` are images that others are.
    """

    def __init__(self, library: Library) -> None:
        self._placed: dict[str, str] = {}
        self._holding: dict[str, list[str]] = {}
        self._contents: dict[Path, str] = {}
        for row in library.index.rows():
            self._placed.setdefault(row.path, row.name)
            if row.sha256 is not None:
                self._holding.setdefault(row.sha256, []).append(row.name)

    def by_place(self, each: Listed, taken: Collection[str]) -> str | None:
        """The image whose file lay there."""
        return self._placed.get(_place(each).as_posix())

    def by_name_and_content(self, each: Listed, taken: Collection[str]) -> str | None:
        """The image of that name, if it is of that content."""
        return each.name if each.name in self._alike(each) else None

    def by_content(self, each: Listed, taken: Collection[str]) -> str | None:
        """An image of that content that nothing else is: beside what was dumped a copy of it is another photograph.

        Of several the one whose name is most like its own.
        """
        free = [name for name in self._alike(each) if name not in taken]
        return min(free, key=lambda name: (not name.endswith(f"/{each.name}"), name), default=None)

    def _alike(self, each: Listed) -> list[str]:
        """The images of its content; none where the file cannot be read."""
        if each.path not in self._contents:
            try:
                self._contents[each.path] = sha256_of(each.path)
            except OSError:
                self._contents[each.path] = ""
        return self._holding.get(self._contents[each.path], [])
