"""Like compared with like: one grid of cells on the mean shape, carried onto both specimens by their landmarks.

given.py      the landmarks that somebody set: which file, and what it says of both photos
proposed.py   the landmarks that the features propose where nobody set any
lattice.py    the grid on the mean shape
warping.py    where its cells lie on a specimen, and how much of each is specimen
facing.py     both specimens turned half-way to each other, for the backbone's sake
tokens.py     what the backbone says of a cell
cells.py      the noun: two specimens, cell by cell
anchors.py    the landmarks a grid hangs on, and their mean shape
comparing.py  two specimens, cell by cell
scoring.py    cells as numbers
stage.py      the part of a comparison that is homology
"""
