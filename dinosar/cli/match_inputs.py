"""Which two photos `dinosar match` is asked about: two named ones, two of a folder, or a pair of a collection."""

from pathlib import Path
from typing import Any

from dinosar.errors import UsageError, shown


def asked(a: Path | None, b: Path | None, flags: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The inputs as a config has them, and the pair of a collection; nothing where a config file may name them."""
    folder, collection = flags.get("images"), flags.get("spair")
    named = [what for what, given in (("two photos (A B)", a or b), ("--images", folder), ("--spair", collection))
             if given]  # fmt: skip
    if not named and flags.get("config"):
        return {}, None
    if len(named) != 1:
        what = " and ".join(named) + " were" if named else "nothing was"
        raise UsageError(f"name two photos (A B), --images DIR, or --spair ROOT PAIR_ID; {what} named")
    if flags.get("index") and not folder:
        raise UsageError("--index says which photos of a folder; name the folder with --images DIR")
    if collection:
        return {"spair": collection[0]}, str(collection[1])
    if folder:
        a, b = _of_folder(Path(folder), flags.get("index"))
    if a is None or b is None:
        raise UsageError(f"two photos are needed (A B), and only '{shown(a or b)}' was named")
    return {"a": a, "b": b}, None


def _of_folder(folder: Path, index: str | None) -> tuple[Path, Path]:
    """Two photos of a folder, by their places in the order of names."""
    from dinosar.cli.words import whole_numbers
    from dinosar.frames.frame_folders import frames_in

    places = [0, 1] if index is None else whole_numbers("--index", index)
    photos = frames_in(folder)
    if len(places) != 2:
        raise UsageError(f"--index takes two numbers, as --index 0 1, and got {len(places)}")
    for each in places:
        if not 0 <= each < len(photos):
            last = len(photos) - 1
            raise UsageError(f"--index {each}: '{shown(folder)}' holds {len(photos)} photos, numbered 0 to {last}")
    return photos[places[0]], photos[places[1]]
