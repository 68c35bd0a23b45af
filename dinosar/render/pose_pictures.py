"""The pictures of a verification: recall over error, and pairs with what their pose explains."""

from collections.abc import Iterator, Sequence
from typing import Any

from dinosar.config.verification import VerifyConfig
from dinosar.errors import InputError, ResourceError
from dinosar.notices import warn
from dinosar.render.pose_pair import PosePair, pose_pair
from dinosar.render.pose_recall import PoseCurve, pose_recall
from dinosar.render.sheet import Style
from dinosar.verification.judging import Judging, Row, best_of_each, errors_of
from dinosar.verification.relative_pose import Found

Files = Iterator[tuple[str, bytes]]
LOST = float("inf")


def pose_pictures(work: Judging, told: dict[str, Any], config: VerifyConfig) -> Files:
    """The curve, the best pairs, and the worst."""
    figures = config.figures
    style = Style(figures.format, figures.dpi, _footer(told))
    if told["per_pair"]["judged"]:
        yield f"pose_recall.{figures.format}", pose_recall(_curves(work, told), _notes(told), style)
    for kind, rows in extremes(work.rows, figures.pairs):
        for number, row in enumerate(rows, 1):
            drawn = _pair(work, row, f"{kind} {number}", style)
            if drawn:
                yield f"{kind}_{number:02d}.{figures.format}", drawn


def extremes(rows: Sequence[Row], count: int) -> Iterator[tuple[str, list[Row]]]:
    """The best pairs by error, and the worst; where nothing was judged, by how many matches their pose explains."""
    judged = [row for row in rows if row["judged"]]
    known = judged or [row for row in rows if row["matches"] is not None]
    order = sorted(known, key=_badness)
    best = order[:count]
    yield "best", best
    yield "worst", [row for row in order[::-1][:count] if not any(row is each for each in best)]


def _badness(row: Row) -> tuple[float, int]:
    held = row["inliers"] if row["inliers"] is not None else (row["homography"]["held"] or 0)
    error = 0.0 if not row["judged"] else LOST if row["pose_error"] is None else row["pose_error"]
    return error, -int(held)


def _curves(work: Judging, told: dict[str, Any]) -> list[PoseCurve]:
    """All pairs, and the best of each query; only one of them where they are the same."""
    both = (("all pairs", work.rows, "per_pair"),
            ("of each query the pair with most inliers", best_of_each(work.rows), "best_of_each_query"))  # fmt: skip
    curves = [PoseCurve(name, errors_of(rows), told[key]["auc"] or {}) for name, rows, key in both]
    return curves[:1] if len(curves[0].errors) == len(curves[1].errors) else curves


def _notes(told: dict[str, Any]) -> list[str]:
    left = told["pairs"] - told["per_pair"]["judged"]
    return [f"{left} of {told['pairs']} pairs could not be judged and do not count."] if left else []


def _footer(told: dict[str, Any]) -> str:
    return f"matches: {told['matched_by']}   pose: {told['estimator']}, {told['threshold_px']:g} px"


def _pair(work: Judging, row: Row, what: str, style: Style) -> bytes | None:
    """A pair with its matches, looked at once more; nothing where its photographs are not at hand."""
    names = row["query"], row["database"]
    try:
        first, second = (work.photos.photo(name) for name in names)
        matches = work.source.matches(*names)
        cameras = [work.camera(name) for name in names]
    except (InputError, ResourceError) as problem:
        warn(f"{what} is not drawn: {problem}")
        return None
    if matches is None:
        return None
    pose = None if None in cameras else work.pose(matches, cameras)
    held = pose.inliers if isinstance(pose, Found) else None
    pair = PosePair((first.pixels, second.pixels), names, matches.a, matches.b, held)
    return pose_pair(pair, f"{what.capitalize()}: {_title(row)}", _words(row), style)


def _title(row: Row) -> str:
    if row["judged"]:
        return "no pose found" if row["pose_error"] is None else f"pose {in_degrees(row['pose_error'])} off"
    if row["inliers"] is None:
        return f"{row['matches']} matches; no pose was looked for"
    return f"{row['inliers']} of {row['matches']} matches agree with one pose"


def in_degrees(angle: float) -> str:
    """An angle as a person writes it."""
    return f"{angle:.0f}°" if angle >= 10 else f"{angle:.1f}°" if angle >= 1 else f"{angle:.2f}°"


def _words(row: Row) -> list[str]:
    """The numbers of a pair."""
    said = []
    if row["pose_error"] is not None:
        said.append(
            f"Rotation {in_degrees(row['rotation_error'])} off, direction of translation "
            f"{in_degrees(row['translation_error'])}."
        )
    for name in ("homography", "fundamental"):
        held, chance = row[name]["held"], row[name]["chance"]
        if held is not None:
            model = {"homography": "homography", "fundamental": "epipolar geometry"}[name]
            by_chance = "" if chance is None else f" (by chance {chance:.1f})"
            said.append(f"One {model} holds {held} of {row['matches']}{by_chance}.")
    return [" ".join(said), *([f"{row['why']}."] if row["why"] else [])]
