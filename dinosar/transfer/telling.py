"""What became of each target, in words and as plain data."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dinosar.config import TransferSection
from dinosar.data import Photo
from dinosar.errors import DinosarError, shown
from dinosar.landmarks.points import MISSING, SEEN, UNCERTAIN
from dinosar.notices import warn
from dinosar.transfer.engine import Carried
from dinosar.transfer.turning import Pose

FEW = 0.25
"""Share of certain landmarks below which a target is told of: in the right pose most toy landmarks are."""
ALL_ROUND = 180.0
COUNTS = ("certain", "uncertain", "lost", "in_no_reference")
_IN_FOLDERS = re.compile(r"'[^']*[/\\]([^'/\\]+)'")


@dataclass(frozen=True, eq=False)
class Target:
    """A photo that was to get landmarks: those it got, or the reason why it has none.

    One that could not be read is no photo.
    """

    given: str
    photo: Photo | None
    found: Carried | None = None
    problem: DinosarError | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.photo.name if self.photo else Path(self.given).stem

    @property
    def reason(self) -> str | None:
        """Why it has no landmarks; files by their names alone, so that a rerun from another folder says the same."""
        return None if self.problem is None else _IN_FOLDERS.sub(r"'\1'", str(self.problem))


def tell(target: Target, how: TransferSection) -> None:
    """Warn of a target that has no landmarks, or few that are certain: something else may do better."""
    if target.found is None:
        outcome = "every landmark has v = 0" if target.photo else "it is not in the file"
        warn(f"'{shown(target.name)}' got no landmarks, and {outcome}: {target.problem}")
        return
    counts = counted(target.found)
    carried = counts["certain"] + counts["uncertain"] + counts["lost"]
    if counts["lost"] > carried / 2:
        what = f"{counts['lost']} of {carried} landmarks were lost"
    elif counts["certain"] < carried * FEW:
        what = f"only {counts['certain']} of {carried} landmarks are certain"
    else:
        return
    warn(f"{what} on '{shown(target.name)}'; it may lie in another pose than was tried: {hint(how)}")


def hint(how: TransferSection) -> str:
    """What to try that was not tried."""
    untried = [word for word, left in (("--turn 180", how.turn < ALL_ROUND), ("--mirror", not how.mirror)) if left]
    return f"look at its mask, try {', '.join(untried)}{' or ' * bool(untried)}another reference"


def counted(found: Carried) -> dict[str, int]:
    """How many landmarks are certain, uncertain, lost, or unknown to every reference."""
    visibility, known_ = found.landmarks.visibility, np.isfinite(found.confidence)
    return {
        "certain": int((visibility == SEEN).sum()),
        "uncertain": int((visibility == UNCERTAIN).sum()),
        "lost": int(((visibility == MISSING) & known_).sum()),
        "in_no_reference": int((~known_).sum()),
    }


def doubts(found: Carried) -> tuple[list[float | None], list[float | None]]:
    """How likely each landmark is right, None where no reference has it; and pixels it may be off, None if unknown."""
    values = (found.confidence, found.errors.round(2))
    sure, errors = ([value if np.isfinite(value) else None for value in each.tolist()] for each in values)
    return sure, errors


def told(target: Target) -> dict[str, Any]:
    """One target: how many landmarks are certain, uncertain, lost or unknown; each of them; and the poses.

    Where it has none there is a problem, and no counts.
    """
    found, head = target.found, {"image": target.name, "problem": target.reason}
    if found is None:
        return {**head, **dict.fromkeys(COUNTS), "poses": [], "landmarks": []}
    names, places = found.landmarks.names, found.landmarks.places.round(2).tolist()
    points = zip(names, places, found.landmarks.visibility.tolist(), *doubts(found), strict=True)
    return {
        **head,
        **counted(found),
        "poses": [pose_in_words(pose) for pose in found.poses],
        "landmarks": [
            {"name": name, "x": place[0] if v else None, "y": place[1] if v else None, "v": v, "confidence": sure,
             "error_expected": error}
            for name, place, v, sure, error in points
        ],
    }  # fmt: skip


def pose_in_words(pose: Pose) -> str:
    """How a reference was turned, for people."""
    turn = f"turned {pose.degrees:+.0f} degrees" if pose.degrees else "as it lies"
    return f"mirrored, {turn}" if pose.mirrored else turn
