"""What the name of a network says of it: family, size, patch, registers; as hubs and papers call DINO networks."""

import re

from dinosar.weights.architecture import Architecture

SIZES = {"t": "tiny", "s": "small", "b": "base", "l": "large", "h": "huge", "g": "giant", "7b": "7b"}
"""Letter behind `vit` -> word."""
WIDTHS = {384: "small", 768: "base", 1024: "large", 1280: "huge", 1536: "giant", 4096: "7b"}
"""Width of a published DINO network -> word for its size."""
_SHORT = re.compile(r"vit[_-]?(?P<size>7b|[tsblhg])(plus)?(?P<patch>\d+)?(plus)?(?![a-z0-9])")
_WORD = re.compile(rf"(?<![a-z0-9])({'|'.join(SIZES.values())})(?![a-z0-9])")
_PATCH = re.compile(r"patch[_-]?(\d+)")
_REGISTERS = re.compile(r"(?<![a-z])reg(isters?)?[0-9]*(?![a-z])")


def traits(name: str) -> dict[str, str]:
    """What a name says. Only its last part counts: folders are called `base` for other reasons."""
    last = re.split(r"[/\\]", name.rstrip("/\\").lower())[-1]
    family = re.search(r"dino_?(v[23])", last)
    short, word, patch = _SHORT.search(last), _WORD.search(last), _PATCH.search(last)
    if not (family or short or "vit_" in last):
        return {}
    said = {
        "family": f"dino{family[1]}" if family else "",
        "size": SIZES[short["size"]] if short else word[1] if word else "",
        "patch": patch[1] if patch else short["patch"] or "" if short else "",
    }
    if said["family"] == "dinov2" and said["size"]:  # of DINOv3 every network has them
        said["registers"] = "with" if _REGISTERS.search(last) else "without"
    return {trait: value for trait, value in said.items() if value}


def traits_of(shape: Architecture) -> dict[str, str]:
    """What could be said of a network that is here."""
    said = {"family": shape.family, "size": WIDTHS.get(shape.width, ""), "patch": f"{shape.patch}"}
    if shape.family == "dinov2":
        said["registers"] = "with" if shape.registers else "without"
    return {trait: value for trait, value in said.items() if value}


def differing(name: str, held: dict[str, str]) -> list[str]:
    """In what a network is another than a name says, in words."""
    said = traits(name)
    words = {
        "family": "of {}",
        "size": "of size '{}'",
        "patch": "with patches of {} px",
        "registers": "{} registers",
    }
    return [f"{words[trait].format(held[trait])}, not {words[trait].format(said[trait])}"
            for trait in words if trait in said and trait in held and said[trait] != held[trait]]  # fmt: skip
