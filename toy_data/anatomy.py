"""Where things are: the canonical anatomy that all species share.

Canonical coordinates are in units of a canvas 1000 wide and 640 high, x to the right and y down, the insect facing
left. The same canonical place is the homologous place in every photograph of every species.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 1000, 640

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Tube:
    """A limb-like part: a centre line and the radius at each of its points."""

    line: Points
    radii: tuple[float, ...]


@dataclass(frozen=True)
class Control:
    """A place the outline can be pushed at: its reach in x and y, and how far one unit of trait pushes it."""

    x: float
    y: float
    reach_x: float
    reach_y: float
    push: float


CONTROLS: tuple[Control, ...] = (
    Control(118, 262, 75, 60, 24),  # head process
    Control(190, 320, 60, 60, 7),  # face
    Control(265, 290, 50, 60, 7),  # pronotum
    Control(330, 250, 70, 60, 9),  # mesonotum
    Control(330, 380, 90, 70, 8),  # pleura
    Control(500, 215, 110, 90, 16),  # dorsal margin, front
    Control(720, 205, 110, 90, 20),  # dorsal margin, back
    Control(900, 290, 90, 90, 26),  # wing apex
    Control(800, 390, 100, 80, 18),  # costal margin, back
    Control(590, 330, 120, 80, 12),  # wing disc
    Control(680, 450, 90, 70, 16),  # abdomen tip
    Control(500, 420, 100, 70, 9),  # abdomen
    Control(200, 555, 80, 60, 13),  # fore foot
    Control(270, 575, 60, 60, 10),  # middle foot
    Control(550, 580, 90, 60, 14),  # hind foot
    Control(440, 480, 80, 60, 10),  # hind knee
)

# The direction in which a large individual departs from a small one, in the order of CONTROLS: head process and
# wings grow faster than the body.
ALLOMETRY = np.array(
    [(-7, -2), (-1, 0), (0, 0), (0, 0), (0, 1), (0, -3), (2, -3), (7, 0), (3, 3), (1, 0), (3, 1), (0, 1), (-2, 2),
     (0, 2), (2, 2), (1, 1)], dtype=float
)  # fmt: skip

HEAD_PROCESS = Tube(((216, 312), (186, 294), (152, 275), (126, 262), (112, 257)), (36, 27, 17, 14, 11))
HEAD_CAPSULE: Points = (
    (186, 292), (214, 276), (238, 284), (250, 318), (240, 352), (216, 368), (196, 360), (182, 338), (176, 314),
)  # fmt: skip
EYE = Tube(((225, 309), (227, 319)), (19, 18))
PEDICEL = Tube(((207, 346), (201, 354)), (6.5, 7.5))
BRISTLE = Tube(((200, 356), (188, 374), (182, 396)), (1.9, 1.3, 1.0))
ROSTRUM = Tube(((210, 360), (232, 390), (275, 414), (318, 428)), (9, 7, 5.5, 3.5))

PRONOTUM: Points = ((238, 278), (262, 258), (286, 253), (294, 280), (290, 318), (272, 340), (250, 336), (241, 306))
MESONOTUM: Points = (
    (284, 256), (312, 244), (346, 240), (380, 254), (404, 274), (400, 300), (360, 316), (304, 322), (290, 300),
)  # fmt: skip
PLEURA: tuple[Points, ...] = (
    ((334, 306), (394, 306), (410, 350), (404, 386), (372, 414), (334, 412), (328, 366)),
    ((282, 314), (338, 308), (346, 366), (338, 412), (294, 414), (278, 374)),
    ((246, 324), (284, 316), (292, 366), (284, 402), (262, 394), (246, 360)),
)

ABDOMEN = Tube(((384, 352), (450, 372), (530, 400), (610, 428), (664, 446)), (52, 57, 53, 41, 24))
TERMINALIA = Tube(((655, 442), (680, 452), (698, 456)), (19, 14, 8))

# Each leg: coxa, femur, tibia, tarsus, from the body outwards.
LEGS: dict[str, tuple[Tube, Tube, Tube, Tube]] = {
    "fore": (
        Tube(((272, 388), (260, 422)), (14, 10)),
        Tube(((260, 420), (238, 446), (212, 466)), (8, 10, 7)),
        Tube(((212, 466), (204, 508), (194, 550)), (6.5, 5.0, 5.5)),
        Tube(((194, 550), (184, 562), (170, 570), (152, 575)), (5, 4.2, 4.0, 3.0)),
    ),
    "middle": (
        Tube(((316, 398), (308, 432)), (15, 10)),
        Tube(((308, 430), (304, 466), (294, 500)), (8, 10, 7)),
        Tube(((294, 500), (282, 538), (272, 576)), (6.5, 5.0, 5.5)),
        Tube(((272, 576), (260, 586), (246, 591), (228, 593)), (5, 4.2, 4.0, 3.0)),
    ),
    "hind": (
        Tube(((364, 398), (376, 432)), (17, 11)),
        Tube(((376, 430), (410, 450), (444, 474)), (9, 12, 8)),
        Tube(((444, 474), (488, 520), (534, 568)), (7, 5.4, 6.2)),
        Tube(((534, 568), (548, 580), (566, 587), (588, 590)), (5.6, 4.6, 4.2, 3.2)),
    ),
}
FAR_LEG_SHIFT = {"fore": (-26.0, -12.0), "middle": (24.0, -10.0), "hind": (34.0, -16.0)}

PIN_X, PIN_TOP, PIN_ENTRY, PIN_EXIT, PIN_FOAM = 340.0, 62.0, 250.0, 408.0, 622.0

HINDWING: Points = (
    (380, 330), (470, 372), (570, 412), (660, 432), (735, 424), (780, 398), (790, 350), (700, 310), (500, 300),
)  # fmt: skip


class Wing:
    """The frame of the forewing: s runs from base (0) to apex (1), t from the costal (-1) to the dorsal margin (1).

    The half widths of the frame do not close at the apex, so that veins run out over the margin instead of crowding
    in one point; the outline does close.
    """

    BASE = (300.0, 300.0)
    LENGTH = 608.0
    ANGLE = math.radians(2.0)
    S = np.array([-0.05, 0.0, 0.06, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0, 1.1])
    COSTAL = np.array([8.0, 14.0, 28.0, 48.0, 68.0, 82.0, 90.0, 95.0, 98.0, 98.0])
    DORSAL = np.array([20.0, 28.0, 44.0, 62.0, 80.0, 93.0, 100.0, 104.0, 106.0, 106.0])
    MARGIN = (  # (s, t) around the outline, from the base along the costa
        (-0.015, 0.0), (0.005, -0.7), (0.06, -1.0), (0.15, -1.0), (0.3, -1.0), (0.5, -1.0), (0.7, -1.0),
        (0.83, -0.95), (0.92, -0.76), (0.975, -0.47), (0.998, -0.1), (0.995, 0.25), (0.965, 0.58), (0.9, 0.83),
        (0.8, 0.97), (0.65, 1.0), (0.5, 1.0), (0.3, 1.0), (0.15, 1.0), (0.05, 0.95), (0.0, 0.6),
    )  # fmt: skip

    @classmethod
    def half_width(cls, s: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Half width of the frame at s, on the side of t."""
        width = np.where(t < 0, np.interp(s, cls.S, cls.COSTAL), np.interp(s, cls.S, cls.DORSAL))
        return width.astype(np.result_type(s))

    @classmethod
    def place(cls, s: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Canonical (x, y) of wing coordinates, in the last axis."""
        along, up = np.asarray(s) * cls.LENGTH, np.asarray(t) * cls.half_width(np.asarray(s), np.asarray(t))
        cos, sin = math.cos(cls.ANGLE), math.sin(cls.ANGLE)
        return np.stack([cls.BASE[0] + along * cos + up * sin, cls.BASE[1] + along * sin - up * cos], axis=-1)

    @classmethod
    def coordinates(cls, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Wing coordinates (s, t) of canonical places."""
        cos, sin = math.cos(cls.ANGLE), math.sin(cls.ANGLE)
        s = ((x - cls.BASE[0]) * cos + (y - cls.BASE[1]) * sin) / cls.LENGTH
        up = (x - cls.BASE[0]) * sin - (y - cls.BASE[1]) * cos
        return s, up / cls.half_width(s, up)


# Primary forks are anatomy, the same in all species; later forks are venation and vary.
RADIAL_FORK, MEDIAL_FORK, CUBITAL_FORK = (0.20, -0.42), (0.42, -0.12), (0.31, 0.20)
CLAVAL_FORK, CLAVAL_END = (0.30, 0.66), (0.60, 0.97)
STIGMA = (0.80, -0.80)


def _on_wing(place: tuple[float, float]) -> tuple[float, float]:
    x, y = Wing.place(np.array(place[0]), np.array(place[1]))
    return float(x), float(y)


LANDMARKS: dict[str, tuple[float, float]] = {
    "head process tip": (104.0, 256.0),
    "eye centre": (226.0, 314.0),
    "antenna base": (204.0, 350.0),
    "pronotum front": (244.0, 286.0),
    "wing base": _on_wing((0.015, 0.0)),
    "radial fork": _on_wing(RADIAL_FORK),
    "medial fork": _on_wing(MEDIAL_FORK),
    "cubital fork": _on_wing(CUBITAL_FORK),
    "pterostigma": _on_wing(STIGMA),
    "wing apex": _on_wing((0.99, 0.0)),
    "claval end": _on_wing(CLAVAL_END),
    "abdomen tip": (702.0, 457.0),
    "fore knee": LEGS["fore"][2].line[0],
    "middle knee": LEGS["middle"][2].line[0],
    "hind knee": LEGS["hind"][2].line[0],
    "hind tibia end": LEGS["hind"][3].line[0],
}

SKELETON: tuple[tuple[str, str], ...] = (
    ("head process tip", "eye centre"), ("eye centre", "antenna base"), ("eye centre", "pronotum front"),
    ("pronotum front", "wing base"), ("wing base", "radial fork"), ("radial fork", "pterostigma"),
    ("pterostigma", "wing apex"), ("wing base", "medial fork"), ("wing base", "cubital fork"),
    ("cubital fork", "claval end"), ("claval end", "wing apex"), ("wing base", "abdomen tip"),
    ("hind knee", "hind tibia end"),
)  # fmt: skip
