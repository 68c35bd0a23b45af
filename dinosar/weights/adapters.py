"""Low-rank adapters (LoRA) told by their names: pairs of thin tensors whose product is added to the weight of a layer.

Libraries and training scripts call the pair `lora_A` and `lora_B`, `lora_down` and `lora_up`, or `A` and `B`, and keep
the weights they were trained on under another name, beside them, or not at all. Nothing here looks at a number: names
and shapes are enough.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dinosar.errors import WeightsError, shown
from dinosar.weights.architecture import Shapes

NAMED = 4
"""Tensors named in a message; the rest are counted."""
DOWN, UP, ALPHA = "down", "up", "alpha"
HALVES = {"lora_A": DOWN, "lora_down": DOWN, "A": DOWN, "lora_B": UP, "lora_up": UP, "B": UP}
_HALF = re.compile(
    r"(?P<layer>.+?)(?:\.lora)?\.(?:(?P<peft>lora_[AB])(?:\.(?!weight$|bias$)(?P<adapter>[^.]+))?|(?P<half>lora_down|"
    r"lora_up|A|B))(?:\.weight)?"
)
_ALPHA = re.compile(r"(?P<layer>.+?)(?:\.lora)?\.(?:lora_)?alpha")
_WRAPPED = re.compile(r"(?P<layer>.+)\.(?:base_layer\.|linear\.|base\.|orig\w*?[._])(?P<end>weight|bias)")
REFUSED = (
    (r"\.lora_magnitude|\.dora_scale$", "DoRA"),
    (r"\.lora_embedding_[AB]\b", "LoRA of an embedding"),
    (r"\.modules_to_save\.", "whole layers trained beside the adapter (modules_to_save)"),
    (r"\.lora_(A|B|up|down)\b.*\.bias$", "LoRA with biases of its own (lora_bias)"),
    (r"\.(hada_|lokr_|oft_|boft_|ia3_|vera_|lora_mid\b|lora_E\b)", "an adapter of another kind than plain LoRA"),
)
"""What is refused by name, for leaving it out would give another network."""


@dataclass(frozen=True)
class Pair:
    """What is added to one layer. `down`, `up` and `alpha` are names in the file (no alpha: empty); `inner` is the
    shape of one row of the layer's weight, `outer` the number of its rows; `full` is what PEFT calls the layer."""  # noqa: D205, D209

    layer: str
    full: str
    down: str
    up: str
    alpha: str
    rank: int
    outer: int
    inner: tuple[int, ...]

    @property
    def size(self) -> list[int]:
        """The shape of the weight that it belongs to."""
        return [self.outer, *self.inner]


@dataclass(frozen=True)
class Separated:
    """The names of a file: those of a network (as the network calls them -> in the file), and pairs of an adapter."""

    base: dict[str, str]
    pairs: tuple[Pair, ...] = ()


def separated(names: dict[str, str], shapes: Shapes, file: str) -> Separated:
    """The network and the adapter in a file. `names` are those without prefixes -> in the file; shapes are by these."""
    for pattern, what in REFUSED:
        _refuse([own for name, own in names.items() if re.search(pattern, name)], file, f"{what}, which is not read")
    halves, rest, adapters = _halves(names, file)
    if len(adapters) > 1:
        raise WeightsError(f"weights '{file}' hold several adapters ({', '.join(sorted(adapters))}); save one of them")
    for layer in halves:
        for name in [name for name in rest if (match := _ALPHA.fullmatch(name)) and match["layer"] == layer]:
            halves[layer][ALPHA] = rest.pop(name)
    unknown = [own for name, own in rest.items() if re.search(r"(?i)(^|[._])lora", name)]
    _refuse(unknown, file, "tensors of an adapter whose names are not understood")
    alone = [own for found in halves.values() if not {DOWN, UP} <= set(found) for own in found.values()]
    _refuse(alone, file, "halves of an adapter without the other half")
    pairs = tuple(_pair(layer, found, shapes, file) for layer, found in halves.items())
    base = _unwrapped(rest, halves, file)
    if pairs and base and not any(f"{pair.layer}.weight" in base for pair in pairs):
        what = "biases" if all(name.endswith("bias") for name in base) else "tensors"
        _refuse(list(base.values()), file, f"an adapter for {pairs[0].layer} and {what} trained beside it, which are "
                "not read (bias, modules_to_save), but no weights of that layer")  # fmt: skip
    return Separated(base, pairs)


def lora_names(names: Iterable[str]) -> list[str]:
    """Which names are of an adapter, as far as names tell: halves of a pair, or of an adapter that is refused."""
    held = list(names)
    halves = [(name, match) for name in held if (match := _HALF.fullmatch(name))]
    kinds: dict[str, set[str]] = {}
    for _, match in halves:
        kinds.setdefault(match["layer"], set()).add(HALVES[match["peft"] or match["half"]])
    paired = [name for name, match in halves if match["peft"] or len(kinds[match["layer"]]) > 1]
    strange = (r"(?i)(^|[._])lora", *(pattern for pattern, _ in REFUSED))
    return paired + [name for name in held if name not in paired and any(re.search(each, name) for each in strange)]


def _halves(names: dict[str, str], file: str) -> tuple[dict[str, dict[str, str]], dict[str, str], set[str]]:
    """(layer -> half -> name in the file, what is no half of an adapter, names of adapters)."""
    halves: dict[str, dict[str, str]] = {}
    rest, adapters = {}, set()
    for name, own in names.items():
        match = _HALF.fullmatch(name)
        if not match:
            rest[name] = own
            continue
        found = halves.setdefault(match["layer"], {})
        adapters.add(match["adapter"] or "(no name)")
        half = HALVES[match["peft"] or match["half"]]
        if half in found and len(adapters) < 2:
            _refuse([found[half], own], file, "one half of an adapter twice")
        found[half] = own
    return halves, rest, adapters


def _pair(layer: str, found: dict[str, str], shapes: Shapes, file: str) -> Pair:
    """One pair, whose halves must fit each other."""
    down, up = shapes[found[DOWN]], shapes[found[UP]]
    fits = len(down) > 1 and len(up) > 1 and down[0] == up[1] >= 1 and all(side == 1 for side in up[2:])
    if not fits:
        turned = len(down) == len(up) == 2 and down[1] == up[0]
        cure = "; both are transposed, so save each as its .T" if turned else ""
        raise WeightsError(
            f"weights '{file}' hold an adapter whose halves do not fit each other: {shown(found[DOWN], 120)} is "
            f"{times(down)}, {shown(found[UP], 120)} is {times(up)}; rank x inputs and outputs x rank are wanted{cure}"
        )
    alpha = found.get(ALPHA, "")
    if alpha and shapes[alpha] not in ([], [1]):
        _refuse([alpha], file, "an alpha that is no single number")
    full = found[DOWN][: found[DOWN].rfind(layer) + len(layer)].rpartition("base_model.model.")[2]
    return Pair(layer, full, found[DOWN], found[UP], alpha, down[0], up[0], tuple(down[1:]))


def _unwrapped(rest: dict[str, str], halves: dict[str, dict[str, str]], file: str) -> dict[str, str]:
    """The network's names, without what an adapter puts between a layer and its weight."""
    base: dict[str, str] = {}
    for name, own in rest.items():
        match = _WRAPPED.fullmatch(name)
        new = f"{match['layer']}.{match['end']}" if match and match["layer"] in halves else name
        if new in base:
            _refuse([base[new], own], file, f"{new} twice")
        base[new] = own
    return base


def _refuse(names: list[str], file: str, what: str) -> None:
    """Refuse a file for some of its tensors, if there are any."""
    if names:
        raise WeightsError(f"weights '{file}' hold {what}: {listed(names)}; save the network with the adapter merged")


def listed(names: list[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(shown(name, 120) for name in names[:NAMED]) + more


def times(size: list[int] | tuple[int, ...]) -> str:
    """A shape in words."""
    return " x ".join(map(str, size)) or "a single number"
