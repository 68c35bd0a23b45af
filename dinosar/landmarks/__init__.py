"""Landmarks: the points themselves, the files they come in, and what can be said of them without a network."""
