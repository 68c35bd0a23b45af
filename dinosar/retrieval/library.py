"""A library: a folder of photographs as one backbone saw them, each an item of the feature store, and their index."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from dinosar.config import FitConfig, Part, names_a_file
from dinosar.contracts import Backbone
from dinosar.data import Encoding
from dinosar.datasets.listed import Role
from dinosar.errors import ConflictError, InputError, UsageError, shown, suggestion
from dinosar.notices import warn
from dinosar.retrieval.blocks import Block, block_of
from dinosar.retrieval.index import INDEX, Index, Row, Vector
from dinosar.retrieval.shortlist import pooled
from dinosar.retrieval.tiles import VIEWS, View, tile_grids
from dinosar.store import Store, identity

FEW = 10_000
"""Names among which a near one is looked for."""
CIRCUMSTANCES = ("code", "version", "layout", "device", "dtype", "torch", "timm", "opencv")
"""What of a backbone's identity may change with a release or a machine, while its features stay comparable."""


class Library:
    """An open library. `names` are sorted; an image is known by its name and has a place in that order."""

    def __init__(self, folder: Path, index: Index) -> None:
        self.folder, self.index, self.store = folder, index, Store(folder, strict=True)
        self.settings = index.settings()

    @classmethod
    def open(cls, folder: Path) -> "Library":
        """The library in a folder; an InputError where there is none."""
        library = cls(folder, Index(folder))
        if "title" not in library.settings:
            raise InputError(
                f"store '{shown(folder)}' was begun and holds nothing yet; dump the photos into it once more"
            )
        return library

    @classmethod
    def made(cls, folder: Path, settings: Mapping[str, Any], image: FitConfig, *, tiled: bool = False) -> "Library":
        """The library in a folder, begun there if there is none; one of another backbone or size is refused.

        `settings` are those of `told_of`; `tiled` says whether it holds tiles of its photos, too.
        """
        new = not (folder / INDEX).is_file() or not (folder / INDEX).stat().st_size
        library = cls(folder, Index(folder, create=True))
        if new and any(library.store.files()):
            warn(
                f"the index of store '{shown(folder)}' was gone or empty, as a full disk or a torn copy leaves it: it "
                "is made anew of these photos, and takes over their features that are there"
            )
        seen = settings["seen"]
        library.index.set({**settings, "image": image.model_dump(mode="json"), "tiles": tiled})
        library.settings = library.index.settings()
        library.expect(seen, image)
        library.expect_tiles(tiled)
        if library.title != settings["title"]:
            raise ConflictError(
                f"store '{shown(folder)}' calls its backbone {library.title}, and this one is called "
                f"{shown(settings['title'])}; give its file of weights the name it had"
            )
        return library

    def expect(self, seen: Mapping[str, Any], image: FitConfig | None = None) -> None:
        """Complain where features would be others than those that are here."""
        then = self.settings["seen"]
        differ = another(then, seen)
        if differ:
            raise ConflictError(
                f"store '{shown(self.folder)}' holds features of {self.title}, and these would be of another backbone "
                f"({differ}); name another store"
            )
        also = _differing(then, seen)
        if also:
            warn(f"store '{shown(self.folder)}' was filled in another way by {self.title}: {also}")
        other = "" if image is None else _differing(self.settings["image"], image.model_dump(mode="json"))
        if other:
            raise ConflictError(
                f"store '{shown(self.folder)}' holds photos shown in another way (image.{other}); name another store, "
                "or show them as before"
            )

    def expect_tiles(self, tiled: bool) -> None:
        """Complain where some images would be held in tiles and others not: the former would be found more easily."""
        if tiled != self.tiled:
            here, there = ("with", "without") if self.tiled else ("without", "with")
            raise ConflictError(
                f"store '{shown(self.folder)}' holds photos {here} their tiles, and these would come {there}; dump "
                f"them {here} --tiles, or name another store"
            )

    @property
    def tiled(self) -> bool:
        """Whether photos are held in tiles beside the whole."""
        return bool(self.settings.get("tiles"))

    @property
    def title(self) -> str:
        """What figures call the backbone whose features are here."""
        return str(self.settings["title"])

    @property
    def part(self) -> Part:
        """The backbone whose features are here, as a config names it."""
        if self.settings["backbone"] is None:
            raise InputError(
                f"store '{shown(self.folder)}' was imported, and nobody said which backbone made its features, so that "
                "no photo can be shown to it; import it again with --backbone, or ask about its own images (register)"
            )
        return Part.model_validate(self.settings["backbone"])

    @property
    def image(self) -> FitConfig:
        """How photos are shown to it."""
        return FitConfig.model_validate(self.settings["image"])

    @cached_property
    def _listing(self) -> list[tuple[str, str, str, str]]:
        return self.index.listing()

    @cached_property
    def names(self) -> list[str]:
        """The names of all images, sorted."""
        return [name for name, _, _, _ in self._listing]

    @cached_property
    def scenes(self) -> dict[str, str]:
        """The scene of every image; empty where it belongs to none."""
        return {name: scene for name, _, _, scene in self._listing}

    @cached_property
    def items(self) -> dict[str, str]:
        """What the features of every image are called in the store."""
        return {name: item for name, item, _, _ in self._listing}

    def of_role(self, *roles: Role) -> list[str]:
        """The images with one of these roles, sorted."""
        return [name for name, _, role, _ in self._listing if role in roles]

    def row(self, name: str) -> Row:
        """What is known of an image."""
        found = self.index.row(name)
        if found is None:
            near = suggestion(name, self.names) if len(self.names) <= FEW else ""
            raise InputError(f"store '{shown(self.folder)}' knows no image '{shown(name)}'{near}")
        return found

    def encoding(self, name: str) -> Encoding:
        """What the backbone said of an image; an InputError where its item is gone or damaged."""
        return self.kept(name, self.row(name).item)

    def views(self, row: Row) -> list[View]:
        """The whole image, and its tiles where they are held."""
        tiles = tile_grids(row.grid, self.image) if row.tiles else []
        return [View(row.item, row.grid), *(View(*each) for each in zip(row.tiles, tiles, strict=True))]

    def kept(self, name: str, item: str, view: int = 0) -> Encoding:
        """What the backbone said of one view of an image."""
        found = self.store.get(self.title, item)
        if found is None:
            part = f"the {VIEWS[view]} tile of " if view else ""
            raise InputError(
                f"the features of {part}'{shown(name)}' are gone from store '{shown(self.folder)}', or were damaged; "
                "dump that photo again"
            )
        return found

    def block(self, name: str) -> Block:
        """The patches of an image that vote."""
        row = self.row(name)
        return block_of(name, self.kept(name, row.item), row.grid)

    def adopt(self, other: "Library") -> tuple[int, list[tuple[str, str]]]:
        """Take over every image of another library whose name is free here.

        Returns how many came, and the names of those whose features are gone or damaged there, with what is wrong.
        """
        self.expect(other.settings["seen"], other.image)
        self.expect_tiles(other.tiled)
        came, others, failed = 0, [], []
        with self.index.noting() as notes:
            for row in other.index.rows():
                here = self.index.row(row.name)
                if here is not None:
                    others += [] if here.item == row.item else [row.name]
                    continue
                try:
                    notes.add(row, self._copied(row, other))
                except InputError as problem:
                    failed.append((row.name, str(problem)))
                    continue
                came += 1
        self.forget()
        if others:
            warn(
                f"{len(others)} images of '{shown(other.folder)}' have other features than those of the same name in "
                f"'{shown(self.folder)}' (as '{shown(others[0])}'): these were left as they are"
            )
        return came, failed

    def _copied(self, row: Row, other: "Library") -> list[Vector]:
        """The vectors of an image of another library, after its features were taken over."""
        views = [(view, other.kept(row.name, view.item, i)) for i, view in enumerate(other.views(row))]
        vectors: list[Vector] = []
        for view, encoding in views:
            self.store.put(self.title, view.item, encoding)
            vectors += vectors_of(view.item, block_of(row.name, encoding, view.grid))
        return vectors

    def forget(self) -> None:
        """Read the index anew when it is next asked."""
        for name in ("_listing", "names", "scenes", "items"):
            self.__dict__.pop(name, None)


def told_of(backbone: Backbone, part: Part) -> dict[str, Any]:
    """What a library notes of its backbone; one whose code cannot be read cannot fill a library."""
    known = identity(backbone)
    if known is None:
        raise UsageError(
            f"the code of backbone '{backbone.title}' cannot be read, so its features cannot be told from others; put "
            "it into a file"
        )
    named = part.model_dump(mode="json")
    files = {key: str(Path(value).absolute()) for key, value in named.items() if names_a_file(key) and value}
    return {"title": backbone.title, "backbone": named | files, "seen": known}


def another(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What tells two backbones' features apart, in words; empty where they can be compared."""
    return _differing(_essence(then), _essence(now))


def _essence(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What of a backbone's identity its features cannot be compared without."""
    facts = {key: value for key, value in seen.get("facts", {}).items() if key not in CIRCUMSTANCES}
    if "weights_sha256" in facts:  # which tells more than what the file is called
        facts = {key: value for key, value in facts.items() if key not in ("id", "weights")}
    return {**{key: value for key, value in seen.items() if key not in CIRCUMSTANCES}, "facts": facts}


def _differing(then: Any, now: Any) -> str:
    """The first thing that differs, in words; empty where nothing does."""
    for key in sorted({*then, *now}):
        before, after = then.get(key), now.get(key)
        if before != after and (before is None or after is None) and key == "id":
            continue  # one is called by its weights, the other by itself
        if before != after:
            inner = isinstance(before, dict) and isinstance(after, dict)
            return _differing(before, after) if inner else f"{key} was {shown(before, 60)}, now {shown(after, 60)}"
    return ""


def vectors_of(item: str, block: Block) -> list[Vector]:
    """The global vectors of an image, for the index: its summary token where there is one, the mean of its patches."""
    found = [(item, "pooled", pooled(block))]
    return found if block.summary is None else [*found, (item, "summary", block.summary)]
