"""What stands beneath every picture: the numbers of the pair, and how they came about."""

from pathlib import Path

from dinosar.config import CompareConfig
from dinosar.data import Comparison
from dinosar.homology.cells import Homology


def footer(comparison: Comparison, config: CompareConfig) -> str:
    """Three or four lines: of likeness, of homology, of the parts, and of what the backbone was shown."""
    lines = [_likeness(comparison)] if comparison.matches is not None else []
    if comparison.homology is not None:
        lines.append(_homology(comparison, comparison.homology, config))
    elif "homology" in comparison.scores:
        lines.append(f"homology was not computed: {comparison.scores['homology'].not_computed}")
    mode = [] if config.mode == "similarity" else [f"mode {config.mode}{_turned(comparison.homology)}"]
    idle = () if comparison.matches is not None else ("matcher",)
    parts = [f"{slot} {words}" for slot, words in comparison.parts.items() if slot not in idle]
    return "\n".join([*lines, "   ".join([*mode, *parts]), _shown(comparison, config)])


def _likeness(comparison: Comparison) -> str:
    """The distance of the patches, and how many there are."""
    best = comparison.scores[comparison.headline]
    counts = [len(each.indices) for each in (comparison.a, comparison.b)]
    matched = [len(each) for each in (comparison.forward, comparison.backward)]
    fewer = f", of which {matched[0]} and {matched[1]} were matched" if matched != counts else ""
    if comparison.headline == "verified" and best.a_to_b:
        fewer += f", {best.a_to_b.n} verified"
    return (
        f"distance {best.require():.4f} ({comparison.headline}; 0 = identical{_of_random(best.of_random)})   "
        f"patches A {counts[0]}, B {counts[1]}{fewer}"
    )


def _homology(comparison: Comparison, found: Homology, config: CompareConfig) -> str:
    """The distance of the cells, how many there are, how large, and by which landmarks."""
    best = comparison.scores["homology"]
    rows, columns = found.shape
    file = Path(config.inputs.keypoints).name if config.inputs.keypoints else "a file"
    whose = {"proposed": "proposed", "transferred": f"carried, from {file}"}.get(found.source, f"from {file}")
    mean = f", mean shape from {Path(config.inputs.consensus).name}" if config.inputs.consensus else ""
    zero = "" if comparison.matches is not None else "; 0 = identical"
    return (
        f"distance {best.require():.4f} (homology{zero}{_of_random(best.of_random)})   "
        f"{len(found.values)} of {rows} x {columns} cells, {_size(found, comparison.a.features.grid.patch)}   "
        f"{len(found.names)} landmarks {whose}{mean}"
    )


def _turned(found: Homology | None) -> str:
    """By how much both were turned before their cells were looked at, if they were."""
    if found is None or not any(found.facing):
        return ""
    return f" (for cells A turned by {found.facing[0]:g}°, B by {found.facing[1]:g}°)"


def _size(found: Homology, patch: int) -> str:
    """The size of a cell in network pixels and in patches, in one number each where it is square."""
    width, height = (f"{length:.4g}" for length in found.cell)
    across, down = (f"{length / patch:.3g}" for length in found.cell)
    if width == height:
        return f"{width} px = {across} patch{'' if across == '1' else 'es'} wide"
    return f"{width} x {height} px = {across} x {down} patches"


def _of_random(share: float | None) -> str:
    return "" if share is None else f", {share:.2f} of random patch pairs"


def _shown(comparison: Comparison, config: CompareConfig) -> str:
    """What the backbone saw of both photos."""
    image, grids = config.image, [each.features.grid for each in (comparison.a, comparison.b)]
    sides = zip("AB", grids, strict=True)
    sizes = [f"{side} {g.network[0]} x {g.network[1]} px (x {max(g.scale):.2f})" for side, g in sides]
    crop = f"crop +{image.crop_margin:.0%}" if image.crop else "no crop"
    return (
        f"shown to it: {', '.join(sizes)}, patch {grids[0].patch} px; {image.fit}, {crop}, surroundings "
        f"{image.surroundings}   A and B {'' if all_scaled(config) else 'not '}to one scale"
    )


def all_scaled(config: CompareConfig) -> bool:
    """Whether both photos' scales are known."""
    return bool(config.inputs.a_px_per_mm and config.inputs.b_px_per_mm)
