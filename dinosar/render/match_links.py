"""The matches of one method on both photos, with what is to be said of them."""

from dinosar.render.match_caption import wrapped
from dinosar.render.match_scene import MatchScene, pair_of_photos
from dinosar.render.match_ties import draw_ties, judged_by, tie_key
from dinosar.render.sheet import picture
from dinosar.sparse.pairs import Agreement, Pairs

NAMES = {"features": "Features", "sift": "SIFT"}


@picture
def links_picture(scene: MatchScene, pairs: Pairs) -> bytes:
    """The best matches of a method, tied."""
    shown = scene.look.shown
    words = wrapped(in_words(pairs, shown))
    sheet = pair_of_photos(scene, title_of(pairs, shown), photo="faded", key=tie_key(pairs, shown), below=words)
    draw_ties(sheet.panels, pairs, shown, (scene.matched.a, scene.matched.b))
    return sheet.render()


def title_of(pairs: Pairs, shown: int) -> str:
    """How many are drawn, of how many, and how many of all geometry bears out."""
    name, count = NAMES[pairs.method], len(pairs)
    if not count:
        return f"{name}: no match"
    every = f"all {count} matches" if count > 1 else "1 match"
    of = pairs.counts.get("matches", count)
    drawn = f"the {min(shown, count)} best of {of} matches" if min(shown, count) < of else every
    judged = judged_by(pairs)
    if judged is None:
        return f"{name}: {drawn}"
    return f"{name}: {drawn}; {judged[1].count} fit one geometry{_chance(judged[1])}"


def in_words(pairs: Pairs, shown: int) -> list[str]:
    """Who matched and by what; what geometry says of all matches, beside chance; what the colours mean."""
    lines = [f"Matched by {pairs.title}; order: {pairs.distance_is}{_reach(pairs, shown)}."]
    if not len(pairs):
        return lines
    lines.append(_models(pairs))
    crossing = "Colour: the place on A. Where the colours of B are in another order, matches cross."
    return [*lines, crossing] if len(pairs) > 1 else lines


def _models(pairs: Pairs) -> str:
    """How many matches each model fits, beside chance."""
    models = ("epipolar geometry", pairs.fundamental), ("homography", pairs.homography)
    missing = [name for name, agreement in models if agreement.held is None]
    told = [
        f"One {name} fits {each.count} of {len(pairs)}{_chance(each)}." for name, each in models if name not in missing
    ]
    lost = f"No {' and no '.join(missing)} was found: too few matches, or too few that agree."
    return " ".join([*told, lost] if missing else told)


def _reach(pairs: Pairs, shown: int) -> str:
    """From where to where the ones drawn reach."""
    drawn = pairs.distance[:shown]
    if not len(drawn):
        return ""
    ends = dict.fromkeys(f"{value:.3g}" for value in (drawn.min(), drawn.max()))
    return f", {' to '.join(ends)} in what is drawn"


def _chance(agreement: Agreement) -> str:
    """How many a model fits of pairs tied at random."""
    return "" if agreement.chance is None else f" (by chance {agreement.chance:.3g})"
