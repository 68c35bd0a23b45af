"""Which patches of a picture are its foreground, told from the tokens alone: plain functions on arrays.

    views.py       a picture as its tokens show it; from pixels to patches and back
    axis.py        scores on the first principal axis of one picture or of several
    votes.py       which side of it is the foreground: border, attention, the heavier tail
    cut.py         the threshold, and what is left of the crumbs
    component.py   the foreground by that axis
    graph.py       the foreground by the normalised cut
    verdicts.py    what was decided and on what grounds; when nothing is
    deciding.py    the order in which all that is asked

The first component of tokens often separates a thing from its ground, but which end of it is the thing, and whether it
is there at all, the component does not say. So three witnesses vote, and where they do not agree there is no foreground
rather than a wrong one.

Plugins may use this package: `from dinosar import foreground`.
"""

from dinosar.foreground.deciding import decide
from dinosar.foreground.verdicts import Rule, Verdict
from dinosar.foreground.views import View, in_pixels, inside
from dinosar.foreground.votes import Votes

__all__ = ["Rule", "Verdict", "View", "Votes", "decide", "in_pixels", "inside"]
