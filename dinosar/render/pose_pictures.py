"""The pictures of a verification: recall over error, and pairs with what their pose, or another model, explains."""

from collections.abc import Iterator
from typing import Any

from dinosar.config.verification import VerifyConfig
from dinosar.errors import InputError, ResourceError
from dinosar.notices import warn
from dinosar.render.pose_pair import PosePair, pose_pair
from dinosar.render.pose_ranking import extremes
from dinosar.render.pose_recall import PoseCurve, pose_recall
from dinosar.render.sheet import Style
from dinosar.sparse.geometry import fundamental
from dinosar.verification.judging import MODELS, Judging, Row, best_of_each, errors_of, judged
from dinosar.verification.pose_report import left_out_in_words
from dinosar.verification.relative_pose import Found
from dinosar.verification.sift_points import Matches

Files = Iterator[tuple[str, bytes]]
POSE, SCENE = "the pose", MODELS["fundamental"]


def pose_pictures(work: Judging, told: dict[str, Any], config: VerifyConfig) -> Files:
    """The curve, the best pairs, and the worst."""
    figures = config.figures
    if told["per_pair"]["judged"]:
        style = Style(figures.format, figures.dpi, _footer(told, sought=True))
        yield f"pose_recall.{figures.format}", pose_recall(_curves(work, told), _notes(told), style)
    for kind, by, rows in extremes(work.rows, figures.pairs):
        for number, row in enumerate(rows, 1):
            style = Style(figures.format, figures.dpi, _footer(told, sought=row["sought"]))
            drawn = _pair(work, row, (f"{kind} {number}", by), style)
            if drawn:
                yield f"{kind}_{number:02d}.{figures.format}", drawn


def _curves(work: Judging, told: dict[str, Any]) -> list[PoseCurve]:
    """All pairs, and the best of each query; only one of them where they are the same."""
    both = (("all pairs", work.rows, "per_pair"),
            ("of each query the pair with most inliers", best_of_each(work.rows), "best_of_each_query"))  # fmt: skip
    curves = [PoseCurve(name, errors_of(rows), told[key]["auc"] or {}) for name, rows, key in both]
    return curves[:1] if len(curves[0].errors) == len(curves[1].errors) else curves


def _notes(told: dict[str, Any]) -> list[str]:
    why = left_out_in_words(told)
    return [f"Of {told['pairs']} pairs {told['per_pair']['judged']} count; left out: {why}."] if why else []


def _footer(told: dict[str, Any], *, sought: bool) -> str:
    """Whose matches, and what was looked for in them."""
    footer = f"matches: {told['matched_by']}"
    if sought:
        return f"{footer}   pose: {told['estimator']}, {told['threshold_px']:g} px"
    return footer if told["models_px"] is None else f"{footer}   epipolar geometry: MAGSAC, {told['models_px']:g} px"


def _pair(work: Judging, row: Row, what: tuple[str, str], style: Style) -> bytes | None:
    """A pair with its matches, looked at once more; nothing where its photographs are not at hand."""
    names = row["query"], row["database"]
    try:
        first, second = (work.photos.photo(name) for name in names)
        matches = work.source.matches(*names)
    except (InputError, ResourceError) as problem:
        warn(f"{what[0]} is not drawn: {problem}")
        return None
    if matches is None:
        return None
    held, by = _held(work, row, matches)
    pair = PosePair((first.pixels, second.pixels), names, matches.a, matches.b, held, by)
    said = [f"Ranked by {what[1]}.", *_words(row)]
    return pose_pair(pair, f"{what[0].capitalize()}: {_title(row)}", said, style)


def _held(work: Judging, row: Row, matches: Matches) -> tuple[Any, str]:
    """Which matches are explained, and by what: the pose where one was looked for, else an epipolar geometry."""
    if row["sought"]:
        pose = work.pose(matches, [work.camera(row[end]) for end in ("query", "database")])
        return (pose.inliers if isinstance(pose, Found) else None), POSE
    if not work.asked.models:
        return None, ""
    return fundamental(matches.a, matches.b, work.asked.tolerance).held, SCENE


def _title(row: Row) -> str:
    if row["sought"] and row["inliers"] is None:
        return "no pose found"
    if row["pose_error"] is not None:
        return f"pose {in_degrees(row['pose_error'])} off"
    if judged(row):
        return "a turn found, and no direction"
    if row["sought"]:
        return f"{row['inliers']} of {row['matches']} matches agree with one pose"
    held = row["fundamental"]["held"]
    some = f"{row['matches']} matches" if held is None else f"{held} of {row['matches']} matches on {SCENE}"
    return f"{some}; no pose was looked for"


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
    for name, words in MODELS.items():
        held, chance = row[name]["held"], row[name]["chance"]
        if held is not None:
            by_chance = "" if chance is None else f" (by chance {chance:.1f})"
            said.append(f"{words.capitalize()} holds {held} of {row['matches']}{by_chance}.")
    whys = [f"{row['why'][0].upper()}{row['why'][1:]}."] if row["why"] else []
    return [*([" ".join(said)] if said else []), *whys]
