"""The original's flags for a search, in the settings of this package.

Two flags that say different things of one setting are refused: whichever won, somebody would not get what they asked
for. Two that say the same are fine.
"""

from collections.abc import Mapping
from typing import Any

from dinosar.cli.flags import Meaning, Setting
from dinosar.errors import UsageError, shown

SAME = 1e-9
"""How far 1 - 0.3 may be from 0.7."""


def radius(given: Mapping[str, Any]) -> Meaning:
    """-r, the original's radius, which is 1 - cosine; its -1 is automatic, whatever a preset says."""
    from dinosar.retrieval.radius import min_cosine_of

    value, own = given["radius"], given.get("min_cosine")
    least = None if value == -1 else min_cosine_of(value)
    if own is not None and (least is None or abs(own - least) > SAME):
        means = "an automatic limit" if least is None else f"--min-cosine {least:g}"
        raise _opposed(f"--radius {value:g} means {means}", f"--min-cosine {own:g}")
    return Meaning([("voting.min_cosine", least if own is None else own, "--radius")])


def weighted(given: Mapping[str, Any]) -> Meaning:
    """--weighted and --no-weighted, the original's two ways of adding votes."""
    from dinosar.config.retrieval import OTHER_RULES
    from dinosar.retrieval.rules import RULES

    if "weighted" in given and "no_weighted" in given:
        raise UsageError("--weighted and --no-weighted are opposites; give one of them")
    flag, rule = ("--weighted", "vop.tfidf") if "weighted" in given else ("--no-weighted", "vop.sum")
    if "vote" not in given:
        return Meaning([("voting.rule", rule, flag)])
    own = OTHER_RULES.get(given["vote"], given["vote"])
    if own in RULES and RULES[own] is not RULES[rule]:  # of a word that is no rule is told where rules are looked up
        raise _opposed(f"{flag} means --vote {rule}", f"--vote {shown(given['vote'], 40)}")
    return Meaning()


def pre_filter(given: Mapping[str, Any]) -> Meaning:
    """-pre N|auto|off, and the original's switch for it, which could not be turned off there."""
    if "cls" in given and "no_cls" in given:
        raise UsageError("--cls and --no-cls are opposites; give one of them")
    by, word = given.get("shortlist_by", "summary"), given.get("pre_filter", "off")
    if "cls" in given and by != "summary":
        raise _opposed("--cls means --shortlist-by summary", f"--shortlist-by {by}")
    if "no_cls" in given and word != "off":
        raise _opposed("--no-cls means --pre_filter off", f"--pre_filter {shown(word, 40)}")
    settings: list[Setting] = [("shortlist.by", "summary", "--cls")] if "cls" in given else []
    if "no_cls" in given or "pre_filter" in given:
        size = int(word) if word.isdecimal() else word
        settings.append(("shortlist.size", size, "--pre_filter" if "pre_filter" in given else "--no-cls"))
        if size == "off":
            return Meaning(settings, _idle(given))
    return Meaning(settings)


def _idle(given: Mapping[str, Any]) -> list[str]:
    """What has no effect where there is no shortlist."""
    flags = [flag for flag, key in (("--cls", "cls"), ("--shortlist-by", "shortlist_by")) if key in given]
    return [f"{' and '.join(flags)}: no effect without a shortlist"] if flags else []


def _opposed(one: str, other: str) -> UsageError:
    """What to raise of two flags that cannot both be meant."""
    return UsageError(f"{one}, and {other} is given as well; give one of them")
