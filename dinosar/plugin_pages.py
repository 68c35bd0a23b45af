"""What `dinosar plugins show` says of a part: where it is from, what it does, its options as they stand in a config."""

import textwrap

from pydantic.fields import FieldInfo

from dinosar.registry import Card
from dinosar.yaml_files import write_yaml


def page(card: Card) -> str:
    """The part on one screen."""
    plugin_class = card.load()
    lines = [card.title(), card.target, "", textwrap.dedent(plugin_class.__doc__ or "").strip(), ""]
    fields = plugin_class.Options.model_fields
    if not fields:
        return "\n".join([*lines, "no options; in a config:", "", f"  {card.kind}: {card.name}"])
    lines += ["in a config (values shown are the defaults):", "", f"  {card.kind}:", f"    use: {card.name}"]
    for key, option in fields.items():
        lines += [*_reason(option), f"    {key}: {_default(option)}"]
    return "\n".join(lines)


def _reason(option: FieldInfo) -> list[str]:
    bounds = [f"{word} {value}" for word, value in _bounds(option)]
    text = (option.description or "") + (f" ({', '.join(bounds)})" if bounds else "")
    return textwrap.wrap(text, 100, initial_indent="    # ", subsequent_indent="    # ")


def _bounds(option: FieldInfo) -> list[tuple[str, object]]:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return [(words[name], getattr(each, name)) for each in option.metadata for name in words if hasattr(each, name)]


def _default(option: FieldInfo) -> str:
    if option.is_required():
        return "…  # must be given"
    return write_yaml(option.get_default(call_default_factory=True), inline=True)
