"""Nothing that is arbitrary changes a verdict, the side is right, and what cannot be told is not told."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from drawn_views import REGIMES, case, laid, overlap, pair_case
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from dinosar.foreground import Rule, View, Votes, decide
from dinosar.foreground import component as component_module
from dinosar.foreground.axis import scores
from dinosar.foreground.component import by_component
from dinosar.foreground.votes import oriented, summed, votes

often = settings(max_examples=25, deadline=None, derandomize=True)
seeds, regimes = st.integers(0, 99), st.sampled_from(REGIMES)
COMPONENT = Rule(ncut=False)


def same(a, b, exact=False):
    """The same verdict, up to rounding."""
    assert (a.method, a.sign, len(a.reasons)) == (b.method, b.sign, len(b.reasons))
    assert (a.patches is None) == (b.patches is None)
    assert a.patches is None or np.array_equal(a.patches, b.patches)
    one, two = a.as_dict(), b.as_dict()
    for name in ("confidence", "area", "separability"):
        assert one[name] == (two[name] if exact else pytest.approx(two[name], abs=1e-6))
    assert one["votes"] == (two["votes"] if exact else pytest.approx(two["votes"], abs=1e-6))


@given(seed=seeds, regime=regimes)
@often
def test_the_sign_that_a_solver_gives_changes_nothing(seed, regime):
    views, _ = pair_case(seed, regime)
    before = decide(views, COMPONENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(component_module, "scores", lambda views: [-each for each in scores(views)])
        for one, other in zip(before, decide(views, COMPONENT), strict=True):
            same(one, other, exact=True)


@given(seed=seeds, regime=regimes)
@often
def test_the_order_and_the_turn_of_the_token_space_change_nothing(seed, regime):
    view, _ = case(seed, regime)
    depth = view.tokens.shape[-1]
    if depth > 128:
        return  # a random turn of so many dimensions takes too long
    random = np.random.default_rng(seed)
    turned = view.tokens @ ortho_group.rvs(depth, random_state=random)
    before = decide([view], COMPONENT)[0]
    same(before, decide([replace(view, tokens=view.tokens[..., random.permutation(depth)])], COMPONENT)[0])
    same(before, decide([replace(view, tokens=turned)], COMPONENT)[0])


def flipped(view):
    return View(*(None if each is None else each[:, ::-1] for each in
                  (view.tokens, view.counted, view.focus, view.lengths)))  # fmt: skip


@given(seed=seeds, regime=regimes)
@often
def test_a_mirrored_picture_has_the_mirrored_foreground(seed, regime):
    view, _ = case(seed, regime)
    before, after = decide([view])[0], decide([flipped(view)])[0]
    same(before, replace(after, patches=None if after.patches is None else after.patches[:, ::-1]))


def under_curve(values, true):
    return np.mean(values[true][:, None] > values[~true][None])


def test_the_side_is_right_on_pictures_that_nothing_was_tuned_on():
    right, told = [], []
    for seed in range(100, 125):
        for regime in REGIMES:
            view, truth = case(seed, regime)
            turned = oriented(scores([view]), [view])[0]
            area = under_curve(turned, truth)
            if max(area, 1 - area) < 0.9:
                continue
            right.append((summed([votes(turned, view)])[0] >= 0) == (area > 0.5))
            verdict = decide([view])[0]
            told.append(None if verdict.patches is None else overlap(verdict.patches, truth) >= 0.5)
    assert len(right) > 60
    assert np.mean(right) >= 0.95
    assert np.mean([each for each in told if each is not None]) > 0.95
    assert np.mean([each is None for each in told]) < 0.2


@pytest.mark.parametrize("vote", ["border", "attention", "skewness"])
def test_no_two_votes_do_as_well_as_three(vote):
    """On the regime in which the two others are weak, a vote that is missing or turned is missed."""
    regime = {"border": "large", "attention": "border", "skewness": "misdirected"}[vote]
    counts = {"three": 0, "turned": 0}
    for seed in range(100, 140):
        view, truth = case(seed, regime)
        turned = oriented(scores([view]), [view])[0]
        area = under_curve(turned, truth)
        if max(area, 1 - area) < 0.9:
            continue
        said = votes(turned, view)
        against = replace(said, **{vote: None if getattr(said, vote) is None else -getattr(said, vote)})
        for name, each in (("three", said), ("turned", against)):
            counts[name] += (summed([each])[0] >= 0) == (area > 0.5)
    assert counts["three"] > counts["turned"] + 1


@pytest.mark.parametrize("rule", [Rule(), COMPONENT])
@pytest.mark.parametrize("seed", range(8))
def test_noise_has_no_foreground(seed, rule):
    random = np.random.default_rng(seed)
    tokens = random.standard_normal((24, 30, 64))
    tokens /= np.linalg.norm(tokens, axis=-1, keepdims=True)
    focus = random.random((24, 30)) if seed % 2 else None
    (verdict,) = decide([View(tokens, np.ones((24, 30), bool), focus)], rule)
    assert verdict.patches is None
    assert len(verdict.reasons) == (2 if rule.ncut else 1)
    assert verdict.reasons[0].startswith("the principal component ")


def test_light_from_one_side_has_no_foreground():
    ramp = np.broadcast_to(np.linspace(-1, 1, 30), (24, 30))
    assert decide([laid(ramp)])[0].patches is None


@pytest.mark.parametrize("sign", ["auto", "+", "-"])
def test_what_is_all_alike_has_no_foreground(sign):
    tokens = np.zeros((12, 12, 4))
    tokens[..., 1] = 1
    views = [View(tokens, np.ones((12, 12), bool))] * 2
    for verdict in decide(views, Rule(sign=sign)):
        assert verdict.patches is None
        assert verdict.reasons[0] == "the joint principal component is none: all patches are alike"
        assert verdict.reasons[1] == "the principal component is none: all patches are alike"


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 5), (1, 15)])
def test_of_a_few_patches_nothing_is_told(shape):
    views = [View(np.ones((*shape, 3)), np.ones(shape, bool)), case(0, "large")[0]]
    few, many = decide(views)
    assert few.reasons == (f"only {shape[0] * shape[1]} patches count, needed are 16",)
    same(many, decide(views[1:])[0])


@pytest.mark.parametrize("shape", [(1, 40), (2, 12), (3, 9), (5, 5)])
def test_a_grid_without_room_for_a_ring_is_asked_without_it(shape):
    thing = np.zeros(shape)
    thing[shape[0] // 2, shape[1] // 2 : shape[1] // 2 + 2] = 1
    focus = 0.1 + thing + 0.01 * np.random.default_rng(0).random(shape)
    (verdict,) = decide([laid(thing, focus)])
    assert (verdict.votes.border is None) == (min(shape) < 4)
    assert verdict.patches[thing > 0].all()


def test_only_patches_that_count_are_asked_and_taken():
    thing = np.zeros((20, 20))
    thing[6:13, 6:13] = 1
    counted = np.ones(thing.shape, bool)
    counted[:, 18:] = counted[8, 8] = False
    loud = laid(thing, thing + 0.5, counted)
    tokens, focus = loud.tokens.copy(), loud.focus.copy()
    tokens[~counted] = 1 / np.sqrt(8)
    focus[~counted] = 99
    verdicts = decide([loud])[0], decide([View(tokens, counted, focus)])[0]
    same(*verdicts, exact=True)
    assert np.array_equal(verdicts[0].patches, (thing > 0) & counted)
    assert verdicts[0].area == (49 - 1) / counted.sum()


@given(seed=seeds, regime=regimes, sign=st.sampled_from("+-"))
@often
def test_a_side_that_is_given_is_taken_whatever_the_votes_say(seed, regime, sign):
    view, _ = case(seed, regime)
    (verdict,) = decide([view], Rule(sign=sign))
    turned = oriented(scores([view]), [view])[0]
    if verdict.patches is None:
        assert "of the picture, not" in verdict.reasons[0]
        assert "is not asked where a side is given" in verdict.reasons[1]
        return
    side = turned if sign == "+" else -turned
    assert (verdict.method, verdict.sign) == ("pca", sign)
    assert side[verdict.patches].mean() > 0 > side[~verdict.patches].mean()
    assert verdict.votes.cast == pytest.approx([vote if sign == "+" else -vote for vote in votes(turned, view).cast])


def test_a_given_side_of_a_speck_is_none():
    thing = np.zeros((20, 20))
    thing[9, 9:13] = 1
    (verdict,) = decide([laid(thing)], Rule(sign="+"))
    assert verdict.patches is None
    assert "would take 1.0% of the picture, not 2% to 95%" in verdict.reasons[0]
    assert decide([laid(thing)], Rule(sign="+", least=0.005))[0].patches[9, 10]


def test_all_of_a_picture_is_no_foreground():
    thing = np.ones((30, 30))
    thing[13:17, 13:17] = 0
    (verdict,) = decide([laid(thing)], Rule(sign="-"))
    assert verdict.patches is None
    assert "would take 98.2% of the picture" in verdict.reasons[0]
    assert decide([laid(thing)], Rule(sign="-", most=1.0))[0].patches.sum() == 884


def test_a_picture_beside_itself_has_the_foreground_that_it_has_alone():
    told = 0
    for seed in range(100, 106):
        for regime in REGIMES:
            view, _ = case(seed, regime)
            (alone,), (first, second) = decide([view], COMPONENT), decide([view, view], COMPONENT)
            same(first, second, exact=True)
            assert (alone.patches is None) == (first.patches is None)
            if alone.patches is not None:
                told += 1
                assert first.method == "pca-joint"
                same(alone, replace(first, method="pca"))
    assert told > 10


def test_order_does_not_matter_to_pictures_seen_together():
    for seed in range(4):
        views, _ = pair_case(seed, "border")
        for one, other in zip(decide(views), decide(views[::-1])[::-1], strict=True):
            same(one, other)


def test_pictures_seen_together_are_told_more_often_and_as_well():
    found = {"alone": [], "together": []}
    for seed in range(100, 110):
        for regime in REGIMES:
            views, truths = pair_case(seed, regime)
            for how, verdicts in (("alone", [decide([view])[0] for view in views]), ("together", decide(views))):
                found[how] += [None if each.patches is None else bool(overlap(each.patches, truth) >= 0.5)
                               for each, truth in zip(verdicts, truths, strict=True)]  # fmt: skip
    right = {how: sum(each is True for each in every) for how, every in found.items()}
    wrong = {how: sum(each is False for each in every) for how, every in found.items()}
    assert right["together"] > right["alone"]
    assert wrong["together"] <= wrong["alone"] + 2


@pytest.mark.parametrize("sign", ["auto", "-"])
def test_the_joint_component_is_followed_where_it_holds_and_is_no_less_sure(sign):
    rule, kinds = Rule(sign=sign, ncut=False), set()
    for seed in range(12):
        for regime in REGIMES:
            views, _ = pair_case(seed, regime)
            joint, alone = by_component(views, rule), [by_component([view], rule)[0] for view in views]
            holds = all(each.patches is not None for each in joint)
            surer = abs(joint[0].confidence) >= np.mean([abs(each.confidence) for each in alone])
            kinds.add((holds, bool(surer)))
            for verdict, one, own in zip(decide(views, rule), joint, alone, strict=True):
                followed = one if holds and surer else own
                assert (verdict.patches is None) == (followed.patches is None)
                if verdict.patches is not None:
                    same(replace(verdict, reasons=()), replace(followed, reasons=()), exact=True)
                assert (verdict.method == "pca-joint") == (holds and surer)
                if holds and not surer:
                    assert verdict.reasons[0].startswith("the joint principal component is less sure (")
    assert {(True, True), (True, False), (False, True)} <= kinds


def test_why_the_joint_component_is_not_followed_is_told():
    sure = np.zeros((20, 20))
    sure[6:12, 6:12] = 1
    noise = np.random.default_rng(0).standard_normal((20, 20, 8))
    noise /= np.linalg.norm(noise, axis=-1, keepdims=True)
    first, second = decide([laid(sure, sure + 0.5), View(noise, np.ones((20, 20), bool))])
    assert first.method == "pca"
    assert np.array_equal(first.patches, sure > 0)
    assert first.reasons[0].startswith("the joint principal component ")
    assert second.patches is None
    assert [each.split(" ")[1] for each in second.reasons] == ["joint", "principal", "normalised"]


def test_a_verdict_is_plain_data():
    for seed in range(6):
        for regime in REGIMES:
            verdict = decide([case(seed, regime)[0]])[0]
            plain = verdict.as_dict()
            assert json.loads(json.dumps(plain, allow_nan=False)) == plain
            assert set(plain) == {each.name for each in fields(verdict)} - {"patches"}
            assert set(plain["votes"]) == {each.name for each in fields(Votes)}


def test_a_verdict_cannot_be_written_to():
    verdict = decide([case(0, "large")[0]])[0]
    with pytest.raises(ValueError, match="read-only"):
        verdict.patches[0, 0] = True
