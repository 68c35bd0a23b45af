"""How others measure semantic correspondence, so that numbers can stand beside theirs: three protocols, three matchers.

shown.py        the image a protocol gives to the network, and the way between its pixels and the photo's
conventions.py  the protocols: where a keypoint is read, and where a patch that answers is said to lie
sides.py        one of the two images as a protocol sees it: its tokens on its grid
cosines.py      who answers best, decided so that neither rounding nor blocks have a say
upsampled.py    the same over every pixel of a map that is enlarged to the photo, without making that map
answering.py    the matchers: an answer for every keypoint, or none
"""

from dinosar.evaluation.protocols.answering import MATCHERS, find
from dinosar.evaluation.protocols.conventions import PROTOCOLS, Protocol, protocol
from dinosar.evaluation.protocols.shown import Shown
from dinosar.evaluation.protocols.sides import Side

__all__ = ["MATCHERS", "PROTOCOLS", "Protocol", "Shown", "Side", "find", "protocol"]
