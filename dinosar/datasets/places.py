"""Where collections lie on this machine: `data_dirs.yaml`, so that a name is enough.

dataset_dirs:
  inloc: /data/InLoc
  megadepth: ../megadepth        # relative to this file
"""

from pathlib import Path

from dinosar.errors import UsageError, shown, suggestion
from dinosar.yaml_files import read_yaml

FILE = "data_dirs.yaml"
KEY = "dataset_dirs"
WANTED = f"expected '{KEY}:' and below it lines of 'name: folder', and nothing else"


def folder_of(name: str, file: Path | None = None) -> Path:
    """Where the collection of that name lies, by a file of places: the one given, or that of the current folder."""
    path = file or Path(FILE)
    if file is None and not path.exists():
        raise UsageError(
            f"no folder is given for dataset '{shown(name)}', and there is no {FILE} here; name the folder, or write "
            f"'{KEY}: {{{shown(name, 40)}: FOLDER}}' into {FILE}"
        )
    places = dataset_dirs(path)
    if name not in places:
        raise UsageError(f"{shown(path)} names no folder for dataset '{shown(name)}'{suggestion(name, places)}")
    return places[name]


def dataset_dirs(path: Path) -> dict[str, Path]:
    """Every collection that a file of places names, and its folder."""
    try:
        document = read_yaml(path)
    except UsageError as problem:
        raise UsageError(f"{problem}; {WANTED}") from None
    value = document.value
    if not isinstance(value, dict) or list(value) != [KEY] or not isinstance(value[KEY], dict):
        raise UsageError(f"{shown(path)}: {WANTED}")
    for name, folder in value[KEY].items():
        if not isinstance(folder, str) or not folder:
            line = document.lines[(KEY, name)]
            raise UsageError(
                f"{shown(path)}, line {line}: expected a folder for '{shown(name)}', found {shown(folder, 60)}"
            )
    return {name: path.parent / Path(folder).expanduser() for name, folder in value[KEY].items()}
