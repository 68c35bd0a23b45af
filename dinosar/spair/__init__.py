"""SPair-71k as published: read where it lies, as a folder or as an archive that nobody has unpacked.

opening.py      what a path holds: a folder, a zip, a tar, or a tar that is packed
members.py      the files of a collection by their names within it, wherever they lie
zipped.py       members of a zip
tarred.py       members of a tar
unpacking.py    a packed tar as a plain one, made once
lists.py        the lists of pairs of each split
annotation.py   what is known of a pair: its file, checked
pictures.py     photographs in stored pixels, and masks
collection.py   pairs of keypoints by their names
"""

from dinosar.spair.collection import Collection
from dinosar.spair.lists import SPLITS, Size, Split, category_of

__all__ = ["SPLITS", "Collection", "Size", "Split", "category_of"]
