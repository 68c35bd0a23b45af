"""A backbone that counts how often it is asked."""

import pytest

from dinosar.backbones.classic import Classic


class Counting(Classic):
    """The built-in descriptor, counted."""

    def __init__(self, options=None):
        super().__init__(options)
        self.asked = 0

    def encode(self, image):
        self.asked += 1
        return super().encode(image)


@pytest.fixture
def counting():
    backbone = Counting()
    backbone.name, backbone.origin = "classic", {"package": "tests"}
    return backbone
