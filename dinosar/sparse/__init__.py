"""Sparse matching: a foreground from the features, one-to-one answers, and SIFT beside them."""
