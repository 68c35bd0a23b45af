"""Landmarks carried from one specimen to another by the features of any backbone."""

from dinosar.transfer.engine import Carried, carry, carry_all
from dinosar.transfer.turning import Pose
from dinosar.transfer.views import Sight

__all__ = ["Carried", "Pose", "Sight", "carry", "carry_all"]
