"""Everything a person can run into, as a tree.

    DinosarError                     1   a fault of ours, unless it is one of the following
    ├── UsageError                   2   a flag, a config, a plugin name or an option; nothing was started
    ├── InputError                   3   no usable input: a photo, a mask, a landmark file
    │   ├── ConflictError            3   the output folder is taken
    │   └── Abstained                3   a masker that will not guess; the next one in line is asked
    ├── PartialError                 4   finished, but some of the items failed
    ├── WeightsError                 5   weights are missing, damaged or not the ones named
    ├── ResourceError                6   disk, permission or memory
    ├── ExpectationError             7   finished, but what was found is not what was expected
    └── PluginError                  1   a part broke its contract (its author is told which clause)

The number is the exit code of the command line. A message is one sentence that says what, where, and what to do next.
"""


class DinosarError(Exception):
    """Anything this package raises on purpose."""

    exit_code = 1


class UsageError(DinosarError):
    """A flag, a configuration or a name that cannot be meant; nothing was started."""

    exit_code = 2


class InputError(DinosarError):
    """A photo, mask or landmark file that cannot be used."""

    exit_code = 3


class ConflictError(InputError):
    """The output folder holds something that must not be overwritten."""


class Abstained(InputError):
    """A masker that cannot tell what is specimen, and why: better no word than a wrong one."""


class PartialError(DinosarError):
    """The run finished, but some of its items failed."""

    exit_code = 4


class WeightsError(DinosarError):
    """Weights that are missing, damaged, or not the ones named."""

    exit_code = 5


class ResourceError(DinosarError):
    """The disk, a permission or the memory gave out."""

    exit_code = 6


class ExpectationError(DinosarError):
    """The run finished and found something else than was expected."""

    exit_code = 7


class PluginError(DinosarError):
    """A part did not load, or broke the contract of its slot."""


def shown(text: object, limit: int = 200) -> str:
    """A file name or value as it may stand inside a one-line message: printable, and not endless."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in str(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def suggestion(word: str, known: object) -> str:
    """`; did you mean 'x'?` when something near is known, else the list of what is known."""
    from difflib import get_close_matches

    names = sorted(str(k) for k in known)  # type: ignore[attr-defined]
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(names)}" if names else ""
