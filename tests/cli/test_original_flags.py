"""The original's flags beside ours: what agrees is taken, what does not is refused in one sentence."""

import pytest

from dinosar.cli.flags import meaning
from dinosar.cli.retrieve import ASK
from dinosar.config import MODELS
from dinosar.errors import UsageError
from dinosar.settings import Layers, add_values, settle

KEYS = {
    "-r": "radius", "--min-cosine": "min_cosine", "-v": "vote", "-w": "weighted", "--no-weighted": "no_weighted",
    "-cls": "cls", "--no-cls": "no_cls", "-pre": "pre_filter", "--shortlist-by": "shortlist_by",
}  # fmt: skip


def given(*words):
    """Flags as they arrive: each with its word, or True."""
    found, waiting = {}, list(words)
    while waiting:
        key = KEYS[waiting.pop(0)]
        found[key] = waiting.pop(0) if waiting and waiting[0] not in KEYS else True
    return found | {key: float(found[key]) for key in ("radius", "min_cosine") if key in found}


def understood(*words, preset=None):
    """The config that flags amount to, and what is noted."""
    meant = meaning(ASK, given(*words))
    layers = Layers().add({"command": "retrieve-register", "inputs": {"store": "db"}, **(preset or {})}, "preset")
    return settle(MODELS["retrieve-register"], add_values(layers, meant.settings)), meant.notes


OPPOSED = [
    (("-r", "0.2", "--min-cosine", "0.7"), "--radius 0.2 means --min-cosine 0.8, and --min-cosine 0.7 is given"),
    (("-r", "-1", "--min-cosine", "0.7"), "--radius -1 means an automatic limit, and --min-cosine 0.7"),
    (("-w", "--no-weighted"), "--weighted and --no-weighted are opposites"),
    (("-w", "-v", "maxsim"), "--weighted means --vote vop.tfidf, and --vote maxsim"),
    (("-w", "-v", "3"), "--weighted means --vote vop.tfidf, and --vote 3"),
    (("--no-weighted", "-v", "4"), "--no-weighted means --vote vop.sum, and --vote 4"),
    (("-cls", "--no-cls"), "--cls and --no-cls are opposites"),
    (("-cls", "--shortlist-by", "pooled"), "--cls means --shortlist-by summary, and --shortlist-by pooled"),
    (("--no-cls", "-pre", "20"), "--no-cls means --pre_filter off, and --pre_filter 20"),
    (("--no-cls", "-pre", "auto"), "--no-cls means --pre_filter off, and --pre_filter auto"),
]


@pytest.mark.parametrize(("words", "told"), OPPOSED)
def test_flags_that_say_different_things_of_one_setting_are_refused(words, told):
    with pytest.raises(UsageError) as raised:
        understood(*words)
    assert str(raised.value).startswith(told)
    assert "give one of them" in str(raised.value)


@pytest.mark.parametrize(("words", "settings"), [
    (("-r", "0.3", "--min-cosine", "0.7"), {"voting.min_cosine": 0.7}), (("-r", "0.25"), {"voting.min_cosine": 0.75}),
    (("-r", "-1"), {"voting.min_cosine": None}), (("-w",), {"voting.rule": "vop.tfidf"}),
    (("--no-weighted",), {"voting.rule": "vop.sum"}), (("-w", "-v", "4"), {"voting.rule": "vop.4"}),
    (("-w", "-v", "vop.tfidf"), {"voting.rule": "vop.tfidf"}), (("--no-weighted", "-v", "3"), {"voting.rule": "vop.3"}),
    (("-cls",), {"shortlist.by": "summary"}), (("-cls", "--shortlist-by", "summary"), {"shortlist.by": "summary"}),
    (("-cls", "-pre", "20"), {"shortlist.by": "summary", "shortlist.size": 20}),
    (("--no-cls",), {"shortlist.size": "off"}), (("--no-cls", "-pre", "off"), {"shortlist.size": "off"}),
    (("-pre", "auto"), {"shortlist.size": "auto"}),
])  # fmt: skip
def test_flags_that_agree_are_taken(words, settings):
    config, notes = understood(*words)
    found = config.model_dump()
    assert {key: found[key.split(".")[0]][key.split(".")[1]] for key in settings} == settings
    assert notes == []


def test_an_automatic_limit_holds_against_a_preset():
    preset = {"voting": {"min_cosine": 0.5}}
    assert understood("-r", "-1", preset=preset)[0].voting.min_cosine is None
    assert understood(preset=preset)[0].voting.min_cosine == 0.5


def test_what_has_no_effect_without_a_shortlist_is_told():
    assert understood("--no-cls", "--shortlist-by", "pooled")[1] == ["--shortlist-by: no effect without a shortlist"]
    assert understood("-pre", "off", "-cls")[1] == ["--cls: no effect without a shortlist"]


def test_words_that_mean_nothing_are_told_where_they_are_looked_up():
    assert understood("-w", "-v", "maxsum")[0].voting.rule == "maxsum"
    with pytest.raises(UsageError, match="shortlist.size"):
        understood("-pre", "many")
