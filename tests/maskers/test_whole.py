"""Everything is specimen."""

import numpy as np

from dinosar.maskers.whole import Whole
from dinosar.testing import toy_photo


def test_every_pixel_is_specimen():
    photo = toy_photo(size=(37, 21))
    mask = Whole().mask(photo, None)
    assert mask.dtype == np.bool_
    assert mask.shape == (21, 37)
    assert mask.all()
