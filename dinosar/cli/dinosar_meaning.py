"""What flags of the script DINOSAR amount to here: several depend on each other, so each function sees all of them.

Where the script ignored a flag this says so in a note; what would change results in silence is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dinosar.cli.flags import Meaning
from dinosar.errors import UsageError

Given = Mapping[str, Any]
MASKERS = {"thresh": "threshold", "attn": "attention", "attn_intersect": "auto"}
"""Words of --fg-mode that are called otherwise here."""
NOTHING = {
    "save_debug": "the pictures of masks and attention are always written",
    "report_layer_std": "the spread between blocks is not computed",
    "hist_min_joint": "a score of few values stays that score, with its n beside it",
    "attn_mask_layer": "the last of --attn-layers is used",
}


def backbone(given: Given) -> Meaning:
    """--dinov3-local-ckpt, --dinov3-arch, --layer."""
    meant = Meaning()
    for flag, own, setting in (
        ("dinov3_local_ckpt", "checkpoint", "backbone.checkpoint"),
        ("dinov3_arch", "model", "backbone.model"),
    ):
        if flag not in given:
            continue
        _only_one(given, flag, own)
        if given.get("backbone", "dinov3") != "dinov3":
            raise UsageError(f"{_name(flag)} means backbone dinov3; leave out --backbone {given['backbone']}, or use "
                             f"{_name(own)}")  # fmt: skip
        value = given[flag].removeprefix("dinov3_") if own == "model" else given[flag]  # as torch.hub calls it, too
        meant.settings.extend([("backbone", "dinov3", _name(flag)), (setting, value, _name(flag))])
    if "layer" in given and "layers" in given:
        meant.notes.append("--layer has no effect beside --layers")
    elif "layer" in given:
        meant.settings.append(("backbone.layers", [given["layer"]], "--layer"))
    return meant


def masks(given: Given) -> Meaning:
    """--fg-mode, and --attn-fg with all that begins like it."""
    mode = given.get("fg_mode")
    meant = Meaning()
    if mode:
        _only_one(given, "fg_mode", "masker")
        meant.settings.append(("masker", MASKERS.get(mode, mode), "--fg-mode"))
    slot = _attention_slot(given, meant)
    details = [key for key in given if key.startswith("attn_fg_")]
    if slot:
        _attention_options(given, slot, meant)
    elif details:
        meant.notes.append(f"{_names(details)}: no effect without --attn-fg, as in DINOSAR")
    return meant


def _attention_slot(given: Given, meant: Meaning) -> str:
    """Where the masker `attention` goes, if it is asked for: alone, or beside another."""
    mode = given.get("fg_mode")
    if mode == "attn":
        return "masker"
    if "attn_fg" not in given and mode != "attn_intersect":
        return ""
    origin = "--attn-fg" if "attn_fg" in given else "--fg-mode"
    combine = given.get("attn_fg_mode", "intersection")
    if combine == "attn_only":
        _only_one(given, "attn_fg_mode", "masker")
        if mode:
            meant.notes.append("--fg-mode has no effect beside --attn-fg-mode attn_only")
        meant.settings.append(("masker", "attention", "--attn-fg-mode"))
        return "masker"
    for own in ("second_masker", "combine"):
        _only_one(given, origin.lstrip("-").replace("-", "_"), own)
    meant.settings.extend([("second_masker", "attention", origin), ("mask.combine", combine, origin)])
    return "second_masker"


def _attention_options(given: Given, slot: str, meant: Meaning) -> None:
    """The threshold: --attn-fg-thresh-mode says which of the two numbers counts, and without it the percentile does."""
    if given.get("attn_fg_morph", "none") != "none":
        raise UsageError(
            f"--attn-fg-morph {given['attn_fg_morph']} is not here: use --mask-erode-px, or --set mask.fill_holes and "
            "--set mask.components, which clean every mask"
        )
    absolute = given.get("attn_fg_thresh_mode") == "absolute"
    used, idle = ("attn_fg_thresh", "attn_fg_thresh_pct") if absolute else ("attn_fg_thresh_pct", "attn_fg_thresh")
    option, other = ("threshold", "percentile") if absolute else ("percentile", "threshold")
    number = given.get(used, 0.25 if absolute else None)
    if number is not None:
        meant.settings.extend([(f"{slot}.{option}", number, _name(used)), (f"{slot}.{other}", None, _name(used))])
    if idle in given:
        mode = "percentile" if absolute else "absolute"
        meant.notes.append(f"{_name(idle)}: no effect without --attn-fg-thresh-mode {mode}, as in DINOSAR")
    if "attn_fg_kernel" in given:
        meant.notes.append("--attn-fg-kernel: no effect without --attn-fg-morph, as in DINOSAR")


def matching(given: Given) -> Meaning:
    """--match-flavor, and --demo-… with it."""
    flavour = given.get("match_flavor")
    demo = [key for key in given if key.startswith("demo_")]
    meant = Meaning()
    if flavour:
        _only_one(given, "match_flavor", "matcher")
        meant.settings.append(("matcher", {"demo": "mutual", "attention": "salient"}[flavour], "--match-flavor"))
        if given.get("score_mode") not in ("demo_inliers", "verified"):
            meant.warnings.append(
                f"--match-flavor {flavour}: scores are of the matches of this flavour, where DINOSAR scored every "
                "patch; leave it out to do that"
            )
    if flavour == "demo":
        _demo(given, meant)
    elif demo:
        meant.notes.append(f"{_names(demo)}: no effect without --match-flavor demo, as in DINOSAR")
    if flavour == "attention":
        meant.settings.append(("matcher.top", given.get("top_matches", 50), "--top-matches"))
    return meant


def _demo(given: Given, meant: Meaning) -> None:
    """The options of matcher `mutual`; a switch that is not there was off."""
    verify = "similarity" if "demo_verify" in given else "none"
    meant.settings.extend(
        [
            ("matcher.mutual", "demo_mutual" in given, "--demo-mutual"),
            ("matcher.verify", verify, "--demo-verify"),
            ("matcher.top", given.get("demo_topn", 200), "--demo-topn"),
            ("matcher.ratio", given.get("demo_ratio", 1.0), "--demo-ratio"),
        ]
    )
    if "demo_ratio" in given:
        meant.notes.append("--demo-ratio compares distances here and drops matches; in DINOSAR it kept them all")
    if "demo_ransac_reproj" not in given:
        return
    if verify == "none":
        meant.notes.append("--demo-ransac-reproj: no effect without --demo-verify, as in DINOSAR")
    else:
        meant.settings.append(("matcher.tolerance_px", given["demo_ransac_reproj"], "--demo-ransac-reproj"))


def alignment(given: Given) -> Meaning:
    """--align-method and --min-kpts."""
    meant = Meaning()
    method = given.get("align_method")
    if method == "homography":
        raise UsageError(
            "--align-method homography is not here: DINOSAR threw its perspective away and applied what was left; use "
            "similarity"
        )
    if method:
        meant.settings.append(("align.method", "rigid" if method == "procrustes" else "similarity", "--align-method"))
        if given.get("align_stage", "none") == "none":
            meant.notes.append("--align-method has no effect without --align-stage image, mask or both")
    if "min_kpts" in given:
        meant.settings.append(("homology.least", given["min_kpts"], "--min-kpts"))
        meant.notes.append("--min-kpts is the least number of shared landmarks; DINOSAR did not read it")
    return meant


def nothing(given: Given) -> Meaning:
    """Flags that change no result here."""
    return Meaning(notes=[f"{_name(key)} has no effect: {why}" for key, why in NOTHING.items() if key in given])


def _only_one(given: Given, theirs: str, own: str) -> None:
    if theirs in given and own in given:
        raise UsageError(f"{_name(theirs)} and {_name(own)} both set the same; give one of them")


def _name(key: str) -> str:
    return "--" + key.replace("_", "-")


def _names(keys: Sequence[str]) -> str:
    *others, last = map(_name, keys)
    return f"{', '.join(others)} and {last}" if others else last
