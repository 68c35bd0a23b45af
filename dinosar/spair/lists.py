"""The lists of pairs: one whole name a line, `<number>-<source>-<target>:<category>`."""

import re
from typing import Literal, get_args

from dinosar.errors import InputError, UsageError, shown, suggestion
from dinosar.notices import warn
from dinosar.spair.members import Members

Split = Literal["trn", "val", "test"]
Size = Literal["large", "small"]
SPLITS: tuple[Split, ...] = get_args(Split)
_WHOLE = re.compile(r"[0-9]{1,18}-[^/\\:]+-[^/\\:]+:[^/\\:]+")
_SUFFIX = ".json"


def read_list(members: Members, split: Split, size: Size) -> list[str]:
    """The whole names of a split's pairs, in the order of the list.

    Without the large list the files of the pairs are listed instead, with a warning; nothing stands in for a small one.
    """
    if split not in SPLITS or size not in get_args(Size):
        known = SPLITS if split not in SPLITS else get_args(Size)
        wrong = split if split not in SPLITS else size
        raise UsageError(f"'{shown(wrong, 40)}' is no list of a collection{suggestion(str(wrong), known)}")
    file = list_file(split, size)
    if not members.has(file):
        return _files(members, split, size)
    try:
        lines = members.read(file).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{members.called(file)} is no text; take it from the collection again") from None
    return _checked(members.called(file), lines)


def list_file(split: Split, size: Size) -> str:
    """Where a list is, within the collection."""
    return f"Layout/{size}/{split}.txt"


def pair_file(split: Split, pair_id: str) -> str:
    """Where the annotation of a pair is, within the collection."""
    return f"PairAnnotation/{split}/{pair_id}{_SUFFIX}"


def is_whole(pair_id: str) -> bool:
    """Whether this is the whole name of a pair."""
    return _WHOLE.fullmatch(pair_id) is not None


def number_of(pair_id: str) -> int:
    """The number with which a whole name begins."""
    return int(pair_id.partition("-")[0])


def category_of(pair_id: str) -> str:
    """The category with which a whole name ends."""
    return pair_id.rpartition(":")[2]


def _checked(file: str, lines: list[str]) -> list[str]:
    found: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        name = line.strip()
        if not name:
            continue
        if not is_whole(name):
            raise InputError(f"{file}, line {number}: expected <number>-<source>-<target>:<category>, found "
                             f"'{shown(name, 60)}'; take the list from the collection again")  # fmt: skip
        if name in found:
            raise InputError(f"{file}, line {number}: the pair '{shown(name, 80)}' stands in line {found[name]}, too; "
                             "take the list from the collection again")  # fmt: skip
        found[name] = number
    if not found:
        raise InputError(f"{file} lists no pair; take it from the collection again")
    return list(found)


def _files(members: Members, split: Split, size: Size) -> list[str]:
    """The pairs of a split by their files."""
    missing = members.called(list_file(split, size))
    found = [name.removesuffix(_SUFFIX) for name in members.listed(f"PairAnnotation/{split}")]
    found = [name for name in found if is_whole(name)]
    if size == "small" or not found:
        instead = "use the large one, or " if found else ""
        raise InputError(f"{missing}, a list of pairs, is not there; {instead}take it from the collection")
    warn(f"{missing} is not there: all {len(found)} pairs of PairAnnotation/{split} are listed instead")
    return found
