"""A network of two layers as an ONNX file, its bytes written by hand: dark pixels are its foreground."""

import struct

FLOAT, INTEGER, INTEGERS = 1, 2, 7  # of a tensor; of an attribute
DARK = ("ReduceMean", "Neg")


def tiny_onnx(operators=DARK, side=320, keep=1):
    """A model that takes (1, 3, side, side) and applies the operators one after the other; the mean is over colours."""
    names = ["image", *(f"after_{i}" for i in range(len(operators)))]
    nodes = [
        message(1, name) + message(2, output) + message(4, operator) + (mean_over_colours(keep) if i == 0 else b"")
        for i, (name, output, operator) in enumerate(zip(names, names[1:], operators, strict=False))
    ]  # fmt: skip
    maps = (1, 1, side, side) if keep else (1, side, side)
    graph = b"".join(message(1, node) for node in nodes) + message(2, "tiny")
    graph += message(11, tensor(names[0], (1, 3, side, side))) + message(12, tensor(names[-1], maps))
    return number(1, 8) + message(7, graph) + message(8, number(2, 13))  # version of the format, graph, operator set


def mean_over_colours(keep):
    axes = message(1, "axes") + number(8, 1) + number(20, INTEGERS)
    keepdims = message(1, "keepdims") + number(3, keep) + number(20, INTEGER)
    return message(5, axes) + message(5, keepdims)


def tensor(name, shape):
    sides = b"".join(message(1, number(1, side)) for side in shape)
    return message(1, name) + message(2, message(1, number(1, FLOAT) + message(2, sides)))


def message(field, content):
    """A field of protobuf that holds text or another message."""
    data = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(data)) + data


def number(field, value):
    """A field of protobuf that holds a whole number."""
    return varint(field << 3) + varint(value)


def varint(value):
    """Seven bits to a byte, the lowest first."""
    data = b""
    while value > 127:
        data += struct.pack("B", value & 127 | 128)
        value >>= 7
    return data + struct.pack("B", value)
