"""Labels of pairs as folders can be called."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import count

from dinosar.folders import slug

_WINDOWS = frozenset(["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))])


def folder_names(given: Sequence[str]) -> list[str]:
    """A folder name for each label: any file system takes it, no two are the same, and no file of a run has it.

    Where nothing is given it is `pair_` and the place in the list. A name that was given goes before one that was not.
    """
    width = max(3, len(str(len(given))))
    safe = [_safe(each) for each in given]
    wanted = [name or f"pair_{place:0{width}d}" for place, name in enumerate(safe, start=1)]
    found: dict[int, str] = {}
    taken: set[str] = set()
    for place in sorted(range(len(given)), key=lambda i: not safe[i]):
        if wanted[place].casefold() not in taken:
            found[place] = wanted[place]
            taken.add(wanted[place].casefold())
    numbers: defaultdict[str, count[int]] = defaultdict(lambda: count(2))
    for place, name in enumerate(wanted):
        if place not in found:
            tried = (f"{name}_{number}" for number in numbers[name.casefold()])
            found[place] = next(each for each in tried if each.casefold() not in taken)
            taken.add(found[place].casefold())
    return [found[place] for place in range(len(given))]


def _safe(label: str) -> str:
    """The label as a folder can be called; nothing where not one letter or digit of it remains."""
    if not re.search("[A-Za-z0-9]", label):
        return ""
    name = re.sub(r"\.([A-Za-z]\w{0,5})$", r"_\1", slug(label, 80))  # so it is no results.json, nor any other file
    return f"pair_{name}" if name.split(".")[0].upper() in _WINDOWS else name
