"""Which pictures `mismatch` and `distance` are asked about: two, a list of pairs, or two folders of frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dinosar.errors import UsageError, shown


@dataclass(frozen=True)
class Asked:
    """What was named on the command line; `how` says how two pictures are named there."""

    how: str
    a: Path | None = None
    b: Path | None = None
    pairs: Path | None = None
    frames: tuple[Path, Path] | None = None

    @classmethod
    def of(cls, how: str, *given: Any) -> "Asked":
        """What was named: A, B, a list of pairs, two folders; None or nothing where it was not."""
        a, b, pairs = (Path(each) if each else None for each in given[:3])
        if given[3] and any(each.startswith("-") for each in given[3]):
            raise UsageError(f"--frames needs two folders, and got '{shown(given[3][0])}' and '{shown(given[3][1])}'")
        frames = tuple(Path(each) for each in given[3]) if given[3] else None
        return cls(how, a, b, pairs, frames if frames is None else (frames[0], frames[1]))

    @property
    def many(self) -> bool:
        """Whether it is a list or a sequence."""
        return self.pairs is not None or self.frames is not None

    def inputs(self, configs: Sequence[str]) -> dict[str, Any]:
        """The inputs as a config has them. Where nothing is named here, they are those of a config file, if one is."""
        named = [what for what, given in (("two pictures", self.a or self.b), ("--pairs", self.pairs),
                                          ("--frames", self.frames)) if given]  # fmt: skip
        if not named and configs:
            return {}
        if len(named) != 1:
            what = " and ".join(named) + " were" if named else "nothing was"
            raise UsageError(f"name two pictures ({self.how}), --pairs FILE, or --frames DIR_A DIR_B; {what} named")
        if not self.many:
            self._two()
        return {"a": self.a, "b": self.b, "pairs": self.pairs, "frames": list(self.frames) if self.frames else None}

    def _two(self) -> None:
        """Complain where one of two is missing, or is a film."""
        from dinosar.frames.frame_folders import no_video

        if self.a is None or self.b is None:
            raise UsageError(f"two pictures are needed ({self.how}), and only '{shown(self.a or self.b)}' was named")
        if self.a.is_dir() and self.b.is_dir():
            raise UsageError(f"'{shown(self.a)}' and '{shown(self.b)}' are folders; compare two folders of frames with "
                             f"--frames '{shown(self.a)}' '{shown(self.b)}'")  # fmt: skip
        for each in (self.a, self.b):
            no_video(each)


def sorted_configs(names: Sequence[str]) -> tuple[list[str], Path | None]:
    """Of what was given as --config: the run configs, and the list of pairs if one of them is that."""
    lists = [name for name in names if is_list(Path(name))]
    if len(lists) > 1:
        raise UsageError(f"--config '{shown(lists[1])}': one list of pairs is enough; '{shown(lists[0])}' is one, too")
    return [name for name in names if name not in lists], Path(lists[0]) if lists else None


def is_list(path: Path) -> bool:
    """Whether a file given as a config is a list of pairs: a list, or a mapping with `pairs`."""
    import json

    if path.suffix.lower() == ".csv":
        return True
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):  # a preset by name, YAML, or nothing that can be read: told where configs are read
        return False
    return isinstance(value, list) or (isinstance(value, dict) and "pairs" in value)
